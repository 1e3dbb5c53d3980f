"""A rehearsal that is kept while it is played: how far it is, and what came of it, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from liveshelf.entry.rehearsal.play import STANDARD, Plan, Say
from liveshelf.entry.rehearsal.run import RoomNotPlannedError, rehearse
from liveshelf.flows import rehearse as rehearsing
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.rehearsals import service
from liveshelf.rehearsals.types import Failure, Rehearsal, Report, Step
from liveshelf.rooms.errors import RoomMissing


async def played(
    runtime: Runtime, settings: Settings, shop: ShopId, of: Rehearsal, *, say: Say, plan: Plan = STANDARD
) -> Report:
    """Play one that has begun. Raises what `run.rehearse` raises and `RoomMissing`; then it is kept as failed."""
    db, number = runtime.db, of.rehearsal_id

    async def at(step: Step) -> None:
        await db.write(SYSTEM, shop, lambda tx: service.step(tx, number, step))
        await say(step)

    try:
        async with db.read(shop) as tx:
            standing = await rehearsing.standing(tx, settings, of.room_id)
        report = await rehearse(runtime, settings, (shop, of.room_id), of.wish, say=at, standing=standing, plan=plan)
    except (RoomNotPlannedError, RoomMissing):
        await _surely(db.write(SYSTEM, shop, lambda tx: service.fail(tx, number, Failure.ROOM_CHANGED)))
        raise
    except BaseException:
        await _surely(db.write(SYSTEM, shop, lambda tx: service.fail(tx, number, Failure.BROKEN_OFF)))
        raise
    await db.write(SYSTEM, shop, lambda tx: service.done(tx, number, report))
    return report


async def _surely(work: Awaitable[bool]) -> None:
    """Do it to its end, also while this task is being cancelled."""
    await asyncio.shield(asyncio.ensure_future(work))
