"""Time limits of the orders capability."""

from __future__ import annotations

from liveshelf.orders import _sql
from liveshelf.orders.service import close_unpaid
from liveshelf.platform.timers import Timer

TIMERS = (
    Timer(
        name="orders.unpaid",
        owner="orders",
        promise="An order that is not paid in time closes and gives its stock back.",
        due_shops=_sql.SHOPS_UNPAID,
        fire=close_unpaid,
    ),
)
