"""What the moving picture does to a room: it comes, breaks off, comes back.

A room without a picture is a broadcast in words and stills, and nothing here touches it. Each move is a numbered event
like any other. A pause that a person asked for is theirs to end: a picture that comes back does not end it.
"""

from __future__ import annotations

from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import Tx
from liveshelf.rooms import _line
from liveshelf.rooms.events import PictureChanged
from liveshelf.rooms.service import _move
from liveshelf.rooms.types import Room, RoomState


async def came(tx: Tx, room_id: RoomId) -> Room:
    """The first second of a picture is there: pages show it from now on, and what its loss stopped goes on. Raises
    `RoomMissing`.
    """
    room = await _line.locked(tx, room_id)
    if not room.has_picture:
        room = await _line.tell(tx, room, PictureChanged(has_picture=True), has_picture=True)
    if room.state is RoomState.ABNORMAL or (room.state is RoomState.PAUSED and room.is_paused_by_picture):
        room = await _move(tx, room, RoomState.LIVE, is_paused_by_picture=False)
    return room


async def broke_off(tx: Tx, room_id: RoomId) -> Room:
    """The picture was lost without a word: a live room is abnormal. Raises `RoomMissing`."""
    room = await _line.locked(tx, room_id)
    return await _move(tx, room, RoomState.ABNORMAL) if room.state is RoomState.LIVE else room


async def stopped(tx: Tx, room_id: RoomId) -> Room:
    """The sender ended the picture on purpose: a live room pauses until it comes back. Raises `RoomMissing`."""
    room = await _line.locked(tx, room_id)
    if room.state is not RoomState.LIVE:
        return room
    return await _move(tx, room, RoomState.PAUSED, is_paused_by_picture=True)
