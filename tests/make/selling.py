"""Something to buy, somebody who buys it, and the books afterwards."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import update

from liveshelf.customers import addresses, postal
from liveshelf.customers import service as customers
from liveshelf.customers.types import AddressDraft
from liveshelf.entry import registry
from liveshelf.flows.checkout import Outcome, Placed, PlaceOrder, place_many
from liveshelf.goods import queries as goods
from liveshelf.goods._tables import products
from liveshelf.goods.types import AuditState, DeliveryKind
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import AddressId, CustomerId, GoodsId, OrderId, ProductId, ShopId, SkuId
from liveshelf.orders import delivery as deliveries
from liveshelf.orders import queries as orders
from liveshelf.orders.types import AddressWhy, Order
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.signing import Keys
from liveshelf.platform.timers import sweep
from liveshelf.stock import queries as stock
from liveshelf.stock import service as stock_service
from liveshelf.stock.types import Level
from tests.make.goods import goods_in

PRICE_FEN = 12_800
KEYS = Keys(bytes(range(32)))  # the ones of the fixture `keys`
HOME = AddressDraft("张三", "13800138000", "440305", "科技园路 1 号 3 栋")


@dataclass(frozen=True)
class Sold:
    """A goods that passed review, with its one SKU."""

    goods_id: GoodsId
    product_id: ProductId
    sku_id: SkuId


async def something(
    db: Database,
    shop: ShopId,
    *,
    on_hand: int = 50,
    delivery: DeliveryKind = DeliveryKind.SHIPPED,
    **changes: Any,
) -> Sold:
    """An approved goods with so many on hand, at `PRICE_FEN`."""
    listed = await goods_in(db, shop, AuditState.APPROVED, **{"price_fen": PRICE_FEN, **changes})

    async def count(tx: Tx) -> Sold:
        (one,) = await goods.live_goods(tx, [listed.goods_id])
        (sku,) = (await goods.skus(tx, [one.product_id]))[one.product_id]
        await stock_service.set_on_hand(tx, sku.sku_id, on_hand, "test")
        if delivery is not DeliveryKind.SHIPPED:
            # As if it had been so from the beginning: a change of what was approved would wait for its review.
            await tx.execute(update(products).values(delivery=delivery).where(products.c.product_id == one.product_id))
        return Sold(one.goods_id, one.product_id, sku.sku_id)

    return await db.write(SYSTEM, shop, count)


async def guest(db: Database, shop: ShopId) -> CustomerId:
    """A new guest."""
    return (await db.write(SYSTEM, shop, customers.make_guest))[0].customer_id


def wish(who: CustomerId, sku_id: SkuId, quantity: int = 1, **changes: Any) -> PlaceOrder:
    """A request for one SKU at `PRICE_FEN`."""
    facts: dict[str, Any] = {
        "request_id": str(uuid.uuid4()),
        "customer_id": who,
        "lines": ((sku_id, quantity),),
        "expected_total_fen": PRICE_FEN * quantity,
    }
    return PlaceOrder(**{**facts, **changes})


async def buy(db: Database, shop: ShopId, *requests: PlaceOrder) -> list[Outcome]:
    """Place orders as one batch."""
    return await db.write(SYSTEM, shop, lambda tx: place_many(tx, requests))


async def bought(db: Database, shop: ShopId, request: PlaceOrder) -> Order:
    """An order that was placed."""
    (outcome,) = await buy(db, shop, request)
    assert isinstance(outcome, Placed), outcome
    return outcome.order


async def say_where(tx: Tx, order_id: OrderId) -> None:
    """The order goes somewhere from now on: what is shipped is not paid without an address."""
    if not await orders.addressed(tx, [order_id]):
        sealed = postal.seal_address(KEYS, postal.check_address(HOME))
        await deliveries.set_address(tx, order_id, sealed, why=AddressWhy.CHOSEN)


async def addressed(db: Database, shop: ShopId, placed: Order) -> Order:
    """The order, which goes somewhere from now on."""
    await db.write(SYSTEM, shop, lambda tx: say_where(tx, placed.order_id))
    return placed


async def home(db: Database, shop: ShopId, who: CustomerId, **changes: str) -> AddressId:
    """One more address in the customer's book."""
    sealed = postal.keep_address(KEYS, postal.check_address(replace(HOME, **changes)))
    return await db.write(SYSTEM, shop, lambda tx: addresses.add(tx, who, sealed))


async def level(db: Database, shop: ShopId, sku_id: SkuId) -> Level:
    """The SKU's counters, after a look at all books of the shop: they agree."""
    async with db.read(shop) as tx:
        assert await stock.differences(tx) == []
        return (await stock.levels(tx, [sku_id]))[sku_id]


async def order(db: Database, shop: ShopId, order_id: OrderId) -> Order:
    """The order as it stands."""
    async with db.read(shop) as tx:
        return await orders.order(tx, order_id)


async def fire(db: Database, name: str) -> int:
    """Let one timer fire what is due."""
    (timer,) = (timer for timer in registry.timers() if timer.name == name)
    return await sweep(db, timer)
