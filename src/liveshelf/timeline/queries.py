"""Reads: the links of a timeline, what was shown at a second, and whether the chain is as it was signed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Row

from liveshelf.kernel.ids import INT63_MAX, RoomId
from liveshelf.kernel.paging import Page, clamp_limit, decode_cursor, page_of
from liveshelf.platform.db import ReadTx
from liveshelf.platform.signing import Keys
from liveshelf.rooms import record
from liveshelf.timeline import _sql, rules, shown
from liveshelf.timeline._sources import comment_body
from liveshelf.timeline.errors import TimelineMissing
from liveshelf.timeline.rules import Walk
from liveshelf.timeline.shown import Shown
from liveshelf.timeline.types import Bent, Kind, Link, Seal, Verdict

AT_ONCE = 500  # links read in one step
_OTHERS = tuple(Kind)  # what is no numbered event of the room


class Group(StrEnum):
    """What a listing can be narrowed to."""

    ROOM = "room"
    STOCK = "stock"
    AUDIENCE = "audience"
    PRESENCE = "presence"
    ORDER = "order"
    COMMENT = "comment"
    PENALTY = "penalty"


_GROUPS = {
    Group.STOCK: (Kind.STOCK,),
    Group.AUDIENCE: (Kind.AUDIENCE,),
    Group.PRESENCE: (Kind.PRESENCE,),
    Group.ORDER: (Kind.ORDER,),
    Group.COMMENT: (Kind.COMMENT, Kind.COMMENT_HIDDEN),
    Group.PENALTY: (Kind.PENALTY, Kind.PENALTY_ENDED, Kind.PENALTY_REVERSED),
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """A timeline: when its broadcast began, how many links it has, and whether all of it is written."""

    room_id: RoomId
    name: str
    started_at: datetime
    ended_at: datetime | None
    links: int
    closed_at: datetime | None

    def second_of(self, at: datetime, *, offset: timedelta = timedelta()) -> float:
        """The second of the video at an instant; before the start it is below zero."""
        return (at - self.started_at - offset).total_seconds()


@dataclass(frozen=True, slots=True)
class Moment:
    """What was shown at an instant."""

    of: Timeline
    at: datetime
    shown: Shown


async def timeline(tx: ReadTx, room_id: RoomId) -> Timeline:
    """The timeline of a room, also of a deleted one. Raises `TimelineMissing`."""
    line, room = await tx.one(_sql.ONE, room=room_id), await record.room(tx, room_id)
    if line is None or room is None:
        raise TimelineMissing(room_id=room_id)
    return Timeline(room_id, room.name, room.started_at or line.began_at, room.ended_at, line.links, line.closed_at)


async def page(
    tx: ReadTx, room_id: RoomId, *, group: Group | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[Link]:
    """Links in their order. Raises `CursorInvalid`."""
    size, key = clamp_limit(limit), decode_cursor(cursor, int)
    statement, args = _sql.LINKS, dict[str, object](after=int(key[0]) if key else 0, most=size + 1)
    if group is Group.ROOM:
        statement, args = statement.where(_sql.NOT_OF_KINDS), {**args, "kinds": list(_OTHERS)}
    elif group is not None:
        statement, args = statement.where(_sql.OF_KINDS), {**args, "kinds": list(_GROUPS[group])}
    rows = await tx.all(statement, room=room_id, **args)
    return page_of([as_link(row) for row in rows], size, lambda link: (link.number,))


async def shown_at(tx: ReadTx, room_id: RoomId, at: datetime | None = None) -> Moment:
    """Shelf, prices, what was pushed and stock at an instant, made from the links alone; at the end when none is
    named. Raises `TimelineMissing`.
    """
    of = await timeline(tx, room_id)
    if at is None:
        last = await tx.one(_sql.LAST_LINK, room=room_id)
        at = of.ended_at or (of.started_at if last is None else last.at)
    never_shown = [Kind.ORDER, Kind.COMMENT, Kind.COMMENT_HIDDEN, Kind.CLOSED]
    statement = _sql.LINKS.where(_sql.NOT_OF_KINDS, _sql.UNTIL)
    rows = await tx.all(statement, room=room_id, after=0, most=INT63_MAX, kinds=never_shown, until=at)
    return Moment(of, at, shown.rebuilt(as_link(row) for row in rows))


async def with_timeline(tx: ReadTx) -> list[RoomId]:
    """The rooms of the shop that have a timeline."""
    return [RoomId(row.room_id) for row in await tx.all(_sql.ROOMS)]


async def verify(tx: ReadTx, keys: Keys, room_id: RoomId) -> Verdict:
    """Walk the chain and find its first link that is not as it was written: changed, added, taken away, never signed.

    Comments are compared with what is still kept of them. Cutting off the latest links together with everything that
    counts them can't be seen from inside: compare with an export. Raises `TimelineMissing`.
    """
    of = await timeline(tx, room_id)
    walk = Walk(tx.shop, room_id, public_key(keys))
    seals = 0

    def judged(bent: Bent | None) -> Verdict:
        return Verdict(room_id, walk.number, seals, bent)

    def salt(number: int) -> bytes:
        return salt_of(keys, tx.shop, room_id, number)

    async for block, waiting in blocks(tx, room_id):
        ids = [link.subject for link in block if link.kind == Kind.COMMENT and link.subject is not None]
        said = await record.said(tx, room_id, ids)
        for link in block:
            kept = said.get(link.subject or 0) if link.kind == Kind.COMMENT else None
            step = walk.link(link, salt=salt, text=None if kept is None else comment_body(kept))
            if isinstance(step, Bent):
                return judged(step)
            walk = step
            while waiting and waiting[0].last <= walk.number:
                step = walk.seal(waiting.pop(0))
                if isinstance(step, Bent):
                    return judged(step)
                walk, seals = step, seals + 1
    return judged(walk.end(of.links))


async def blocks(tx: ReadTx, room_id: RoomId) -> AsyncIterator[tuple[list[Link], list[Seal]]]:
    """The chain from its beginning, some links at a time, with the seals over what ends among them."""
    after = 0
    while rows := await tx.all(_sql.LINKS, room=room_id, after=after, most=AT_ONCE):
        seals = await tx.all(_sql.SEALS, room=room_id, after=after, until=rows[-1].number)
        yield [as_link(row) for row in rows], [_as_seal(row) for row in seals]
        after = rows[-1].number


def public_key(keys: Keys) -> Ed25519PublicKey:
    """The key by which anybody can check a timeline of this installation."""
    return keys.seal_key(rules.PURPOSE_SEAL).public_key()


def salt_of(keys: Keys, shop: int, room_id: RoomId, number: int) -> bytes:
    """The salt of a link's commitment."""
    return keys.mac(rules.PURPOSE_SALT, rules.salted(shop, room_id, number))


def as_link(row: Row[Any]) -> Link:
    """The link of a row."""
    return Link(row.number, row.kind, row.subject, row.at, row.body, row.commitment, row.hash)


def _as_seal(row: Row[Any]) -> Seal:
    return Seal(row.first, row.last, row.hash, row.signature, row.at)
