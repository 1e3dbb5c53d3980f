"""What a broadcast sold (销售记录): which orders were placed in the room, and with what.

The record is kept for as long as the shop's setting says (`shops.time_limits`, never below thirty days) from the end of
the broadcast on, also when the room is deleted. After that it may be deleted for good: then no order tells any more
that it came from the room, and what was said there goes too. Orders and payments stay, they have their own law.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.ids import RoomId
from liveshelf.orders import queries as orders
from liveshelf.orders import service as order_service
from liveshelf.orders.types import Figures
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.rooms import _sql, queries
from liveshelf.rooms.errors import RoomMissing, RoomStateRefuses, SalesKept
from liveshelf.rooms.types import OPEN, Room
from liveshelf.shops.time_limits import time_limits_of
from liveshelf.trail import service as trail


@dataclass(frozen=True, slots=True)
class SalesRecord:
    """What a room sold. `kept_until` is told from the end of the broadcast on; `purged_at` when it was deleted."""

    room: Room
    figures: Figures
    kept_until: datetime | None
    purged_at: datetime | None


async def record(tx: ReadTx, room_id: RoomId) -> SalesRecord:
    """The record, also of a room that was deleted. Raises `RoomMissing`."""
    row = await tx.one(_sql.SALES_ROOM, room=room_id)
    if row is None:
        raise RoomMissing(room_id=room_id)
    return SalesRecord(
        queries.as_room(row), await orders.room_figures(tx, room_id), await _kept_until(tx, row), row.sales_purged_at
    )


async def purge(tx: Tx, room_id: RoomId) -> None:
    """Delete the record for good. A second time changes nothing.

    Raises `RoomMissing`, `RoomStateRefuses` before the end of the broadcast, `SalesKept` while it must be kept.
    """
    row = await tx.one(_sql.LOCK_SALES_ROOM, room=room_id)
    if row is None:
        raise RoomMissing(room_id=room_id)
    room, until = queries.as_room(row), await _kept_until(tx, row)
    if until is None:
        raise RoomStateRefuses(state=room.state.value)
    if tx.now < until:
        raise SalesKept(until=until.isoformat())
    if row.sales_purged_at is not None:
        return
    figures = await orders.room_figures(tx, room_id)
    await order_service.forget_room(tx, room_id)
    comments = len(await tx.all(_sql.DELETE_COMMENTS_IN, room=room_id))
    await tx.execute(_sql.UPDATE_ROOM.values(sales_purged_at=tx.now), b_shop=tx.shop, b_room=room_id)
    trail.record(tx, "rooms.purge_sales", f"room:{room_id}", orders=figures.orders, comments=comments)


async def _kept_until(tx: ReadTx, row: Row[Any]) -> datetime | None:
    room = queries.as_room(row)
    if room.state in OPEN and row.deleted_at is None:
        return None
    ended: datetime = room.ended_at or row.deleted_at or room.ends_at
    return ended + timedelta(days=(await time_limits_of(tx)).sales_days)
