"""The board: every running limit of a shop, of every clock, the next one to run out first.

Each clock lists its own (`Timer.pending`), so the board is one statement that takes the first rows of each and merges
them: a clock with a hundred thousand running costs no more than one with ten. Counts end at `COUNT_MAX`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Interval,
    Select,
    Subquery,
    Text,
    bindparam,
    collate,
    func,
    literal,
    or_,
    select,
    union_all,
)

from liveshelf.kernel.errors import Missing
from liveshelf.kernel.paging import Page, clamp_limit, decode_cursor, page_of
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx
from liveshelf.platform.schema import Instant
from liveshelf.platform.timers import Acts, Timer

COUNT_MAX = 1_000  # "1,000 or more" is all that a person needs to know

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class ClockUnknown(Missing):
    """There is no clock of this name on the board."""

    code = "clocks.unknown"
    title = "There is no such clock."


@dataclass(frozen=True, slots=True)
class Running:
    """One running limit. `due_at` is business time, also of a clock that follows wall time. A paused one stands still
    since `paused_at`: what was left then is left still.
    """

    clock: str
    subject: str
    due_at: datetime
    paused_at: datetime | None
    paused_reason: str | None

    def left(self, now: datetime) -> timedelta:
        """How much time is left; negative when it ran out."""
        return self.due_at - (self.paused_at or now)


@dataclass(frozen=True, slots=True)
class Kind:
    """One clock with how many of it run and stand still (up to `COUNT_MAX`), and when the next one runs out."""

    timer: Timer
    running: int
    paused: int
    next_due_at: datetime | None


class Board:
    """The board of a process: it knows the clocks that list their running limits."""

    def __init__(self, timers: Iterable[Timer]) -> None:
        self._timers: Mapping[str, Timer] = {one.name: one for one in timers if one.pending is not None}

    def timer(self, clock: str) -> Timer:
        """The clock of a name. Raises `ClockUnknown`."""
        if clock not in self._timers:
            raise ClockUnknown
        return self._timers[clock]

    async def kinds(self, tx: ReadTx) -> list[Kind]:
        """Every clock with its counts."""
        rows = await tx.all(union_all(*(_counted(one) for one in self._timers.values())), **_ahead(tx))
        found = {row.clock: row for row in rows}
        return [
            Kind(timer, found[name].running, found[name].paused, found[name].next_due_at)
            for name, timer in sorted(self._timers.items())
        ]

    async def page(
        self,
        tx: ReadTx,
        *,
        clock: str | None = None,
        actor: Acts | None = None,
        paused: bool = False,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Running]:
        """Running limits, the next one to run out first; or those that stand still. Raises `ClockUnknown`,
        `CursorInvalid`.
        """
        chosen = [self.timer(clock)] if clock else list(self._timers.values())
        chosen = [one for one in chosen if actor in {None, one.actor}]
        size = clamp_limit(limit)
        after = decode_cursor(cursor, int, str, str)
        if not chosen:
            return Page([])
        branches = (_listed(one, paused=paused, after=None if after is None else str(after[1])) for one in chosen)
        merged = union_all(*(select(branch.limit(size + 1).subquery()) for branch in branches)).subquery()
        # Names in the order of Python, which decides above from which clock on a page goes on.
        in_order = (merged.c.due_at, collate(merged.c.clock, "C"), merged.c.subject)
        statement = select(merged).order_by(*in_order).limit(size + 1)
        args: dict[str, Any] = _ahead(tx)
        if after is not None:
            args |= {"after_at": _instant(int(after[0])), "after_subject": after[2]}
        rows = [
            Running(row.clock, row.subject, row.due_at, row.paused_at, row.paused_reason)
            for row in await tx.all(statement, **args)
        ]
        return page_of(rows, size, lambda one: (_micros(one.due_at), one.clock, one.subject))


def _rows(timer: Timer) -> tuple[Subquery, ColumnElement[datetime]]:
    """The clock's running limits, and when they are due in business time."""
    assert timer.pending is not None  # noqa: S101 - the board holds no others
    rows = timer.pending.order_by(None).subquery()
    if timer.business_time:
        return rows, rows.c.due_at
    return rows, rows.c.due_at + bindparam("ahead", type_=Interval)


def _listed(timer: Timer, *, paused: bool, after: str | None) -> Select[Any]:
    rows, due_at = _rows(timer)
    name = literal(timer.name, Text)
    statement = select(
        name.label("clock"), rows.c.subject, due_at.label("due_at"), rows.c.paused_at, rows.c.paused_reason
    ).where(rows.c.paused_at.is_not(None) if paused else rows.c.paused_at.is_(None))
    if after is not None:
        # The first condition is the one that an index on the deadline serves; the second tells rows of one instant
        # apart.
        at = bindparam("after_at", type_=Instant)
        later: ColumnElement[bool] = due_at > at
        if timer.name > after:
            later = due_at >= at
        elif timer.name == after:
            later = or_(later, rows.c.subject > bindparam("after_subject", type_=Text))
        statement = statement.where(due_at >= at, later)
    return statement.order_by(due_at, rows.c.subject)


def _counted(timer: Timer) -> Select[Any, Any, Any, Any]:
    assert timer.pending is not None  # noqa: S101 - the board holds no others
    rows = timer.pending.limit(COUNT_MAX).subquery()
    runs = rows.c.paused_at.is_(None)
    due_at = rows.c.due_at if timer.business_time else rows.c.due_at + bindparam("ahead", type_=Interval)
    return select(
        literal(timer.name, Text).label("clock"),
        func.count().filter(runs).label("running"),
        func.count().filter(~runs).label("paused"),
        func.min(due_at).filter(runs).label("next_due_at"),
    ).select_from(rows)


def _ahead(tx: ReadTx) -> dict[str, Any]:
    """How far business time is ahead of wall time: whole seconds, as the clock is moved."""
    return {"ahead": timedelta(seconds=round((tx.now - wall_now()).total_seconds()))}


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _instant(micros: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if micros > 0 else datetime.min.replace(tzinfo=UTC)
