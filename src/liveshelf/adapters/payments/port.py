"""The port: what we ask of whoever moves the money, and what they tell us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from liveshelf.kernel.errors import Busy, Conflict, Unauthenticated
from liveshelf.kernel.ids import OrderId, PaymentId, ShopId


class NoticeRefused(Unauthenticated):
    """A notification whose signature is false, missing or too old. Nothing follows from it."""

    code = "payments.notice_refused"
    title = "The signature of this notification is not valid."


class ProviderRefused(Conflict):
    """The provider understood and said no, such as not enough money for a refund. `reason` is its code."""

    code = "payments.provider_refused"
    title = "The payment provider refused."


class ProviderUnavailable(Busy):
    """The provider did not answer, or not in time, or not believably. Asking again later is safe."""

    code = "payments.provider_unavailable"
    title = "The payment provider does not answer at the moment."


class Scene(StrEnum):
    """Where the buyer pays: a phone's browser, a code on another screen, or inside WeChat."""

    H5 = "h5"
    NATIVE = "native"
    JSAPI = "jsapi"


@dataclass(frozen=True, slots=True)
class Charge:
    """What is to be paid to a merchant. `return_url` is a path of ours that the buyer comes back to."""

    shop: ShopId
    merchant: str
    payment_id: PaymentId
    order_id: OrderId
    amount_fen: int
    description: str
    expires_at: datetime
    return_url: str
    scene: Scene = Scene.H5
    payer_address: str = ""  # the network address of the buyer, for H5
    payer_openid: str = ""  # who pays, for JSAPI


@dataclass(frozen=True, slots=True)
class PayWay:
    """How the buyer pays: an address to go to, a code to show, or what WeChat's own page function takes."""

    scene: Scene
    url: str = ""
    code_url: str = ""
    jsapi: Mapping[str, str] = field(default_factory=dict)


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
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class Status:
    """How a payment stands; the receipt is there once it was paid, also after a refund."""

    state: ProviderState
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What is to be sent back of a payment, under our number of it. `total_fen` is what the payment was."""

    shop: ShopId
    merchant: str
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


@dataclass(frozen=True, slots=True)
class RefundNotice:
    """The provider's word about a refund of ours, by our number of it."""

    number: str
    status: RefundStatus


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified notification, about a payment or about a refund. `notice_id` is the same each time it is repeated."""

    notice_id: str
    shop: ShopId
    receipt: Receipt | None = None
    refund: RefundNotice | None = None


class PaymentProvider:
    """A provider. A class and not a protocol, so that it can be asked for by type.

    Its methods may call the network: never inside a transaction. Each may be called again with the same arguments and
    then has the effect of one call. They raise `ProviderUnavailable`, `ProviderRefused`.
    """

    name: str

    async def merchant_of(self, shop: ShopId) -> str | None:
        """The merchant number under which a shop is paid now, if it has one."""
        raise NotImplementedError

    async def prepare(self, charge: Charge) -> PayWay:
        """Announce a charge; returns how the buyer pays it."""
        raise NotImplementedError

    async def verify(self, merchant: str, headers: Mapping[str, str], body: bytes) -> Notice:
        """Read a notification to a merchant. `headers` have lower-case names. Raises `NoticeRefused`."""
        raise NotImplementedError

    async def read(self, merchant: str, body: bytes) -> Notice:
        """The notice in a body that was verified when it came and kept since. Raises `NoticeRefused`."""
        raise NotImplementedError

    async def query(self, merchant: str, payment_id: PaymentId) -> Status:
        """How the payment stands."""
        raise NotImplementedError

    async def close(self, merchant: str, payment_id: PaymentId) -> Status:
        """Let nobody pay it any more, unless it was paid already; returns how it stands then."""
        raise NotImplementedError

    async def refund(self, order: RefundOrder) -> RefundStatus:
        """Send money back. The same number is refunded once; asking again tells how it stands."""
        raise NotImplementedError

    async def query_refund(self, order: RefundOrder) -> RefundStatus:
        """How a refund stands."""
        raise NotImplementedError

    async def trade_bill(self, merchant: str, day: date) -> bytes | None:
        """The provider's own list of a day's payments and refunds, whole and checked; nothing when nothing moved."""
        raise NotImplementedError

    async def fund_bill(self, merchant: str, day: date) -> bytes | None:
        """The provider's own list of what moved on the merchant's account on a day; nothing when nothing did."""
        raise NotImplementedError
