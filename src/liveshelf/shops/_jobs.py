"""Time limits of the shops capability."""

from __future__ import annotations

from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.platform.timers import Timer
from liveshelf.shops import _sql
from liveshelf.shops.types import CALLS_KEPT


async def _forget_calls(tx: Tx, limit: int) -> int:
    return len(await tx.all(_sql.DELETE_OLD_CALLS, before=wall_now() - CALLS_KEPT, most=limit))


TIMERS = (
    Timer(
        name="shops.forget_calls",
        owner="shops",
        promise="Logged wire calls are deleted after 7 days of wall time.",
        due_shops=_sql.OLD_CALL_SHOPS,
        fire=_forget_calls,
        business_time=False,
        every_s=600,
    ),
)
