"""Time limits of the orders capability."""

from __future__ import annotations

from liveshelf.orders import _delivery_sql, _sql
from liveshelf.orders.delivery import wipe
from liveshelf.orders.service import close_unpaid
from liveshelf.platform.timers import Timer

TIMERS = (
    Timer(
        name="orders.unpaid",
        owner="orders",
        promise="An order that is not paid in time closes and gives its stock back.",
        due_shops=_sql.SHOPS_UNPAID,
        fire=close_unpaid,
        actor="buyer",
        escalation="At the limit the order closes and its stock is free again.",
        pending=_sql.UNPAID,
    ),
    Timer(
        name="orders.forgotten",
        owner="orders",
        promise="What the orders of an erased customer say of them is gone a minute after each order is over.",
        due_shops=_delivery_sql.SHOPS_TO_WIPE,
        fire=wipe,
        every_s=60.0,
    ),
)
