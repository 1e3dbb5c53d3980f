"""Commands: ask for a rehearsal, and say how far it is and what came of it.

Each move is made from the state that it needs. One that comes twice or late, such as a report after the clock gave the
rehearsal up, changes nothing and raises nothing: it returns false.
"""

from __future__ import annotations

from datetime import timedelta

from liveshelf.kernel.ids import RoomId, new_number
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.rehearsals import _sql, queries
from liveshelf.rehearsals.errors import RehearsalInvalid, RehearsalRuns, RehearsalsOff
from liveshelf.rehearsals.events import RehearsalAsked
from liveshelf.rehearsals.types import Failure, Rehearsal, RehearsalId, RehearsalState, Report, Step, Wish
from liveshelf.trail.service import record

BROKEN_OFF_AFTER = timedelta(minutes=20)  # that one waits, or plays; wall time
UPLINK_MAX_KBPS = 100_000_000  # 100 Gbit/s: above it somebody has written another unit
_SPACE = 8_124_301  # of the advisory lock of those that begin


async def ask(tx: Tx, room_id: RoomId, wish: Wish, *, viewers_max: int, played: bool = False) -> Rehearsal:
    """A rehearsal that waits for a worker; one that is `played` is played by whoever asks, and begins at once.

    Raises `RehearsalsOff`, `RehearsalInvalid`, and `RehearsalRuns` while another of the shop is open.
    """
    _check(wish, viewers_max)
    number, state = new_number(), RehearsalState.PLAYING if played else RehearsalState.WAITING
    began_at = tx.now if played else None
    row = {
        "room_id": room_id,
        "state": state,
        "viewers": wish.viewers,
        "uplink_kbps": wish.uplink_kbps,
        "asked_by": str(tx.actor),
        "asked_at": tx.now,
        "began_at": began_at,
        "due_at": wall_now() + BROKEN_OFF_AFTER,
    }
    if await tx.scalar(_sql.INSERT.values(shop_id=tx.shop, rehearsal_id=number, **row)) is None:
        runs = await queries.open_one(tx)
        told: dict[str, object] = (
            {} if runs is None else {"rehearsal_id": str(runs.rehearsal_id), "room_id": runs.room_id}
        )
        raise RehearsalRuns("", **told)
    await tx.execute(_sql.FORGET, room=room_id, most=_sql.KEPT)
    record(tx, "rehearsals.ask", f"room:{room_id}", viewers=wish.viewers)
    if not played:
        tx.emit(RehearsalAsked(rehearsal_id=number), stream=f"rehearsal:{number}")
    return Rehearsal(number, room_id, state, wish, str(tx.actor), tx.now, began_at=began_at)


async def begin(tx: Tx, rehearsal_id: RehearsalId) -> bool:
    """It plays from now on. False when it does not wait any more, or another shop's plays."""
    await tx.execute(_sql.LOCK_BEGINNING, space=_SPACE)
    if await queries.anybody_plays(tx):
        return False
    until = wall_now() + BROKEN_OFF_AFTER
    return await tx.scalar(_sql.BEGIN, rehearsal=rehearsal_id, moment=tx.now, until=until) is not None


async def step(tx: Tx, rehearsal_id: RehearsalId, at: Step) -> bool:
    """It has come so far."""
    return await tx.scalar(_sql.STEP, rehearsal=rehearsal_id, at_step=at.value) is not None


async def done(tx: Tx, rehearsal_id: RehearsalId, report: Report) -> bool:
    """It has found this."""
    found = {
        "checks": [
            {"area": one.area.value, "code": one.code.value, "outcome": one.outcome.value, "facts": dict(one.facts)}
            for one in report.checks
        ],
        "took_ms": report.took_ms,
        "cpus": report.cpus,
        "crowd_cpu_percent": report.crowd_cpu_percent,
        "goods": report.goods,
    }
    row = await tx.one(_sql.DONE, rehearsal=rehearsal_id, moment=tx.now, found=found)
    if row is None:
        return False
    record(tx, "rehearsals.done", f"room:{row.room_id}", go=report.go)
    return True


async def fail(tx: Tx, rehearsal_id: RehearsalId, failure: Failure) -> bool:
    """It ended without a report."""
    row = await tx.one(_sql.FAIL, rehearsal=rehearsal_id, moment=tx.now, why=failure.value)
    if row is None:
        return False
    record(tx, "rehearsals.fail", f"room:{row.room_id}", failure=failure.value)
    return True


async def break_off(tx: Tx, limit: int) -> int:
    """Fail those that wait or play for too long: whoever was to play them is gone. Returns how many."""
    due = await tx.all(_sql.BROKEN_OFF, wall=wall_now(), most=limit)
    for row in due:
        await fail(tx, row.rehearsal_id, Failure.BROKEN_OFF)
    return len(due)


def _check(wish: Wish, viewers_max: int) -> None:
    if viewers_max <= 0:
        raise RehearsalsOff
    if not 1 <= wish.viewers <= viewers_max:
        detail = f"A rehearsal here has 1 to {viewers_max} viewers."
        raise RehearsalInvalid(detail, field="viewers", most=viewers_max)
    if wish.uplink_kbps is not None and not 1 <= wish.uplink_kbps <= UPLINK_MAX_KBPS:
        detail = f"An uplink has 1 to {UPLINK_MAX_KBPS} kbit/s."
        raise RehearsalInvalid(detail, field="uplink_kbps", most=UPLINK_MAX_KBPS)
