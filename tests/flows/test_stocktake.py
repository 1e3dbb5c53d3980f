"""Counting while selling goes on, and the auditor who compares counters with their moves."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId, SkuId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database
from liveshelf.stock import audit, queries, service, stocktake
from liveshelf.stock.errors import (
    StockCountInvalid,
    StocktakeEnded,
    StocktakeInvalid,
    StocktakeOpen,
    StocktakeUnknown,
)
from liveshelf.stock.types import AuditKind, Lines, MoveKind, Pool, StocktakeState
from tests.make.selling import Sold, bought, fire, guest, level, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=10)


async def begin(db: Database, shop: ShopId, *sku_ids: SkuId) -> int:
    return await db.write(SYSTEM, shop, lambda tx: stocktake.begin(tx, "十一月", sku_ids=list(sku_ids) or None))


async def count(db: Database, shop: ShopId, number: int, sku_id: SkuId, found: int) -> None:
    await db.write(SYSTEM, shop, lambda tx: stocktake.count(tx, number, sku_id, found))


async def close(db: Database, shop: ShopId, number: int) -> int:
    return await db.write(SYSTEM, shop, lambda tx: stocktake.close(tx, number, "月末盘点"))


async def paid(db: Database, shop: ShopId, sku_id: SkuId, quantity: int) -> None:
    placed = await bought(db, shop, wish(await guest(db, shop), sku_id, quantity))
    await db.write(SYSTEM, shop, lambda tx: service.commit(tx, [placed.order_id]))


async def test_what_is_sold_while_counting_is_not_counted_twice(db, shop, sold):
    other = await something(db, shop, on_hand=5)
    number = await begin(db, shop)
    await paid(db, shop, sold.sku_id, 1)
    await count(db, shop, number, sold.sku_id, 7)  # the books say nine
    await paid(db, shop, sold.sku_id, 2)
    await count(db, shop, number, other.sku_id, 5)
    assert (await level(db, shop, sold.sku_id)).on_hand == 7
    async with db.read(shop) as tx:
        found = await stocktake.stocktake(tx, number)
        (different,) = (await stocktake.lines(tx, number, show=Lines.DIFFERENT)).items
        assert (await stocktake.lines(tx, number, show=Lines.OPEN)).items == []
    assert (found.lines, found.counted, found.different) == (2, 2, 1)
    assert (different.sku_id, different.on_hand, different.difference) == (sold.sku_id, 9, -2)
    assert await close(db, shop, number) == 1
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.sold) == (5, 3)
    async with db.read(shop) as tx:
        (latest, *_) = (await queries.moves(tx, sold.sku_id)).items
        assert (latest.kind, latest.quantity, latest.reason) == (MoveKind.SET, -2, "月末盘点")
        assert (await stocktake.stocktake(tx, number)).state is StocktakeState.CLOSED
    for late in (count(db, shop, number, sold.sku_id, 1), close(db, shop, number)):
        with pytest.raises(StocktakeEnded):
            await late


async def test_counting_again_replaces_and_a_cancelled_count_changes_nothing(db, shop, sold):
    number = await begin(db, shop, sold.sku_id)
    await count(db, shop, number, sold.sku_id, 3)
    await count(db, shop, number, sold.sku_id, 4)
    async with db.read(shop) as tx:
        (line,) = (await stocktake.lines(tx, number)).items
    assert (line.counted, line.difference) == (4, -6)
    with pytest.raises(StocktakeOpen):
        await begin(db, shop)
    await db.write(SYSTEM, shop, lambda tx: stocktake.cancel(tx, number))
    assert (await level(db, shop, sold.sku_id)).on_hand == 10
    assert await begin(db, shop) != number


async def test_a_count_below_what_buyers_hold_takes_it_from_their_orders(db, shop, sold):
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id, 6))
    number = await begin(db, shop)
    await count(db, shop, number, sold.sku_id, 2)
    await close(db, shop, number)
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.short, now.available) == (2, 6, 4, 0)


async def test_what_cannot_be_counted_is_refused(db, shop, sold):
    number = await begin(db, shop, sold.sku_id)
    for found in (-1, 10_000_000):
        with pytest.raises(StockCountInvalid):
            await count(db, shop, number, sold.sku_id, found)
    other = (await a_shop(db, "隔壁")).shop
    with pytest.raises(StocktakeUnknown):
        await count(db, shop, number, SkuId(999), 1)
    with pytest.raises(StocktakeUnknown):
        await count(db, shop, number + 1, sold.sku_id, 1)
    with pytest.raises(StocktakeUnknown):
        await count(db, other, number, sold.sku_id, 1)
    for skus in ([SkuId(999)], []):
        with pytest.raises(StocktakeInvalid):
            await db.write(SYSTEM, other, lambda tx, skus=skus: stocktake.begin(tx, "x", sku_ids=skus))
    with pytest.raises(StocktakeInvalid):
        await db.write(SYSTEM, shop, lambda tx: stocktake.begin(tx, "x", pool=Pool.STORE))


async def test_selling_counting_and_closing_at_the_same_time_agree(db, shop, sold):
    number = await begin(db, shop)
    await asyncio.gather(
        *(paid(db, shop, sold.sku_id, 1) for _ in range(4)),
        count(db, shop, number, sold.sku_id, 8),
        *(paid(db, shop, sold.sku_id, 1) for _ in range(2)),
    )
    async with db.read(shop) as tx:
        (line,) = (await stocktake.lines(tx, number)).items
    assert line.difference is not None
    await close(db, shop, number)
    assert (await level(db, shop, sold.sku_id)).on_hand == 10 - 6 + line.difference


async def run(db: Database, shop: ShopId) -> list[tuple[AuditKind, int, list[SkuId]]]:
    found = await audit.run(db, shop)
    return [(one.kind, one.moves, [each.sku_id for each in one.differences]) for one in found]


async def test_the_auditor_finds_nothing_where_nothing_is_wrong(db, shop, sold, monkeypatch):
    await paid(db, shop, sold.sku_id, 2)
    assert await run(db, shop) == [(AuditKind.RECENT, 0, [])]  # all moves are young yet, and compared all the same
    monkeypatch.setattr(audit, "SETTLED_AFTER", timedelta(seconds=-1))
    monkeypatch.setattr(audit, "SHARE", 2)
    ((_, summed, wrong),) = await run(db, shop)
    assert summed >= 4
    assert wrong == []
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    monkeypatch.setattr(audit, "SETTLED_AFTER", timedelta(minutes=2))
    assert await run(db, shop) == [(AuditKind.RECENT, 0, [])]
    await db.write(SYSTEM, shop, audit.ask)
    assert await fire(db, "stock.audit") == 1
    assert [one[0] for one in await run(db, shop)] == [AuditKind.RECENT, AuditKind.FULL]
    assert [one[0] for one in await run(db, shop)] == [AuditKind.RECENT]
    async with db.read(shop) as tx:
        assert len((await audit.audits(tx)).items) == 6


async def test_the_auditor_finds_a_counter_that_was_changed_behind_its_back(db, shop, sold, monkeypatch):
    other = await something(db, shop)
    monkeypatch.setattr(audit, "SETTLED_AFTER", timedelta(seconds=-1))
    await run(db, shop)
    changed = text("UPDATE stock SET on_hand = on_hand + 1, sold = sold + 1 WHERE sku_id = :sku")
    await db.write(SYSTEM, shop, lambda tx: tx.conn.execute(changed, {"sku": sold.sku_id}))
    assert await run(db, shop) == [(AuditKind.RECENT, 0, [sold.sku_id])]
    many, wrong = await audit.examine(db, shop)
    assert many == 2
    assert [(one.counted, one.summed) for one in wrong] == [((11, 0, 1), (10, 0, 0))]
    assert (await level_of(db, shop, other.sku_id)) == 50


async def level_of(db: Database, shop: ShopId, sku_id: SkuId) -> int:
    async with db.read(shop) as tx:
        return (await queries.levels(tx, [sku_id]))[sku_id].on_hand


async def test_a_move_that_came_late_is_read_in_full_and_is_no_difference(db, shop, sold, monkeypatch):
    monkeypatch.setattr(audit, "SETTLED_AFTER", timedelta(seconds=-1))
    await run(db, shop)
    # A move with a number from before the auditor's place, as a clock that runs behind makes them.
    late = text("UPDATE stock_books SET through_move = through_move + 1000000000000")
    await db.write(SYSTEM, shop, lambda tx: tx.conn.execute(late))
    await paid(db, shop, sold.sku_id, 2)
    assert await run(db, shop) == [(AuditKind.RECENT, 0, [])]
    assert await run(db, shop) == [(AuditKind.RECENT, 0, [])]


async def test_the_auditor_comes_again_by_the_clock(db, shop, sold):
    assert await fire(db, "stock.audit") == 0
    due = text("UPDATE stock_books SET due_at = :at")
    await db.write(SYSTEM, shop, lambda tx: tx.conn.execute(due, {"at": wall_now() - timedelta(seconds=1)}))
    assert sum(await asyncio.gather(*(fire(db, "stock.audit") for _ in range(4)))) == 1
    assert await fire(db, "stock.audit") == 0
