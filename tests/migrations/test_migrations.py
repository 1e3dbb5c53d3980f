"""The migrations make what the code says, on the wheel's PostgreSQL and on Debian's, and may be run again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from liveshelf.entry import migrate
from liveshelf.platform.embedded import EmbeddedPostgres
from liveshelf.platform.schema import APPEND_ONLY, metadata
from liveshelf.platform.signing import Keys
from tests.make.scratch import scratch

DEBIAN = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(
    params=[
        "wheel",
        pytest.param(
            "debian", marks=pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's PostgreSQL 15 is not installed")
        ),
    ]
)
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    with scratch() as folder:
        server = (
            EmbeddedPostgres(folder / "pg", fsync=False)
            if request.param == "wheel"
            else EmbeddedPostgres.with_binaries(DEBIAN, folder / "pg", fsync=False)
        )
        with server:
            yield server


async def test_the_schema_is_what_the_code_says_and_migrating_again_changes_nothing(
    server: EmbeddedPostgres, keys: Keys
):
    dsn = server.superuser_dsn("shop")
    await migrate.migrate(dsn, keys)
    assert await migrate.schema_differences(dsn) == []
    await migrate.migrate(dsn, keys)
    assert await migrate.schema_differences(dsn) == []


async def test_the_running_product_owns_nothing_and_adds_only(server: EmbeddedPostgres, keys: Keys):
    dsn = server.superuser_dsn("shop")
    await migrate.migrate(dsn, keys)
    app = await asyncpg.connect(migrate.app_dsn(dsn, keys))
    assert await app.fetchval("SELECT count(*) FROM pg_class WHERE relowner = 'liveshelf_app'::regrole") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("CREATE TABLE mine (a int)")
    for table in sorted(APPEND_ONLY):
        column = next(iter(metadata.tables[table].primary_key)).name
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(f"DELETE FROM {table}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(f"UPDATE {table} SET {column} = {column}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(f"TRUNCATE {table}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("INSERT INTO clock_offset VALUES (1, 3600)")
    await app.close()


def test_there_is_one_line_of_migrations():
    scripts = ScriptDirectory.from_config(migrate.alembic_config("postgresql://nowhere"))
    assert len(scripts.get_heads()) == 1
