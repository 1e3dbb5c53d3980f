"""Timers are columns. Every time limit is a `due_at` in its owner's table, swept by the worker, seen on one board.

A sweep asks once which shops have something due, then fires shop by shop in one transaction each, so a restart loses
nothing and two workers never fire the same row: firing is a conditional update of the row itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.log import logger

FIRE_MAX = 200  # rows fired in one transaction; the rest follows in the next round

_log = logger("timers")


@dataclass(frozen=True, slots=True)
class Timer:
    """One kind of time limit.

    `due_shops` selects `shop_id` of shops with something due, bound to `now`; `fire(tx, limit)` settles up to `limit`
    rows of the transaction's shop and returns how many. `business_time` says whether a moved clock moves it.
    `features` name the rules it serves.
    """

    name: str
    owner: str
    promise: str
    due_shops: Select[tuple[int]]
    fire: Callable[[Tx, int], Awaitable[int]]
    business_time: bool = True
    features: Sequence[str] = ()
    every_s: float = 1.0


async def sweep(db: Database, timer: Timer) -> int:
    """Fire what is due in every shop. A shop that fails is logged and does not stop the others."""
    async with db.read() as tx:
        now = tx.now if timer.business_time else wall_now()
        shops = [ShopId(row.shop_id) for row in await tx.all(timer.due_shops, now=now)]
    fired = 0
    for shop in shops:
        try:
            while (count := await db.write(SYSTEM, shop, lambda tx: timer.fire(tx, FIRE_MAX))) == FIRE_MAX:
                fired += count
            fired += count
        except Exception:  # noqa: BLE001 - one shop's trouble is not the others'
            _log.exception("timer_failed", timer=timer.name, shop_id=shop)
    return fired
