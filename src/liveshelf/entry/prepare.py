"""Brings an installation's database to the state that the processes expect: schema, roles, void verdicts, demo data.

Run by `serve` in a process of its own, since migrations and picture rendering leave much in memory.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

from liveshelf.entry import migrate
from liveshelf.entry.compose import runtime_of
from liveshelf.flows import listing, replay_review
from liveshelf.kernel.actors import SYSTEM
from liveshelf.platform import log
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings, read_settings
from liveshelf.platform.signing import load_keys
from liveshelf.rooms import approval
from liveshelf.shops import queries as shops


async def prepare(settings: Settings) -> None:
    """Migrate, leave the app role's address for the other processes, and settle what the modes ask for."""
    keys = load_keys(settings.secret_key, settings.data_dir)
    await migrate.migrate(settings.database_url, keys)
    settings = replace(settings, app_database_url=migrate.app_dsn(settings.database_url, keys))
    _leave(settings.data_dir / "app-database", settings.app_database_url)
    async with runtime_of(settings, "prepare") as runtime:
        if not settings.development_review:
            await _void(runtime)
        if settings.demo:
            # Drawing pictures is not needed where no demo is wanted.
            from liveshelf.entry.demo.seed import seed_demo  # noqa: PLC0415

            await seed_demo(runtime, settings.data_dir, profile=os.environ.get("LIVESHELF_PROFILE", "demo"))


async def _void(runtime: Runtime) -> None:
    async with runtime.db.read() as tx:
        every = await shops.shops(tx)
    for shop in every:
        for void in (listing, approval, replay_review):
            await runtime.db.write(SYSTEM, shop.shop_id, void.void_development_verdicts)


def _leave(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)


if __name__ == "__main__":
    settings = read_settings()
    log.configure(settings.log_level, "prepare")
    try:
        asyncio.run(prepare(settings))
    except OSError as error:
        sys.exit(f"liveshelf: the database can't be reached: {error}")
