"""The calendar of working days, which the platform's people keep."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from litestar import delete, get, put
from litestar.params import PathParameter

from liveshelf.accounts.types import Operator
from liveshelf.facades.native.shell import RequestId, instant, once, reviewer
from liveshelf.kernel.ids import PLATFORM
from liveshelf.kernel.time import china_day
from liveshelf.platform import calendar
from liveshelf.platform.calendar import FIRST_YEAR, LAST_YEAR, Days, KnownYear
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.trail import service as trail

YearNumber = Annotated[int, msgspec.Meta(ge=FIRST_YEAR, le=LAST_YEAR), PathParameter(ge=FIRST_YEAR, le=LAST_YEAR)]


class YearEntered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A year as it is announced: days off, and weekend days that are worked."""

    request_id: RequestId
    off: Days
    on: Days


class YearView(msgspec.Struct, frozen=True):
    """A known year. `entered` says that the platform's people have entered or corrected it."""

    year: int
    off: list[date]
    on: list[date]
    entered: bool
    changed_by: str
    changed_at: str | None


class CalendarView(msgspec.Struct, frozen=True):
    """The whole calendar. `unknown` are years that ought to be known by now: in them only weekends are off."""

    years: list[YearView]
    unknown: list[int]
    today: date


@get("/calendar", dependencies=reviewer("reviews.read"), tags=["calendar"])
async def show_calendar(operator: Operator, runtime: Runtime) -> CalendarView:  # noqa: ARG001 - the check is the point
    """Every year that is known, and those that are missing."""
    async with runtime.db.read() as tx:
        return await _view(tx)


@put("/calendar/{year:int}", dependencies=reviewer("calendar.write"), tags=["calendar"])
async def enter_year(year: YearNumber, data: YearEntered, operator: Operator, runtime: Runtime) -> CalendarView:
    """Enter a year or correct it. Limits that run already keep their day."""

    async def work(tx: Tx) -> bool:
        await calendar.save_year(tx, year, calendar.Year(data.off, data.on))
        trail.record(tx, "calendar.save_year", f"year:{year}", off=len(data.off), on=len(data.on))
        return True

    await runtime.db.write(
        operator.actor, PLATFORM, work, once=once("calendar.save_year", data.request_id, [year, data], bool)
    )
    async with runtime.db.read() as tx:
        return await _view(tx)


@delete("/calendar/{year:int}", dependencies=reviewer("calendar.write"), tags=["calendar"], status_code=200)
async def forget_year(year: YearNumber, operator: Operator, runtime: Runtime) -> CalendarView:
    """Take back what was entered for a year; the year as it is shipped stands again."""

    async def work(tx: Tx) -> None:
        await calendar.forget_year(tx, year)
        trail.record(tx, "calendar.forget_year", f"year:{year}")

    await runtime.db.write(operator.actor, PLATFORM, work)
    async with runtime.db.read() as tx:
        return await _view(tx)


async def _view(tx: ReadTx) -> CalendarView:
    known = await calendar.years(tx)
    unknown = calendar.unknown_years(await calendar.working_days(tx), tx.now)
    return CalendarView([_year(one) for one in known], list(unknown), china_day(tx.now))


def _year(one: KnownYear) -> YearView:
    return YearView(one.year, list(one.off), list(one.on), one.entered, one.changed_by, instant(one.changed_at))


ROUTES = [show_calendar, enter_year, forget_year]
