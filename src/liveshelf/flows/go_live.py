"""Going on air and off it: start, pause, resume, end.

What must be ready before going on air is asked here, in one place for every door: the live permission, the shop's own
checklist, the check of papers, prices, stock and labels, and for an important room the legal role at its desk.
"""

from __future__ import annotations

from liveshelf.flows import preflight, readiness
from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import Tx
from liveshelf.qualifications import live
from liveshelf.qualifications import service as qualifications
from liveshelf.qualifications.errors import LivePermissionMissing
from liveshelf.qualifications.types import ApplicationKind
from liveshelf.rooms import presence
from liveshelf.rooms import service as rooms
from liveshelf.rooms.types import Room
from liveshelf.shops import service as shops
from liveshelf.timeline import service as timeline


async def start(tx: Tx, room_id: RoomId) -> Room:
    """Go on air, also before the planned start. Raises `ShopBlocked`, `RoomMissing`, `RoomStateRefuses`,
    `LivePermissionMissing`, `ChecklistOpen` while the shop's own checklist is not signed, `PreflightBlocked` and
    `LegalAbsent`.
    """
    await shops.writable(tx)
    await live.must_be_granted(tx)
    await readiness.check(tx, room_id)
    await preflight.must_pass(tx, room_id)
    room = await rooms.start(tx, room_id)
    await presence.begin(tx, room_id)
    await timeline.begin(tx, room_id)
    return room


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


async def apply(tx: Tx) -> None:
    """Hand in the application for the live permission that was drafted; granted or handed in already is no error.

    Raises `LivePermissionMissing` when there is nothing to hand in, and what `qualifications.service.submit` raises.
    """
    reason = await live.missing(tx)
    if reason in {"draft", "rejected"}:
        await qualifications.submit(tx, ApplicationKind.LIVE)
    elif reason not in {None, "submitted"}:
        raise LivePermissionMissing(reason=reason)
