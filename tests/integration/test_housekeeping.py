"""What would grow for ever, and does not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import msgspec
from sqlalchemy import func, select, update

from liveshelf.entry import worker
from liveshelf.entry.compose import provide_adapters
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform import jobs
from liveshelf.platform._jobs import RESULTS_KEPT
from liveshelf.platform._tables import idempotency
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.idempotency import Once
from tests.make.selling import fire

SHOPS = (ShopId(7), ShopId(8))


class Made(msgspec.Struct, frozen=True):
    number: int


async def make(tx: Tx) -> Made:
    return Made(await tx.next_number("thing"))


async def _keys(db: Database, shop: ShopId) -> set[str]:
    async with db.read(shop) as tx:
        return {row.key for row in await tx.all(select(idempotency.c.key).where(idempotency.c.shop_id == shop))}


async def test_results_are_remembered_for_seven_days(db: Database):
    for shop in SHOPS:
        for key in ("old", "new"):
            await db.write(SYSTEM, shop, make, once=Once("thing.make", key, {}, Made))

    async def age(tx: Tx) -> None:
        await tx.execute(
            update(idempotency)
            .where(idempotency.c.key == "old")
            .values(created_at=wall_now() - RESULTS_KEPT - timedelta(minutes=1))
        )

    await db.write(SYSTEM, SHOPS[0], age)
    assert await fire(db, "platform.forget_results") == len(SHOPS)
    assert [await _keys(db, shop) for shop in SHOPS] == [{"new"}, {"new"}]
    again = await db.write(SYSTEM, SHOPS[0], make, once=Once("thing.make", "new", {}, Made))
    assert again.number == 2  # as it was made before
    async with db.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(idempotency)) == len(SHOPS)


async def test_jobs_that_are_done_leave_the_queue(runtime, admin_dsn):
    provide_adapters(runtime)
    app = jobs.job_app(runtime.settings.app_database_url)
    async with app.open_async():
        await jobs.defer(app, [("trail.seal", {"shop_id": shop}) for shop in SHOPS])
    admin = await asyncpg.connect(admin_dsn)
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run(runtime, stop))
    try:
        async with asyncio.timeout(10):
            while await admin.fetchval("SELECT count(*) FROM jobs.procrastinate_jobs"):  # noqa: ASYNC110 - a table has no event
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await working
        await admin.close()
