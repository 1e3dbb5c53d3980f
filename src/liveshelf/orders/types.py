"""Values of the orders capability."""

from __future__ import annotations

from enum import StrEnum

from liveshelf.kernel.states import Transitions


class OrderState(StrEnum):
    """The life of an order, as far as the house goes: shipping and what follows comes with fulfilment."""

    TO_PAY = "to_pay"
    TO_SHIP = "to_ship"
    CLOSED = "closed"


ORDER = Transitions(
    name="order",
    initial={OrderState.TO_PAY},
    edges={
        OrderState.TO_PAY: {OrderState.TO_SHIP, OrderState.CLOSED},
        OrderState.CLOSED: {OrderState.TO_SHIP},  # a payment that came late, honoured because stock allowed
        OrderState.TO_SHIP: set(),
    },
)


class CloseReason(StrEnum):
    """Why an order closed without being paid."""

    UNPAID = "unpaid"
    CANCELLED = "cancelled"
