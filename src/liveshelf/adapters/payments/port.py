"""The port: what we ask of whoever moves the money, and what they tell us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liveshelf.kernel.errors import Busy, Conflict, Unauthenticated
from liveshelf.kernel.ids import OrderId, PaymentId, ShopId


class NoticeRefused(Unauthenticated):
    """A notification whose signature is false, missing or too old. Nothing of it is kept."""

    code = "payments.notice_refused"
    title = "The signature of this notification is not valid."


class ProviderRefused(Conflict):
    """The provider understood and said no, such as not enough money for a refund. `reason` is its code."""

    code = "payments.provider_refused"
    title = "The payment provider refused."


class ProviderUnavailable(Busy):
    """The provider did not answer, or not in time. Asking again later is safe."""

    code = "payments.provider_unavailable"
    title = "The payment provider does not answer at the moment."


@dataclass(frozen=True, slots=True)
class Charge:
    """What is to be paid. `return_url` is a path of ours that the buyer comes back to."""

    shop: ShopId
    payment_id: PaymentId
    order_id: OrderId
    amount_fen: int
    description: str
    expires_at: datetime
    return_url: str


class ProviderState(StrEnum):
    """How a payment stands at the provider."""

    UNKNOWN = "unknown"  # it never heard of it
    WAITING = "waiting"
    PAID = "paid"
    CLOSED = "closed"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider's word that a payment was paid: how much, when, and its own number of it."""

    payment_id: PaymentId
    amount_fen: int
    provider_ref: str
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """How a payment stands; the receipt is there once it was paid, also after a refund."""

    state: ProviderState
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified notification. `notice_id` is the same each time the provider repeats it."""

    notice_id: str
    shop: ShopId
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What is to be sent back of a payment, under our number of it. `total_fen` is what the payment was."""

    shop: ShopId
    payment_id: PaymentId
    number: str
    amount_fen: int
    total_fen: int
    reason: str


class RefundStanding(StrEnum):
    """How a refund stands at the provider."""

    UNKNOWN = "unknown"  # it never heard of it
    PROCESSING = "processing"
    SUCCESS = "success"
    CLOSED = "closed"  # given up, no money moved: it takes a new number
    ABNORMAL = "abnormal"  # the way back is blocked, such as a cancelled card: a person must act at the provider


@dataclass(frozen=True, slots=True)
class RefundStatus:
    """How a refund stands, and the provider's own number of it once it has one."""

    standing: RefundStanding
    provider_ref: str = ""


class PaymentProvider:
    """A provider. A class and not a protocol, so that it can be asked for by type.

    Every method but `verify` calls the network: never inside a transaction. Each may be called again with the same
    arguments and then has the effect of one call. They raise `ProviderUnavailable`, `ProviderRefused`.
    """

    name: str

    async def prepare(self, charge: Charge) -> str:
        """Announce a charge; returns the address at which the buyer pays it."""
        raise NotImplementedError

    def verify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Read a notification. `headers` have lower-case names. Raises `NoticeRefused`."""
        raise NotImplementedError

    def read(self, body: bytes) -> Notice:
        """The notice in a body that was verified when it came and kept since. Raises `NoticeRefused`."""
        raise NotImplementedError

    async def query(self, shop: ShopId, payment_id: PaymentId) -> Status:
        """How the payment stands."""
        raise NotImplementedError

    async def close(self, shop: ShopId, payment_id: PaymentId) -> Status:
        """Let nobody pay it any more, unless it was paid already; returns how it stands then."""
        raise NotImplementedError

    async def refund(self, order: RefundOrder) -> RefundStatus:
        """Send money back. The same number is refunded once; asking again tells how it stands."""
        raise NotImplementedError

    async def query_refund(self, order: RefundOrder) -> RefundStatus:
        """How a refund stands."""
        raise NotImplementedError
