"""Statements of refunds. The payment's row is locked before its refunds are counted, so however many ask at once, no
more is owed than was paid; the table's own check is the last guard.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.payments._tables import payment_refunds as refunds
from liveshelf.payments._tables import payments
from liveshelf.payments.types import PaymentState, RefundState
from liveshelf.platform.timers import board_rows

_of_shop = refunds.c.shop_id == bindparam("shop")
# Written into the statement, not bound: partial indexes are only found by states that the planner can see.
_owed = refunds.c.state == literal(RefundState.OWED.value, literal_execute=True)
_sent = refunds.c.state == literal(RefundState.SENT.value, literal_execute=True)
_open = refunds.c.state != literal(RefundState.SETTLED.value, literal_execute=True)
_this = (_of_shop, refunds.c.refund_id == bindparam("refund"))
_moment = bindparam("moment", type_=refunds.c.owed_at.type)

# In one order, so that two that owe for one order wait for each other and not in a circle.
LOCK_PAID = (
    select(payments)
    .where(
        payments.c.shop_id == bindparam("shop"),
        payments.c.order_id == bindparam("order"),
        payments.c.state == PaymentState.PAID,
    )
    .order_by(payments.c.payment_id)
    .with_for_update(key_share=True)
)
PAID_OF_ORDERS = (
    select(
        payments.c.order_id,
        func.sum(payments.c.amount_fen).label("paid_fen"),
        func.sum(payments.c.refunded_fen).label("refunded_fen"),
    )
    .where(
        payments.c.shop_id == bindparam("shop"),
        payments.c.order_id == func.any(bindparam("orders", type_=ARRAY(BigInteger))),
        payments.c.state == PaymentState.PAID,
    )
    .group_by(payments.c.order_id)
)
TAKE_OFF = (
    update(payments)
    .where(payments.c.shop_id == bindparam("shop"), payments.c.payment_id == bindparam("payment"))
    .values(refunded_fen=payments.c.refunded_fen + bindparam("amount"))
)

OWE = pg_insert(refunds).on_conflict_do_nothing().returning(refunds)
BY_KEY = select(refunds).where(_of_shop, refunds.c.key == bindparam("name"))
BY_ID = select(refunds).where(*_this)
OF_ORDERS = (
    select(refunds)
    .where(_of_shop, refunds.c.order_id == func.any(bindparam("orders", type_=ARRAY(BigInteger))))
    .order_by(refunds.c.order_id, refunds.c.refund_id)
)

MARK_SENT = (
    update(refunds)
    .where(*_this, _owed)
    .values(
        state=RefundState.SENT,
        sent_at=_moment,
        try_at=bindparam("next_try"),
        provider_ref=bindparam("ref"),
        arrive_from_on=bindparam("earliest"),
        arrive_by_on=bindparam("latest"),
        flag_at=bindparam("flagged"),
        problem="",
    )
    .returning(refunds)
)
MARK_SETTLED = (
    update(refunds)
    .where(*_this, _sent)
    .values(state=RefundState.SETTLED, settled_at=_moment, try_at=None, problem="")
    .returning(refunds)
)
# A new number: the provider refuses a second try under the one that it closed.
OWE_ANEW = (
    update(refunds)
    .where(*_this, _sent)
    .values(
        state=RefundState.OWED,
        sent_at=None,
        try_at=_moment,
        arrive_from_on=None,
        arrive_by_on=None,
        flag_at=None,
        round=refunds.c.round + 1,
        problem=bindparam("trouble"),
    )
)
SET_PROBLEM = update(refunds).where(*_this, _open).values(problem=bindparam("trouble"))

SHOPS_DUE = select(refunds.c.shop_id).where(refunds.c.try_at <= bindparam("now"), _open).distinct()
OPEN = board_rows("refund", refunds.c.refund_id, refunds.c.try_at, _of_shop, _open, refunds.c.try_at.is_not(None))
_due = (
    select(refunds.c.refund_id)
    .where(_of_shop, refunds.c.try_at <= bindparam("moment"), _open)
    .order_by(refunds.c.try_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
)
# What is owed is tried every `again`; what was sent is asked about after a wait that doubles with its age, up to
# `rarely`.
TAKE_DUE = (
    update(refunds)
    .where(_of_shop, refunds.c.refund_id.in_(_due), _open)
    .values(
        try_at=_moment
        + case(
            (_owed, bindparam("again")),
            else_=func.least(func.greatest(_moment - refunds.c.sent_at, bindparam("soon")), bindparam("rarely")),
        )
    )
    .returning(refunds.c.refund_id)
)

_not_noticed = (_owed, refunds.c.late_at.is_(None))
SHOPS_LATE = select(refunds.c.shop_id).where(refunds.c.limit_at <= bindparam("now"), *_not_noticed).distinct()
IN_TIME = board_rows("refund", refunds.c.refund_id, refunds.c.limit_at, _of_shop, *_not_noticed)
_late = (
    select(refunds.c.refund_id)
    .where(_of_shop, refunds.c.limit_at <= bindparam("moment"), *_not_noticed)
    .order_by(refunds.c.limit_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
)
TAKE_LATE = (
    update(refunds)
    .where(_of_shop, refunds.c.refund_id.in_(_late), *_not_noticed)
    .values(late_at=_moment)
    .returning(refunds)
)

_not_flagged = (_sent, refunds.c.overdue_at.is_(None))
SHOPS_OVERDUE = select(refunds.c.shop_id).where(refunds.c.flag_at <= bindparam("now"), *_not_flagged).distinct()
_overdue = (
    select(refunds.c.refund_id)
    .where(_of_shop, refunds.c.flag_at <= bindparam("moment"), *_not_flagged)
    .order_by(refunds.c.flag_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
)
TAKE_OVERDUE = (
    update(refunds)
    .where(_of_shop, refunds.c.refund_id.in_(_overdue), *_not_flagged)
    .values(overdue_at=_moment)
    .returning(refunds)
)
ON_THE_WAY = board_rows("refund", refunds.c.refund_id, refunds.c.flag_at, _of_shop, *_not_flagged)

PAGE = (
    select(refunds)
    .where(_of_shop, refunds.c.refund_id < bindparam("before"))
    .order_by(refunds.c.refund_id.desc())
    .limit(bindparam("most"))
)
IN_STATE = refunds.c.state == bindparam("wanted")
IS_LATE = refunds.c.late_at.is_not(None) | refunds.c.overdue_at.is_not(None) | (refunds.c.problem != "")
