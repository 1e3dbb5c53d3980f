"""The numbers that WeChat's shop gives to the states of an order.

A projection of ours: nothing is kept under these numbers, and nothing is decided by them.
"""

from __future__ import annotations

from collections.abc import Mapping

from liveshelf.orders.types import PAID_REASONS, CloseReason, OrderState

STATUS: Mapping[OrderState, int] = {
    OrderState.TO_PAY: 10,
    OrderState.TO_SHIP: 20,
    OrderState.PARTLY_SHIPPED: 21,
    OrderState.TO_RECEIVE: 30,
    OrderState.DONE: 100,
}
REFUNDED = 200  # closed after it was paid: everything went back
CANCELLED = 250  # closed unpaid

# What a listing by a number covers: 20 takes the partly shipped along, and so does 30; 250 means every way of closing.
COVERS: Mapping[int, frozenset[OrderState]] = {
    10: frozenset({OrderState.TO_PAY}),
    20: frozenset({OrderState.TO_SHIP, OrderState.PARTLY_SHIPPED}),
    21: frozenset({OrderState.PARTLY_SHIPPED}),
    30: frozenset({OrderState.TO_RECEIVE, OrderState.PARTLY_SHIPPED}),
    100: frozenset({OrderState.DONE}),
    REFUNDED: frozenset({OrderState.CLOSED}),
    CANCELLED: frozenset({OrderState.CLOSED}),
}


def status_of(state: OrderState, reason: CloseReason | None) -> int:
    """The number of an order in this state, closed for this reason if it is closed."""
    if state is OrderState.CLOSED:
        return REFUNDED if reason in PAID_REASONS else CANCELLED
    return STATUS[state]
