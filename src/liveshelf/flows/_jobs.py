"""Jobs in which several capabilities take part."""

from __future__ import annotations

from liveshelf.flows import notices, pay, review
from liveshelf.platform.jobs import Job

JOBS = (
    Job("messages.tell", "What happened is told to whoever must hear of it.", notices.tell),
    Job("reviews.machine_pass", "A submitted card is judged by the machine's rules.", review.machine_pass),
    # One attempt each: their timers come again until it is done.
    Job("payments.check", "The provider is asked about a payment without a notification.", pay.check, attempts=1),
    Job(
        "payments.refund", "Money that is owed is sent back, and asked about until it arrives.", pay.refund, attempts=1
    ),
    Job("payments.process", "A kept notification is processed.", pay.process, attempts=1),
)
