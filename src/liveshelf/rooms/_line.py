"""The line of a room: its commands come one after the other, and each change has the room's next number.

Shared by the modules whose commands change what a page shows.
"""

from __future__ import annotations

from datetime import timedelta

from liveshelf.goods import service as goods
from liveshelf.kernel.ids import GoodsId, RoomId
from liveshelf.platform.db import Tx
from liveshelf.platform.events import stream_tail
from liveshelf.rooms import _sql, queries
from liveshelf.rooms.errors import GoodsNotInRoom, GoodsUnknown, RoomMissing, RoomStateRefuses
from liveshelf.rooms.events import RoomEvent, stream_of
from liveshelf.rooms.messages import RING
from liveshelf.rooms.queries import Place
from liveshelf.rooms.types import OPEN, Room


async def locked(tx: Tx, room_id: RoomId) -> Room:
    """The room, for this transaction alone until it ends. Raises `RoomMissing`."""
    row = await tx.one(_sql.LOCK_ROOM, room=room_id)
    if row is None:
        raise RoomMissing(room_id=room_id)
    return queries.as_room(row)


async def opened(tx: Tx, room_id: RoomId) -> Room:
    """As `locked`, of a room whose shelf may still change. Raises `RoomMissing`, `RoomStateRefuses`."""
    room = await locked(tx, room_id)
    if room.state not in OPEN:
        raise RoomStateRefuses(state=room.state.value)
    return room


async def tell(tx: Tx, room: Room, event: RoomEvent, **columns: object) -> Room:
    """Give the room its next number, with what else changes in its row, and emit the event under it."""
    statement = _sql.UPDATE_ROOM.values(seq=room.seq + 1, **columns).returning(*_sql.ROOM.selected_columns)
    changed = await tx.execute(statement, b_shop=tx.shop, b_room=room.room_id)
    tx.emit(event, stream=stream_of(room.room_id), seq=room.seq + 1)
    return queries.as_room(changed.one())


async def happened(tx: Tx, room: Room, event: type[RoomEvent], *, since: int) -> bool:
    """Whether such an event stands in the room's line after a number; a number from before the ring counts as one."""
    if room.seq - since > RING:
        return True
    tail = await stream_tail(tx, stream_of(room.room_id), since=since, most=RING)
    return any(one.name == event.name for one in tail)


async def place_of(tx: Tx, room_id: RoomId, goods_id: GoodsId) -> Place:
    """The place of a goods on the shelf. Raises `GoodsUnknown`, `GoodsNotInRoom`."""
    for place in await queries.places(tx, room_id):
        if place.goods_id == goods_id:
            return place
    if not await goods.hold_still(tx, [goods_id]):
        raise GoodsUnknown(goods_id=goods_id)
    raise GoodsNotInRoom(goods_id=goods_id)


def seconds(left: timedelta) -> int:
    """Whole seconds to wait."""
    return -int(-left.total_seconds() // 1)
