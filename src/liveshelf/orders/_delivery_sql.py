"""Statements of what goes with an order: its address, its papers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, and_, bindparam, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from liveshelf.orders._tables import order_addresses, order_papers, orders
from liveshelf.orders.types import OrderState
from liveshelf.platform.schema import Instant

_OVER = (OrderState.CLOSED.value, OrderState.DONE.value)

_ids = bindparam("ids", type_=ARRAY(BigInteger))
_addresses = order_addresses.c.shop_id == bindparam("shop")
_papers = order_papers.c.shop_id == bindparam("shop")

ADDRESSES = (
    select(order_addresses)
    .where(_addresses, order_addresses.c.order_id == func.any(_ids))
    .order_by(order_addresses.c.order_id, order_addresses.c.version)
)
ADDRESSED = (
    select(order_addresses.c.order_id).where(_addresses, order_addresses.c.order_id == func.any(_ids)).distinct()
)
LAST_VERSION = select(func.max(order_addresses.c.version)).where(
    _addresses, order_addresses.c.order_id == bindparam("order")
)
INSERT_ADDRESS = insert(order_addresses)
STILL_SAID = (
    select(order_addresses.c.version)
    .where(
        _addresses,
        order_addresses.c.order_id == bindparam("order"),
        order_addresses.c.sealed.is_not(None),
        order_addresses.c.forget.is_(False),
    )
    .limit(1)
)
PAPERS = select(order_papers).where(_papers, order_papers.c.order_id == func.any(_ids))

# An erased customer's orders: those that are over lose what they say at once, those under way when they are over.
_its_orders = select(orders.c.order_id).where(
    orders.c.shop_id == bindparam("shop"), orders.c.customer_id == bindparam("customer")
)
MARK_ADDRESSES = (
    update(order_addresses).where(_addresses, order_addresses.c.order_id.in_(_its_orders)).values(forget=True)
)
MARK_PAPERS = update(order_papers).where(_papers, order_papers.c.order_id.in_(_its_orders)).values(forget=True)


def _is_over(table: FromClause) -> ColumnElement[bool]:
    """Written into the statement, not bound: the partial index is found by conditions that the planner can see."""
    over = [literal(state, literal_execute=True) for state in _OVER]
    return and_(
        table.c.forget,
        table.c.sealed.is_not(None),
        select(orders.c.order_id)
        .where(orders.c.shop_id == table.c.shop_id, orders.c.order_id == table.c.order_id, orders.c.state.in_(over))
        .exists(),
    )


WIPE_ADDRESSES = update(order_addresses).where(_addresses, _is_over(order_addresses)).values(sealed=None)
WIPE_PAPERS = update(order_papers).where(_papers, _is_over(order_papers)).values(sealed=None)

# What tax and consumer law want kept is kept for three years after an order ended, and then no longer.
KEPT = timedelta(days=3 * 365)


def _is_old(table: FromClause, before: ColumnElement[Any]) -> ColumnElement[bool]:
    over = [literal(state, literal_execute=True) for state in _OVER]
    return and_(
        table.c.sealed.is_not(None),
        select(orders.c.order_id)
        .where(
            orders.c.shop_id == table.c.shop_id,
            orders.c.order_id == table.c.order_id,
            orders.c.state.in_(over),
            func.coalesce(orders.c.done_at, orders.c.closed_at) <= before,
        )
        .exists(),
    )


_BEFORE = bindparam("before", type_=Instant)
FORGET_OLD_ADDRESSES = update(order_addresses).where(_addresses, _is_old(order_addresses, _BEFORE)).values(sealed=None)
FORGET_OLD_PAPERS = update(order_papers).where(_papers, _is_old(order_papers, _BEFORE)).values(sealed=None)
_LONG_AGO = bindparam("now", type_=Instant) - KEPT
SHOPS_WITH_OLD = select(
    select(order_addresses.c.shop_id)
    .where(_is_old(order_addresses, _LONG_AGO))
    .union(select(order_papers.c.shop_id).where(_is_old(order_papers, _LONG_AGO)))
    .subquery()
    .c.shop_id
)
SHOPS_TO_WIPE = select(
    select(order_addresses.c.shop_id)
    .where(_is_over(order_addresses))
    .union(select(order_papers.c.shop_id).where(_is_over(order_papers)))
    .subquery()
    .c.shop_id
)
