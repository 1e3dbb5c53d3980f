"""Quotas under many callers, in one process and in several: never exceeded, never refused too early."""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, connect
from liveshelf.shops import queries, service
from liveshelf.shops.errors import QuotaExhausted, SubmissionsExhausted
from liveshelf.shops.shares import Shares
from tests.make.shops import a_shop

PROCESSES, THREADS = 2, 50


def calls_of_a_process(dsn: str, shop: int, quota: str, calls: int) -> int:
    """How many of a process's concurrent calls were let through."""

    async def run() -> int:
        db = connect(dsn, Clock())
        shares = Shares(db, Clock())

        async def one() -> bool:
            try:
                await shares.spend(ShopId(shop), quota)
            except QuotaExhausted:
                return False
            return True

        passed = sum(await asyncio.gather(*(one() for _ in range(calls))))
        await shares.close()
        await db.dispose()
        return passed

    return asyncio.run(run())


def submission_of_a_thread(dsn: str, shop: int) -> bool:
    """Whether one submission, on a connection of its own, was let through."""

    async def run() -> bool:
        db = connect(dsn, Clock(), pool_size=1)
        try:
            await db.write(SYSTEM, ShopId(shop), service.spend_submission)
        except SubmissionsExhausted:
            return False
        finally:
            await db.dispose()
        return True

    return asyncio.run(run())


async def used(db: Database, shop: ShopId, quota: str) -> int:
    async with db.read(shop) as tx:
        return {state.key: state.used for state in await queries.quotas(tx)}[quota]


@pytest.mark.feature("A-109")
@pytest.mark.parametrize(("quota", "limit"), [("goods.delete", 130), ("goods.getapproved", 2_500)])
async def test_processes_together_pass_exactly_the_limit(db: Database, app_dsn: str, quota: str, limit: int):
    shop = (await a_shop(db)).shop
    await db.write(SYSTEM, shop, lambda tx: service.set_limits(tx, {quota: limit}))
    calls = limit  # of each process, so that together they want twice what there is
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        work = [pool.submit(calls_of_a_process, app_dsn, int(shop), quota, calls) for _ in range(PROCESSES)]
        passed = [await asyncio.wrap_future(one) for one in work]
    assert sum(passed) <= limit
    assert await used(db, shop, quota) == sum(passed)
    if limit <= 1_000:
        assert sum(passed) == limit


@pytest.mark.feature("A-202")
async def test_fifty_threads_get_exactly_the_submissions_that_are_left(db: Database, app_dsn: str):
    shop = (await a_shop(db)).shop
    await db.write(SYSTEM, shop, lambda tx: service.take_quota(tx, "submissions", 479))
    with ThreadPoolExecutor(THREADS) as pool:
        work = [pool.submit(submission_of_a_thread, app_dsn, int(shop)) for _ in range(THREADS)]
        passed = [await asyncio.wrap_future(one) for one in work]
    assert sum(passed) == 21
    assert await used(db, shop, "submissions") == 500


async def test_a_large_quota_is_spent_to_its_last_call_by_one_process(db: Database):
    shop = (await a_shop(db)).shop
    await db.write(SYSTEM, shop, lambda tx: service.set_limits(tx, {"goods.getapproved": 3_000}))
    shares = Shares(db, Clock())
    for _ in range(30):
        await asyncio.gather(*(shares.spend(shop, "goods.getapproved") for _ in range(100)))
    with pytest.raises(QuotaExhausted):
        await shares.spend(shop, "goods.getapproved")
    assert await used(db, shop, "goods.getapproved") == 3_000


async def test_a_limit_made_smaller_holds_at_once_in_the_process_that_made_it(db: Database):
    shop = (await a_shop(db)).shop
    shares = Shares(db, Clock())
    await shares.spend(shop, "goods.getapproved")
    await shares.spend(shop, "goods.getapproved")
    assert shares.held(shop, "goods.getapproved")
    await db.write(SYSTEM, shop, lambda tx: service.set_limits(tx, {"goods.getapproved": 2}))
    shares.forget(shop)
    with pytest.raises(QuotaExhausted):
        await shares.spend(shop, "goods.getapproved")
