"""Values of the payments capability."""

from __future__ import annotations

from enum import StrEnum

from liveshelf.kernel.states import Transitions


class PaymentState(StrEnum):
    """The life of one payment."""

    PENDING = "pending"
    PAID = "paid"
    CLOSED = "closed"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


PAYMENT = Transitions(
    name="payment",
    initial={PaymentState.PENDING},
    edges={
        PaymentState.PENDING: {PaymentState.PAID, PaymentState.CLOSED},
        PaymentState.CLOSED: {PaymentState.PAID},  # the provider says it was paid all the same: money decides
        PaymentState.PAID: {PaymentState.REFUNDING},
        PaymentState.REFUNDING: {PaymentState.REFUNDED},
        PaymentState.REFUNDED: set(),
    },
)
