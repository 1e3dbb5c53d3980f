"""Commands: keys, the delay, and who holds a room's picture."""

from __future__ import annotations

from liveshelf.kernel.ids import RoomId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.trail import service as trail
from liveshelf.video import _sql
from liveshelf.video.errors import AlreadySending, DelayInvalid
from liveshelf.video.types import DELAY_MAX_S, LOST_AFTER, STALE_AFTER, Figures, Hold


async def renew_key(tx: Tx, room_id: RoomId) -> None:
    """Make every push key of the room that was ever told worthless. Whoever sends is cut off within a second or two."""
    await tx.execute(_sql.PUT_ROW, room=room_id)
    await tx.execute(_sql.NEW_KEY, room=room_id)
    trail.record(tx, "video.renew_key", f"room:{room_id}")


async def set_delay(tx: Tx, room_id: RoomId, delay_s: int) -> None:
    """Show the picture so many seconds late, from now on. Raises `DelayInvalid`."""
    if not 0 <= delay_s <= DELAY_MAX_S:
        raise DelayInvalid(field="delay_s")
    await tx.execute(_sql.PUT_ROW, room=room_id)
    await tx.execute(_sql.SET_DELAY, room=room_id, b_delay=delay_s)
    trail.record(tx, "video.set_delay", f"room:{room_id}", delay_s=delay_s)


async def claim(tx: Tx, room_id: RoomId, *, ingest: str, beats: bool = True) -> Hold:
    """Hold the room's picture for a sender. One that does not beat is never lost by silence, and another may come in
    its place. Raises `AlreadySending`.
    """
    wall = wall_now()
    await tx.execute(_sql.PUT_ROW, room=room_id)
    stale = wall + LOST_AFTER - STALE_AFTER
    due = wall + LOST_AFTER if beats else None
    row = await tx.one(_sql.CLAIM, room=room_id, b_ingest=ingest, b_now=tx.now, b_due=due, stale=stale)
    if row is None:
        raise AlreadySending(room_id=room_id)
    trail.record(tx, "video.begin", f"room:{room_id}", run=row.run)
    return Hold(row.run, row.generation, ingest)


async def beat(tx: Tx, room_id: RoomId, *, hold: Hold, figures: Figures) -> bool:
    """Say that the picture is there. False when the hold is lost: a new key was made, or another sender came."""
    held = await tx.scalar(
        _sql.BEAT,
        room=room_id,
        b_run=hold.run,
        b_generation=hold.generation,
        b_ingest=hold.ingest,
        b_now=tx.now,
        b_due=wall_now() + LOST_AFTER,
        b_kbps=figures.kbps,
        b_frames=figures.frames_per_10_s,
        b_keyframe=figures.keyframe_every_ms,
        b_ms=figures.recorded_ms,
        b_bytes=figures.recorded_bytes,
        b_halted=figures.is_halted,
    )
    return held is not None


async def let_go(tx: Tx, room_id: RoomId, *, hold: Hold, deliberately: bool) -> bool:
    """The sender is gone. One that broke off is waited for a while before the broadcast counts as abnormal. False when
    the hold was lost before.
    """
    due = None if deliberately else wall_now() + LOST_AFTER
    held = await tx.scalar(_sql.LET_GO, room=room_id, b_run=hold.run, b_ingest=hold.ingest, b_due=due)
    if held is not None:
        trail.record(tx, "video.end", f"room:{room_id}", run=hold.run, deliberately=deliberately)
    return held is not None


async def let_all_go(tx: Tx, ingest: str) -> None:
    """A process that begins holds nothing yet. What it held before is still waited for as when it broke off."""
    await tx.execute(_sql.LET_ALL_GO, b_ingest=ingest)


async def lost(tx: Tx, limit: int) -> list[RoomId]:
    """Rooms whose picture was not seen in time; each is told once."""
    found = [RoomId(row.room_id) for row in await tx.all(_sql.DUE, now=wall_now(), most=limit)]
    for room_id in found:
        await tx.execute(_sql.SETTLE, room=room_id)
    return found


async def alone(tx: Tx, room_id: RoomId) -> None:
    """Until the end of the transaction nobody else decides about the room's recording."""
    await tx.execute(_sql.LOCK, room=room_id)


async def removed(tx: Tx, room_id: RoomId) -> None:
    """The files of a recording are gone. A second time changes nothing."""
    if await tx.scalar(_sql.REMOVED, room=room_id, b_now=tx.now) is not None:
        trail.record(tx, "video.remove", f"room:{room_id}")
