"""The sealer: a minute after something was recorded, it is chained and signed."""

from __future__ import annotations

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.jobs import Job
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import Timer
from liveshelf.trail import _sql, service


async def seal(runtime: Runtime, shop: ShopId) -> None:
    """Seal all that waits in a shop."""
    while await runtime.db.write(SYSTEM, shop, lambda tx: service.seal(tx, runtime.keys)) == service.SEAL_MAX:
        pass


JOBS = (Job("trail.seal", "What was recorded is chained to what was before, and signed.", seal),)
TIMERS = (
    Timer(
        name="trail.seal",
        owner="trail",
        promise="Recorded rows are sealed within a minute.",
        due_shops=_sql.SHOPS_UNSEALED,
        fire=service.ask_for_seal,
        business_time=False,
        every_s=60,
    ),
)
