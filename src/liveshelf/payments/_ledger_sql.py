"""Statements of the money ledger."""

from __future__ import annotations

from sqlalchemy import Text, case, cast, func, literal, select, union_all
from sqlalchemy import bindparam as bind
from sqlalchemy.dialects.postgresql import ARRAY

from liveshelf.payments._tables import payment_ledger as ledger
from liveshelf.payments._tables import payment_refunds as refunds
from liveshelf.payments._tables import payments
from liveshelf.payments.types import PaymentState, RefundState

_of_shop = ledger.c.shop_id == bind("shop")
BY_KEY = select(ledger).where(_of_shop, ledger.c.key == bind("name"))
_named = ledger.c.key == func.any(bind("names", type_=ARRAY(Text)))
ACTORS = select(ledger.c.key, ledger.c.actor).where(_of_shop, _named)
PAGE = (
    select(ledger)
    .where(_of_shop, ledger.c.entry_id < bind("before"))
    .order_by(ledger.c.entry_id.desc())
    .limit(bind("most"))
)
_sides = union_all(
    select(ledger.c.debit.label("account"), ledger.c.amount_fen.label("fen")).where(_of_shop),
    select(ledger.c.credit.label("account"), (-ledger.c.amount_fen).label("fen")).where(_of_shop),
).subquery()
BALANCES = select(_sides.c.account, func.sum(_sides.c.fen).label("fen")).group_by(_sides.c.account)


# What should be booked, beside what is: one row for each key where the two differ, on whichever side it is missing.
def _should(prefix: str, number, amount, *where):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN002, ANN202 - columns
    return select((literal(prefix, literal_execute=True) + cast(number, Text)).label("key"), amount.label("fen")).where(
        *where
    )


_should_be = union_all(
    _should(
        "paid:",
        payments.c.payment_id,
        payments.c.amount_fen,
        payments.c.shop_id == bind("shop"),
        payments.c.state == PaymentState.PAID,
    ),
    _should("owed:", refunds.c.refund_id, refunds.c.amount_fen, refunds.c.shop_id == bind("shop")),
    _should(
        "settled:",
        refunds.c.refund_id,
        refunds.c.amount_fen,
        refunds.c.shop_id == bind("shop"),
        refunds.c.state == RefundState.SETTLED,
    ),
).subquery("should_be")
_is = (
    select(ledger.c.key, ledger.c.amount_fen.label("fen"))
    .where(_of_shop, ledger.c.kind.in_(["paid", "refund_owed", "refund_settled"]))
    .subquery("is_booked")
)
_key = func.coalesce(_should_be.c.key, _is.c.key)
_wrong = select(
    _key.label("key"),
    func.coalesce(_is.c.fen, 0).label("booked"),
    func.coalesce(_should_be.c.fen, 0).label("should"),
).select_from(_should_be.join(_is, _should_be.c.key == _is.c.key, full=True))
DIFFERENCES = _wrong.where(_is.c.fen.is_distinct_from(_should_be.c.fen)).order_by(_key).limit(bind("most"))

# What a payment says was refunded of it is the sum of its refunds.
_sums = (
    select(refunds.c.payment_id, func.sum(refunds.c.amount_fen).label("fen"))
    .where(refunds.c.shop_id == bind("shop"))
    .group_by(refunds.c.payment_id)
    .subquery()
)
_sum = func.coalesce(_sums.c.fen, 0)
REFUND_SUMS = (
    select(payments.c.payment_id, payments.c.refunded_fen.label("booked"), _sum.label("should"))
    .select_from(payments.outerjoin(_sums, _sums.c.payment_id == payments.c.payment_id))
    .where(
        payments.c.shop_id == bind("shop"),
        case((payments.c.state == PaymentState.PAID, payments.c.refunded_fen), else_=0) != _sum,
    )
    .limit(bind("most"))
)

_paid = select(payments).where(payments.c.shop_id == bind("shop"))
PAID_BETWEEN = _paid.where(
    payments.c.merchant == bind("whose"),
    payments.c.state == PaymentState.PAID,
    payments.c.paid_at >= bind("since"),
    payments.c.paid_at < bind("until"),
)
PAYMENTS_BY_IDS = _paid.where(payments.c.payment_id.in_(bind("ids", expanding=True)))
_back = (
    select(refunds)
    .join(payments, (payments.c.shop_id == refunds.c.shop_id) & (payments.c.payment_id == refunds.c.payment_id))
    .where(refunds.c.shop_id == bind("shop"))
)
REFUNDS_BETWEEN = _back.where(
    payments.c.merchant == bind("whose"), refunds.c.sent_at >= bind("since"), refunds.c.sent_at < bind("until")
)
REFUNDS_BY_IDS = _back.where(refunds.c.refund_id.in_(bind("ids", expanding=True)))
