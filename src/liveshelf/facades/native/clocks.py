"""The board of a shop's clocks, and the record of limits that were missed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator
from liveshelf.facades.native.shell import Cursor, Limit, instant, staff
from liveshelf.platform import limits
from liveshelf.platform.board import COUNT_MAX, Board, Kind, Running
from liveshelf.platform.limits import Breach
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import Acts

EXPORT_MAX = 10_000  # missed limits in one file; a shop that has more looks at the newest

Clock = Annotated[str | None, QueryParameter(max_length=100, description="Only this clock.")]
Actor = Annotated[Acts | None, QueryParameter(description="Only what waits for these.")]


class ClockKind(msgspec.Struct, frozen=True):
    """One clock. `running` and `paused` count up to 1,000; `actor` must act before its limits run out."""

    clock: str
    owner: str
    promise: str
    actor: Acts
    escalation: str
    features: list[str]
    running: int
    paused: int
    more: bool
    next_due_at: str | None


class RunningLimit(msgspec.Struct, frozen=True):
    """One running limit. `left_s` is what is left, negative when it ran out; a paused one keeps it."""

    clock: str
    subject: str
    actor: Acts
    due_at: str
    left_s: int
    paused_reason: str | None


class ClockBoard(msgspec.Struct, frozen=True):
    """The board: all clocks, and a page of what runs."""

    kinds: list[ClockKind]
    items: list[RunningLimit]
    next: str | None
    total: int | None


class MissedLimit(msgspec.Struct, frozen=True):
    """A limit that was missed. `late_s` is by how much: so far, or in the end when `settled_at` says that it came."""

    breach_id: str
    clock: str
    subject: str
    due_at: str
    noticed_at: str
    settled_at: str | None
    late_s: int


class MissedPage(msgspec.Struct, frozen=True):
    """A page of missed limits."""

    items: list[MissedLimit]
    next: str | None
    total: int | None


@get("/shops/{shop_id:int}/clocks", dependencies=staff("clocks.read"), tags=["clocks"])
async def read_board(
    operator: Operator,
    runtime: Runtime,
    *,
    clock: Clock = None,
    actor: Actor = None,
    paused: bool = False,
    cursor: Cursor = None,
    limit: Limit = None,
) -> ClockBoard:
    """What runs in this shop, the next to run out first."""
    board = runtime.need(Board)
    async with runtime.db.read(operator.shop) as tx:
        kinds = await board.kinds(tx)
        page = await board.page(tx, clock=clock, actor=actor, paused=paused, cursor=cursor, limit=limit)
    items = [running_limit(one, board, tx.now) for one in page.items]
    return ClockBoard([_kind(one) for one in kinds], items, page.next, None)


@get("/shops/{shop_id:int}/clocks/missed", dependencies=staff("clocks.read"), tags=["clocks"])
async def list_missed(
    operator: Operator, runtime: Runtime, *, clock: Clock = None, cursor: Cursor = None, limit: Limit = None
) -> MissedPage:
    """Limits that were missed, the latest first."""
    async with runtime.db.read(operator.shop) as tx:
        page = await limits.breaches(tx, clock=clock, cursor=cursor, limit=limit)
    return MissedPage([_missed(one, tx.now) for one in page.items], page.next, None)


@get(
    "/shops/{shop_id:int}/clocks/missed.csv",
    dependencies=staff("clocks.read"),
    tags=["clocks"],
    media_type="text/csv",
)
async def export_missed(operator: Operator, runtime: Runtime, *, clock: Clock = None) -> Response[bytes]:
    """Limits that were missed, as a file: at most the newest 10,000."""
    found: list[Breach] = []
    cursor = None
    async with runtime.db.read(operator.shop) as tx:
        while len(found) < EXPORT_MAX:
            page = await limits.breaches(tx, clock=clock, cursor=cursor, limit=100)
            found += page.items
            cursor = page.next
            if cursor is None:
                break
    return Response(
        _as_csv([_missed(one, tx.now) for one in found]),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="missed-limits-{operator.shop}.csv"'},
    )


def running_limit(one: Running, board: Board, now: datetime) -> RunningLimit:
    """One running limit as it is sent."""
    return RunningLimit(
        one.clock,
        one.subject,
        board.timer(one.clock).actor,
        instant(one.due_at),
        int(one.left(now).total_seconds()),
        one.paused_reason,
    )


def _kind(one: Kind) -> ClockKind:
    timer = one.timer
    return ClockKind(
        timer.name,
        timer.owner,
        timer.promise,
        timer.actor,
        timer.escalation,
        list(timer.features),
        one.running,
        one.paused,
        one.running + one.paused >= COUNT_MAX,
        instant(one.next_due_at),
    )


def _missed(one: Breach, now: datetime) -> MissedLimit:
    late = (one.settled_at or now) - one.due_at
    return MissedLimit(
        str(one.breach_id),
        one.clock,
        one.subject,
        instant(one.due_at),
        instant(one.noticed_at),
        instant(one.settled_at),
        int(late.total_seconds()),
    )


def _as_csv(rows: Sequence[MissedLimit]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("clock", "subject", "due_at", "noticed_at", "settled_at", "late_s"))
    writer.writerows(
        (one.clock, one.subject, one.due_at, one.noticed_at, one.settled_at or "", one.late_s) for one in rows
    )
    return text.getvalue().encode("utf-8-sig")  # the mark by which spreadsheets know what it is


ROUTES = [read_board, list_missed, export_missed]
