"""Plays a rehearsal that was asked for: `python -m liveshelf.entry.rehearsal SHOP REHEARSAL`.

It says itself how far it is and what it found. Its settings are those of the worker that starts it.
"""

from __future__ import annotations

import asyncio
import sys

import uvloop

from liveshelf.entry.compose import runtime_from_environment
from liveshelf.entry.rehearsal.keep import played
from liveshelf.entry.rehearsal.run import end_on_sigterm
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform import log
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime
from liveshelf.rehearsals import queries, service
from liveshelf.rehearsals.types import RehearsalId, Step

_log = logger("rehearsal")


async def play_waiting(runtime: Runtime, shop: ShopId, rehearsal_id: RehearsalId) -> None:
    """Play one, if it still waits and may begin now; afterwards its report is kept, or why there is none."""
    async with runtime.db.read(shop) as tx:
        found = await queries.rehearsal(tx, rehearsal_id)
    if found is None or not await runtime.db.write(SYSTEM, shop, lambda tx: service.begin(tx, rehearsal_id)):
        return
    try:
        await played(runtime, runtime.settings, shop, found, say=_nobody)
    except asyncio.CancelledError:
        _log.warning("rehearsal_broken_off", shop_id=shop, rehearsal_id=rehearsal_id)
    except Exception:  # noqa: BLE001 - it is kept as failed; what it was stands in the log
        _log.exception("rehearsal_failed", shop_id=shop, rehearsal_id=rehearsal_id)


async def _nobody(_step: Step) -> None:
    """Whoever asked reads how far it is."""


async def _main(shop: ShopId, rehearsal_id: RehearsalId) -> None:
    end_on_sigterm()
    async with runtime_from_environment("rehearsal") as runtime:
        log.configure("error", "rehearsal")  # a database that is killed on purpose is no news
        await play_waiting(runtime, shop, rehearsal_id)


if __name__ == "__main__":
    uvloop.run(_main(ShopId(int(sys.argv[1])), int(sys.argv[2])))
