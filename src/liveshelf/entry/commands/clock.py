"""`liveshelf clock`: business time of an installation whose clock can be moved."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import datetime, timedelta

import click

from liveshelf.entry.commands.installation import database, is_movable
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import connect
from liveshelf.platform.settings import Settings

_DURATION = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Duration(click.ParamType[timedelta]):
    """A length of time: 90s, 15m, 72h, 3d."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read the text; refuse anything that is not a positive number and a unit."""
        match = _DURATION.fullmatch(str(value))
        if match is None or not int(match.group(1)):
            self.fail(f"{value!r} is not a length of time such as 90s, 15m, 72h or 3d", param, ctx)
        return timedelta(**{_UNITS[match.group(2)]: int(match.group(1))})


@click.group("clock")
def clock() -> None:
    """Business time. 业务时钟。"""


@clock.command("advance")
@click.argument("by", type=Duration())
@click.pass_obj
def advance(settings: Settings, by: timedelta) -> None:
    """Move business time forward, for example `72h`. Deadlines follow; sessions, codes and signatures do not."""
    if not is_movable(settings):
        raise click.ClickException(
            "The clock of this installation can't be moved: it was not made with `serve --clock movable`."
        )
    with database(settings) as ready:
        now = asyncio.run(_advance(replace(ready, movable_clock=True), by))
    click.echo(f"business time is now {now.isoformat(timespec='seconds')}")


async def _advance(settings: Settings, by: timedelta) -> datetime:
    # As the owner of the database: the running product may not move its own clock.
    db = connect(settings.database_url, Clock(movable=True), pool_size=1, process="liveshelf cli")
    try:
        await db.advance_clock(by)
        async with db.read() as tx:
            return tx.now
    finally:
        await db.dispose()
