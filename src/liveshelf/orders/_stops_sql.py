"""Statements of stopped pieces."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, delete, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY

from liveshelf.orders._tables import order_stops

_c = order_stops.c
_this = (_c.shop_id == bindparam("shop"), _c.order_id == bindparam("order"), _c.claim == bindparam("whose"))

INSERT = insert(order_stops)
FREE = delete(order_stops).where(*_this)
OF_ORDERS = select(order_stops).where(
    _c.shop_id == bindparam("shop"), _c.order_id == func.any(bindparam("orders", type_=ARRAY(BigInteger)))
)
