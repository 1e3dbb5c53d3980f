"""Jobs in which several capabilities take part."""

from __future__ import annotations

from liveshelf.flows import (
    aftersale,
    batch_kinds,
    claim,
    employment,
    hand_over,
    inbox,
    notices,
    opening,
    oversold,
    pay,
    penalise,
    privacy,
    pushes,
    reconcile,
    rehearse,
    review,
    video,
)
from liveshelf.platform.jobs import Job
from liveshelf.platform.timers import Timer
from liveshelf.rooms import claims
from liveshelf.video.queries import SHOPS_LOST

JOBS = (
    Job("messages.tell", "What happened is told to whoever must hear of it.", notices.tell),
    Job("webhooks.tell", "What happened is kept for the shop's own server.", pushes.tell),
    # One attempt: the timer begins the next run.
    Job("webhooks.send", "A message is sent to the shop's own server.", pushes.send, attempts=1),
    Job("stock.oversold", "The newest orders lose what is gone, each by itself.", oversold.settle, attempts=1),
    Job("reviews.machine_pass", "A submitted card is judged by the machine's rules.", review.machine_pass),
    Job("accounts.hand_over", "Cases of somebody who left go back into the queue.", hand_over.member_left),
    Job("penalties.enforce", "A ban takes goods off sale, its reversal puts them back.", penalise.enforce),
    Job("batches.work", "A file's rows are worked through, or an export is written.", batch_kinds.work, attempts=3),
    Job("customers.copy", "A copy of all that is kept of somebody is made for them.", privacy.make_copy, attempts=3),
    # One attempt each: their timers come again until it is done.
    Job("payments.check", "The provider is asked about a payment without a notification.", pay.check, attempts=1),
    Job(
        "payments.refund", "Money that is owed is sent back, and asked about until it arrives.", pay.refund, attempts=1
    ),
    Job("aftersales.settled", "A case whose refund has arrived is done.", aftersale.settled),
    Job("rooms.claims_move_up", "What a closed order gives back is held for who waits.", claim.move_up),
    Job("aftersales.order_closed", "Cases of an order that was refunded otherwise end.", aftersale.order_closed),
    Job("qualifications.enterprise_list", "The employees of an enterprise are read.", employment.read_list, attempts=1),
    Job("qualifications.open_shop", "An approved shop that has a merchant is open.", opening.open_if_bound),
    Job("billing.fetch", "A day's bill is fetched and compared with our books.", reconcile.fetch, attempts=1),
    # One attempt: what broke off is asked for again by people.
    Job("rehearsals.play", "A room is rehearsed, by a process of its own.", rehearse.play, attempts=1),
    Job("payments.process", "A kept notification is processed.", inbox.process, attempts=1),
)

TIMERS = (
    Timer(
        name="video.lost",
        owner="video",
        promise="A picture that is not seen for five seconds makes its broadcast abnormal.",
        due_shops=SHOPS_LOST,
        fire=video.settle_lost,
        business_time=False,
        every_s=0.5,
    ),
    Timer(
        name="rooms.claims_waiting",
        owner="rooms",
        promise="Who waits for what they claimed gets it within seconds of its coming back, in order.",
        due_shops=claims.SHOPS_WAITED_FOR,
        fire=claim.move_up_waiting,
        every_s=5.0,
    ),
)
