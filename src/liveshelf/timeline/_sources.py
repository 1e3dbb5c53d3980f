"""Where links come from: the room's events, what was said and bought, and samples of what only has a latest value.

Everything is read in one consistent view. Numbers that are made before a commit may appear out of order, so comments
and orders are read with an overlap, and what is known already is left out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from liveshelf.kernel.ids import RoomId
from liveshelf.orders import queries as orders
from liveshelf.orders.types import Order
from liveshelf.penalties import queries as penalties
from liveshelf.penalties.types import Penalty, PenaltyState
from liveshelf.platform.db import ReadTx
from liveshelf.platform.events import stream_tail
from liveshelf.rooms import presence, record
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.events import stream_of
from liveshelf.rooms.record import Said
from liveshelf.rooms.types import ON_AIR
from liveshelf.timeline import _sql
from liveshelf.timeline.rules import stamp
from liveshelf.timeline.types import Draft, Kind, Marks

T = TypeVar("T")

SETTLED = timedelta(seconds=15)  # a transaction that began earlier has been committed, or never will be
_OVERLAP = int(SETTLED.total_seconds() * 1000) << 22  # the same in numbers that begin with milliseconds
_AT_ONCE = 500
_ONCE = (Kind.ORDER, Kind.COMMENT, Kind.COMMENT_HIDDEN, Kind.PENALTY, Kind.PENALTY_ENDED, Kind.PENALTY_REVERSED)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is new, in the order in which it happened, and how far the sources were read. `over`: nothing will come."""

    drafts: list[Draft]
    marks: Marks
    over: bool


async def gather(tx: ReadTx, room_id: RoomId, marks: Marks) -> Gathered:
    """What has happened in a room since the marks."""
    room = await record.room(tx, room_id)
    if room is None:
        return Gathered([], marks, over=True)
    told, marks = await _events(tx, room_id, marks)
    said = await _all_after(lambda after: record.said_after(tx, room_id, after=after, most=_AT_ONCE), marks.comment)
    placed = await _all_after(lambda after: orders.of_room(tx, room_id, after=after, most=_AT_ONCE), marks.order)
    since = datetime.fromisoformat(marks.hidden_at) - SETTLED if marks.hidden_at else room.created_at
    hidden = await record.hidden_since(tx, room_id, since)
    once = [
        *(_comment(one) for one in said),
        *(_hidden(one, one.hidden_at) for one in hidden if one.hidden_at is not None),
        *(_order(one) for one in placed),
        *(draft for one in await penalties.of_room(tx, room_id) for draft in _penalty(one)),
    ]
    drafts = [*told, *await _unknown(tx, room_id, once)]
    marks = msgspec.structs.replace(
        marks,
        comment=max([marks.comment, *(one.comment_id for one in said)]),
        order=max([marks.order, *(one.order_id for one in placed)]),
        hidden_at=max([marks.hidden_at, *(stamp(one.hidden_at) for one in hidden if one.hidden_at)]),
    )
    on_air = room.state in ON_AIR
    if on_air:
        samples, marks = await _samples(tx, room_id, marks)
        drafts += samples
    # Stable: what happened at one instant keeps the order of its source.
    drafts.sort(key=lambda draft: draft.at)
    over = not on_air and bool(marks.room_at) and tx.now >= datetime.fromisoformat(marks.room_at) + SETTLED
    return Gathered(drafts, marks, over)


async def _events(tx: ReadTx, room_id: RoomId, marks: Marks) -> tuple[list[Draft], Marks]:
    drafts, seq, at = [], marks.seq, datetime.fromisoformat(marks.room_at) if marks.room_at else None
    while some := await stream_tail(tx, stream_of(room_id), since=seq, most=_AT_ONCE):
        for one in some:
            # Of two transactions the one that began first may come into line second: it took effect when it came.
            seq, at = one.seq or seq, one.at if at is None else max(at, one.at)
            drafts.append(Draft(one.name.partition(".")[2], at, one.body, subject=one.seq))
    return drafts, msgspec.structs.replace(marks, seq=seq, room_at="" if at is None else stamp(at))


async def _samples(tx: ReadTx, room_id: RoomId, marks: Marks) -> tuple[list[Draft], Marks]:
    drafts = []
    stock = sorted((item.goods_id, item.available, item.sold) for item in await rooms.shelf(tx, room_id))
    if changed := [level for level in stock if level not in marks.stock]:
        drafts.append(Draft(Kind.STOCK, tx.now, {"items": [list(level) for level in changed]}))
    card = await rooms.card(tx, room_id)
    audience = marks.audience if card is None else (card.viewers, card.room.likes)
    if audience is not None and audience != marks.audience:
        drafts.append(Draft(Kind.AUDIENCE, tx.now, {"viewers": audience[0], "likes": audience[1]}))
    desk, legal = await presence.at_work(tx, room_id)
    there = ([int(one) for one in desk], [int(one) for one in legal])
    if there != (marks.presence or ([], [])):
        drafts.append(Draft(Kind.PRESENCE, tx.now, {"desk": there[0], "legal": there[1]}))
    return drafts, msgspec.structs.replace(marks, stock=stock, audience=audience, presence=there)


async def _all_after(read: Callable[[int], Awaitable[Sequence[T]]], mark: int) -> list[T]:
    found: list[T] = []
    after = max(0, mark - _OVERLAP)
    while some := await read(after):
        found += some
        if len(some) < _AT_ONCE:
            break
        last = some[-1]
        after = last.comment_id if isinstance(last, Said) else last.order_id if isinstance(last, Order) else after
    return found


async def _unknown(tx: ReadTx, room_id: RoomId, drafts: Sequence[Draft]) -> list[Draft]:
    subjects = sorted({draft.subject for draft in drafts if draft.subject is not None})
    rows = await tx.all(_sql.KNOWN, room=room_id, kinds=list(_ONCE), subjects=subjects) if subjects else []
    known = {(row.kind, row.subject) for row in rows}
    return [draft for draft in drafts if (draft.kind, draft.subject) not in known]


def comment_body(one: Said) -> dict[str, object]:
    """What is committed to of a comment."""
    return {"by": "staff" if one.by_staff else "buyer", "text": one.text}


def _comment(one: Said) -> Draft:
    return Draft(Kind.COMMENT, one.at, comment_body(one), one.comment_id, secret=True)


def _hidden(one: Said, at: datetime) -> Draft:
    return Draft(Kind.COMMENT_HIDDEN, at, {}, one.comment_id)


def _order(one: Order) -> Draft:
    lines = [
        {"goods_id": line.goods_id, "sku_id": line.sku_id, "quantity": line.quantity, "price_fen": line.price_fen}
        for line in one.lines
    ]
    return Draft(Kind.ORDER, one.created_at, {"total_fen": one.total_fen, "lines": lines}, one.order_id)


def _penalty(one: Penalty) -> list[Draft]:
    about: dict[str, object] = {
        "level": one.level.value,
        "rule": one.violation.rule,
        "happened_at": stamp(one.violation.happened_at),
        "video_s": one.violation.video_s,
    }
    drafts = [Draft(Kind.PENALTY, one.imposed_at, about, one.penalty_id)]
    if one.state is PenaltyState.ENDED and one.ended_at is not None:
        drafts.append(Draft(Kind.PENALTY_ENDED, one.ended_at, {}, one.penalty_id))
    if one.reversed_at is not None:
        drafts.append(Draft(Kind.PENALTY_REVERSED, one.reversed_at, {}, one.penalty_id))
    return drafts
