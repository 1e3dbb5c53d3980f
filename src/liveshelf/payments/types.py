"""Values of the payments capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import OrderId, PaymentId
from liveshelf.kernel.states import Transitions
from liveshelf.payments.rules import refund_number


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
    merchant: str  # the number at the provider that is paid
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
    arrive_from_on: date | None = None
    arrive_by_on: date | None = None
    overdue_at: datetime | None = None

    @property
    def number(self) -> str:
        """The number under which the provider knows it."""
        return refund_number(self.refund_id, self.round)


@dataclass(frozen=True, slots=True)
class Callback:
    """A notification as it came. `processed` says whether its consequences were drawn."""

    callback_id: int
    provider: str
    merchant: str
    notice_id: str
    headers: dict[str, str]
    body: bytes
    processed: bool


class Account(StrEnum):
    """The accounts of the money ledger."""

    PROVIDER = "provider"  # what the provider holds for us
    SALES = "sales"  # what buyers have paid
    RETURNS = "returns"  # what of it goes back
    OWED = "owed"  # what is still to be sent back
    FEES = "fees"  # what the provider keeps
    BANK = "bank"  # what it has paid out


class EntryKind(StrEnum):
    """What moved money from one account to another."""

    PAID = "paid"
    REFUND_OWED = "refund_owed"
    REFUND_SETTLED = "refund_settled"
    FEE = "fee"
    FEE_BACK = "fee_back"
    PAYOUT = "payout"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One movement of money: so much from the credit account to the debit account."""

    entry_id: int
    key: str
    kind: EntryKind
    debit: Account
    credit: Account
    amount_fen: Fen
    order_id: OrderId | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BookDifference:
    """The ledger and what it is about do not agree."""

    key: str
    booked_fen: int
    should_fen: int

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.key}: booked {self.booked_fen} fen, should be {self.should_fen} fen"


@dataclass(frozen=True, slots=True)
class Booked:
    """A payment or a refund as a bill's line is compared with it. `moved` says whether the money has moved for us."""

    what: str  # payment or refund
    number: str
    amount_fen: Fen
    moved: bool
