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


PAYMENT = Transitions(
    name="payment",
    initial={PaymentState.PENDING},
    edges={
        PaymentState.PENDING: {PaymentState.PAID, PaymentState.CLOSED},
        PaymentState.CLOSED: {PaymentState.PAID},  # the provider says it was paid all the same: money decides
        PaymentState.PAID: set(),  # what goes back of it is told by its refunds
    },
)


class RefundState(StrEnum):
    """The life of one refund. Failed tries leave it owed; only the provider's word settles it."""

    OWED = "owed"
    SENT = "sent"
    SETTLED = "settled"


REFUND = Transitions(
    name="refund",
    initial={RefundState.OWED},
    edges={
        RefundState.OWED: {RefundState.SENT},
        RefundState.SENT: {RefundState.SETTLED, RefundState.OWED},  # the provider gave it up: it is sent anew
        RefundState.SETTLED: set(),
    },
)


class RefundReason(StrEnum):
    """Why money goes back."""

    LATE_PAYMENT = "late_payment"  # it came when the order had closed and the stock was gone
    DOUBLE_PAYMENT = "double_payment"  # the order was paid already
    PRICE_CHANGED = "price_changed"  # it is the amount of a price that no longer holds
    OVERSOLD = "oversold"
    ABNORMAL = "abnormal"
    AFTERSALE = "aftersale"


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
    refunded_fen: Fen  # of it, what is owed back or has gone back


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid for an order, and what of it goes back or has gone."""

    paid_fen: Fen
    refunded_fen: Fen

    @property
    def left_fen(self) -> Fen:
        """What may still be refunded."""
        return Fen(self.paid_fen - self.refunded_fen)


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back. `problem` is the provider's last word when it did not do what it was asked."""

    refund_id: int
    order_id: OrderId
    payment_id: PaymentId
    amount_fen: Fen
    reason: RefundReason
    key: str
    state: RefundState
    round: int
    owed_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    late_at: datetime | None
    problem: str

    @property
    def number(self) -> str:
        """The number under which the provider knows it: the same at every try, so it is sent once. Only a refund that
        the provider itself gave up gets a new one.
        """
        return f"R{self.refund_id}" if self.round == 1 else f"R{self.refund_id}-{self.round}"


@dataclass(frozen=True, slots=True)
class Callback:
    """A notification as it came. `processed` says whether its consequences were drawn."""

    callback_id: int
    provider: str
    notice_id: str
    headers: dict[str, str]
    body: bytes
    processed: bool
