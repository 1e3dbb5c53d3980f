"""Reads: the rehearsals of a room, and what runs now."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import ReadTx
from liveshelf.rehearsals import _sql
from liveshelf.rehearsals.types import Failure, Rehearsal, RehearsalId, RehearsalState, Step, Wish, as_report


async def rehearsal(tx: ReadTx, rehearsal_id: RehearsalId) -> Rehearsal | None:
    """The rehearsal, or `None` when the shop has none of this number."""
    row = await tx.one(_sql.BY_ID, rehearsal=rehearsal_id)
    return None if row is None else _as_rehearsal(row)


async def of_room(tx: ReadTx, room_id: RoomId) -> list[Rehearsal]:
    """What is kept of a room, the latest first."""
    return [_as_rehearsal(row) for row in await tx.all(_sql.OF_ROOM, room=room_id, most=_sql.KEPT)]


async def open_one(tx: ReadTx) -> Rehearsal | None:
    """The shop's rehearsal that waits or plays, if there is one."""
    row = await tx.one(_sql.OPEN_OF_SHOP)
    return None if row is None else _as_rehearsal(row)


async def anybody_plays(tx: ReadTx) -> bool:
    """Whether a rehearsal of any shop of the installation plays now."""
    return await tx.scalar(_sql.SHOP_PLAYING) is not None


def _as_rehearsal(row: Row[Any]) -> Rehearsal:
    return Rehearsal(
        row.rehearsal_id,
        RoomId(row.room_id),
        RehearsalState(row.state),
        Wish(row.viewers, row.uplink_kbps),
        row.asked_by,
        row.asked_at,
        None if row.step is None else Step(row.step),
        row.began_at,
        row.ended_at,
        None if row.failure is None else Failure(row.failure),
        None if row.report is None else as_report(row.report),
    )
