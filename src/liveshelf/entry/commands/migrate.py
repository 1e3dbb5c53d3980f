"""`liveshelf migrate`: bring the database to the present schema."""

from __future__ import annotations

import asyncio

import click

from liveshelf.entry import migrate as schema
from liveshelf.entry.commands.installation import database
from liveshelf.platform.settings import Settings
from liveshelf.platform.signing import load_keys


@click.command("migrate")
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the database to the present schema. Safe to repeat. 升级数据库。"""
    with database(settings) as ready:
        asyncio.run(schema.migrate(ready.database_url, load_keys(ready.secret_key, ready.data_dir)))
    click.echo("the schema is up to date")
