"""The demo shop's paid orders at work: packed, sent in part or whole, received, abnormal, moving house, coming back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from liveshelf.accounts.types import Role
from liveshelf.aftersales import applying, granting, queries, rules, service
from liveshelf.aftersales.types import Application, CaseKind
from liveshelf.customers import addresses, postal
from liveshelf.customers.types import customer_actor
from liveshelf.entry.demo.catalogue import ADDRESSES, Sale
from liveshelf.flows import address
from liveshelf.kernel.actors import Actor
from liveshelf.kernel.ids import ShopId, SkuId
from liveshelf.orders import abnormal, shipping
from liveshelf.orders import service as orders
from liveshelf.orders.abnormal_kinds import AbnormalKind
from liveshelf.orders.types import Order, OrderState
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime

T = TypeVar("T")


class Fate(StrEnum):
    """How far a demo order goes."""

    PACKED = "packed"
    PART_SENT = "part_sent"
    SENT = "sent"
    RECEIVED = "received"
    ABNORMAL = "abnormal"
    MOVING = "moving"  # its buyer asks for another address
    RETURNING = "returning"  # its goods are on their way back


@dataclass(frozen=True, slots=True)
class Errand:
    """An order of a demo buyer, and what the staff do with it."""

    sale: Sale
    fate: Fate
    tracking_no: str = ""


ERRANDS = (
    Errand(Sale(1, (("gaiwan", 0, 1),), paid=True), Fate.RECEIVED, "SF1020304050601"),
    Errand(Sale(3, (("shirt", 2, 1),), paid=True), Fate.RETURNING, "SF1020304050602"),
    Errand(Sale(2, (("celadon", 0, 2),), paid=True), Fate.SENT, "SF1020304050603"),
    Errand(Sale(0, (("honey", 0, 2), ("cake", 0, 1)), paid=True), Fate.PART_SENT, "SF1020304050604"),
    Errand(Sale(3, (("candle", 0, 2),), paid=True), Fate.PACKED, "SF1020304050605"),
    Errand(Sale(1, (("cake", 0, 1),), paid=True), Fate.ABNORMAL),
    Errand(Sale(0, (("teapot", 1, 1),), paid=True), Fate.MOVING),
)
_CARRIER = "SF"
_BACK = "SF1020304050699"
_NEW_HOME = replace(ADDRESSES[0], street="文一西路 998 号 2 幢 301 室")


@dataclass(frozen=True, slots=True)
class Errands:
    """Runs errands in one shop, each once: an order that has moved on is left alone."""

    runtime: Runtime
    shop: ShopId
    operator: Actor
    clerk: Actor

    async def run(self, order: Order, errand: Errand) -> None:
        """Do with a paid order what its errand says."""
        if order.state is not OrderState.TO_SHIP:
            return
        match errand.fate:
            case Fate.PACKED:
                await self._do(self.operator, lambda tx: self._pack(tx, order, errand))
            case Fate.PART_SENT:
                first = order.lines[0]
                await self._do(self.operator, lambda tx: _send(tx, order, errand, [(first.sku_id, first.quantity)]))
            case Fate.ABNORMAL:
                await self._do(self.clerk, lambda tx: _flag(tx, order))
            case Fate.MOVING:
                await self._do(customer_actor(order.customer_id), lambda tx: self._move(tx, order))
            case Fate.SENT | Fate.RECEIVED | Fate.RETURNING:
                await self._do(self.operator, lambda tx: _send(tx, order, errand))
        if errand.fate is Fate.RECEIVED:
            buyer = customer_actor(order.customer_id)
            await self._do(buyer, lambda tx: shipping.receive(tx, order.order_id, customer_id=order.customer_id))
        if errand.fate is Fate.RETURNING:
            await self._return(order)

    async def _pack(self, tx: Tx, order: Order, errand: Errand) -> None:
        there = await shipping.pieces_left(tx, await orders.lock(tx, order.order_id))
        if there:
            await shipping.pack(tx, order.order_id, carrier=_CARRIER, tracking_no=errand.tracking_no)

    async def _move(self, tx: Tx, order: Order) -> None:
        book = await addresses.book(tx, order.customer_id)
        if len(book) > 1:
            return
        sealed = postal.keep_address(self.runtime.keys, postal.check_address(_NEW_HOME))
        new = await addresses.add(tx, order.customer_id, sealed)
        await address.ask_change(tx, order.order_id, customer_id=order.customer_id, address_id=new)

    async def _return(self, order: Order) -> None:
        wish = Application(
            CaseKind.RETURN, "changed_mind", ((1, order.lines[0].quantity, None),), None, "尺码偏大，想退货。", ()
        )
        buyer = customer_actor(order.customer_id)

        async def apply(tx: Tx) -> int:
            return await applying.apply(tx, order.order_id, wish, customer_id=order.customer_id)

        async def grant(tx: Tx) -> None:
            case, its = await service.take(tx, case_id)
            await granting.approve(tx, case, its, role=Role.SERVICE, step=0, text="可以的，请保持吊牌完好。")

        async def send_back(tx: Tx) -> None:
            case, _ = await service.take(tx, case_id)
            await granting.send_back(tx, case, rules.checked_parcel("顺丰速运", _BACK))

        async with self.runtime.db.read(self.shop) as tx:
            if await queries.of_orders(tx, [order.order_id]):
                return
        case_id = await self._do(buyer, apply)
        await self._do(self.clerk, grant)
        await self._do(buyer, send_back)

    async def _do(self, actor: Actor, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self.runtime.db.write(actor, self.shop, work)


async def _send(tx: Tx, order: Order, errand: Errand, lines: list[tuple[SkuId, int]] | None = None) -> None:
    await shipping.ship(tx, order.order_id, carrier=_CARRIER, tracking_no=errand.tracking_no, lines=lines)


async def _flag(tx: Tx, order: Order) -> None:
    if not (await abnormal.cases_of(tx, [order.order_id])).get(order.order_id):
        note = "上午、下午各打一次电话，没有人接。"
        await abnormal.flag(tx, order.order_id, kind=AbnormalKind.BUYER_UNREACHABLE, note=note)
