"""`liveshelf calendar`: the working days that limits are reckoned with."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from liveshelf.entry.commands.installation import database, opened
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import PLATFORM
from liveshelf.platform import calendar as days
from liveshelf.platform.calendar import KnownYear, Year
from liveshelf.platform.db import Tx
from liveshelf.platform.settings import Settings


@click.group("calendar")
def calendar() -> None:
    """Working days, holidays and made-up weekends. 工作日历。"""


@calendar.command("show")
@click.pass_obj
def show(settings: Settings) -> None:
    """The years that are known."""
    for year in _run(settings, {}):
        source = f"entered by {year.changed_by}" if year.entered else "as shipped"
        click.echo(f"{year.year}  {len(year.off)} days off, {len(year.on)} weekend days worked, {source}")


@calendar.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def load(settings: Settings, file: Path) -> None:
    """Enter the years of a JSON file: {"2027": {"off": ["2027-01-01"], "on": []}}."""
    try:
        entered = days.read_years(file.read_bytes())
    except DomainError as error:
        raise click.ClickException(error.detail) from error
    _run(settings, entered)
    click.echo(f"entered: {', '.join(str(year) for year in sorted(entered)) or 'nothing'}")


def _run(settings: Settings, entered: dict[int, Year]) -> list[KnownYear]:
    async def work(tx: Tx) -> None:
        for number, year in entered.items():
            await days.save_year(tx, number, year)

    async def on_installation(ready: Settings) -> list[KnownYear]:
        async with opened(ready) as runtime:
            await runtime.db.write(SYSTEM, PLATFORM, work)
            async with runtime.db.read() as tx:
                return await days.years(tx)

    with database(settings) as ready:
        return asyncio.run(on_installation(ready))
