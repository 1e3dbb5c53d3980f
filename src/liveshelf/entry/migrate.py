"""Brings a database to the present schema: roles, migrations, the job queue's schema, grants. Safe to repeat."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

import liveshelf
from liveshelf.entry import phone_tails, registry
from liveshelf.platform.jobs import job_app
from liveshelf.platform.schema import APPEND_ONLY, ROLE_APP, ROLE_OWNER, SCHEMA_JOBS
from liveshelf.platform.signing import Keys

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x6C73_00  # two starts at once migrate one after the other


def app_password(keys: Keys) -> str:
    """The password of the app role: derived, so that no file holds it."""
    return keys.mac("db-app", b"password").hex()


def app_dsn(admin_dsn: str, keys: Keys) -> str:
    """The address under which the product itself connects: the app role, which owns nothing."""
    parts = urlsplit(admin_dsn)
    host = parts.netloc.rsplit("@", 1)[-1]
    return urlunsplit((parts.scheme, f"{ROLE_APP}:{quote(app_password(keys))}@{host}", parts.path, parts.query, ""))


async def migrate(admin_dsn: str, keys: Keys) -> None:
    """Create roles where missing, upgrade the schema as the owner role, and set the app role's grants.

    `admin_dsn` names a role that may create roles. Raises whatever PostgreSQL refuses; a failed upgrade leaves the
    old schema.
    """
    admin = await _connected(admin_dsn)
    try:
        await admin.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await _roles(admin, app_password(keys))
        if await _version(admin) != _head():
            await _upgrade(admin_dsn)
        await phone_tails.fill(admin, keys)
        await _job_schema(admin, admin_dsn)
        for statement in _grants():
            await admin.execute(statement)
    finally:
        await admin.close()


async def schema_differences(admin_dsn: str) -> list[str]:
    """Where the tables in the code and the migrated database differ; empty when they agree."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - heavy, and only the check needs it
    from alembic.migration import MigrationContext  # noqa: PLC0415

    def compare(connection: Connection) -> list[str]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, registry.tables())]

    engine = create_async_engine(_sqlalchemy(admin_dsn))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()


def alembic_config(admin_dsn: str) -> Config:
    """Alembic's configuration, made here so that no ini file repeats it."""
    from alembic.config import Config  # noqa: PLC0415 - see _upgrade

    config = Config()
    config.set_main_option("script_location", str(_migrations()))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["url"] = _sqlalchemy(admin_dsn)
    return config


def _migrations() -> Path:
    package = Path(liveshelf.__file__).parent
    beside_source = package.parents[1] / "migrations"
    return beside_source if beside_source.is_dir() else package / "migrations"


def _sqlalchemy(dsn: str) -> str:
    return dsn.replace("postgresql://", "postgresql+asyncpg://", 1)


async def _connected(dsn: str) -> asyncpg.Connection:
    """A connection to the database, which is made when the server does not have it yet."""
    try:
        return await asyncpg.connect(dsn)
    except asyncpg.InvalidCatalogNameError:
        parts = urlsplit(dsn)
        server = await asyncpg.connect(urlunsplit((*parts[:2], "/postgres", *parts[3:])))
        await server.execute(f'CREATE DATABASE "{parts.path.lstrip("/")}"')
        await server.close()
        return await asyncpg.connect(dsn)


async def _roles(admin: asyncpg.Connection, password: str) -> None:
    for role, login in ((ROLE_OWNER, "NOLOGIN"), (ROLE_APP, "LOGIN")):
        if not await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
            await admin.execute(f"CREATE ROLE {role} {login}")
    await admin.execute(f"ALTER ROLE {ROLE_APP} PASSWORD '{password}'")  # hexadecimal: nothing to quote
    await admin.execute(f"GRANT {ROLE_OWNER} TO CURRENT_USER")
    await admin.execute(f"GRANT CREATE, USAGE ON SCHEMA public TO {ROLE_OWNER}")


async def _version(admin: asyncpg.Connection) -> str | None:
    if await admin.fetchval("SELECT to_regclass('public.alembic_version')") is None:
        return None
    return cast("str | None", await admin.fetchval("SELECT version_num FROM alembic_version"))


def _head() -> str:
    """The newest revision: they are numbered and make one line."""
    return max(path.name for path in (_migrations() / "versions").glob("[0-9]*.py")).split("_")[0]


async def _upgrade(admin_dsn: str) -> None:
    from alembic import command  # noqa: PLC0415 - half a second that a start without a migration need not spend

    # Alembic drives its own event loop, so it runs in a thread that has none.
    await asyncio.to_thread(command.upgrade, alembic_config(admin_dsn), "head")


async def _job_schema(admin: asyncpg.Connection, admin_dsn: str) -> None:
    await admin.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA_JOBS} AUTHORIZATION {ROLE_OWNER}")
    if await admin.fetchval("SELECT to_regclass($1)", f"{SCHEMA_JOBS}.procrastinate_jobs") is None:
        app = job_app(admin_dsn)
        async with app.open_async():
            await app.schema_manager.apply_schema_async()


def _grants() -> list[str]:
    """The app role reads everything, writes ordinary tables, only adds to append-only ones, and owns nothing."""
    tables = registry.tables()
    statements = [
        f"GRANT USAGE ON SCHEMA public, {SCHEMA_JOBS} TO {ROLE_APP}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ROLE_APP}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA_JOBS} TO {ROLE_APP}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {SCHEMA_JOBS} TO {ROLE_APP}",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {SCHEMA_JOBS} TO {ROLE_APP}",
        f"ALTER ROLE {ROLE_APP} SET search_path = public, {SCHEMA_JOBS}",
    ]
    for name in sorted(tables.tables):
        statements.append(f"REVOKE UPDATE, DELETE, TRUNCATE ON {name} FROM {ROLE_APP}")
        if name not in APPEND_ONLY:
            statements.append(f"GRANT INSERT, UPDATE, DELETE ON {name} TO {ROLE_APP}")
            continue
        statements.append(f"GRANT INSERT ON {name} TO {ROLE_APP}")
        if APPEND_ONLY[name]:
            statements.append(f"GRANT UPDATE ({', '.join(APPEND_ONLY[name])}) ON {name} TO {ROLE_APP}")
    statements.append(
        f"REVOKE INSERT, UPDATE, DELETE ON clock_offset FROM {ROLE_APP}"
    )  # only the command line moves the clock
    return statements
