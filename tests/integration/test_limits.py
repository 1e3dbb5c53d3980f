"""Limits: told of before they run out, written down when missed, and standing still when they pause."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg
import pytest
from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, Table, insert, select

from liveshelf.entry import registry
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform import limits, timers
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.rounds import Rounds, rounds
from liveshelf.platform.schema import Id, Instant
from liveshelf.platform.timers import Timer, Warn, sweep
from tests.make.selling import Sold, bought, guest, something, wish
from tests.make.shops import a_shop

AHEAD = timedelta(minutes=5)


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop)


@pytest.fixture
def unpaid() -> Timer:
    """The clock of unpaid orders, told of five minutes ahead."""
    (timer,) = (one for one in registry.timers() if one.name == "orders.unpaid")
    return replace(timer, warning=Warn(AHEAD, "orders.read"))


def go(clock: Clock, to: datetime) -> None:
    clock.set_offset(to - Clock().now())


async def events(db: Database, shop: ShopId, name: str) -> list[dict[str, object]]:
    from liveshelf.platform._tables import events as table  # noqa: PLC0415 - what was emitted, as it lies there

    async with db.read(shop) as tx:
        rows = await tx.all(select(table).where(table.c.shop_id == shop, table.c.name == name))
    return [row.body for row in rows]


async def test_a_limit_is_told_of_once_and_not_a_second_too_early(db, clock, shop, sold, unpaid):
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    go(clock, placed.expires_at - AHEAD - timedelta(seconds=2))
    assert await limits.warn(db, unpaid) == 0
    go(clock, placed.expires_at - AHEAD)
    assert sum(await asyncio.gather(*(limits.warn(db, unpaid) for _ in range(4)))) >= 1
    assert await limits.warn(db, unpaid) == 0
    (told,) = await events(db, shop, "clock.limit_near")
    assert told["subject"] == f"order:{placed.order_id}"
    assert told["clock"] == "orders.unpaid"
    assert told["to"] == "orders.read"


async def test_a_limit_that_ran_out_already_is_not_told_of_ahead(db, clock, shop, sold, unpaid):
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    go(clock, placed.expires_at)
    assert await limits.warn(db, unpaid) == 0


async def test_one_shops_trouble_does_not_keep_the_others_from_being_warned(db, clock, shop, sold, unpaid, monkeypatch):
    other = (await a_shop(db, "邻居")).shop
    theirs = await something(db, other)
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    placed = await bought(db, other, wish(await guest(db, other), theirs.sku_id))
    go(clock, placed.expires_at - timedelta(minutes=1))
    whole = limits._warn

    async def fails(tx: Tx, timer: Timer) -> int:
        if tx.shop == shop:
            raise RuntimeError
        return await whole(tx, timer)

    monkeypatch.setattr(limits, "_warn", fails)
    assert await limits.warn(db, unpaid) == 1
    assert len(await events(db, other, "clock.limit_near")) == 1


async def test_a_missed_limit_is_written_down_once_and_settled_when_it_came(db, clock, shop):
    due = clock.now()
    go(clock, due + timedelta(seconds=601))
    facts = [("refund:7", due), ("refund:8", due), ("refund:7", due)]
    assert await db.write(SYSTEM, shop, lambda tx: limits.missed(tx, "payments.refund", facts)) == 2
    assert await db.write(SYSTEM, shop, lambda tx: limits.missed(tx, "payments.refund", facts)) == 0
    assert len(await events(db, shop, "clock.limit_missed")) == 2
    go(clock, due + timedelta(seconds=700))
    await db.write(SYSTEM, shop, lambda tx: limits.settled(tx, "payments.refund", ["refund:7", "refund:9"]))
    other = (await a_shop(db, "邻居")).shop
    async with db.read(other) as tx:
        assert (await limits.breaches(tx)).items == []
    async with db.read(shop) as tx:
        page = await limits.breaches(tx, clock="payments.refund", limit=1)
        rest = await limits.breaches(tx, clock="payments.refund", cursor=page.next)
        assert (await limits.breaches(tx, clock="orders.unpaid")).items == []
    by_subject = {one.subject: one for one in [*page.items, *rest.items]}
    assert set(by_subject) == {"refund:7", "refund:8"}
    late = by_subject["refund:7"]
    assert late.settled_at is not None
    assert 600 <= (late.noticed_at - late.due_at).total_seconds() < 610
    assert 700 <= (late.settled_at - late.due_at).total_seconds() < 710
    assert by_subject["refund:8"].settled_at is None


# A table as a capability would have it, made by hand: nothing of the product need pause for this.
pausable = Table(
    "pausable",
    MetaData(),
    Column("shop_id", Id, nullable=False),
    Column("case_id", Id, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("second_due_at", Instant, nullable=False),
    *timers.pause_columns(),
    PrimaryKeyConstraint("shop_id", "case_id"),
)


@pytest.fixture
async def cases(db: Database, shop: ShopId, admin_dsn: str, clock: Clock) -> datetime:
    """Two cases, due in an hour; the instant they began."""
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute(
        "CREATE TABLE pausable (shop_id bigint, case_id bigint, due_at timestamptz, second_due_at timestamptz,"
        " paused_at timestamptz, paused_reason text, PRIMARY KEY (shop_id, case_id))"
    )
    await admin.execute("GRANT ALL ON pausable TO liveshelf_app")
    await admin.close()
    now = clock.now()
    rows = [
        {"shop_id": shop, "case_id": n, "due_at": now + timedelta(hours=1), "second_due_at": now + timedelta(hours=2)}
        for n in (1, 2)
    ]
    await db.write(SYSTEM, shop, lambda tx: tx.conn.execute(insert(pausable), rows))
    return now


async def test_a_clock_that_stands_still_keeps_what_was_left(db, clock, shop, cases: datetime):
    first = pausable.c.case_id == 1
    pause, go_on = timers.pause(pausable, first), timers.go_on(pausable, first, due=("due_at", "second_due_at"))

    async def stop(why: str) -> int:
        return (await db.write(SYSTEM, shop, lambda tx: tx.execute(pause, moment=tx.now, why=why))).rowcount

    async def start() -> int:
        return (await db.write(SYSTEM, shop, lambda tx: tx.execute(go_on, moment=tx.now))).rowcount

    assert await start() == 0  # it runs
    go(clock, cases + timedelta(minutes=59, seconds=58))
    assert await stop("waits_for_buyer") == 1
    assert await stop("another reason") == 0
    async with db.read(shop) as tx:
        paused_at = (await tx.all(select(pausable).where(first)))[0].paused_at
        running = await tx.all(select(pausable).where(timers.runs(pausable)))
    assert [row.case_id for row in running] == [2]
    go(clock, cases + timedelta(days=3))
    assert await start() == 1
    assert await start() == 0
    async with db.read(shop) as tx:
        row = (await tx.all(select(pausable).where(first)))[0]
        now = tx.now
    left = cases + timedelta(hours=1) - paused_at
    assert timedelta(0) < left <= timedelta(seconds=2)
    assert abs(row.due_at - now - left) < timedelta(seconds=1)
    assert row.second_due_at - row.due_at == timedelta(hours=1)
    assert (row.paused_at, row.paused_reason) == (None, None)


async def test_what_the_workers_did_adds_up(db, shop):
    one, another = Rounds(), Rounds()
    one.looked("orders.unpaid", fired=3)
    one.failed("orders.unpaid", shop)
    another.looked("orders.unpaid", fired=4)
    another.looked("rooms.due", fired=0)
    await asyncio.gather(one.write(db), another.write(db))
    await one.write(db)  # nothing new
    async with db.read() as tx:
        found = {line.clock: line for line in await rounds(tx)}
    assert (found["orders.unpaid"].fired, found["orders.unpaid"].failed) == (7, 1)
    assert found["orders.unpaid"].failed_shop == shop
    assert found["rooms.due"].failed_at is None


async def test_a_shop_that_fails_is_told_and_the_others_fire(db, clock, shop, sold, unpaid):
    other = (await a_shop(db, "邻居")).shop
    theirs = await something(db, other)
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    placed = await bought(db, other, wish(await guest(db, other), theirs.sku_id))
    go(clock, placed.expires_at + timedelta(seconds=1))

    async def fails(tx: Tx, limit: int) -> int:
        if tx.shop == shop:
            raise RuntimeError
        return await unpaid.fire(tx, limit)

    failed: list[ShopId] = []
    assert await sweep(db, replace(unpaid, fire=fails), failed=failed.append) == 1
    assert failed == [shop]
    assert await sweep(db, unpaid) == 1
