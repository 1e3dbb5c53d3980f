"""Notifications of the simulated provider that were not acknowledged."""

from __future__ import annotations

from liveshelf.adapters.payments import _sql
from liveshelf.adapters.payments.events import SimulatorNoticeDue
from liveshelf.adapters.payments.simulator import RETRY, SimulatedPayments
from liveshelf.kernel.ids import PaymentId, ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.platform.jobs import Job
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import Timer


async def _fire(tx: Tx, limit: int) -> int:
    wall = wall_now()
    rows = await tx.all(_sql.TAKE_NOTIFICATIONS, moment=wall, most=limit, next_try=wall + RETRY)
    for row in rows:
        tx.emit(SimulatorNoticeDue(payment_id=row.payment_id), stream=f"payment:{row.payment_id}")
    return len(rows)


async def _notify(runtime: Runtime, shop: ShopId, payment_id: int) -> None:
    if runtime.settings.simulated_payment:
        await SimulatedPayments(runtime).notify(shop, PaymentId(payment_id))


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
