"""Buyers who may not comment, in one broadcast or in the whole shop. They may watch and buy as before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from liveshelf.kernel.ids import CustomerId, RoomId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.rooms import _mutes_sql, _sql, queries
from liveshelf.rooms.errors import CommentMissing, Muted, MuteMissing, RoomMissing
from liveshelf.trail import service as trail

SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class Mute:
    """Somebody who may not comment, and who said so."""

    customer_id: CustomerId
    everywhere: bool
    actor: str
    at: datetime


async def must_not_be_muted(tx: ReadTx, room_id: RoomId, customer_id: CustomerId) -> None:
    """Raises `Muted`."""
    rows = await tx.all(_mutes_sql.MUTES_OF, customer=customer_id, room=room_id)
    if rows:
        raise Muted(everywhere=any(row.room_id == _mutes_sql.EVERYWHERE for row in rows))


async def mute_author(tx: Tx, room_id: RoomId, comment_id: int) -> None:
    """Whoever said this may not comment in this room any more. Raises `RoomMissing`, `CommentMissing`."""
    await _mute(tx, room_id, comment_id, where=room_id)


async def ban_author(tx: Tx, room_id: RoomId, comment_id: int) -> None:
    """Whoever said this may not comment anywhere in the shop any more. Raises `RoomMissing`, `CommentMissing`."""
    await _mute(tx, room_id, comment_id, where=_mutes_sql.EVERYWHERE)


async def unmute(tx: Tx, room_id: RoomId, customer_id: CustomerId) -> None:
    """Let them comment again, here and anywhere. Raises `RoomMissing`, `MuteMissing`."""
    if await queries.room(tx, room_id) is None:
        raise RoomMissing(room_id=room_id)
    if not await tx.all(_mutes_sql.UNMUTE, customer=customer_id, room=room_id):
        raise MuteMissing(customer_id=str(customer_id))
    trail.record(tx, "rooms.unmute", f"room:{room_id}", customer_id=str(customer_id))


async def muted(tx: ReadTx, room_id: RoomId) -> list[Mute]:
    """Who may not comment in a room, the latest first. Raises `RoomMissing`."""
    if await queries.room(tx, room_id) is None:
        raise RoomMissing(room_id=room_id)
    rows = await tx.all(_mutes_sql.IN_ROOM, room=room_id, most=SHOWN_MAX)
    return [Mute(CustomerId(row.customer_id), row.room_id == _mutes_sql.EVERYWHERE, row.actor, row.at) for row in rows]


async def move(tx: Tx, *, guest: CustomerId, member: CustomerId) -> None:
    """A guest is a member now, and muted as before."""
    await tx.execute(_mutes_sql.MOVE, customer=guest, member=member)
    await forget(tx, guest)


async def forget(tx: Tx, customer_id: CustomerId) -> None:
    """A buyer was erased."""
    await tx.execute(_mutes_sql.FORGET, customer=customer_id)


async def _mute(tx: Tx, room_id: RoomId, comment_id: int, *, where: int) -> None:
    if await queries.room(tx, room_id) is None:
        raise RoomMissing(room_id=room_id)
    said = await tx.one(_sql.COMMENT, room=room_id, comment=comment_id)
    if said is None or said.customer_id is None:
        raise CommentMissing(comment_id=str(comment_id))
    row = {"customer_id": said.customer_id, "room_id": where, "actor": str(tx.actor), "at": tx.now}
    if (await tx.execute(_mutes_sql.MUTE.values(shop_id=tx.shop, **row))).rowcount:
        everywhere = where == _mutes_sql.EVERYWHERE
        trail.record(
            tx, "rooms.ban" if everywhere else "rooms.mute", f"room:{room_id}", customer_id=str(said.customer_id)
        )
