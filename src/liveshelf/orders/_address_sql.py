"""Statements of address requests."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, bindparam, case, func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.orders._tables import order_address_requests as requests
from liveshelf.orders._tables import orders
from liveshelf.platform.schema import Instant
from liveshelf.platform.timers import board_rows

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
COUNTED = 1_000

_of_shop = requests.c.shop_id == bindparam("shop")
_this = (_of_shop, requests.c.request_id == bindparam("request"))
# Written into the statement, not bound: the partial indexes are only found by a state that the planner can see.
_open = requests.c.state == literal("open", literal_execute=True)

# One open request an order: the partial unique index decides between two that come at once.
INSERT = pg_insert(requests).on_conflict_do_nothing().returning(requests.c.request_id)
BY_ID = select(requests).where(*_this)
OF_ORDERS = (
    select(requests)
    .where(_of_shop, requests.c.order_id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(requests.c.order_id, requests.c.request_id)
)
OPEN = (
    select(requests)
    .where(
        _of_shop,
        _open,
        tuple_(requests.c.answer_due_at, requests.c.request_id)
        > tuple_(bindparam("after", type_=Instant), bindparam("request", type_=BigInteger)),
    )
    .order_by(requests.c.answer_due_at, requests.c.request_id)
    .limit(bindparam("most"))
)
COUNT_OPEN = select(func.count()).select_from(
    select(requests.c.request_id).where(_of_shop, _open).limit(COUNTED).subquery()
)
ANSWER = (
    update(requests)
    .where(*_this, _open)
    .values(
        state=bindparam("became"),
        answered_at=bindparam("moment"),
        answered_by=bindparam("who"),
        reason=bindparam("why"),
    )
    .returning(requests.c.request_id)
)
_its_orders = select(orders.c.order_id).where(
    orders.c.shop_id == bindparam("shop"), orders.c.customer_id == bindparam("customer")
)
FORGET = (
    update(requests)
    .where(_of_shop, requests.c.order_id.in_(_its_orders))
    .values(
        address=None,
        state=case((requests.c.state == "open", "withdrawn"), else_=requests.c.state),
        answered_at=func.coalesce(requests.c.answered_at, bindparam("moment")),
        answered_by=func.coalesce(requests.c.answered_by, bindparam("who")),
    )
)
RUNNING = board_rows(
    "order", requests.c.order_id, requests.c.answer_due_at, _of_shop, _open, requests.c.escalated_at.is_(None)
)
_waits = (_open, requests.c.escalated_at.is_(None))
SHOPS_TO_ESCALATE = select(requests.c.shop_id).where(requests.c.answer_due_at <= bindparam("now"), *_waits).distinct()
_to_escalate = (
    select(requests.c.request_id)
    .where(_of_shop, requests.c.answer_due_at <= bindparam("moment"), *_waits)
    .order_by(requests.c.answer_due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
ESCALATE = (
    update(requests)
    .where(_of_shop, requests.c.request_id.in_(_to_escalate), *_waits)
    .values(escalated_at=bindparam("moment"))
    .returning(requests.c.order_id, requests.c.request_id, requests.c.answer_due_at)
)
