"""Statements of the payments capability. Every move of a payment is one conditional update: whoever comes second
changes nothing.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.payments._tables import payment_callbacks, payments
from liveshelf.payments.types import PAYMENT, PaymentState
from liveshelf.platform.timers import board_rows

_of_shop = payments.c.shop_id == bindparam("shop")
# Written into the statement, not bound: partial indexes are only found by states that the planner can see.
_pending = payments.c.state == literal(PaymentState.PENDING.value, literal_execute=True)
_this = (_of_shop, payments.c.payment_id == bindparam("payment"))

# Two presses of "pay" at once: the partial unique key lets one open a payment, the other finds it.
OPEN = (
    pg_insert(payments)
    .on_conflict_do_nothing(index_elements=[payments.c.shop_id, payments.c.order_id], index_where=_pending)
    .returning(payments)
)
OPEN_OF_ORDER = select(payments).where(_of_shop, payments.c.order_id == bindparam("order"), _pending)
PAYMENT_BY_ID = select(payments).where(*_this)
LATEST_OF_ORDERS = (
    select(payments)
    .where(_of_shop, payments.c.order_id == func.any(bindparam("orders", type_=ARRAY(BigInteger))))
    # What was paid tells more than what was merely tried.
    .order_by(payments.c.order_id, payments.c.paid_at.desc().nulls_last(), payments.c.payment_id.desc())
    .ext(distinct_on(payments.c.order_id))
)

MARK_PAID = (
    update(payments)
    .where(*_this, payments.c.state.in_(sorted(PAYMENT.sources(PaymentState.PAID))))
    .values(state=PaymentState.PAID, paid_at=bindparam("moment"), provider_ref=bindparam("ref"), poll_at=None)
    .returning(payments.c.order_id)
)

# Asked about once more right away: the provider must close it too, and may know that it was paid.
CLOSE = (
    update(payments)
    .where(
        _of_shop,
        payments.c.order_id == func.any(bindparam("orders", type_=ARRAY(BigInteger))),
        _pending,
    )
    .values(state=PaymentState.CLOSED, poll_at=bindparam("moment"))
)
STOP_ASKING = update(payments).where(*_this).values(poll_at=None)

SHOPS_TO_ASK = select(payments.c.shop_id).where(payments.c.poll_at <= bindparam("now")).distinct()
ASKING = board_rows("payment", payments.c.payment_id, payments.c.poll_at, _of_shop, payments.c.poll_at.is_not(None))
_to_ask = (
    select(payments.c.payment_id)
    .where(_of_shop, payments.c.poll_at <= bindparam("moment"))
    .order_by(payments.c.poll_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
# The wait doubles with the payment's age: 30 s, 1, 2, 4, 8 minutes.
TAKE_TO_ASK = (
    update(payments)
    .where(_of_shop, payments.c.payment_id.in_(_to_ask))
    .values(
        poll_at=bindparam("moment", type_=payments.c.poll_at.type)
        + func.greatest(bindparam("moment", type_=payments.c.poll_at.type) - payments.c.created_at, bindparam("least"))
    )
    .returning(payments.c.payment_id)
)

# The provider repeats its notifications; the unique key keeps the first.
KEEP_CALLBACK = pg_insert(payment_callbacks).on_conflict_do_nothing().returning(payment_callbacks.c.callback_id)
CALLBACK_BY_NOTICE = select(payment_callbacks.c.callback_id).where(
    payment_callbacks.c.shop_id == bindparam("shop"),
    payment_callbacks.c.provider == bindparam("who"),
    payment_callbacks.c.notice_id == bindparam("notice"),
)
CALLBACK = select(payment_callbacks).where(
    payment_callbacks.c.shop_id == bindparam("shop"), payment_callbacks.c.callback_id == bindparam("callback")
)
# Locked by whoever processes it, so the request and the timer never draw the consequences side by side.
LOCK_CALLBACK = CALLBACK.with_for_update(key_share=True)
FINISH_CALLBACK = (
    update(payment_callbacks)
    .where(payment_callbacks.c.shop_id == bindparam("shop"), payment_callbacks.c.callback_id == bindparam("callback"))
    .values(processed_at=bindparam("moment"), try_at=None)
)
SHOPS_WITH_CALLBACKS = (
    select(payment_callbacks.c.shop_id).where(payment_callbacks.c.try_at <= bindparam("now")).distinct()
)
UNPROCESSED = board_rows(
    "callback",
    payment_callbacks.c.callback_id,
    payment_callbacks.c.try_at,
    payment_callbacks.c.shop_id == bindparam("shop"),
    payment_callbacks.c.try_at.is_not(None),
)
_waiting = (
    select(payment_callbacks.c.callback_id)
    .where(payment_callbacks.c.shop_id == bindparam("shop"), payment_callbacks.c.try_at <= bindparam("moment"))
    .order_by(payment_callbacks.c.try_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
)
TAKE_CALLBACKS = (
    update(payment_callbacks)
    .where(payment_callbacks.c.shop_id == bindparam("shop"), payment_callbacks.c.callback_id.in_(_waiting))
    .values(try_at=bindparam("next_try"))
    .returning(payment_callbacks.c.callback_id)
)

ANY_PAID = select(
    select(payments.c.payment_id)
    .where(payments.c.shop_id == bindparam("shop"), payments.c.paid_at.is_not(None))
    .exists()
)
