"""The one table from events to their consequences. The relay reads it; nothing else reacts to anything.

Delivery is at least once, so every consequence can happen twice without harm: hints only say "look again", and jobs
find their work done.
"""

from __future__ import annotations

from liveshelf.accounts.events import MemberLeft
from liveshelf.adapters.payments.events import SimulatorNoticeDue
from liveshelf.batches.events import BatchDue
from liveshelf.billing.events import BillDue
from liveshelf.customers.privacy import CopyDue
from liveshelf.flows.notices import NOTICES, TELL
from liveshelf.flows.pushes import PUSH, TOLD
from liveshelf.media.events import MediaExpired
from liveshelf.orders.events import OrderClosed
from liveshelf.payments.events import CallbackDue, PaymentCheckDue, RefundDue, RefundSettled
from liveshelf.penalties.events import PenaltyEnded, PenaltyImposed, PenaltyReversed
from liveshelf.platform.events import Defer, Hint, Reactions
from liveshelf.qualifications.events import ApplicationDecided, EnterpriseListDue
from liveshelf.rehearsals.events import RehearsalAsked
from liveshelf.reviews.events import CaseOverdue, CaseSubmitted
from liveshelf.rooms.channels import comments_channel, room_channel, stock_channel
from liveshelf.rooms.events import NUMBERED, CommentReleased, MassNoticeAsked
from liveshelf.stock.events import AuditDue, OversoldDue, StockChanged
from liveshelf.timeline.events import TimelineDue
from liveshelf.trail.events import SealDue
from liveshelf.webhooks.events import DeliveryDue

# The gateways of a room read on where they stopped; which event it was is nothing to them.
_ROOM_HINT = Hint(lambda event: room_channel(event.shop, event.stream.partition(":")[2]), lambda _: "")

# A penalty may come long after its broadcast, when nothing else asks for the timeline any more.
_INTO_TIMELINE = Defer("timeline.penalty", lambda event: {"penalty_id": event.body["penalty_id"]})

_CONSEQUENCES: Reactions = {
    **{event.name: [_ROOM_HINT] for event in NUMBERED},
    CommentReleased.name: [Hint(lambda event: comments_channel(event.shop, event.body["room_id"]), lambda _: "")],
    StockChanged.name: [Hint(lambda event: stock_channel(event.shop), lambda _: "")],
    PaymentCheckDue.name: [Defer("payments.check", lambda event: {"payment_id": event.body["payment_id"]})],
    RefundDue.name: [Defer("payments.refund", lambda event: {"refund_id": event.body["refund_id"]})],
    RefundSettled.name: [Defer("aftersales.settled", lambda event: {"key": event.body["key"]})],
    OrderClosed.name: [
        Defer(
            "aftersales.order_closed",
            lambda event: {"order_id": event.body["order_id"], "reason": event.body["reason"]},
        ),
        Defer("rooms.claims_move_up", lambda event: {"order_id": event.body["order_id"]}),
    ],
    BillDue.name: [
        Defer("billing.fetch", lambda event: {"merchant": event.body["merchant"], "day": event.body["day"]})
    ],
    CallbackDue.name: [Defer("payments.process", lambda event: {"callback_id": event.body["callback_id"]})],
    SimulatorNoticeDue.name: [Defer("simulator.notify", lambda event: {"notice_id": event.body["notice_id"]})],
    MemberLeft.name: [Defer("accounts.hand_over", lambda event: {"account_id": event.body["account_id"]})],
    CaseSubmitted.name: [Defer("reviews.machine_pass", lambda event: {"audit_id": event.body["audit_id"]})],
    PenaltyImposed.name: [Defer("penalties.enforce", lambda _: {}), _INTO_TIMELINE],
    PenaltyReversed.name: [Defer("penalties.enforce", lambda _: {}), _INTO_TIMELINE],
    PenaltyEnded.name: [_INTO_TIMELINE],
    CaseOverdue.name: [Defer("reviews.machine_pass", lambda event: {"audit_id": event.body["audit_id"]})],
    MediaExpired.name: [Defer("media.collect", lambda event: {"sha256s": event.body["sha256s"]})],
    BatchDue.name: [Defer("batches.work", lambda event: {"batch_id": event.body["batch_id"]})],
    AuditDue.name: [Defer("stock.audit", lambda _: {})],
    OversoldDue.name: [
        Defer("stock.oversold", lambda event: {"sku_id": event.body["sku_id"], "pool": event.body["pool"]})
    ],
    CopyDue.name: [Defer("customers.copy", lambda event: {"request_id": event.body["request_id"]})],
    ApplicationDecided.name: [Defer("qualifications.open_shop", lambda _: {})],
    EnterpriseListDue.name: [Defer("qualifications.enterprise_list", lambda _: {})],
    MassNoticeAsked.name: [Defer("rooms.mass_notice", lambda event: {"message_id": event.body["message_id"]})],
    RehearsalAsked.name: [Defer("rehearsals.play", lambda event: {"rehearsal_id": event.body["rehearsal_id"]})],
    DeliveryDue.name: [
        Defer("webhooks.send", lambda event: {"delivery_id": event.body["delivery_id"], "run": event.body["run"]})
    ],
    SealDue.name: [Defer("trail.seal", lambda _: {})],
    TimelineDue.name: [Defer("timeline.write", lambda _: {})],
}

# What people hear of, and what the shop's own server is told, stands in tables of their own. Nothing is in both.
REACTIONS: Reactions = {
    **_CONSEQUENCES,
    **{name: [*_CONSEQUENCES.get(name, ()), TELL] for name in NOTICES},
    **{name: [*_CONSEQUENCES.get(name, ()), PUSH] for name in TOLD},
}
