"""Commands: begin a timeline, write what is new, empty what was sold."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import Keys
from liveshelf.timeline import _sources, _sql, rules
from liveshelf.timeline._sources import Gathered
from liveshelf.timeline.events import TimelineDue
from liveshelf.timeline.types import Draft, Kind, Link, Marks, Seal


@dataclass(frozen=True, slots=True)
class _Last:
    """Where a chain stands."""

    number: int
    hash: bytes


async def begin(tx: Tx, room_id: RoomId) -> None:
    """A room goes on air: its timeline is open from now on, and is written a moment later."""
    marks = msgspec.to_builtins(Marks())
    await tx.execute(_sql.BEGIN.values(shop_id=tx.shop, room_id=room_id, began_at=tx.now, links=0, marks=marks))


async def write(runtime: Runtime, shop: ShopId, room_id: RoomId) -> int:
    """Write down what has happened in a room since the last time. Returns how many links that are; none when another
    writer was quicker, or the room was never on air.
    """
    async with runtime.db.read(shop) as tx:
        line = await tx.one(_sql.ONE, room=room_id)
        if line is None:
            return 0
        found = await _sources.gather(tx, room_id, msgspec.convert(line.marks, Marks))
    closes = found.over and line.closed_at is None
    if not found.drafts and not closes:
        return 0
    return await runtime.db.write(
        SYSTEM, shop, lambda tx: _append(tx, runtime.keys, room_id, found, after=line.links, closes=closes)
    )


async def write_all(runtime: Runtime, shop: ShopId) -> int:
    """Write down every open timeline of a shop. One room's trouble is not the others': it is raised at the end."""
    async with runtime.db.read(shop) as tx:
        room_ids = [RoomId(row.room_id) for row in await tx.all(_sql.OPEN)]
    written, trouble = 0, None
    for room_id in room_ids:
        try:
            written += await write(runtime, shop, room_id)
        except Exception as error:  # noqa: BLE001 - raised below
            trouble = error
    if trouble is not None:
        raise trouble
    return written


async def forget_sales(tx: Tx, room_id: RoomId) -> None:
    """The record of what a broadcast sold was deleted: its orders' links keep their commitment alone."""
    await tx.execute(_sql.EMPTY_ORDERS, room=room_id)


async def ask(tx: Tx, _limit: int) -> int:
    """Ask for the writer, which has the keys that a timer has not."""
    tx.emit(TimelineDue(), stream="timeline")
    return 1


async def _append(tx: Tx, keys: Keys, room_id: RoomId, found: Gathered, *, after: int, closes: bool) -> int:
    line = await tx.one(_sql.LOCKED, room=room_id)
    if line is None or line.links != after:
        return 0
    last = await tx.one(_sql.LAST_LINK, room=room_id)
    at = _Last(0, rules.FIRST_HASH) if last is None else _Last(last.number, last.hash)
    drafts = [*found.drafts, *([Draft(Kind.CLOSED, tx.now, {})] if closes else [])]
    links = []
    for draft in drafts:
        links.append(_link(tx, keys, room_id, draft, last=at))
        at = _Last(links[-1].number, links[-1].hash)
    of_room = {"shop_id": tx.shop, "room_id": room_id}
    columns = ("number", "kind", "subject", "at", "body", "commitment", "hash")
    rows = [of_room | {name: getattr(link, name) for name in columns} for link in links]
    await tx.conn.execute(_sql.INSERT_LINKS, rows)
    unsigned = Seal(links[0].number, at.number, at.hash, b"", tx.now)
    signature = keys.seal_key(rules.PURPOSE_SEAL).sign(rules.signed(tx.shop, room_id, unsigned))
    seal = {"first": unsigned.first, "last": at.number, "hash": at.hash, "signature": signature, "at": tx.now}
    await tx.execute(_sql.INSERT_SEAL.values(**of_room, **seal))
    changes: dict[str, object] = {"links": at.number, "marks": msgspec.to_builtins(found.marks)}
    if closes:
        changes["closed_at"] = tx.now
    await tx.execute(_sql.ADVANCE.values(**changes), b_shop=tx.shop, b_room=room_id)
    return len(links)


def _link(tx: Tx, keys: Keys, room_id: RoomId, draft: Draft, *, last: _Last) -> Link:
    number = last.number + 1
    commitment = rules.committed(keys.mac(rules.PURPOSE_SALT, rules.salted(tx.shop, room_id, number)), draft.body)
    body = None if draft.secret else dict(draft.body)
    bare = Link(number, str(draft.kind), draft.subject, draft.at, body, commitment, b"")
    hashed = rules.chained(last.hash, tx.shop, room_id, bare)
    return Link(number, bare.kind, bare.subject, bare.at, body, commitment, hashed)
