"""Going on air and off it: start, pause, resume, end.

For now a broadcast has no picture of its own, so each verb is the room's; what must be ready before going on air
(qualification, prices, stock, a stream) is asked here, in one place for every door.
"""

from __future__ import annotations

from liveshelf.flows import readiness
from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import Tx
from liveshelf.rooms import service as rooms
from liveshelf.rooms.types import Room
from liveshelf.shops import service as shops


async def start(tx: Tx, room_id: RoomId) -> Room:
    """Go on air, also before the planned start. Raises `ShopBlocked`, `RoomMissing`, `RoomStateRefuses`, and
    `ChecklistOpen` while the shop's own checklist is not signed.
    """
    await shops.writable(tx)
    await readiness.check(tx, room_id)
    return await rooms.start(tx, room_id)


async def pause(tx: Tx, room_id: RoomId) -> Room:
    """Interrupt the broadcast. Raises `RoomMissing`, `RoomStateRefuses`."""
    return await rooms.pause(tx, room_id)


async def resume(tx: Tx, room_id: RoomId) -> Room:
    """Go on after a pause or a fault. Raises `ShopBlocked`, `RoomMissing`, `RoomStateRefuses`."""
    await shops.writable(tx)
    return await rooms.resume(tx, room_id)


async def end(tx: Tx, room_id: RoomId) -> Room:
    """End the broadcast. A blocked shop may always end. Raises `RoomMissing`, `RoomStateRefuses`."""
    return await rooms.end(tx, room_id)
