"""Statements of abnormal orders."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, bindparam, case, func, literal, null, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.orders._tables import abnormal_orders, orders
from liveshelf.orders.abnormal_kinds import REMIND_AFTER
from liveshelf.orders.types import OrderState
from liveshelf.platform.schema import Instant
from liveshelf.platform.timers import board_rows

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
COUNTED = 1_000  # more open cases than anybody reads one by one
_FIRST, _SECOND = REMIND_AFTER

_of_shop = abnormal_orders.c.shop_id == bindparam("shop")
_this = (_of_shop, abnormal_orders.c.case_id == bindparam("case"))
# Written into the statement, not bound: the partial indexes are only found by a state that the planner can see.
_open = abnormal_orders.c.state == literal("open", literal_execute=True)

RUNNING = board_rows("order", abnormal_orders.c.order_id, abnormal_orders.c.due_at, _of_shop, _open)

# One open case of a kind an order: the partial unique index decides between two who flag at once.
INSERT = pg_insert(abnormal_orders).on_conflict_do_nothing().returning(abnormal_orders.c.case_id)
OF_ORDERS = (
    select(abnormal_orders)
    .where(_of_shop, abnormal_orders.c.order_id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(abnormal_orders.c.order_id, abnormal_orders.c.case_id)
)
OPEN = (
    select(abnormal_orders)
    .where(
        _of_shop,
        _open,
        tuple_(abnormal_orders.c.due_at, abnormal_orders.c.case_id)
        > tuple_(bindparam("after", type_=Instant), bindparam("case", type_=BigInteger)),
    )
    .order_by(abnormal_orders.c.due_at, abnormal_orders.c.case_id)
    .limit(bindparam("most"))
)
OF_KIND = abnormal_orders.c.kind == bindparam("kind")
COUNT_OPEN = select(func.count()).select_from(
    select(abnormal_orders.c.case_id).where(_of_shop, _open).limit(COUNTED).subquery()
)

# At 24:00:00 it is too late, whether the sweep was here already or not.
SETTLE = (
    update(abnormal_orders)
    .where(*_this, _open, abnormal_orders.c.due_at > bindparam("moment"))
    .values(
        state="settled",
        ended_at=bindparam("moment"),
        ended_by=bindparam("who"),
        answer=bindparam("said"),
        remind_at=None,
    )
    .returning(abnormal_orders.c.case_id)
)
SETTLE_ITSELF = (
    update(abnormal_orders)
    .where(
        _of_shop,
        _open,
        abnormal_orders.c.order_id == bindparam("order"),
        abnormal_orders.c.kind == bindparam("sort"),
    )
    .values(state="settled", ended_at=bindparam("moment"), ended_by=bindparam("who"), remind_at=None)
)
CLOSE = (
    update(abnormal_orders)
    .where(*_this, _open, abnormal_orders.c.due_at <= bindparam("moment"))
    .values(
        state="overdue",
        ended_at=bindparam("moment"),
        ended_by=bindparam("who"),
        outcome=bindparam("how"),
        remind_at=None,
    )
    .returning(abnormal_orders.c.case_id)
)

SHOPS_TO_REMIND = (
    select(abnormal_orders.c.shop_id).where(abnormal_orders.c.remind_at <= bindparam("now"), _open).distinct()
)
_to_remind = (
    select(abnormal_orders.c.case_id)
    .where(_of_shop, abnormal_orders.c.remind_at <= bindparam("moment"), _open)
    .order_by(abnormal_orders.c.remind_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
# The first reminder sets the second; that one is the last.
REMIND = (
    update(abnormal_orders)
    .where(_of_shop, abnormal_orders.c.case_id.in_(_to_remind), _open)
    .values(
        remind_at=case(
            (
                abnormal_orders.c.remind_at < abnormal_orders.c.flagged_at + _SECOND,
                abnormal_orders.c.flagged_at + _SECOND,
            ),
            else_=null(),
        )
    )
    .returning(abnormal_orders.c.order_id, abnormal_orders.c.case_id, abnormal_orders.c.kind, abnormal_orders.c.due_at)
)

SHOPS_OVERDUE = select(abnormal_orders.c.shop_id).where(abnormal_orders.c.due_at <= bindparam("now"), _open).distinct()
OVERDUE = (
    select(abnormal_orders)
    .where(_of_shop, abnormal_orders.c.due_at <= bindparam("moment"), _open)
    .order_by(abnormal_orders.c.due_at, abnormal_orders.c.case_id)
    .limit(bindparam("most"))
)

_to_ship = orders.c.state == literal(OrderState.TO_SHIP.value, literal_execute=True)
_flagged_late = (
    select(abnormal_orders.c.case_id)
    .where(
        abnormal_orders.c.shop_id == orders.c.shop_id,
        abnormal_orders.c.order_id == orders.c.order_id,
        abnormal_orders.c.kind == "late_shipment",
    )
    .exists()
)
TO_SHIP_IN_TIME = board_rows(
    "order",
    orders.c.order_id,
    orders.c.ship_due_at,
    orders.c.shop_id == bindparam("shop"),
    _to_ship,
    ~_flagged_late,
)
SHOPS_LATE = (
    select(orders.c.shop_id)
    .where(_to_ship, orders.c.ship_due_at <= bindparam("now", type_=Instant), ~_flagged_late)
    .distinct()
)
LATE = (
    select(orders.c.order_id)
    .where(orders.c.shop_id == bindparam("shop"), _to_ship, orders.c.ship_due_at <= bindparam("moment"), ~_flagged_late)
    .order_by(orders.c.ship_due_at)
    .limit(bindparam("most"))
)
