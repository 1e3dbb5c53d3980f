"""What an HTTP process keeps at hand of the shops' software: good tokens, waiting faults, shares of quotas.

Memory only ever saves a question; the database decides. Entries live a few seconds and are dropped when the bus says
that they changed, so a killed token or a new fault is known everywhere at once, and within seconds when a message is
lost.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from liveshelf.kernel.ids import ShopId
from liveshelf.platform.fanout import Bus
from liveshelf.platform.runtime import Runtime
from liveshelf.shops.bearers import Bearers
from liveshelf.shops.calls import CallLog
from liveshelf.shops.faults import Faults
from liveshelf.shops.shares import Shares

CHANNEL = "wire_desk"  # payload: the number of the shop whose tokens, faults or quotas changed


class WireDesk:
    """One a process; found with `runtime.need(WireDesk)` in HTTP processes."""

    def __init__(self, runtime: Runtime) -> None:
        self._bus = runtime.bus
        self.bearers = Bearers(runtime.db, runtime.keys)
        self.faults = Faults(runtime.db)
        self.shares = Shares(runtime.db, runtime.clock)
        self.calls = CallLog(runtime.db)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[WireDesk]:
        """Listen for changes and write the call log while inside; give unused shares back at the end."""
        await self._bus.subscribe(CHANNEL, self._heard)
        self._bus.on_gap(self._forget_all)
        try:
            async with self.calls.running():
                yield self
        finally:
            await self._bus.unsubscribe(CHANNEL, self._heard)
            await self.shares.close()

    async def changed(self, shop: ShopId) -> None:
        """Forget what is at hand of a shop, here and in every other process. Called after the commit of the change."""
        self._heard(str(shop))
        await announce(self._bus, shop)

    def _heard(self, payload: str) -> None:
        shop = ShopId(int(payload))
        self.bearers.forget(shop)
        self.faults.forget(shop)
        self.shares.forget(shop)

    def _forget_all(self) -> None:
        self.bearers.forget_all()
        self.faults.forget_all()


async def announce(bus: Bus, shop: ShopId) -> None:
    """Tell every process that a shop's tokens, faults or quotas changed."""
    await bus.publish([(CHANNEL, str(shop))])
