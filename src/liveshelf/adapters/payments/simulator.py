"""The simulated provider: stands for an outside system, so that buying can be tried without money.

It keeps its own tables and keys, and speaks WeChat Pay's protocol (`simulator_app`); nothing of ours knows it from the
real one. What a buyer has paid is committed before anybody is told; a notification that was not acknowledged is sent
again, so a crash in between loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from liveshelf.adapters.payments import _sql
from liveshelf.adapters.payments.port import ProviderState, Receipt, RefundStanding, RefundStatus, Status
from liveshelf.adapters.payments.simulator_bodies import payment_ref, refund_ref
from liveshelf.adapters.payments.simulator_faults import current
from liveshelf.adapters.payments.simulator_notices import deliver, end_refund, make
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.errors import Conflict, Missing
from liveshelf.kernel.ids import PaymentId, ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import SealBrokenError

PAY_PATH = "/simulator/pay"
_TOKEN = "simulator-pay"  # noqa: S105 - the purpose of a key
ACTOR = Actor(ActorKind.PROVIDER, "simulator")


class PayPageUnknown(Missing):
    """The address of the pay page is not one that we gave out."""

    code = "payments.page_unknown"
    title = "There is no such payment."


class SimulatorRefuses(Conflict):
    """The simulated provider says no, in the protocol's own words (`reason`)."""

    code = "payments.simulator_refuses"
    title = "The simulated payment provider refuses."


@dataclass(frozen=True, slots=True)
class PayPage:
    """What the pay page shows. `open` says whether it can be paid now."""

    shop: ShopId
    payment_id: PaymentId
    amount_fen: int
    description: str
    state: ProviderState
    open: bool


@dataclass(frozen=True, slots=True)
class Announced:
    """A charge as a merchant announced it."""

    payment_id: int
    amount_fen: int
    description: str
    scene: str
    payer: str
    notify_url: str
    expires_at: datetime | None


