"""The log of wire calls: kept in memory for a moment, written in batches, never in a call's way.

A bound keeps a storm of calls from becoming a storm of writes: beyond `SUCCESSES_MAX` a flush, successes are left out;
refusals are kept up to `WAITING_MAX`. Rows live 7 days (`_jobs`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator

from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import Database
from liveshelf.platform.log import logger
from liveshelf.shops import _sql
from liveshelf.shops.types import WireCall

EVERY_S = 0.2
SUCCESSES_MAX = 40  # a flush: 200 a second and process
WAITING_MAX = 1_000  # rows; with request and response cut to 2 kB each, some 4 MB

_log = logger("calls")


class CallLog:
    """Gathers calls and writes them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: list[tuple[ShopId, WireCall]] = []
        self._successes = 0

    def wants(self, errcode: int) -> bool:
        """Whether a call that ended so would be kept: ask before making its row."""
        return len(self._waiting) < WAITING_MAX and (errcode != 0 or self._successes < SUCCESSES_MAX)

    def add(self, shop: ShopId, call: WireCall) -> None:
        """Keep a call that `wants` agreed to."""
        self._successes += call.errcode == 0
        self._waiting.append((shop, call))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write what was gathered every `EVERY_S` while inside, and the rest at the end."""
        task = asyncio.create_task(self._keep_flushing())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await self.flush()

    async def flush(self) -> None:
        """Write what was gathered. A failure is logged and loses those rows: the log must never stop the calls."""
        rows, self._waiting, self._successes = self._waiting, [], 0
        by_shop: dict[ShopId, list[dict[str, object]]] = defaultdict(list)
        for shop, call in rows:
            by_shop[shop].append({"shop_id": shop, **{name: getattr(call, name) for name in WireCall.__slots__}})
        for shop_rows in by_shop.values():
            try:
                async with self._db.engine.begin() as conn:
                    await conn.execute(_sql.INSERT_CALLS, shop_rows)
            except Exception:  # noqa: BLE001 - logged with its trace
                _log.exception("calls_lost", count=len(shop_rows))

    async def _keep_flushing(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self.flush()
