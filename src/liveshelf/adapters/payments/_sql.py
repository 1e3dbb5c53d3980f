"""Statements of the simulated provider."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.adapters.payments._tables import simulator_faults as faults
from liveshelf.adapters.payments._tables import simulator_notices as notices
from liveshelf.adapters.payments._tables import simulator_payments as sim
from liveshelf.adapters.payments._tables import simulator_refunds as refunds

_this = (sim.c.shop_id == bindparam("shop"), sim.c.payment_id == bindparam("payment"))
_amount = bindparam("amount", type_=sim.c.amount_fen.type)

ANNOUNCE = pg_insert(sim).on_conflict_do_nothing()
PAYMENT = select(sim).where(*_this)

# Only a payment that waits can be paid or closed, so the two presses of a button, or a press and our closing, decide
# once.
PAY = (
    update(sim)
    .where(*_this, sim.c.state == "waiting", sim.c.expires_at > bindparam("moment"))
    .values(state="paid", paid_at=bindparam("moment"))
    .returning(sim)
)
# However late: what a bank's slow answer does to a payment that was begun in time.
PAY_LATE = (
    update(sim)
    .where(*_this, sim.c.state.in_(["waiting", "closed"]))
    .values(state="paid", paid_at=bindparam("moment"))
    .returning(sim)
)
CLOSE = update(sim).where(*_this, sim.c.state == "waiting").values(state="closed")

# The same number once; and no more than was paid, which the table's check refuses.
REFUND = pg_insert(refunds).on_conflict_do_nothing().returning(refunds)
_by_no = (refunds.c.shop_id == bindparam("shop"), refunds.c.refund_no == bindparam("number"))
REFUND_BY_NO = select(refunds).where(*_by_no)
END_REFUND = (
    update(refunds)
    .where(*_by_no, refunds.c.state == "processing", refunds.c.ends_at <= bindparam("wall"))
    .values(state=refunds.c.becomes, done_at=bindparam("moment"))
)
TAKE_OFF = (
    update(sim)
    .where(*_this, sim.c.state.in_(["paid", "refunded"]), sim.c.refunded_fen + _amount <= sim.c.amount_fen)
    .values(state="refunded", refunded_fen=sim.c.refunded_fen + _amount)
    .returning(sim)
)
# A refund that was given up leaves the money where it was.
PUT_BACK = update(sim).where(*_this).values(refunded_fen=sim.c.refunded_fen - _amount)

PAID_BETWEEN = (
    select(sim)
    .where(sim.c.shop_id == bindparam("shop"), sim.c.paid_at >= bindparam("since"), sim.c.paid_at < bindparam("until"))
    .order_by(sim.c.paid_at, sim.c.payment_id)
)
REFUNDED_BETWEEN = (
    select(refunds, sim.c.amount_fen.label("paid_fen"), sim.c.description)
    .join(sim, (sim.c.shop_id == refunds.c.shop_id) & (sim.c.payment_id == refunds.c.payment_id))
    .where(
        refunds.c.shop_id == bindparam("shop"),
        refunds.c.made_at >= bindparam("since"),
        refunds.c.made_at < bindparam("until"),
        refunds.c.state != "closed",
    )
    .order_by(refunds.c.made_at, refunds.c.refund_no)
)

_notice = (notices.c.shop_id == bindparam("shop"), notices.c.notice_id == bindparam("notice"))
MAKE_NOTICE = pg_insert(notices)
NOTICE = select(notices).where(*_notice)
TRIED = update(notices).where(*_notice).values(tries=notices.c.tries + 1)
ACKNOWLEDGED = update(notices).where(*_notice).values(send_at=None)
SHOPS_TO_NOTIFY = select(notices.c.shop_id).where(notices.c.send_at <= bindparam("now")).distinct()
_to_notify = (
    select(notices.c.notice_id)
    .where(notices.c.shop_id == bindparam("shop"), notices.c.send_at <= bindparam("moment"))
    .order_by(notices.c.send_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
# Moving the next try forward is what claims the row: two workers never send the same notification at the same moment.
TAKE_NOTICES = (
    update(notices)
    .where(notices.c.shop_id == bindparam("shop"), notices.c.notice_id.in_(_to_notify))
    .values(send_at=bindparam("next_try"))
    .returning(notices.c.notice_id)
)

FAULTS = select(faults.c.faults)
_new_faults = pg_insert(faults).values(row_no=1, faults=bindparam("wanted"))
SET_FAULTS = _new_faults.on_conflict_do_update(
    index_elements=[faults.c.row_no], set_={"faults": _new_faults.excluded.faults}
)