class SimulatedPayments:
    """The provider's books, and the buyer's side of it: `page` and `pay`.

    `heard=False` is for a time when our door is still closed: a timer tells later of what was paid.
    """

    def __init__(self, runtime: Runtime, *, heard: bool = True) -> None:
        self._runtime = runtime
        self._keys = runtime.keys
        self._heard = heard

    async def announce(self, shop: ShopId, charge: Announced) -> str:
        """Take in a charge; the same number again is the same charge. Returns the token of its pay page.

        Raises `SimulatorRefuses` when it was announced before with another amount or way to pay, or can't be paid any
        more.
        """

        async def work(tx: Tx) -> None:
            await tx.execute(
                _sql.ANNOUNCE.values(
                    shop_id=shop,
                    payment_id=charge.payment_id,
                    amount_fen=charge.amount_fen,
                    description=charge.description,
                    scene=charge.scene,
                    payer=charge.payer,
                    notify_url=charge.notify_url,
                    state=ProviderState.WAITING,
                    expires_at=charge.expires_at or tx.now + timedelta(hours=2),
                    refunded_fen=0,
                )
            )
            row = await self._row(tx, charge.payment_id)
            if (row.amount_fen, row.scene) != (charge.amount_fen, charge.scene):
                raise SimulatorRefuses(reason="INVALID_REQUEST")
            if row.state in {ProviderState.PAID, ProviderState.REFUNDED}:
                raise SimulatorRefuses(reason="ORDERPAID")
            if row.state == ProviderState.CLOSED:
                raise SimulatorRefuses(reason="ORDER_CLOSED")

        await self._runtime.db.write(ACTOR, shop, work)
        return self._keys.sign(_TOKEN, f"{shop}:{charge.payment_id}".encode())

    async def row(self, shop: ShopId, payment_id: int) -> Row[Any] | None:
        """The payment in the provider's books."""
        async with self._runtime.db.read(shop) as tx:
            return await tx.one(_sql.PAYMENT, payment=payment_id)

    async def query(self, shop: ShopId, payment_id: PaymentId) -> Status:
        """How the payment stands."""
        row = await self.row(shop, payment_id)
        return Status(ProviderState.UNKNOWN) if row is None else _status(row)

    async def close(self, shop: ShopId, payment_id: int) -> None:
        """Let nobody pay it any more. Raises `SimulatorRefuses` when it was paid or is unknown."""

        async def work(tx: Tx) -> None:
            await tx.execute(_sql.CLOSE, payment=payment_id)
            row = await self._row(tx, payment_id)
            if row.state in {ProviderState.PAID, ProviderState.REFUNDED}:
                raise SimulatorRefuses(reason="ORDERPAID")

        await self._runtime.db.write(ACTOR, shop, work)

    async def refund(self, shop: ShopId, payment_id: int, *, number: str, amount_fen: int, notify_url: str) -> None:
        """Send money back; what was sent back already stays so. Raises `SimulatorRefuses`."""

        async def work(tx: Tx) -> int | None:
            faults = await current(tx)
            wall = wall_now()
            row = {
                "shop_id": shop,
                "refund_no": number,
                "payment_id": payment_id,
                "amount_fen": amount_fen,
                "state": RefundStanding.PROCESSING,
                "made_at": tx.now,
                "becomes": faults.refund_result,
                "ends_at": wall + timedelta(seconds=faults.refund_delay_s),
            }
            made = await tx.one(_sql.REFUND.values(**row))
            if made is None:
                before = await tx.one(_sql.REFUND_BY_NO, number=number)
                if before is None or (before.payment_id, before.amount_fen) != (payment_id, amount_fen):
                    raise SimulatorRefuses(reason="INVALID_REQUEST")
                return None
            if await tx.one(_sql.TAKE_OFF, payment=payment_id, amount=amount_fen) is None:
                paid = await self._row(tx, payment_id)
                unpaid = paid.state not in {ProviderState.PAID, ProviderState.REFUNDED}
                raise SimulatorRefuses(reason="INVALID_REQUEST" if unpaid else "NOT_ENOUGH")
            after = timedelta(seconds=faults.refund_delay_s)
            return await make(tx, faults, payment_id=payment_id, refund_no=number, url=notify_url, after=after)

        await self._tell(shop, await self._runtime.db.write(ACTOR, shop, work))

    async def query_refund(self, shop: ShopId, number: str) -> tuple[RefundStatus, Row[Any] | None]:
        """How a refund stands, after whatever its time has brought."""

        async def work(tx: Tx) -> Row[Any] | None:
            return await end_refund(tx, number)

        row = await self._runtime.db.write(ACTOR, shop, work)
        if row is None:
            return RefundStatus(RefundStanding.UNKNOWN), None
        return RefundStatus(RefundStanding(row.state), refund_ref(row)), row

    async def page(self, token: str) -> PayPage:
        """What the pay page of a token shows. Raises `PayPageUnknown`."""
        shop, payment_id = self._named(token)
        async with self._runtime.db.read(shop) as tx:
            row = await tx.one(_sql.PAYMENT, payment=payment_id)
            if row is None:
                raise PayPageUnknown
            state = ProviderState(row.state)
            can_pay = state is ProviderState.WAITING and row.expires_at > tx.now
            return PayPage(shop, payment_id, row.amount_fen, row.description, state, can_pay)

    async def pay(self, token: str, *, late: bool = False) -> PayPage:
        """The buyer presses the button. Paid is committed first, then told; pressing twice pays once.

        `late` pays what was closed or whose time is up, as a bank's slow answer may.
        """
        shop, payment_id = self._named(token)

        async def work(tx: Tx) -> int | None:
            row = await tx.one(_sql.PAY_LATE if late else _sql.PAY, payment=payment_id, moment=tx.now)
            if row is None:
                return None
            return await make(tx, await current(tx), payment_id=payment_id, refund_no="", url=row.notify_url)

        await self._tell(shop, await self._runtime.db.write(ACTOR, shop, work))
        return await self.page(token)

    async def _tell(self, shop: ShopId, notice_id: int | None) -> None:
        if notice_id is not None and self._heard:
            await deliver(self._runtime, shop, notice_id)

    def _named(self, token: str) -> tuple[ShopId, PaymentId]:
        try:
            shop, payment_id = self._keys.verify(_TOKEN, token).decode().split(":")
        except (SealBrokenError, ValueError) as error:
            raise PayPageUnknown from error
        return ShopId(int(shop)), PaymentId(int(payment_id))

    @staticmethod
    async def _row(tx: ReadTx, payment_id: int) -> Row[Any]:
        row = await tx.one(_sql.PAYMENT, payment=payment_id)
        if row is None:
            raise SimulatorRefuses(reason="ORDER_NOT_EXIST")
        return row


def token_of(page_url: str) -> str:
    """The token in the address of a pay page."""
    return page_url.partition("?")[0].rsplit("/", 1)[-1]


def _status(row: Row[Any]) -> Status:
    receipt = None
    if row.paid_at is not None:
        receipt = Receipt(PaymentId(row.payment_id), row.amount_fen, payment_ref(row), row.paid_at)
    return Status(ProviderState(row.state), receipt)
