"""A real PostgreSQL for every test that asks: one cluster a worker, migrated once into a template, of which each test
has a copy.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import asyncpg
import httpx
import pytest
import uvloop
from hypothesis import settings as hypothesis_settings
from sqlalchemy import QueuePool
from sqlalchemy.ext.asyncio import AsyncEngine

from liveshelf.adapters.payments.simulator_keys import new_sealed
from liveshelf.entry import migrate
from liveshelf.entry.compose import provide_adapters
from liveshelf.entry.http import HttpApp, create_app
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, connect
from liveshelf.platform.embedded import EmbeddedPostgres
from liveshelf.platform.fanout import PostgresBus
from liveshelf.platform.outbound import Outbound
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.platform.signing import Keys
from tests.make.databases import KEPT, Databases, databases
from tests.make.scratch import forget_shared, scratch

# How long one example takes says how busy the machine is, not what is wrong with the code.
hypothesis_settings.register_profile("liveshelf", deadline=None)
hypothesis_settings.load_profile("liveshelf")

# What the product runs on.
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

TEMPLATE = "liveshelf_template"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long seeds to `script/test --deep`."""
    if os.environ.get("LIVESHELF_TEST_DEEP"):
        return
    long = [item for item in items if item.get_closest_marker("deep")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


def pytest_collection_finish() -> None:
    """All tests stay until the end: nobody need look through them for cycles again."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Nothing that the workers shared is left."""
    forget_shared()


@pytest.fixture(scope="session")
def keys() -> Keys:
    """Fixed keys: what tests sign in one process verifies in another."""
    return Keys(bytes(range(32)))


@pytest.fixture(scope="session")
def cluster(keys: Keys) -> Iterator[EmbeddedPostgres]:
    """A running PostgreSQL with a migrated template database. fsync is off: only here may data be lost."""
    # Passwords are checked some ten thousand times; copies that are used again are nobody's to vacuum.
    fast = {"scram_iterations": "1", "autovacuum": "off"}
    with scratch() as folder, EmbeddedPostgres(folder, fsync=False, extra_settings=fast) as server:

        async def prepare() -> None:
            admin = await asyncpg.connect(server.superuser_dsn())
            await admin.execute(f"CREATE DATABASE {TEMPLATE}")
            await admin.close()
            await migrate.migrate(server.superuser_dsn(TEMPLATE), keys)
            # Made once for all tests: two keys take half a second.
            admin = await asyncpg.connect(server.superuser_dsn(TEMPLATE))
            await admin.execute("INSERT INTO simulator_keys VALUES (1, $1)", new_sealed(keys))
            await admin.close()

        asyncio.run(prepare())
        yield server


@pytest.fixture(scope="session")
def copies(cluster: EmbeddedPostgres) -> Iterator[Databases]:
    """The worker's copies of the template."""
    with databases(cluster, TEMPLATE) as found:
        yield found


@pytest.fixture
def admin_dsn(copies: Databases) -> Iterator[str]:
    """The superuser's address of a migrated, empty database that is the test's own."""
    with copies.taken() as dsn:
        yield dsn


@pytest.fixture
def app_dsn(admin_dsn: str, keys: Keys) -> str:
    """The same database as the product connects to it: the app role, which owns nothing."""
    return migrate.app_dsn(admin_dsn, keys)


@pytest.fixture
def settings(tmp_path: Path, app_dsn: str) -> Settings:
    """Settings of a product on the test's database, with a movable clock."""
    return replace(Settings(), data_dir=tmp_path, app_database_url=app_dsn, movable_clock=True, simulated_payment=True)


@pytest.fixture
def clock(settings: Settings) -> Clock:
    """The clock of the test's process; move it with `advance`."""
    return Clock(movable=settings.movable_clock)


@pytest.fixture
async def db(app_dsn: str, clock: Clock) -> AsyncIterator[Database]:
    """The database as the app role. Its connections outlive the test, since each costs as much as a small test."""
    engine = _engines.get(app_dsn)
    if engine is None:
        engine = _engines[app_dsn] = connect(app_dsn, clock, process=KEPT).engine
        _share_compiled(engine)
    yield Database(engine, clock)
    if cast("QueuePool", engine.sync_engine.pool).checkedout():  # by something that was broken off
        del _engines[app_dsn]
        await engine.dispose()


_engines: dict[str, AsyncEngine] = {}


def _share_compiled(engine: AsyncEngine) -> None:
    """Let every engine use what the worker's first one has compiled: each would compile the same statements anew."""
    ours, first = engine.sync_engine, next(iter(_engines.values())).sync_engine
    # What was compiled is found by its dialect too, so that is shared as well.
    ours.dialect = ours.pool._dialect = first.dialect
    ours._compiled_cache = first._compiled_cache


@pytest.fixture
async def runtime(settings: Settings, keys: Keys, clock: Clock, db: Database, app_dsn: str) -> AsyncIterator[Runtime]:
    """What a process of the product has at hand. Adapters are the test's to provide."""
    outbound = Outbound()
    async with PostgresBus(app_dsn).running() as bus:
        yield Runtime(settings, keys, clock, db, bus, outbound)
    await outbound.close()


@pytest.fixture
async def http_app(runtime: Runtime) -> AsyncIterator[HttpApp]:
    """The whole HTTP process in the test's own process: wire, native API, pages."""
    provide_adapters(runtime)
    async with create_app(runtime).running() as app:
        yield app


@pytest.fixture
async def client(http_app: HttpApp) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of `http_app`, with a cookie jar of its own."""
    transport = httpx.ASGITransport(app=http_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as caller:
        yield caller
