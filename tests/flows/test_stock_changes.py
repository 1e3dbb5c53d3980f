"""What other systems say of counts: each thing once, late and out of order."""

from __future__ import annotations

import asyncio
import random

import pytest

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId, SkuId
from liveshelf.platform.db import Database
from liveshelf.stock import changes, queries
from liveshelf.stock.errors import ChangeInvalid
from liveshelf.stock.types import Change, ChangeKind, ChangeOutcome, KeptChange, OrderedBy, Pool
from tests.make.selling import Sold, bought, guest, level, something, wish
from tests.make.shops import a_shop

SET, ADJUST = ChangeKind.SET, ChangeKind.ADJUST
APPLIED, OUTDATED, REFUSED = ChangeOutcome.APPLIED, ChangeOutcome.OUTDATED, ChangeOutcome.REFUSED


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=10)


def says(
    sku_id: SkuId, kind: ChangeKind, quantity: int, position: int, *, by: OrderedBy = OrderedBy.SEQUENCE
) -> Change:
    return Change(f"{kind}-{position}", sku_id, kind, quantity, by, position)


async def take(db: Database, shop: ShopId, *many: Change, source: str = "erp") -> list[KeptChange]:
    return await db.write(SYSTEM, shop, lambda tx: changes.take_in(tx, source, many))


async def on_hand(db: Database, shop: ShopId, sku_id: SkuId) -> int:
    return (await level(db, shop, sku_id)).on_hand


async def test_a_change_is_followed_once(db, shop, sold):
    first = await take(db, shop, says(sold.sku_id, ADJUST, 5, 1))
    again = await take(db, shop, says(sold.sku_id, ADJUST, 5, 1))
    assert [(one.outcome, one.repeated, one.change_id) for one in first + again] == [
        (APPLIED, False, first[0].change_id),
        (APPLIED, True, first[0].change_id),
    ]
    assert await on_hand(db, shop, sold.sku_id) == 15
    async with db.read(shop) as tx:
        assert (await queries.moves(tx, sold.sku_id)).items[0].reason == "erp: adjust-1"


async def test_the_same_change_at_the_same_time_is_followed_once(db, shop, sold):
    await asyncio.gather(*(take(db, shop, says(sold.sku_id, ADJUST, 5, 1)) for _ in range(8)))
    assert await on_hand(db, shop, sold.sku_id) == 15


async def test_what_is_older_than_the_newest_count_is_recorded_and_not_followed(db, shop, sold):
    kept = await take(
        db,
        shop,
        says(sold.sku_id, SET, 20, 5),
        says(sold.sku_id, SET, 7, 4),
        says(sold.sku_id, ADJUST, 3, 3),
        says(sold.sku_id, ADJUST, 2, 6),
        says(sold.sku_id, SET, 9, 5 + 2),
        says(sold.sku_id, ADJUST, 1, 6 - 2),
    )
    assert [one.outcome for one in kept] == [APPLIED, OUTDATED, OUTDATED, APPLIED, APPLIED, OUTDATED]
    assert await on_hand(db, shop, sold.sku_id) == 9
    assert [one.outcome for one in await take(db, shop, says(sold.sku_id, SET, 1, 1))] == [OUTDATED]
    other = await take(db, shop, says(sold.sku_id, SET, 4, 1), source="wms")
    assert [one.outcome for one in other] == [APPLIED]
    async with db.read(shop) as tx:
        assert len((await changes.page(tx, source="erp")).items) == 7
        assert len((await changes.page(tx, outcome=OUTDATED, sku_id=sold.sku_id)).items) == 4


@pytest.mark.parametrize("seed", range(4))
async def test_in_whatever_order_they_come_the_newest_count_and_what_follows_it_stand(db, shop, sold, seed: int):
    many = [says(sold.sku_id, SET, 10 * n, n) for n in (1, 3, 5)] + [says(sold.sku_id, ADJUST, 1, n) for n in (6, 7)]
    random.Random(seed).shuffle(many)
    newest_first = sorted(many, key=lambda one: (one.kind is ADJUST, -one.position))
    # An adjustment that came before the newest count is inside it, so those come last here; counts in any order.
    for one in [one for one in many if one.kind is SET] + newest_first[3:]:
        await take(db, shop, one)
        await take(db, shop, one)
    assert await on_hand(db, shop, sold.sku_id) == 52


async def test_a_cut_below_what_is_held_is_recorded_and_the_books_agree(db, shop, sold):
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id, 6))
    (kept,) = await take(db, shop, says(sold.sku_id, SET, 2, 1))
    assert (kept.outcome, kept.on_hand, kept.short) == (APPLIED, 2, 4)
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.short, now.available) == (2, 6, 4, 0)
    (kept,) = await take(db, shop, says(sold.sku_id, ADJUST, 9, 2))
    assert (kept.on_hand, kept.short) == (11, 0)
    assert (await level(db, shop, sold.sku_id)).available == 5


async def test_each_change_has_its_own_answer(db, shop, sold):
    theirs = await something(db, (await a_shop(db, "隔壁")).shop)
    theirs = await something(db, (await a_shop(db, "远处")).shop) if theirs.sku_id == sold.sku_id else theirs
    kept = await take(
        db,
        shop,
        says(SkuId(9_999), SET, 1, 1),
        says(sold.sku_id, SET, -1, 2),
        says(sold.sku_id, SET, 10_000_000, 3),
        says(sold.sku_id, ADJUST, 9_999_999, 4),
        says(sold.sku_id, SET, 3, 5),
        says(sold.sku_id, SET, 8, 6, by=OrderedBy.TIME),
    )
    assert [(one.outcome, one.code) for one in kept] == [
        (REFUSED, "stock.unknown"),
        (REFUSED, "stock.count_invalid"),
        (REFUSED, "stock.count_invalid"),
        (REFUSED, "stock.count_invalid"),
        (APPLIED, None),
        (REFUSED, "stock.order_mixed"),
    ]
    assert await on_hand(db, shop, sold.sku_id) == 3


async def test_a_call_that_cannot_be_changes_nothing(db, shop, sold):
    one = says(sold.sku_id, SET, 3, 1)
    for many in ((), (one, one), tuple(says(sold.sku_id, ADJUST, 1, n) for n in range(501))):
        with pytest.raises(ChangeInvalid):
            await take(db, shop, *many)
    assert await on_hand(db, shop, sold.sku_id) == 10


async def test_a_pool_of_its_own_is_counted_by_itself(db, shop, sold):
    store = Change("s-1", sold.sku_id, SET, 4, OrderedBy.SEQUENCE, 1, Pool.STORE)
    assert [one.code for one in await take(db, shop, store)] == ["stock.unknown"]
