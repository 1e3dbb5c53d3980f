"""The writer: every few seconds what has happened in broadcasts is chained and signed."""

from __future__ import annotations

from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.penalties import queries as penalties
from liveshelf.platform.jobs import Job
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import Timer
from liveshelf.timeline import _sql, service


async def write(runtime: Runtime, shop: ShopId) -> None:
    """Write down all that runs in a shop."""
    await service.write_all(runtime, shop)


async def write_penalty(runtime: Runtime, shop: ShopId, *, penalty_id: int) -> None:
    """Write down a penalty for a broadcast that may be over for long."""
    async with runtime.db.read(shop) as tx:
        room_id: RoomId | None = (await penalties.penalty(tx, penalty_id)).violation.room_id
    if room_id is not None:
        await service.write(runtime, shop, room_id)


JOBS = (
    Job("timeline.write", "What happens in a broadcast is chained to what was before, and signed.", write),
    Job("timeline.penalty", "A penalty for a broadcast stands in its timeline, also long after.", write_penalty),
)
TIMERS = (
    Timer(
        name="timeline.write",
        owner="timeline",
        promise="What happens in a broadcast is in its signed timeline within seconds.",
        due_shops=_sql.SHOPS_OPEN,
        fire=service.ask,
        every_s=5.0,
    ),
)
