"""Who is at the desk of a room: so that two operators see each other, and so that an important broadcast is watched
by the legal role from its first second to its last (L-605).

A desk page says every few seconds that it is open. A person whose page falls silent for longer than the shop's gap is
gone: the alarm goes once, and the gap stands in the broadcast's record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from liveshelf.kernel.ids import AccountId, RoomId, new_number
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.rooms import _line, _presence_sql, queries
from liveshelf.rooms.errors import LegalAbsent, RoomMissing, RoomStateRefuses
from liveshelf.rooms.events import LegalGone, stream_of
from liveshelf.rooms.settings import settings_of
from liveshelf.rooms.types import RoomState
from liveshelf.trail import service as trail

BEAT_S = 5  # seconds between two signs of a desk page
FRESH = timedelta(seconds=3 * BEAT_S)  # who said nothing for so long is not at the desk
_FORGOTTEN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class AtDesk:
    """Somebody at the desk, and in which part of it they work."""

    account_id: AccountId
    place: str


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when."""

    began_at: datetime
    ended_at: datetime

    @property
    def length(self) -> timedelta:
        """How long that is."""
        return self.ended_at - self.began_at


@dataclass(frozen=True, slots=True)
class Coverage:
    """How the legal role watched a broadcast. `gaps` are longer than the shop allows; `permille` is what of the
    broadcast so far was watched, 1,000 without any gap. Before the start nothing is measured.
    """

    important: bool
    present: bool
    people: tuple[AccountId, ...]
    gaps: tuple[Span, ...]
    permille: int | None
    gap_s: int


async def beat(tx: Tx, room_id: RoomId, account_id: AccountId, *, place: str, is_legal: bool) -> list[AtDesk]:
    """A desk page is open. Returns who else is at the desk. Raises `RoomMissing`."""
    if await queries.room(tx, room_id) is None:
        raise RoomMissing(room_id=room_id)
    await tx.execute(_presence_sql.LEFT_LONG_AGO, room=room_id, before=tx.now - _FORGOTTEN)
    row = {"shop_id": tx.shop, "room_id": room_id, "account_id": account_id, "place": place, "seen_at": tx.now}
    await tx.execute(_presence_sql.PUT_DESK.values(**row))
    if is_legal:
        await _watch_on(tx, room_id, account_id)
    at_desk = await tx.all(_presence_sql.AT_DESK, room=room_id, after=tx.now - FRESH)
    return [AtDesk(AccountId(one.account_id), one.place) for one in at_desk if one.account_id != account_id]


async def mark(tx: Tx, room_id: RoomId) -> None:
    """Make a scheduled room important. Raises `RoomMissing`, `RoomStateRefuses`."""
    await _scheduled(tx, room_id)
    done = await tx.execute(_presence_sql.INSERT_WATCH.values(shop_id=tx.shop, room_id=room_id))
    if done.rowcount:
        trail.record(tx, "rooms.mark_important", f"room:{room_id}")


async def unmark(tx: Tx, room_id: RoomId) -> None:
    """Let a scheduled room be like others. Raises `RoomMissing`, `RoomStateRefuses`."""
    await _scheduled(tx, room_id)
    if (await tx.execute(_presence_sql.DELETE_WATCH, room=room_id)).rowcount:
        trail.record(tx, "rooms.unmark_important", f"room:{room_id}")


async def at_work(tx: ReadTx, room_id: RoomId) -> tuple[list[AccountId], list[AccountId]]:
    """Who is at the desk now, and who of the legal role watches."""
    gap = (await settings_of(tx)).legal_gap
    desk = [
        AccountId(row.account_id) for row in await tx.all(_presence_sql.AT_DESK, room=room_id, after=tx.now - FRESH)
    ]
    spans = await tx.all(_presence_sql.SPANS, room=room_id)
    return desk, sorted({AccountId(row.account_id) for row in spans if row.seen_at > tx.now - gap})


