"""Statements of the simulated provider."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.adapters.payments._tables import simulator_payments as sim
from liveshelf.adapters.payments._tables import simulator_refunds as refunds

_this = (sim.c.shop_id == bindparam("shop"), sim.c.payment_id == bindparam("payment"))

ANNOUNCE = pg_insert(sim).on_conflict_do_nothing()
PAYMENT = select(sim).where(*_this)

# Only a payment that waits can be paid or closed, so the two presses of a button, or a press and our closing, decide
# once.
PAY = (
    update(sim)
    .where(*_this, sim.c.state == "waiting", sim.c.expires_at > bindparam("moment"))
    .values(state="paid", paid_at=bindparam("moment"), notify_at=bindparam("next_try"))
)
CLOSE = update(sim).where(*_this, sim.c.state == "waiting").values(state="closed")
# The same number once; and no more than was paid, which the table's check refuses.
REFUND = pg_insert(refunds).on_conflict_do_nothing().returning(refunds.c.refund_no)
REFUND_BY_NO = select(refunds).where(refunds.c.shop_id == bindparam("shop"), refunds.c.refund_no == bindparam("number"))
TAKE_OFF = (
    update(sim)
    .where(
        *_this,
        sim.c.state.in_(["paid", "refunded"]),
        sim.c.refunded_fen + bindparam("amount", type_=sim.c.amount_fen.type) <= sim.c.amount_fen,
    )
    .values(state="refunded", refunded_fen=sim.c.refunded_fen + bindparam("amount", type_=sim.c.amount_fen.type))
)
ACKNOWLEDGED = update(sim).where(*_this).values(notify_at=None, notified_at=bindparam("moment"))

SHOPS_TO_NOTIFY = select(sim.c.shop_id).where(sim.c.notify_at <= bindparam("now")).distinct()
_to_notify = (
    select(sim.c.payment_id)
    .where(sim.c.shop_id == bindparam("shop"), sim.c.notify_at <= bindparam("moment"))
    .order_by(sim.c.notify_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
# Moving the next try forward is what claims the row: two workers never send the same notification at the same moment.
TAKE_NOTIFICATIONS = (
    update(sim)
    .where(sim.c.shop_id == bindparam("shop"), sim.c.payment_id.in_(_to_notify))
    .values(notify_at=bindparam("next_try"))
    .returning(sim.c.payment_id)
)
