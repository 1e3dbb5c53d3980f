"""L-308: what is past its validity leaves sale, after a broadcast within a minute, and harms no order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from liveshelf.adapters.payments.port import Receipt
from liveshelf.entry import registry
from liveshelf.flows import go_live, pay
from liveshelf.flows.checkout import Refused
from liveshelf.flows.pay import Settled
from liveshelf.goods import queries as goods
from liveshelf.goods import validity
from liveshelf.goods.errors import GoodsExpired, GoodsMissing, ValidityInvalid
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import GoodsId, OrderId, PaymentId, ShopId
from liveshelf.orders import service as order_service
from liveshelf.orders.errors import NotForSale
from liveshelf.orders.types import OrderState
from liveshelf.payments import service as payments
from liveshelf.platform import timers
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx
from liveshelf.rooms import queries as rooms
from liveshelf.rooms import service
from tests.make.rooms import ANCHOR, live_room, room
from tests.make.selling import Sold, addressed, bought, buy, guest, level, order, something, wish
from tests.make.shops import a_shop

A_MINUTE_MOST = 60


def clock_named(name: str) -> timers.Timer:
    return next(one for one in registry.timers() if one.name == name)


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


async def valid_for(db: Database, shop: ShopId, one: Sold, left: timedelta | None) -> None:
    await db.write(
        ANCHOR,
        shop,
        lambda tx: validity.set_valid_until(tx, one.goods_id, None if left is None else tx.now + left),
    )


async def on_sale(db: Database, shop: ShopId, room_id, goods_id: GoodsId) -> bool:
    async with db.read(shop) as tx:
        return next(place.on_sale for place in await rooms.places(tx, room_id) if place.goods_id == goods_id)


async def expired_at(db: Database, shop: ShopId, goods_id: GoodsId) -> datetime | None:
    async with db.read(shop) as tx:
        return (await goods.live_goods(tx, [goods_id]))[0].expired_at


async def payment_of(db: Database, shop: ShopId, order_id: OrderId) -> PaymentId:
    async def work(tx: Tx) -> PaymentId:
        locked = await order_service.lock(tx, order_id)
        opened = await payments.open_payment(
            tx,
            order_id,
            amount_fen=locked.total_fen,
            provider="test",
            expires_at=locked.expires_at,
            merchant="9000000001",
        )
        return opened.payment_id

    return await db.write(SYSTEM, shop, work)


@pytest.mark.feature("L-308")
@pytest.mark.parametrize("how", ["by hand", "by the clock, since nobody ended it"])
async def test_what_is_past_its_validity_is_off_within_a_minute_of_the_end(db, shop, clock: Clock, how: str):
    short, long, free = [await something(db, shop) for _ in range(3)]
    await valid_for(db, shop, short, timedelta(minutes=30))
    await valid_for(db, shop, long, timedelta(days=30))
    room_id = await live_room(db, shop, [one.goods_id for one in (short, long, free)])
    timer = clock_named("rooms.expired_goods")

    clock.set_offset(timedelta(minutes=31))
    assert await timers.sweep(db, timer) == 0, "a broadcast that sells it goes on selling it"
    buyer = await guest(db, shop)
    waiting = await addressed(db, shop, await bought(db, shop, wish(buyer, short.sku_id, room_id=room_id)))
    payment_id = await payment_of(db, shop, waiting.order_id)

    if how == "by hand":
        await db.write(ANCHOR, shop, lambda tx: service.end(tx, room_id))
    else:
        clock.set_offset(timedelta(hours=4, seconds=1))
        assert await timers.sweep(db, clock_named("rooms.due")) == 1
    assert timer.every_s <= A_MINUTE_MOST / 2, "the clock looks often enough for its promise"
    assert await timers.sweep(db, timer) == 1
    assert [await on_sale(db, shop, room_id, one.goods_id) for one in (short, long, free)] == [False, True, True]
    assert await timers.sweep(db, timer) == 0

    if how == "by hand":
        receipt = Receipt(payment_id, waiting.total_fen, "ref", clock.now())
        paid = await db.write(SYSTEM, shop, lambda tx: pay.settle(tx, receipt))
        assert paid is Settled.PAID, "an order in payment is not harmed"
        assert (await order(db, shop, waiting.order_id)).state is OrderState.TO_SHIP
        assert (await level(db, shop, short.sku_id)).sold == 1
    (outcome,) = await buy(db, shop, wish(await guest(db, shop), short.sku_id))
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, NotForSale)
    assert await bought(db, shop, wish(await guest(db, shop), long.sku_id))


@pytest.mark.feature("L-308")
async def test_without_a_broadcast_it_leaves_the_shelf_and_the_shop_at_its_second(db, shop, clock: Clock):
    one = await something(db, shop)
    room_id = await room(db, shop)
    await db.write(ANCHOR, shop, lambda tx: service.put_on_shelf(tx, room_id, [one.goods_id]))
    await valid_for(db, shop, one, timedelta(minutes=10))
    timer = clock_named("rooms.expired_goods")
    clock.set_offset(timedelta(minutes=9, seconds=58))
    assert await timers.sweep(db, timer) == 0
    clock.set_offset(timedelta(minutes=10, seconds=1))
    assert await timers.sweep(db, replace(timer)) == 1
    assert not await on_sale(db, shop, room_id, one.goods_id)
    async with db.read(shop) as tx:
        assert await goods.newest_for_sale(tx, limit=10) == []

    for work in (
        lambda tx: service.put_on_sale(tx, room_id, one.goods_id),
        lambda tx: service.put_on_shelf(tx, room_id, [one.goods_id]),
    ):
        with pytest.raises(GoodsExpired):
            await db.write(ANCHOR, shop, work)
    # More time: it is for sale again, and stands where it stood until somebody puts it on sale.
    await valid_for(db, shop, one, timedelta(days=1))
    assert await expired_at(db, shop, one.goods_id) is None
    assert not await on_sale(db, shop, room_id, one.goods_id)
    await db.write(ANCHOR, shop, lambda tx: service.put_on_sale(tx, room_id, one.goods_id))
    assert await bought(db, shop, wish(await guest(db, shop), one.sku_id))


async def test_a_validity_is_to_come_and_within_ten_years(db, shop):
    one = await something(db, shop)
    for left in (timedelta(), timedelta(seconds=-1), timedelta(days=4000)):
        with pytest.raises(ValidityInvalid):
            await valid_for(db, shop, one, left)
    with pytest.raises(GoodsMissing):
        await db.write(ANCHOR, shop, lambda tx: validity.set_valid_until(tx, GoodsId(99), None))
    other = (await a_shop(db)).shop
    with pytest.raises(GoodsMissing):
        await db.write(ANCHOR, other, lambda tx: validity.set_valid_until(tx, one.goods_id, None))
    assert await expired_at(db, shop, one.goods_id) is None


async def test_a_goods_on_its_way_into_a_running_broadcast_stays_valid_there(db, shop, clock: Clock):
    one = await something(db, shop)
    await valid_for(db, shop, one, timedelta(minutes=5))
    room_id = await live_room(db, shop, [one.goods_id])
    other = await room(db, shop)
    await db.write(ANCHOR, shop, lambda tx: service.put_on_shelf(tx, other, [one.goods_id]))
    clock.set_offset(timedelta(minutes=6))
    timer = clock_named("rooms.expired_goods")
    assert await timers.sweep(db, timer) == 0
    await db.write(ANCHOR, shop, lambda tx: service.push(tx, room_id, one.goods_id))
    await db.write(ANCHOR, shop, lambda tx: service.end(tx, room_id))
    assert await timers.sweep(db, timer) == 1
    assert [await on_sale(db, shop, at, one.goods_id) for at in (room_id, other)] == [False, False]
    with pytest.raises(GoodsExpired):
        await db.write(ANCHOR, shop, lambda tx: go_live_with(tx, other, one.goods_id))


async def go_live_with(tx, room_id, goods_id: GoodsId) -> None:
    await go_live.start(tx, room_id)
    await service.put_on_sale(tx, room_id, goods_id)