async def begin(tx: Tx, room_id: RoomId) -> None:
    """The broadcast starts: from now on the alarm waits. Raises `LegalAbsent` when an important room is not watched."""
    if await tx.one(_presence_sql.WATCH, room=room_id) is None:
        return
    gap = (await settings_of(tx)).legal_gap
    seen_at = await tx.scalar(_presence_sql.LAST_SEEN, room=room_id)
    if seen_at is None or seen_at <= tx.now - gap:
        raise LegalAbsent(room_id=room_id)
    await tx.execute(_presence_sql.BEGIN_WAITING, room=room_id, until=seen_at + gap)


async def alarm(tx: Tx, limit: int) -> int:
    """Tell of broadcasts that nobody watches any more. Returns how many rooms were looked at."""
    due = await tx.all(_presence_sql.DUE, now=tx.now, most=limit)
    if due:
        await tx.execute(_presence_sql.STOP_WAITING, rooms=[row.room_id for row in due])
    for row in due:
        if not row.runs:
            continue
        seen_at = await tx.scalar(_presence_sql.LAST_SEEN, room=row.room_id)
        since = (seen_at or tx.now).isoformat()
        tx.emit(LegalGone(room_id=row.room_id, since_at=since), stream=stream_of(RoomId(row.room_id)))
        trail.record(tx, "rooms.legal_gone", f"room:{row.room_id}", since=since)
    return len(due)


async def coverage(tx: ReadTx, room_id: RoomId) -> Coverage:
    """How a room is and was watched. Raises `RoomMissing`."""
    room = await queries.room(tx, room_id)
    if room is None:
        raise RoomMissing(room_id=room_id)
    gap_s = (await settings_of(tx)).legal_gap_s
    important = await tx.one(_presence_sql.WATCH, room=room_id) is not None
    rows = await tx.all(_presence_sql.SPANS, room=room_id)
    gap = timedelta(seconds=gap_s)
    present = any(row.seen_at > tx.now - gap for row in rows) and room.ended_at is None
    people = tuple(dict.fromkeys(AccountId(row.account_id) for row in rows))
    if not important or room.started_at is None:
        return Coverage(important, present, people, (), None, gap_s)
    whole = Span(room.started_at, room.ended_at or tx.now)
    missing = gaps([Span(row.began_at, row.seen_at) for row in rows], whole, longer_than=gap)
    lost = sum((one.length for one in missing), timedelta())
    # Rounded down, so that only a broadcast without any gap reads 100 %.
    permille = 1_000 if not lost else int(1_000 * (1 - lost / whole.length))
    return Coverage(important, present, people, tuple(missing), min(permille, 999) if lost else permille, gap_s)


def gaps(watched: Sequence[Span], whole: Span, *, longer_than: timedelta) -> list[Span]:
    """The parts of `whole` in which nobody watched, those that are longer than what two signs may lie apart."""
    found, covered_until = [], whole.began_at
    for one in sorted(watched, key=lambda span: span.began_at):
        if one.began_at >= whole.ended_at:
            break
        if one.began_at - covered_until > longer_than:
            found.append(Span(covered_until, one.began_at))
        covered_until = max(covered_until, one.ended_at)
    if whole.ended_at - covered_until > longer_than:
        found.append(Span(covered_until, whole.ended_at))
    return found


async def _watch_on(tx: Tx, room_id: RoomId, account_id: AccountId) -> None:
    gap = (await settings_of(tx)).legal_gap
    went_on = await tx.scalar(_presence_sql.GO_ON, room=room_id, account=account_id, after=tx.now - gap, moment=tx.now)
    if went_on is None:
        values = {"account_id": account_id, "began_at": tx.now, "seen_at": tx.now}
        await tx.execute(
            _presence_sql.INSERT_SPAN.values(shop_id=tx.shop, room_id=room_id, span_id=new_number(), **values)
        )
    await tx.execute(_presence_sql.WAIT_UNTIL, room=room_id, until=tx.now + gap)


async def _scheduled(tx: Tx, room_id: RoomId) -> None:
    room = await _line.locked(tx, room_id)
    if room.state is not RoomState.SCHEDULED:
        raise RoomStateRefuses(state=room.state.value)
