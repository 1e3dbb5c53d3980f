"""The calendar of working days in China, as data: the years that we ship, and those that the platform's people have
entered or corrected, which stand in place of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib import resources
from typing import Annotated

import msgspec
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.kernel.errors import Invalid
from liveshelf.kernel.time import china_day
from liveshelf.kernel.workdays import WorkingDays
from liveshelf.platform._tables import working_years
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.log import logger

FIRST_YEAR, LAST_YEAR = 2000, 2100
_ANNOUNCED = (11, 15)  # month and day by which the next year's holidays are announced, as they have been for years
_SATURDAY = 5
_log = logger("calendar")

Days = Annotated[list[date], msgspec.Meta(max_length=366)]


class CalendarInvalid(Invalid):
    """A year off the calendar, or a day that is not of its year or stands in the wrong list."""

    code = "calendar.invalid"
    title = "This is not a year of working days."


class Year(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One year as it is announced: days off, and weekend days that are worked."""

    off: Days
    on: Days


@dataclass(frozen=True, slots=True)
class KnownYear:
    """A year of the calendar. `entered` says that the platform's people have entered or corrected it."""

    year: int
    off: tuple[date, ...]
    on: tuple[date, ...]
    entered: bool
    changed_by: str
    changed_at: datetime | None


_ENTERED = select(working_years).order_by(working_years.c.year)
_SAVE = pg_insert(working_years).values(
    year=bindparam("b_year"), off=bindparam("b_off"), on=bindparam("b_on"), by=bindparam("b_by"), at=bindparam("b_at")
)
_UPSERT = _SAVE.on_conflict_do_update(
    index_elements=[working_years.c.year],
    set_={name: _SAVE.excluded[name] for name in ("off", "on", "by", "at")},
)
_FORGET = delete(working_years).where(working_years.c.year == bindparam("b_year"))


async def years(tx: ReadTx) -> list[KnownYear]:
    """Every year that is known, the earliest first."""
    found = {
        int(name): KnownYear(int(name), tuple(year.off), tuple(year.on), entered=False, changed_by="", changed_at=None)
        for name, year in _shipped().items()
    }
    for row in await tx.all(_ENTERED):
        off, on = (tuple(date.fromisoformat(day) for day in days) for days in (row.off, row.on))
        found[row.year] = KnownYear(row.year, off, on, entered=True, changed_by=row.by, changed_at=row.at)
    return [found[year] for year in sorted(found)]


async def working_days(tx: ReadTx) -> WorkingDays:
    """The calendar to reckon with."""
    known = await years(tx)
    return WorkingDays(
        frozenset(day for year in known for day in year.off),
        frozenset(day for year in known for day in year.on),
        frozenset(year.year for year in known),
    )


async def save_year(tx: Tx, year: int, days: Year) -> None:
    """Enter a year, or correct it. Limits that run already keep their day. Raises `CalendarInvalid`."""
    check_year(year, days)
    off, on = (sorted({day.isoformat() for day in one}) for one in (days.off, days.on))
    await tx.execute(_UPSERT, b_year=year, b_off=off, b_on=on, b_by=str(tx.actor), b_at=tx.now)


async def forget_year(tx: Tx, year: int) -> None:
    """Take back what was entered for a year: ours stands again, if we ship one."""
    await tx.execute(_FORGET, b_year=year)


def check_year(year: int, days: Year) -> None:
    """Raises `CalendarInvalid` naming the first day that can't be right."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CalendarInvalid(f"A year is {FIRST_YEAR} to {LAST_YEAR}.", field="year")
    for field, listed in (("off", days.off), ("on", days.on)):
        for day in listed:
            if day.year != year:
                raise CalendarInvalid(f"{day} is not a day of {year}.", field=field)
    for day in days.on:
        if day.weekday() < _SATURDAY:
            raise CalendarInvalid(f"{day} is no weekend day, so it is worked anyway.", field="on")
        if day in days.off:
            raise CalendarInvalid(f"{day} is both a day off and a working day.", field="on")


def read_years(data: bytes) -> dict[int, Year]:
    """The years of a file in the form of `data/working_days.json`. Raises `CalendarInvalid`."""
    try:
        named = msgspec.json.decode(data, type=dict[str, Year])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CalendarInvalid(f"The file can't be read: {error}", field="file") from error
    if wrong := [name for name in named if not (name.isascii() and name.isdigit())]:
        raise CalendarInvalid(f"{wrong[0]!r} is not a year.", field="file")
    found = {int(name): year for name, year in named.items()}
    for number, year in found.items():
        check_year(number, year)
    return found


def unknown_years(days: WorkingDays, now: datetime) -> Sequence[int]:
    """The years that ought to be known by now and are not: this one, and the next once it is announced."""
    today = china_day(now)
    wanted = [today.year]
    if (today.month, today.day) >= _ANNOUNCED:
        wanted.append(today.year + 1)
    return [year for year in wanted if year not in days.years]


def warn_of_unknown(days: WorkingDays, day: date) -> None:
    """Say so when a window was reckoned without the holidays of its year."""
    if not days.knows(day):
        _log.warning("holidays_unknown", year=day.year)


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Year]:
    data = resources.files("liveshelf.platform") / "data" / "working_days.json"
    return msgspec.json.decode(data.read_bytes(), type=dict[str, Year])
