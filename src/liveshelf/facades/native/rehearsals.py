"""Rehearsals of a room: ask for one, see how far it is, and what it found."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.facades.native.shell import LongId, RequestId, SmallId, instant, once, staff
from liveshelf.flows import rehearse
from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rehearsals import queries
from liveshelf.rehearsals.errors import RehearsalUnknown
from liveshelf.rehearsals.service import UPLINK_MAX_KBPS
from liveshelf.rehearsals.types import (
    Area,
    Check,
    Code,
    Failure,
    Outcome,
    Rehearsal,
    RehearsalState,
    Step,
    Wish,
)

_REHEARSALS = "/shops/{shop_id:int}/rooms/{room_id:int}/rehearsals"
_KBPS = 1_000  # of a Mbit/s, as carriers count
VIEWERS_MAX = 1_000_000  # whatever an installation is set to


class RehearsalIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many viewers are expected, and the server's way out in Mbit/s, where it is known."""

    request_id: RequestId
    viewers: Annotated[int, msgspec.Meta(ge=1, le=VIEWERS_MAX)]
    uplink_mbps: Annotated[int, msgspec.Meta(ge=1, le=UPLINK_MAX_KBPS // _KBPS)] | None = None


class CheckView(msgspec.Struct, frozen=True):
    """One check. `facts` are whole numbers, `words` names, such as the `reason` why it was not tried."""

    area: Area
    code: Code
    outcome: Outcome
    facts: dict[str, int]
    words: dict[str, str]


class RehearsalBrief(msgspec.Struct, frozen=True):
    """A rehearsal in brief. `go` once it is done, `step` while it plays, `failure` where it has no report.
    `asked_by` is empty for the command line.
    """

    rehearsal_id: str
    state: RehearsalState
    step: Step | None
    viewers: int
    uplink_kbps: int | None
    asked_by: str
    asked_at: str
    began_at: str | None
    ended_at: str | None
    failure: Failure | None
    go: bool | None


class RehearsalView(msgspec.Struct, frozen=True):
    """A rehearsal with what it found: how long that took, on how many processors, and what of them the crowd itself
    took.
    """

    brief: RehearsalBrief
    checks: list[CheckView]
    took_ms: int
    cpus: int
    crowd_cpu_percent: int
    goods: int


class RehearsalsView(msgspec.Struct, frozen=True):
    """What is kept of a room, the latest first. `may`: one can be asked for now, with up to `viewers_max` viewers;
    otherwise `why_not` names the refusal.
    """

    room_id: int
    items: list[RehearsalBrief]
    steps: list[Step]
    may: bool
    why_not: str | None
    viewers_max: int


@get(_REHEARSALS, dependencies=staff("rooms.read"), tags=["rehearsals"])
async def list_rehearsals(room_id: SmallId, operator: Operator, runtime: Runtime) -> RehearsalsView:
    """The latest rehearsals of a room."""
    return await _all(runtime, operator, RoomId(room_id))


@post(_REHEARSALS, dependencies=staff("rooms.live"), tags=["rehearsals"])
async def ask_rehearsal(room_id: SmallId, data: RehearsalIn, operator: Operator, runtime: Runtime) -> RehearsalsView:
    """Rehearse this room: a worker plays a copy of it with a simulated crowd, and nothing of the shop is touched."""
    wish = Wish(data.viewers, None if data.uplink_mbps is None else data.uplink_mbps * _KBPS)

    async def work(tx: Tx) -> bool:
        await rehearse.ask(tx, runtime.settings, RoomId(room_id), wish)
        return True

    told = once("rehearsals.ask", data.request_id, [room_id, data], bool)
    await runtime.db.write(operator.actor, operator.shop, work, once=told)
    return await _all(runtime, operator, RoomId(room_id))


@get(f"{_REHEARSALS}/{{rehearsal_id:int}}", dependencies=staff("rooms.read"), tags=["rehearsals"])
async def get_rehearsal(room_id: SmallId, rehearsal_id: LongId, operator: Operator, runtime: Runtime) -> RehearsalView:
    """A rehearsal with everything that it checked."""
    async with runtime.db.read(operator.shop) as tx:
        found = await queries.rehearsal(tx, rehearsal_id)
        if found is None or found.room_id != room_id:
            raise RehearsalUnknown
        (brief,) = await _briefs(tx, [found])
    report = found.report
    if report is None:
        return RehearsalView(brief, [], 0, 0, 0, 0)
    checks = [_check(one) for one in report.checks]
    return RehearsalView(brief, checks, report.took_ms, report.cpus, report.crowd_cpu_percent, report.goods)


async def _all(runtime: Runtime, operator: Operator, room_id: RoomId) -> RehearsalsView:
    async with runtime.db.read(operator.shop) as tx:
        why_not = await rehearse.refused(tx, runtime.settings, room_id)
        briefs = await _briefs(tx, await queries.of_room(tx, room_id))
    return RehearsalsView(
        room_id,
        briefs,
        list(Step),
        may=why_not is None,
        why_not=None if why_not is None else why_not.code,
        viewers_max=min(runtime.settings.rehearsal_viewers_max, VIEWERS_MAX),
    )


async def _briefs(tx: ReadTx, found: list[Rehearsal]) -> list[RehearsalBrief]:
    names = await accounts.names(tx, [one.asked_by for one in found])
    return [
        RehearsalBrief(
            str(one.rehearsal_id),
            one.state,
            one.step,
            one.wish.viewers,
            one.wish.uplink_kbps,
            names.get(one.asked_by, ""),
            instant(one.asked_at),
            instant(one.began_at),
            instant(one.ended_at),
            one.failure,
            None if one.report is None else one.report.go,
        )
        for one in found
    ]


def _check(one: Check) -> CheckView:
    facts = {name: value for name, value in one.facts.items() if isinstance(value, int)}
    words = {name: value for name, value in one.facts.items() if isinstance(value, str)}
    return CheckView(one.area, one.code, one.outcome, facts, words)


ROUTES = [list_rehearsals, ask_rehearsal, get_rehearsal]
