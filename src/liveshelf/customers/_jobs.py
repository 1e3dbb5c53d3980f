"""Time limits of the customers capability."""

from __future__ import annotations

from liveshelf.customers import _privacy_sql, _sql
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.platform.timers import Timer


async def _sweep(tx: Tx, _limit: int) -> int:
    wall = wall_now()
    await tx.execute(_sql.DELETE_OLD_SESSIONS, wall=wall)
    await tx.execute(_sql.DELETE_OLD_CODES, wall=wall)
    return 0  # one statement takes them all: there is never a rest


async def _forget(tx: Tx, limit: int) -> int:
    return len(await tx.all(_privacy_sql.FORGET, moment=tx.now, most=limit))


TIMERS = (
    Timer(
        name="customers.sessions",
        owner="customers",
        promise="Sessions and login codes whose time is up are deleted.",
        due_shops=_sql.SHOPS_WITH_OLD,
        fire=_sweep,
        business_time=False,
        every_s=60.0,
    ),
    Timer(
        name="customers.forget_copies",
        owner="customers",
        promise="A copy of somebody's data is deleted 7 days after it was made.",
        due_shops=_privacy_sql.SHOPS_TO_FORGET,
        fire=_forget,
        every_s=600.0,
    ),
)
