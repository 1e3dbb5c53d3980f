"""The fault desk as calls meet it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database
from liveshelf.platform.groupread import GroupRead
from liveshelf.shops import queries, service
from liveshelf.shops.types import Fault

FRESH_S = 1.0  # for so long a lost bus message can hide a new fault from one process


@dataclass(frozen=True, slots=True)
class _Known:
    faults: tuple[Fault, ...]
    until: float  # monotonic


_NONE = _Known((), 0.0)


class Faults:
    """The waiting faults of the shops that this process serves."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[ShopId, _Known] = {}
        self._forgotten = 0  # how often; a read that was under way then is not kept
        self._reads: GroupRead[ShopId, _Known] = GroupRead(self._load)

    async def meet(self, shop: ShopId, appid: str, api: str) -> Fault | None:
        """The oldest fault that waits for this call, counted against its number of calls; `None` for nearly
        every call.
        """
        known = self._known.get(shop, _NONE)
        if known.until < time.monotonic():
            known = (await self._reads.get((shop,)))[shop]
        for fault in known.faults:
            if fault.meets(appid, api) and await self._counted(shop, fault):
                return fault
        return None

    def forget(self, shop: ShopId) -> None:
        """The shop's faults changed."""
        self._forgotten += 1
        self._known.pop(shop, None)

    def forget_all(self) -> None:
        """Any shop's faults may have changed."""
        self._forgotten += 1
        self._known.clear()

    async def _load(self, shops: list[ShopId]) -> dict[ShopId, _Known]:
        return {shop: await self._load_one(shop) for shop in shops}

    async def _load_one(self, shop: ShopId) -> _Known:
        forgotten, until = self._forgotten, time.monotonic() + FRESH_S
        async with self._db.read(shop) as tx:
            known = _Known(tuple(await queries.faults(tx)), until)
        if forgotten == self._forgotten:
            self._known[shop] = known
        return known

    async def _counted(self, shop: ShopId, fault: Fault) -> bool:
        wall = wall_now()
        if fault.remaining is None:
            return fault.until is not None and fault.until >= wall
        return await self._db.write(SYSTEM, shop, lambda tx: service.meet_fault(tx, fault.fault_id, wall=wall))
