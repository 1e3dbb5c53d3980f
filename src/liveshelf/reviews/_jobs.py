"""The machine stage's time limit."""

from __future__ import annotations

from liveshelf.platform.timers import Timer
from liveshelf.reviews import _sql, service

TIMERS = (
    Timer(
        name="reviews.machine_overdue",
        owner="reviews",
        promise="A case whose machine stage was lost is taken up again within a minute.",
        due_shops=_sql.SHOPS_OVERDUE,
        fire=service.ask_again,
        features=("A-215",),
        escalation="At the limit the machine is asked again, a minute later once more.",
        pending=_sql.PENDING,
    ),
)
