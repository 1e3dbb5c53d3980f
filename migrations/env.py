"""Alembic's environment: the whole schema of the code, applied as the owner role, in one transaction."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from liveshelf.entry import registry
from liveshelf.platform.schema import ROLE_OWNER


def _run(connection: Connection) -> None:
    connection.execute(text(f"SET ROLE {ROLE_OWNER}"))
    connection.execute(
        text("SET lock_timeout = '10s'")
    )  # a migration waits for no long transaction in the way of the product
    connection.commit()
    context.configure(connection=connection, target_metadata=registry.tables(), compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def _online() -> None:
    engine = create_async_engine(context.config.attributes["url"])
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run)
    finally:
        await engine.dispose()


asyncio.run(_online())
