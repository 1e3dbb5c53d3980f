"""Deleting what a broadcast sold, wherever that stands: its orders' origin, what was said, and its timeline."""

from __future__ import annotations

from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import Tx
from liveshelf.rooms import sales
from liveshelf.timeline import service as timeline


async def purge(tx: Tx, room_id: RoomId) -> None:
    """Delete the record for good. The timeline keeps that there were orders, and still verifies. Raises as
    `rooms.sales.purge`.
    """
    await sales.purge(tx, room_id)
    await timeline.forget_sales(tx, room_id)
