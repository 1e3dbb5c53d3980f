"""The simulated provider: stands for an outside system, so that buying can be tried without money.

It keeps its own table, signs with its own key, and tells us by a real call over HTTP to our public door. What a buyer
has paid is committed before the call; a call that fails is repeated by a timer until we acknowledge it, so a crash in
between loses nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
import msgspec
from sqlalchemy import Row

from liveshelf.adapters.payments import _sql
from liveshelf.adapters.payments.port import (
    Charge,
    Notice,
    NoticeRefused,
    PaymentProvider,
    ProviderRefused,
    ProviderState,
    Receipt,
    RefundOrder,
    RefundStanding,
    RefundStatus,
    Status,
)
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.errors import Missing
from liveshelf.kernel.ids import PaymentId, ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.log import logger
from liveshelf.platform.outbound import OutboundRefusedError
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import SealBrokenError

PAY_PATH = "/simulator/pay"
NOTIFY_PATH = "/v1/payments/simulator/notify"
FRESH = timedelta(minutes=5)  # wall time; an older signature may be a recording
RETRY = timedelta(seconds=5)  # until the next try of a notification that nobody acknowledged
HEADER_TIME = "x-simulator-timestamp"
HEADER_SIGNATURE = "x-simulator-signature"

_TOKEN = "simulator-pay"  # noqa: S105 - the purpose of a key
_NOTICE = "simulator-notice"
_ACTOR = Actor(ActorKind.PROVIDER, "simulator")
_OK = 300  # statuses below it

T = TypeVar("T")
_log = logger("simulator")


class PayPageUnknown(Missing):
    """The address of the pay page is not one that we gave out."""

    code = "payments.page_unknown"
    title = "There is no such payment."


class NoticeBody(msgspec.Struct, frozen=True):
    """A notification as it is sent."""

    notice_id: str
    shop_id: int
    payment_id: str
    amount_fen: int
    currency: str
    provider_ref: str
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class PayPage:
    """What the pay page shows. `open` says whether it can be paid now."""

    shop: ShopId
    payment_id: PaymentId
    amount_fen: int
    description: str
    return_url: str
    state: ProviderState
    open: bool


class SimulatedPayments(PaymentProvider):
    """The provider, and the buyer's side of it: `page` and `pay`."""

    name = "simulator"

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._keys = runtime.keys

    async def prepare(self, charge: Charge) -> str:
        """Announce a charge; returns the path of the pay page. Its token is unguessable and names the payment."""
        row = {
            "shop_id": charge.shop,
            "payment_id": charge.payment_id,
            "amount_fen": charge.amount_fen,
            "description": charge.description,
            "return_url": charge.return_url,
            "state": ProviderState.WAITING,
            "expires_at": charge.expires_at,
            "refunded_fen": 0,
        }
        await self._write(charge.shop, _sql.ANNOUNCE.values(**row))
        token = self._keys.sign(_TOKEN, f"{charge.shop}:{charge.payment_id}".encode())
        return f"{PAY_PATH}/{token}"

    def verify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Read a notification of ours. Raises `NoticeRefused`."""
        sent, signature = headers.get(HEADER_TIME, ""), headers.get(HEADER_SIGNATURE, "")
        if (
            not sent.isascii()
            or not sent.isdigit()
            or abs(wall_now().timestamp() - int(sent[:12])) > FRESH.total_seconds()
        ):
            raise NoticeRefused
        if not hmac.compare_digest(signature.encode(), self._signature(sent, body).encode()):
            raise NoticeRefused
        return self.read(body)

    def read(self, body: bytes) -> Notice:
        """The notice in a body that was verified before. Raises `NoticeRefused`."""
        try:
            told = msgspec.json.decode(body, type=NoticeBody)
            payment_id = PaymentId(int(told.payment_id))
        except (msgspec.ValidationError, ValueError) as error:
            raise NoticeRefused from error
        if told.currency != "CNY":
            raise NoticeRefused
        receipt = Receipt(payment_id, told.amount_fen, told.provider_ref, told.paid_at)
        return Notice(told.notice_id, ShopId(told.shop_id), receipt)

    async def query(self, shop: ShopId, payment_id: PaymentId) -> Status:
        """How the payment stands."""
        row = await self._row(shop, payment_id)
        return Status(ProviderState.UNKNOWN) if row is None else _status(row)

    async def close(self, shop: ShopId, payment_id: PaymentId) -> Status:
        """Let nobody pay it any more, unless it was paid already."""
        await self._write(shop, _sql.CLOSE, payment=payment_id)
        return await self.query(shop, payment_id)

    async def refund(self, order: RefundOrder) -> RefundStatus:
        """Send money back at once; what was sent back already stays so. Raises `ProviderRefused`."""

        async def work(tx: Any) -> None:  # noqa: ANN401 - a Tx
            row = {
                "shop_id": order.shop,
                "refund_no": order.number,
                "payment_id": order.payment_id,
                "amount_fen": order.amount_fen,
                "state": RefundStanding.SUCCESS,
                "made_at": tx.now,
                "done_at": tx.now,
            }
            if await tx.scalar(_sql.REFUND.values(**row)) is None:
                return
            taken = await tx.execute(_sql.TAKE_OFF, payment=order.payment_id, amount=order.amount_fen)
            if not taken.rowcount:
                raise ProviderRefused(reason="NOT_ENOUGH")

        await self._runtime.db.write(_ACTOR, order.shop, work)
        return await self.query_refund(order)

    async def query_refund(self, order: RefundOrder) -> RefundStatus:
        """How a refund stands."""
        async with self._runtime.db.read(order.shop) as tx:
            row = await tx.one(_sql.REFUND_BY_NO, number=order.number)
        if row is None:
            return RefundStatus(RefundStanding.UNKNOWN)
        return RefundStatus(RefundStanding(row.state), f"SIM-{order.number}")

    async def page(self, token: str) -> PayPage:
        """What the pay page of a token shows. Raises `PayPageUnknown`."""
        shop, payment_id = self._named(token)
        async with self._runtime.db.read(shop) as tx:
            row = await tx.one(_sql.PAYMENT, payment=payment_id)
            if row is None:
                raise PayPageUnknown
            state = ProviderState(row.state)
            can_pay = state is ProviderState.WAITING and row.expires_at > tx.now
            return PayPage(shop, payment_id, row.amount_fen, row.description, row.return_url, state, can_pay)

    async def pay(self, token: str) -> PayPage:
        """The buyer presses the button. Paid is committed first, then told; pressing twice pays once."""
        shop, payment_id = self._named(token)

        async def work(tx: Any) -> bool:  # noqa: ANN401 - a Tx
            done = await tx.execute(_sql.PAY, payment=payment_id, moment=tx.now, next_try=wall_now() + RETRY)
            return bool(done.rowcount)

        if await self._runtime.db.write(_ACTOR, shop, work):
            await self.notify(shop, payment_id)
        return await self.page(token)

    async def notify(self, shop: ShopId, payment_id: PaymentId) -> bool:
        """Tell that a payment was paid, once more if need be; whether it was acknowledged. Never raises for the
        other side's faults.
        """
        row = await self._row(shop, payment_id)
        if row is None or row.paid_at is None or row.notified_at is not None:
            return True
        headers, body = self.notice(shop, row)
        try:
            answer = await self._runtime.outbound.post(self._runtime.settings.local_url + NOTIFY_PATH, body, headers)
        except (OutboundRefusedError, httpx.HTTPError, OSError, TimeoutError) as error:
            _log.warning("notice_not_delivered", payment_id=payment_id, error=repr(error))
            return False
        if answer.status >= _OK:
            _log.warning("notice_not_taken", payment_id=payment_id, status=answer.status)
            return False
        await self._write(shop, _sql.ACKNOWLEDGED, payment=payment_id, moment=wall_now())
        return True

    def notice(self, shop: ShopId, row: Row[Any]) -> tuple[dict[str, str], bytes]:
        """The notification of a paid payment, signed at this moment."""
        body = msgspec.json.encode(
            NoticeBody(
                f"paid-{row.payment_id}", shop, str(row.payment_id), row.amount_fen, "CNY", _ref(row), row.paid_at
            )
        )
        return self.sign(body), body

    def sign(self, body: bytes, at: datetime | None = None) -> dict[str, str]:
        """The headers that make a body believable."""
        sent = str(int((at or wall_now()).timestamp()))
        return {
            "content-type": "application/json",
            HEADER_TIME: sent,
            HEADER_SIGNATURE: self._signature(sent, body),
        }

    def _signature(self, sent: str, body: bytes) -> str:
        return self._keys.mac(_NOTICE, sent.encode() + b"\n" + body).hex()

    def _named(self, token: str) -> tuple[ShopId, PaymentId]:
        try:
            shop, payment_id = self._keys.verify(_TOKEN, token).decode().split(":")
        except (SealBrokenError, ValueError) as error:
            raise PayPageUnknown from error
        return ShopId(int(shop)), PaymentId(int(payment_id))

    async def _row(self, shop: ShopId, payment_id: PaymentId) -> Row[Any] | None:
        async with self._runtime.db.read(shop) as tx:
            return await tx.one(_sql.PAYMENT, payment=payment_id)

    async def _write(self, shop: ShopId, statement: Any, **args: object) -> None:  # noqa: ANN401 - any statement
        async def work(tx: Any) -> None:  # noqa: ANN401 - a Tx
            await tx.execute(statement, **args)

        await self._runtime.db.write(_ACTOR, shop, work)


def _ref(row: Row[Any]) -> str:
    return f"SIM{row.payment_id}"


def _status(row: Row[Any]) -> Status:
    receipt = None
    if row.paid_at is not None:
        receipt = Receipt(PaymentId(row.payment_id), row.amount_fen, _ref(row), row.paid_at)
    return Status(ProviderState(row.state), receipt)
