"""What WeChat Pay v3 says in its bodies, as far as we read it, and what that means behind the port."""

from __future__ import annotations

from datetime import datetime

import msgspec

from liveshelf.adapters.payments.port import (
    NoticeRefused,
    ProviderState,
    Receipt,
    RefundNotice,
    RefundStanding,
    RefundStatus,
    Status,
)
from liveshelf.kernel.ids import INT63_MAX, PaymentId

STATES = {
    "SUCCESS": ProviderState.PAID,
    "REFUND": ProviderState.REFUNDED,
    "NOTPAY": ProviderState.WAITING,
    "USERPAYING": ProviderState.WAITING,
    "ACCEPT": ProviderState.WAITING,
    "CLOSED": ProviderState.CLOSED,
    "REVOKED": ProviderState.CLOSED,
    "PAYERROR": ProviderState.CLOSED,
}
STANDINGS = {
    "SUCCESS": RefundStanding.SUCCESS,
    "PROCESSING": RefundStanding.PROCESSING,
    "CLOSED": RefundStanding.CLOSED,
    "ABNORMAL": RefundStanding.ABNORMAL,
}


class Amount(msgspec.Struct, frozen=True):
    """Of a payment."""

    total: int
    currency: str = "CNY"


class Transaction(msgspec.Struct, frozen=True):
    """A payment, asked for or notified."""

    mchid: str
    out_trade_no: str
    trade_state: str
    amount: Amount | None = None
    transaction_id: str = ""
    success_time: datetime | None = None

    def status(self) -> Status:
        """How it stands. Raises `ValueError` when it says something that can't be."""
        state = STATES.get(self.trade_state, ProviderState.WAITING)
        if state not in {ProviderState.PAID, ProviderState.REFUNDED}:
            return Status(state)
        if self.amount is None or self.success_time is None or not self.transaction_id:
            raise ValueError("paid without an amount, a time or a number")
        number = payment_of(self.out_trade_no)
        receipt = Receipt(
            number, self.amount.total, self.transaction_id, _with_zone(self.success_time), self.amount.currency
        )
        return Status(state, receipt)


class Refunded(msgspec.Struct, frozen=True):
    """A refund: `status` when asked for, `refund_status` when notified."""

    out_refund_no: str
    refund_id: str = ""
    status: str = ""
    refund_status: str = ""
    mchid: str = ""

    def standing(self) -> RefundStatus:
        """How it stands. Raises `ValueError` on a word that nobody knows."""
        word = self.status or self.refund_status
        if word not in STANDINGS:
            raise ValueError(word)
        return RefundStatus(STANDINGS[word], self.refund_id)

    def notice(self) -> RefundNotice:
        """What a notification says of it."""
        return RefundNotice(self.out_refund_no, self.standing())


class Resource(msgspec.Struct, frozen=True):
    """The encrypted part of a notification."""

    algorithm: str
    ciphertext: str
    nonce: str
    associated_data: str = ""


class Envelope(msgspec.Struct, frozen=True):
    """A notification as it travels. `id` is the same each time it is repeated."""

    id: str
    event_type: str
    resource_type: str
    resource: Resource


class Prepared(msgspec.Struct, frozen=True):
    """The answer to an announced charge, one of the three by its scene."""

    prepay_id: str = ""
    h5_url: str = ""
    code_url: str = ""


class BillFile(msgspec.Struct, frozen=True):
    """Where a bill is fetched, and what it must hash to."""

    hash_type: str
    hash_value: str
    download_url: str


class Problem(msgspec.Struct, frozen=True):
    """Why the provider said no."""

    code: str = ""
    message: str = ""


def payment_of(out_trade_no: str) -> PaymentId:
    """Our payment of a number that we gave the provider. Raises `ValueError`."""
    if not (out_trade_no.isascii() and out_trade_no.isdigit()) or int(out_trade_no[:20]) > INT63_MAX:
        raise ValueError(out_trade_no)
    return PaymentId(int(out_trade_no))


def envelope_of(body: bytes) -> Envelope:
    """Read a notification's outside. Raises `NoticeRefused`."""
    try:
        envelope = msgspec.json.decode(body, type=Envelope)
    except (msgspec.MsgspecError, ValueError) as error:
        raise NoticeRefused from error
    if envelope.resource_type != "encrypt-resource" or envelope.resource.algorithm != "AEAD_AES_256_GCM":
        raise NoticeRefused
    return envelope


def _with_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment
