"""Values of the payments capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import OrderId, PaymentId
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


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to pay one order."""

    payment_id: PaymentId
    order_id: OrderId
    provider: str
    state: PaymentState
    amount_fen: Fen
    provider_ref: str | None
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None

    @property
    def refund_no(self) -> str:
        """The number under which the whole payment is refunded: always the same, so the provider does it once."""
        return f"R{self.payment_id}"


@dataclass(frozen=True, slots=True)
class Callback:
    """A notification as it came. `processed` says whether its consequences were drawn."""

    callback_id: int
    provider: str
    notice_id: str
    headers: dict[str, str]
    body: bytes
    processed: bool
