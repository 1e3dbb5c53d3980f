"""Stock beyond the hold: what comes back, pools, and everything that staff and other systems do to a count."""

from __future__ import annotations

import asyncio

import pytest

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import OrderId, ShopId, SkuId
from liveshelf.platform.db import Database
from liveshelf.stock import queries, service
from liveshelf.stock.errors import PoolInvalid, ReturnTooMuch, StockCountInvalid, StockInsufficient, StockUnknown
from liveshelf.stock.types import Held, MoveKind, Pool, Want
from tests.make.selling import bought, guest, level, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


async def sold(db: Database, shop: ShopId, sku_id: SkuId, quantity: int) -> OrderId:
    """An order whose pieces were paid."""
    placed = await bought(db, shop, wish(await guest(db, shop), sku_id, quantity))
    await db.write(SYSTEM, shop, lambda tx: service.commit(tx, [placed.order_id]))
    return placed.order_id


async def back(db: Database, shop: ShopId, order_id: OrderId, *lines: tuple[SkuId, int]) -> None:
    await db.write(SYSTEM, shop, lambda tx: service.give_back(tx, order_id, lines, reason="came back"))


async def test_what_was_sold_comes_back_once(db: Database, shop: ShopId):
    one = await something(db, shop, on_hand=5)
    order_id = await sold(db, shop, one.sku_id, 3)
    await back(db, shop, order_id, (one.sku_id, 2))
    now = await level(db, shop, one.sku_id)
    assert (now.on_hand, now.held, now.sold) == (4, 0, 1)
    with pytest.raises(ReturnTooMuch) as refused:
        await back(db, shop, order_id, (one.sku_id, 1), (one.sku_id, 1))
    assert refused.value.context == {"sku_id": one.sku_id, "most": 1}
    await back(db, shop, order_id, (one.sku_id, 1))
    now = await level(db, shop, one.sku_id)
    assert (now.on_hand, now.held, now.sold) == (5, 0, 0)
    async with db.read(shop) as tx:
        (latest, *_) = (await queries.moves(tx, one.sku_id)).items
    assert (latest.kind, latest.quantity, latest.order_id, latest.reason) == (MoveKind.RETURN, 1, order_id, "came back")


async def test_returns_at_the_same_time_bring_back_no_more_than_was_sold(db: Database, shop: ShopId):
    one = await something(db, shop, on_hand=5)
    order_id = await sold(db, shop, one.sku_id, 3)
    tries = (back(db, shop, order_id, (one.sku_id, 1)) for _ in range(8))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(answer) for answer in answers if answer is not None] == [ReturnTooMuch] * 5
    assert (await level(db, shop, one.sku_id)).on_hand == 5


@pytest.mark.parametrize("quantity", [0, -1])
async def test_nothing_comes_back_that_is_no_piece(db: Database, shop: ShopId, quantity: int):
    one = await something(db, shop, on_hand=5)
    order_id = await sold(db, shop, one.sku_id, 3)
    with pytest.raises(StockCountInvalid):
        await back(db, shop, order_id, (one.sku_id, quantity))
    assert (await level(db, shop, one.sku_id)).on_hand == 2


async def test_what_is_only_held_or_another_shops_does_not_come_back(db: Database, shop: ShopId):
    one = await something(db, shop, on_hand=5)
    placed = await bought(db, shop, wish(await guest(db, shop), one.sku_id, 2))
    with pytest.raises(ReturnTooMuch):
        await back(db, shop, placed.order_id, (one.sku_id, 1))
    paid = await sold(db, shop, one.sku_id, 1)
    other = (await a_shop(db, "隔壁")).shop
    with pytest.raises(ReturnTooMuch):
        await back(db, other, paid, (one.sku_id, 1))


async def test_a_pool_is_sold_from_by_itself(db: Database, shop: ShopId):
    one = await something(db, shop, on_hand=5)

    async def set_apart(tx):
        await service.transfer(tx, one.sku_id, 2, "双十一", source=Pool.GENERAL, target=Pool.ACTIVITY)
        wants = [Want(OrderId(n), ((one.sku_id, 1),), "test", Pool.ACTIVITY) for n in range(1, 4)]
        return await service.hold_many(tx, wants)

    answers = await db.write(SYSTEM, shop, set_apart)
    assert [isinstance(answer, Held) for answer in answers] == [True, True, False]
    async with db.read(shop) as tx:
        levels = await queries.all_levels(tx, [one.sku_id])
        assert await queries.differences(tx) == []
        pairs = [(move.pool, move.on_hand_change) for move in (await queries.moves(tx, one.sku_id)).items]
    assert {pool: (now.on_hand, now.available) for (_, pool), now in levels.items()} == {
        Pool.GENERAL: (3, 3),
        Pool.ACTIVITY: (2, 0),
    }
    assert (Pool.GENERAL, -2) in pairs
    assert (Pool.ACTIVITY, 2) in pairs


@pytest.mark.parametrize(
    ("count", "target", "error"),
    [
        (6, Pool.STORE, StockInsufficient),
        (0, Pool.STORE, PoolInvalid),
        (-1, Pool.STORE, PoolInvalid),
        (1, Pool.GENERAL, PoolInvalid),
    ],
)
async def test_a_transfer_that_cannot_be_moves_nothing(db: Database, shop: ShopId, count: int, target: Pool, error):
    one = await something(db, shop, on_hand=5)
    with pytest.raises(error):
        await db.write(
            SYSTEM, shop, lambda tx: service.transfer(tx, one.sku_id, count, "", source=Pool.GENERAL, target=target)
        )
    with pytest.raises(StockUnknown):
        await db.write(
            SYSTEM,
            shop,
            lambda tx: service.transfer(tx, one.sku_id, 1, "", source=Pool.PRESALE, target=Pool.STORE),
        )
    assert (await level(db, shop, one.sku_id)).on_hand == 5
