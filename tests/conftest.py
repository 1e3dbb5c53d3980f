"""A real PostgreSQL for every test that asks: one cluster a worker, migrated once into a template that each test
clones.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import httpx
import pytest
from hypothesis import settings as hypothesis_settings

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
from tests.make.scratch import scratch

# How long one example takes says how busy the machine is, not what is wrong with the code.
hypothesis_settings.register_profile("liveshelf", deadline=None)
hypothesis_settings.load_profile("liveshelf")

TEMPLATE = "liveshelf_template"
_numbers = itertools.count(1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long seeds to `script/test --deep`."""
    if os.environ.get("LIVESHELF_TEST_DEEP"):
        return
    long = [item for item in items if item.get_closest_marker("deep")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def keys() -> Keys:
    """Fixed keys: what tests sign in one process verifies in another."""
    return Keys(bytes(range(32)))


@pytest.fixture(scope="session")
def cluster(keys: Keys) -> Iterator[EmbeddedPostgres]:
    """A running PostgreSQL with a migrated template database. fsync is off: only here may data be lost."""
    with scratch() as folder, EmbeddedPostgres(folder, fsync=False) as server:

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


@pytest.fixture
async def admin_dsn(cluster: EmbeddedPostgres) -> AsyncIterator[str]:
    """The superuser's address of a fresh, migrated, empty database that is the test's own."""
    name = f"t{next(_numbers)}"
    admin = await asyncpg.connect(cluster.superuser_dsn())
    # Copying files is several times faster than logging every page of the copy, which would only serve a replica.
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    yield cluster.superuser_dsn(name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


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
    """The database as the app role."""
    database = connect(app_dsn, clock, process="test")
    _share_compiled(database)
    yield database
    await database.dispose()


_first: list[Database] = []


def _share_compiled(database: Database) -> None:
    """Let every test's engine use what the worker's first one has compiled: each would compile the same statements
    anew, a fifth of a test's time.
    """
    _first.append(database)
    del _first[1:]
    ours, first = database.engine.sync_engine, _first[0].engine.sync_engine
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
