"""Notifications of the simulated provider that were not acknowledged."""

from __future__ import annotations

from liveshelf.adapters.payments import _sql
from liveshelf.adapters.payments.events import SimulatorNoticeDue
from liveshelf.adapters.payments.simulator_notices import RETRY, deliver
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.platform.jobs import Job
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import Timer


async def _fire(tx: Tx, limit: int) -> int:
    wall = wall_now()
    rows = await tx.all(_sql.TAKE_NOTICES, moment=wall, most=limit, next_try=wall + RETRY)
    for row in rows:
        tx.emit(SimulatorNoticeDue(notice_id=row.notice_id), stream=f"simulator:{row.notice_id}")
    return len(rows)


async def _notify(runtime: Runtime, shop: ShopId, notice_id: int) -> None:
    if runtime.settings.simulated_payment:
        await deliver(runtime, shop, notice_id)


TIMERS = (
    Timer(
        name="simulator.notices",
        owner="adapters.payments",
        promise="A notification that was not acknowledged is sent again every few seconds.",
        due_shops=_sql.SHOPS_TO_NOTIFY,
        fire=_fire,
        business_time=False,
    ),
)
JOBS = (Job("simulator.notify", "Send a notification of the simulated provider.", _notify, attempts=1),)
