"""Clocks under four workers that are killed and started again: what is due fires, and each of it once."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

from sqlalchemy import text

from liveshelf.kernel.ids import ShopId
from liveshelf.orders.types import CloseReason
from liveshelf.platform.db import Database, connect
from liveshelf.platform.settings import Settings
from tests.make.processes import Process, running, until
from tests.make.selling import Sold, buy, guest, level, something, wish
from tests.make.shops import a_shop

ORDERS_A_SHOP = 1_000
SHOPS = 3
BATCH = 50
KILLS = 10
LIMIT_S = 90


async def placed(db: Database, shop: ShopId, sold: Sold) -> None:
    who = [await guest(db, shop) for _ in range(5)]
    for _ in range(ORDERS_A_SHOP // BATCH):
        await buy(db, shop, *(wish(who[number % len(who)], sold.sku_id) for number in range(BATCH)))


async def kill_some(workers: list[Process], seed: int) -> None:
    """SIGKILL one after the other, wherever it is just then, and start each again."""
    chance = random.Random(seed)
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.05, 0.6))
        worker = chance.choice(workers)
        worker.kill()
        worker.start()


async def test_each_due_row_fires_once_whatever_workers_die(db: Database, settings: Settings, admin_dsn: str, clock):
    shops = [(await a_shop(db, f"店 {number}")).shop for number in range(SHOPS)]
    sold = {shop: await something(db, shop, on_hand=ORDERS_A_SHOP) for shop in shops}
    for shop in shops:
        await placed(db, shop, sold[shop])
    owner = connect(admin_dsn, clock)
    await owner.advance_clock(timedelta(hours=1))  # nobody looked meanwhile: all of them are due at once
    await owner.dispose()

    async def open_orders() -> int:
        async with db.engine.connect() as conn:
            return int((await conn.execute(text("SELECT count(*) FROM orders WHERE state = 'to_pay'"))).scalar_one())

    async def none_open() -> bool:
        return await open_orders() == 0

    assert await open_orders() == ORDERS_A_SHOP * SHOPS
    with running(settings, "http", "worker", "worker", "worker", "worker") as (_, *workers):
        await asyncio.gather(kill_some(workers, seed=20261127), until(none_open, within_s=LIMIT_S))
        await asyncio.sleep(2)  # another round of each: nothing is left to be fired again
    async with db.engine.connect() as conn:
        twice = "SELECT order_id FROM order_history WHERE why = 'unpaid' GROUP BY order_id HAVING count(*) <> 1"
        assert (await conn.execute(text(twice))).all() == []
        told = "SELECT count(*), count(DISTINCT body ->> 'order_id') FROM events WHERE name = 'order.closed'"
        assert tuple((await conn.execute(text(told))).one()) == (ORDERS_A_SHOP * SHOPS,) * 2
        reasons = "SELECT DISTINCT close_reason FROM orders"
        assert (await conn.execute(text(reasons))).scalars().all() == [CloseReason.UNPAID]
        released = "SELECT count(*) FROM stock_moves WHERE kind = 'expire'"
        assert (await conn.execute(text(released))).scalar_one() == ORDERS_A_SHOP * SHOPS
    for shop in shops:
        now = await level(db, shop, sold[shop].sku_id)  # and all books of the shop agree
        assert (now.on_hand, now.held) == (ORDERS_A_SHOP, 0)
