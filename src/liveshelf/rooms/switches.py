"""Commands: what a room lets its viewers do, also while it is on air: listing, replay, customer service, comments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import Tx
from liveshelf.rooms import contact
from liveshelf.rooms._line import locked, opened, tell
from liveshelf.rooms.errors import ContactMissing, RoomStateRefuses
from liveshelf.rooms.events import SwitchesChanged
from liveshelf.rooms.types import OPEN, Room, RoomState
from liveshelf.trail import service as trail

# In which states each may still change: a replay is opened after the broadcast, the others only before it is over.
_CHANGEABLE: Mapping[str, frozenset[RoomState]] = {
    "is_feeds_public": OPEN,
    "close_kf": OPEN,
    "close_replay": frozenset(RoomState) - {RoomState.BANNED},
}


@dataclass(frozen=True, slots=True)
class SwitchChanges:
    """What to switch; `None` leaves a thing as it is. Named as on the wire: `close_…` true means hidden."""

    is_feeds_public: bool | None = None
    close_kf: bool | None = None
    close_replay: bool | None = None


async def change(tx: Tx, room_id: RoomId, changes: SwitchChanges) -> Room:
    """Switch what is asked; what stands so already changes nothing.

    Raises `RoomMissing`, `RoomStateRefuses`, and `ContactMissing` when customer service is opened before the shop has
    said where it is.
    """
    room = await locked(tx, room_id)
    asked = {name: value for name in _CHANGEABLE if (value := getattr(changes, name)) is not None}
    for name in asked:
        if room.state not in _CHANGEABLE[name]:
            raise RoomStateRefuses(state=room.state.value)
    if asked.get("close_kf") is False and await contact.read(tx) is None:
        raise ContactMissing(field="close_kf")
    moved = {name: value for name, value in asked.items() if getattr(room.switches, name) is not value}
    if not moved:
        return room
    trail.record(tx, "rooms.switch", f"room:{room_id}", **moved)
    return await _told(tx, room, muted=room.muted_at is not None, moved=moved)


async def mute(tx: Tx, room_id: RoomId) -> Room:
    """Viewers may not comment until `unmute`; staff may. Raises `RoomMissing`, `RoomStateRefuses`."""
    room = await opened(tx, room_id)
    if room.muted_at is not None:
        return room
    trail.record(tx, "rooms.mute", f"room:{room_id}")
    return await _told(tx, room, muted=True, moved={"muted_at": tx.now})


async def unmute(tx: Tx, room_id: RoomId) -> Room:
    """Viewers may comment again. Raises `RoomMissing`, `RoomStateRefuses`."""
    room = await opened(tx, room_id)
    if room.muted_at is None:
        return room
    trail.record(tx, "rooms.unmute", f"room:{room_id}")
    return await _told(tx, room, muted=False, moved={"muted_at": None})


async def _told(tx: Tx, room: Room, *, muted: bool, moved: Mapping[str, object]) -> Room:
    shown = {name: bool(moved.get(name, getattr(room.switches, name))) for name in _CHANGEABLE}
    return await tell(tx, room, SwitchesChanged(muted=muted, **shown), **moved)
