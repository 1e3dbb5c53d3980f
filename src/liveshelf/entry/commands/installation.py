"""How a command reaches an installation's data, whether the product is running or not."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import click

from liveshelf.entry.compose import runtime_of
from liveshelf.entry.migrate import app_dsn
from liveshelf.entry.serve import DATABASE
from liveshelf.platform import log
from liveshelf.platform.embedded import EmbeddedPostgres, EmbeddedPostgresError
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.platform.signing import load_keys


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[Settings]:
    """The settings with the addresses of a database that answers; PostgreSQL is started when it is not running."""
    if settings.database_url:
        yield _addressed(settings, settings.database_url)
        return
    if not (settings.data_dir / "installation.json").exists():
        raise click.ClickException(
            f"There is no installation in {settings.data_dir}. `liveshelf serve` makes one; --data names another."
        )
    try:
        with EmbeddedPostgres(settings.data_dir / "postgres") as server:
            yield _addressed(settings, server.superuser_dsn(DATABASE))
    except EmbeddedPostgresError as error:
        raise click.ClickException(str(error)) from error


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Runtime]:
    """A runtime for one command, on settings from `database`."""
    log.configure("warning", "cli")
    async with runtime_of(replace(settings, movable_clock=is_movable(settings), pool_size=2), "cli") as runtime:
        yield runtime


def is_movable(settings: Settings) -> bool:
    """Whether the data folder was made with a movable clock."""
    made = settings.data_dir / "installation.json"
    return made.exists() and json.loads(made.read_text())["clock"] == "movable"


def _addressed(settings: Settings, admin_dsn: str) -> Settings:
    keys = load_keys(settings.secret_key, settings.data_dir)
    return replace(settings, database_url=admin_dsn, app_database_url=app_dsn(admin_dsn, keys))
