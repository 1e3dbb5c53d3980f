"""What bounds selling: safety stock, low-stock messages, purchase limits, and holds that shorten under heat."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import event, text

from liveshelf.flows.checkout import Outcome, Placed, Refused, place_many
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import CustomerId, ProductId, ShopId, SkuId
from liveshelf.orders import service as orders
from liveshelf.platform.db import Database
from liveshelf.stock import bounds, queries, service
from liveshelf.stock.errors import BoundInvalid, StockUnknown
from liveshelf.stock.types import Terms
from tests.make.selling import bought, buy, guest, level, something, wish
from tests.make.shops import a_shop

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


def told(outcome: Outcome) -> str:
    """What the buyer is told."""
    return outcome.error.code if isinstance(outcome, Refused) else "placed"


async def low_messages(db: Database, shop: ShopId) -> int:
    async with db.read(shop) as tx:
        return int(await tx.scalar(text("SELECT count(*) FROM events WHERE name = 'stock.low'")))


async def test_safety_stock_is_not_sold_and_honours_late_money(db: Database, shop: ShopId):
    one, who = await something(db, shop, on_hand=5), await guest(db, shop)
    await db.write(SYSTEM, shop, lambda tx: bounds.set_for_sku(tx, one.sku_id, safety=3, low_at=None))
    assert [told(a) for a in await buy(db, shop, *(wish(who, one.sku_id, n) for n in (3, 2, 1)))] == [
        "stock.insufficient",
        "placed",
        "stock.insufficient",
    ]
    now = await level(db, shop, one.sku_id)
    assert (now.on_hand, now.held, now.available, now.safety) == (5, 2, 0, 3)
    # Somebody's hold ran out, the pieces were sold, and then the money came: the reserve is for that.
    late = await bought(db, shop, wish(who, (await something(db, shop)).sku_id))
    await db.write(SYSTEM, shop, lambda tx: orders.cancel(tx, late.order_id, customer_id=who))
    assert await db.write(SYSTEM, shop, lambda tx: service.hold_again(tx, late.order_id)) is None


async def test_the_shops_bounds_hold_for_skus_without_their_own(db: Database, shop: ShopId):
    own, follows = await something(db, shop, on_hand=9), await something(db, shop, on_hand=9)
    await db.write(SYSTEM, shop, lambda tx: bounds.set_for_sku(tx, own.sku_id, safety=1, low_at=None))
    await db.write(SYSTEM, shop, lambda tx: bounds.set_for_shop(tx, safety=4, low_at=2))
    later = await something(db, shop, on_hand=9)
    async with db.read(shop) as tx:
        levels = await queries.levels(tx, [own.sku_id, follows.sku_id, later.sku_id])
    assert [(levels[one.sku_id].safety, levels[one.sku_id].low_at) for one in (own, follows, later)] == [
        (1, 2),
        (4, 2),
        (4, 2),
    ]
    await db.write(SYSTEM, shop, lambda tx: bounds.set_for_sku(tx, own.sku_id, safety=None, low_at=7))
    now = await level(db, shop, own.sku_id)
    assert (now.safety, now.low_at, now.available) == (4, 7, 5)


@pytest.mark.parametrize(("safety", "low_at"), [(-1, 0), (0, -1), (10_000_000, 0), (0, 10**12)])
async def test_bounds_that_cannot_be_change_nothing(db: Database, shop: ShopId, safety: int, low_at: int):
    one = await something(db, shop)
    with pytest.raises(BoundInvalid):
        await db.write(SYSTEM, shop, lambda tx: bounds.set_for_shop(tx, safety=safety, low_at=low_at))
    with pytest.raises(BoundInvalid):
        await db.write(SYSTEM, shop, lambda tx: bounds.set_for_sku(tx, one.sku_id, safety=safety, low_at=low_at))
    other = (await a_shop(db, "隔壁")).shop
    with pytest.raises(StockUnknown):
        await db.write(SYSTEM, other, lambda tx: bounds.set_for_sku(tx, SkuId(999), safety=1, low_at=1))
    assert (await level(db, shop, one.sku_id)).safety == 0


async def test_staff_are_told_once_that_little_is_left(db: Database, shop: ShopId):
    one, who = await something(db, shop, on_hand=8), await guest(db, shop)
    placed = [await bought(db, shop, wish(who, one.sku_id)) for _ in range(2)]
    assert await low_messages(db, shop) == 0
    await bought(db, shop, wish(await guest(db, shop), one.sku_id))  # five are left
    await bought(db, shop, wish(await guest(db, shop), one.sku_id))
    for order in placed:  # given up and bought again: nothing has arrived
        await db.write(SYSTEM, shop, partial(orders.cancel, order_id=order.order_id, customer_id=who))
    await bought(db, shop, wish(await guest(db, shop), one.sku_id, 3))
    assert await low_messages(db, shop) == 1
    async with db.read(shop) as tx:
        assert await queries.low_count(tx) == 1
    await db.write(SYSTEM, shop, lambda tx: service.adjust(tx, one.sku_id, 10, "arrived"))
    assert not (await level(db, shop, one.sku_id)).low
    await bought(db, shop, wish(await guest(db, shop), one.sku_id, 9))
    assert await low_messages(db, shop) == 2


async def limit(db: Database, shop: ShopId, sku_id: SkuId, most: int | None) -> None:
    await db.write(SYSTEM, shop, lambda tx: bounds.limit_sku(tx, sku_id, most))


async def test_a_buyer_has_so_many_and_no_more(db: Database, shop: ShopId):
    one, who = await something(db, shop), await guest(db, shop)
    before = await bought(db, shop, wish(who, one.sku_id))
    await limit(db, shop, one.sku_id, 3)
    outcomes = await buy(
        db, shop, wish(who, one.sku_id, 3), wish(who, one.sku_id), wish(await guest(db, shop), one.sku_id, 3)
    )
    assert [told(a) for a in outcomes] == ["stock.limit_reached", "placed", "placed"]
    assert isinstance(outcomes[0], Refused)
    assert outcomes[0].error.context == {"sku_id": one.sku_id, "most": 3, "left": 2}
    await bought(db, shop, wish(who, one.sku_id))
    assert told((await buy(db, shop, wish(who, one.sku_id)))[0]) == "stock.limit_reached"
    # What was given up or came back does not count.
    await db.write(SYSTEM, shop, lambda tx: orders.cancel(tx, before.order_id, customer_id=who))
    paid = await bought(db, shop, wish(who, one.sku_id))
    await db.write(SYSTEM, shop, lambda tx: service.commit(tx, [paid.order_id]))
    assert told((await buy(db, shop, wish(who, one.sku_id)))[0]) == "stock.limit_reached"
    back = [(one.sku_id, 1)]
    await db.write(SYSTEM, shop, lambda tx: service.give_back(tx, paid.order_id, back, reason="returned"))
    assert told((await buy(db, shop, wish(who, one.sku_id)))[0]) == "placed"
    await limit(db, shop, one.sku_id, None)
    assert told((await buy(db, shop, wish(who, one.sku_id, 9)))[0]) == "placed"


async def test_many_tabs_at_once_get_no_more_than_the_limit(db: Database, shop: ShopId):
    one, who = await something(db, shop), await guest(db, shop)
    await limit(db, shop, one.sku_id, 3)
    batches = await asyncio.gather(*(buy(db, shop, wish(who, one.sku_id)) for _ in range(9)))
    assert Counter(told(batch[0]) for batch in batches) == {"placed": 3, "stock.limit_reached": 6}


async def test_a_limit_of_a_product_counts_all_its_skus_also_at_once(db: Database, shop: ShopId):
    # Two goods stand for two SKUs of one product: what is counted is what the limit names.
    red, blue, who = await something(db, shop), await something(db, shop), await guest(db, shop)
    both = [red.sku_id, blue.sku_id]
    await db.write(SYSTEM, shop, lambda tx: bounds.limit_product(tx, red.product_id, both, most=3))
    tries = (buy(db, shop, wish(who, both[n % 2])) for n in range(8))
    assert Counter(told(batch[0]) for batch in await asyncio.gather(*tries)) == {
        "placed": 3,
        "stock.limit_reached": 5,
    }
    green = await something(db, shop)
    await db.write(SYSTEM, shop, lambda tx: bounds.product_grew(tx, red.product_id, [green.sku_id]))
    assert told((await buy(db, shop, wish(who, green.sku_id)))[0]) == "stock.limit_reached"
    await db.write(SYSTEM, shop, lambda tx: bounds.limit_product(tx, red.product_id, both, most=None))
    assert not (await level(db, shop, green.sku_id)).limited


@pytest.mark.parametrize("most", [0, -1, 10_000])
async def test_a_limit_that_cannot_be_changes_nothing(db: Database, shop: ShopId, most: int):
    one = await something(db, shop)
    with pytest.raises(BoundInvalid):
        await limit(db, shop, one.sku_id, most)
    with pytest.raises(StockUnknown):
        await limit(db, shop, SkuId(999), 1)
    with pytest.raises(StockUnknown):
        await db.write(SYSTEM, shop, lambda tx: bounds.limit_product(tx, ProductId(1), [SkuId(999)], most=1))
    assert not (await level(db, shop, one.sku_id)).limited


async def test_holds_shorten_while_much_is_held_unpaid(db: Database, shop: ShopId):
    one = await something(db, shop, on_hand=8)
    lasted = []
    for quantity in (4, 1, 1, 2):
        placed = await bought(db, shop, wish(await guest(db, shop), one.sku_id, quantity))
        lasted.append((placed.expires_at - placed.created_at) / MINUTE)
    assert lasted == [15, 15, 12, 9]
    async with db.read(shop) as tx:
        kept = await tx.scalar(text("SELECT max(expires_at - created_at) FROM orders"))
    assert kept == 15 * MINUTE


async def test_a_buyer_cannot_hold_a_hot_sku_again_and_again(db: Database, shop: ShopId):
    one, who, other = await something(db, shop, on_hand=8), await guest(db, shop), await guest(db, shop)
    terms = Terms(unpaid_max=3)

    async def tries(buyer: CustomerId) -> str:
        request = wish(buyer, one.sku_id)
        (outcome,) = await db.write(SYSTEM, shop, lambda tx: place_many(tx, [request], terms=terms))
        return told(outcome)

    assert [await tries(buyer) for buyer in (who, who, who, other)] == ["placed"] * 4
    assert await tries(who) == "stock.too_many_unpaid"
    assert await tries(other) == "placed"


async def test_bounds_cost_nothing_where_there_are_none(db: Database, shop: ShopId):
    plain, bounded = await something(db, shop), await something(db, shop)
    await limit(db, shop, bounded.sku_id, 9)
    buyers = [await guest(db, shop) for _ in range(4)]
    seen: list[str] = []

    def count(_conn, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", count)
    counts = []
    for sku_id, size in ((plain.sku_id, 1), (plain.sku_id, 12), (bounded.sku_id, 1), (bounded.sku_id, 12)):
        seen.clear()
        outcomes = await buy(db, shop, *(wish(buyers[n % 4], sku_id) for n in range(size)))
        assert all(isinstance(one, Placed) for one in outcomes)
        counts.append(len(seen))
    event.remove(db.engine.sync_engine, "before_cursor_execute", count)
    # The limit under its lock, what it names, what the buyers have, and what of it came back.
    assert [n - counts[0] for n in counts] == [0, 0, 3, 4]
