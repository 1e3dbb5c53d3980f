"""Pure decisions about orders: what one may contain, and what may happen to it next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from liveshelf.kernel.fen import MAX_FEN
from liveshelf.orders.errors import OrderLimit
from liveshelf.orders.types import ORDER, Order, OrderState

Verb = Literal["pay", "cancel"]

LINES_MAX = 20
QUANTITY_MAX = 99  # of one SKU in one order


def check_lines(lines: Sequence[tuple[int, int]]) -> None:
    """Raises `OrderLimit` unless there are 1 to 20 different SKUs with 1 to 99 pieces each."""
    if len(lines) == 1 and 1 <= lines[0][1] <= QUANTITY_MAX:  # nearly always
        return
    if not 1 <= len(lines) <= LINES_MAX:
        raise OrderLimit(field="lines", most=LINES_MAX)
    if len({sku_id for sku_id, _ in lines}) != len(lines):
        raise OrderLimit("The same thing stands on two lines.", field="lines")
    if any(not 1 <= quantity <= QUANTITY_MAX for _, quantity in lines):
        raise OrderLimit(field="lines", most=QUANTITY_MAX)


def check_total(total_fen: int) -> None:
    """Raises `OrderLimit` above the largest amount of one order."""
    if total_fen > MAX_FEN:
        raise OrderLimit("The order is too large.", field="lines")


def buyer_may(order: Order, now: datetime) -> list[Verb]:
    """What the buyer may do next."""
    if order.state is not OrderState.TO_PAY or order.expires_at <= now:
        return []
    verbs: dict[Verb, OrderState] = {"pay": OrderState.TO_SHIP, "cancel": OrderState.CLOSED}
    return [verb for verb, becomes in verbs.items() if ORDER.allows(order.state, becomes)]
