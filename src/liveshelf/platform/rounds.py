"""What the workers do, for whoever looks from outside: when each clock was looked at last, what it fired, what failed.

A worker counts in memory and writes every few seconds, so a crash loses some counts and never a firing. Several workers
add up. Wall time, since it tells of machines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.platform._tables import clock_rounds
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database, ReadTx
from liveshelf.platform.timers import Timer

ALIVE = timedelta(minutes=1)  # a worker writes every few seconds; none for this long: none runs
LATE = timedelta(minutes=1)  # what is due for longer should have fired, whatever else a worker had to do
RECENT = timedelta(minutes=2)  # what still fails failed in its last round; what failed once (a restart) is history

_ALL = select(clock_rounds).order_by(clock_rounds.c.clock)
_new = pg_insert(clock_rounds)
_ADD = _new.on_conflict_do_update(
    index_elements=[clock_rounds.c.clock],
    set_={
        "looked_at": func.greatest(clock_rounds.c.looked_at, _new.excluded.looked_at),
        "fired": clock_rounds.c.fired + _new.excluded.fired,
        "failed": clock_rounds.c.failed + _new.excluded.failed,
        "failed_at": func.coalesce(_new.excluded.failed_at, clock_rounds.c.failed_at),
        "failed_shop_id": func.coalesce(_new.excluded.failed_shop_id, clock_rounds.c.failed_shop_id),
    },
)


@dataclass(frozen=True, slots=True)
class Round:
    """One clock. `failed_at` and `failed_shop` tell of the last failure."""

    clock: str
    looked_at: datetime
    fired: int
    failed: int
    failed_at: datetime | None
    failed_shop: ShopId | None


@dataclass
class _Count:
    looked_at: datetime = field(default_factory=wall_now)
    fired: int = 0
    failed: int = 0
    failed_at: datetime | None = None
    failed_shop: ShopId | None = None


class Rounds:
    """The counts of one worker since it last wrote them."""

    def __init__(self) -> None:
        self._counts: dict[str, _Count] = defaultdict(_Count)

    def looked(self, clock: str, *, fired: int) -> None:
        """A clock was looked at."""
        count = self._counts[clock]
        count.looked_at = wall_now()
        count.fired += fired

    def failed(self, clock: str, shop: ShopId) -> None:
        """A clock failed in a shop."""
        count = self._counts[clock]
        count.failed += 1
        count.failed_at, count.failed_shop = wall_now(), shop

    async def write(self, db: Database) -> None:
        """Add the counts to those of all workers. What can't be written is kept for the next time."""
        counts, self._counts = self._counts, defaultdict(_Count)
        if not counts:
            return
        rows = [  # in one order, so that two workers can't wait for each other in a circle
            {
                "clock": clock,
                "looked_at": one.looked_at,
                "fired": one.fired,
                "failed": one.failed,
                "failed_at": one.failed_at,
                "failed_shop_id": one.failed_shop,
            }
            for clock, one in sorted(counts.items())
        ]
        try:
            await db.write(SYSTEM, PLATFORM, lambda tx: tx.execute(_ADD.values(rows)))
        except Exception:
            for clock, one in counts.items():
                mine = self._counts[clock]
                mine.fired += one.fired
                mine.failed += one.failed
                mine.failed_at, mine.failed_shop = one.failed_at, one.failed_shop
            raise


async def rounds(tx: ReadTx) -> list[Round]:
    """What all workers did, clock by clock."""
    return [
        Round(
            clock=row.clock,
            looked_at=row.looked_at,
            fired=row.fired,
            failed=row.failed,
            failed_at=row.failed_at,
            failed_shop=None if row.failed_shop_id is None else ShopId(row.failed_shop_id),
        )
        for row in await tx.all(_ALL)
    ]


async def trouble(db: Database, timers: Iterable[Timer]) -> list[str]:
    """What is wrong with the clocks, in sentences: those that fail, and limits that are long due although a worker
    runs. Where none runs nothing can fire, so none is called late.
    """
    async with db.read() as tx:
        now, wall = tx.now, wall_now()
        every = await rounds(tx)
        known = {one.name: one for one in timers}
        wrong = [
            f"{one.clock} failed in shop {one.failed_shop} at {one.failed_at:%Y-%m-%d %H:%M:%S} UTC; the log says why"
            for one in every
            if one.failed_at is not None and one.clock in known
            if one.failed_at > wall - RECENT - _round(known[one.clock])
        ]
        if not any(one.looked_at > wall - ALIVE for one in every):
            return wrong
        for timer in known.values():
            if "now" not in timer.due_shops.compile().params:
                continue  # it asks for all that waits, however fresh
            due = (now if timer.business_time else wall) - LATE - _round(timer)
            shops = sorted(row.shop_id for row in await tx.all(timer.due_shops, now=due))
            if shops:
                named = ", ".join(str(shop) for shop in shops[:10])
                wrong.append(f"{timer.name} has not fired what is due for more than a minute; shops: {named}")
    return wrong


def _round(timer: Timer) -> timedelta:
    """As long as two looks at the clock may be apart."""
    return 2 * timedelta(seconds=timer.every_s)
