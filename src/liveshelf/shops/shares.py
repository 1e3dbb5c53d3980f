"""Shares of call quotas: exact, across processes, for one statement a gathered batch.

Calls of one shop and kind that arrive while a statement is under way are counted together by the next one. Of a large
quota the process takes some shares ahead, ever fewer near the limit; of a small one none, so every process refuses at
the same call. Taking is one conditional upsert that never passes the limit (`_sql.TAKE_QUOTA`), in its own transaction:
a call that is refused later was still made. A process that is killed loses the shares it took ahead: a day can come out
short of a large quota by them, never over.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import date

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.kernel.time import china_day, next_china_midnight
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.log import logger
from liveshelf.shops import service
from liveshelf.shops.errors import QuotaExhausted
from liveshelf.shops.rules import shares_ahead

_log = logger("shares")


@dataclass(slots=True)
class _Pot:
    """One shop's shares of one quota in this process."""

    day: date | None = None
    ends_unix: float = 0.0  # when the day ends
    left: int = 0
    ahead: int = 0  # how many to take beyond need next time
    waiting: deque[asyncio.Future[bool]] = field(default_factory=deque)
    running: asyncio.Task[None] | None = None


class Shares:
    """Spends call quotas."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._pots: dict[tuple[ShopId, str], _Pot] = {}

    async def spend(self, shop: ShopId, quota: str) -> None:
        """Count one call. Raises `QuotaExhausted`."""
        pot = self._pots.get((shop, quota))
        if pot is None:
            pot = self._pots[shop, quota] = _Pot()
        # Shares at hand are for their day; under a movable clock none are, as it may have moved unseen.
        if pot.left > 0 and time.time() < pot.ends_unix:
            pot.left -= 1
            return
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        pot.waiting.append(answer)
        if pot.running is None:
            pot.running = asyncio.create_task(self._serve(shop, quota, pot))
        if not await answer:
            raise QuotaExhausted(quota=quota)

    def held(self, shop: ShopId, quota: str) -> int:
        """Shares taken ahead and not used: granted, but not yet calls."""
        pot = self._pots.get((shop, quota))
        return pot.left if pot else 0

    def forget(self, shop: ShopId) -> None:
        """A limit or the counts of the shop changed: ask the database at the next call."""
        for (owner, _), pot in self._pots.items():
            if owner == shop:
                pot.left = pot.ahead = 0

    async def close(self) -> None:
        """Give back what was taken ahead."""
        for (shop, quota), pot in self._pots.items():
            if pot.left and pot.day is not None:
                await self._give_back(shop, quota, pot.left, pot.day)
                pot.left = 0

    async def _give_back(self, shop: ShopId, quota: str, many: int, day: date) -> None:
        await self._db.write(SYSTEM, shop, lambda tx: service.return_quota(tx, quota, many, day))

    async def _serve(self, shop: ShopId, quota: str, pot: _Pot) -> None:
        try:
            while pot.waiting:
                batch = [pot.waiting.popleft() for _ in range(len(pot.waiting))]
                try:
                    got = await self._take(shop, quota, pot, len(batch))
                except Exception as error:  # noqa: BLE001 - each caller gets it
                    _settle_error(batch, error)
                    continue
                for place, answer in enumerate(batch):
                    if not answer.done():
                        answer.set_result(place < got)
        finally:
            pot.running = None

    async def _take(self, shop: ShopId, quota: str, pot: _Pot, needed: int) -> int:
        """Take what is needed and some ahead; less, down to single shares, when the limit is near."""

        async def work(tx: Tx) -> tuple[int, date, int]:
            got, ask, ahead = 0, needed + pot.ahead, 0
            while ask and got < needed:
                taken = await service.take_quota(tx, quota, ask)
                if taken is None:
                    ask = min(ask // 2, needed - got) if ask > 1 else 0
                    continue
                granted, limit = taken
                got += ask
                ahead = 0 if self._clock.movable else shares_ahead(limit, granted)
                ask = min(ask, needed - got)
            pot.ends_unix = next_china_midnight(tx.now).timestamp()
            return got, china_day(tx.now), ahead

        got, pot.day, pot.ahead = await self._db.write(SYSTEM, shop, work)
        pot.left = max(0, got - needed)
        return got


def _settle_error(batch: list[asyncio.Future[bool]], error: Exception) -> None:
    for answer in batch:
        if not answer.done():
            answer.set_exception(error)
