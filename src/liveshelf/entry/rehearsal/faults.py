"""What goes wrong in front of the crowd: connections cut, processes killed, notifications of payments lost."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from liveshelf.entry.line import Line, NotAnsweredError
from liveshelf.entry.rehearsal.crowd import Crowd, Placed, Wish
from liveshelf.entry.rehearsal.operator import Operator
from liveshelf.entry.rehearsal.pages import Pages
from liveshelf.entry.stage import Stage
from liveshelf.rehearsals.types import BACK_LIMIT_MS

_GIVE_UP_S = 60.0  # what is not back by then is told as that
_LOOK_S = 0.02
KILLED = ("gateway", "worker", "http", "database")
_ASKED_AFTER = (timedelta(seconds=45), timedelta(minutes=2))  # the provider is asked about what it did not tell
_SETTLED_S = 20.0


@dataclass(frozen=True, slots=True)
class Back:
    """How long it took until every page was right again and held what was pushed since."""

    ms: int
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Notices:
    """Payments whose notification was lost, or came late and more than once, and how many are settled."""

    sent: int = 0
    lost: int = 0
    settled: int = 0


class Faults:
    """Makes them, one after the other."""

    def __init__(self, stage: Stage, pages: Pages, operator: Operator, crowd: Crowd) -> None:
        self._stage = stage
        self._pages = pages
        self._operator = operator
        self._crowd = crowd

    async def cut(self, share: int) -> Back:
        """One page of so many loses its connection."""
        pages = self._pages.all[:: max(1, share)]
        began = time.monotonic()
        self._pages.cut(pages)
        return Back(await self._back(began), len(pages))

    async def killed(self, kind: str) -> Back:
        """Kill -9 of every process of a kind, or of the database. The start of the new one is in the time."""
        began = time.monotonic()
        if kind == "database":
            await self._stage.kill_database()
        else:
            self._stage.kill_all(kind)
        return Back(await self._back(began), len(self._pages.all))

    async def notices(self, lost: Sequence[Wish], late: Sequence[Wish]) -> Notices:
        """Buyers pay, and of some the provider never tells, of the others late and three times."""
        sent: list[Sequence[Placed]] = []
        late_and_again: Mapping[str, object] = {"repeat": 2, "shuffle_s": 1.0}
        for wishes, faults in ((lost, {"lose": 1.0}), (late, late_and_again)):
            await self._switch(faults)
            placed = (await self._crowd.buy(wishes, pay=False)).orders
            await self._crowd.pay(placed)
            sent.append(placed)
        every = [one for placed in sent for one in placed]
        await asyncio.sleep(_LOOK_S)
        for by in _ASKED_AFTER:
            await self._stage.advance(by)
            if await self._all_settled(every):
                break
        await self._switch({})
        return Notices(len(every), len(sent[0]), await self._settled(every))

    async def _back(self, began: float) -> int:
        """Push until it is answered, then wait until all pages are as a fresh one; milliseconds since `began`."""
        try:
            async with asyncio.timeout(_GIVE_UP_S):
                await self._operator.click()
                while True:
                    if not await self._pages.differing():
                        return round((time.monotonic() - began) * 1000)
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            return max(round(_GIVE_UP_S * 1000), BACK_LIMIT_MS + 1)

    async def _all_settled(self, orders: Sequence[Placed]) -> bool:
        end = time.monotonic() + _SETTLED_S / len(_ASKED_AFTER)
        while time.monotonic() < end:
            if await self._settled(orders) == len(orders):
                return True
            await asyncio.sleep(0.1)
        return False

    async def _settled(self, orders: Sequence[Placed]) -> int:
        paid = await self._stage.admin.fetchval(
            "SELECT count(*) FROM orders WHERE order_id = ANY($1) AND state NOT IN ('to_pay', 'closed')",
            [int(order) for _, order, _ in orders],
        )
        return int(paid)

    async def _switch(self, faults: Mapping[str, object]) -> None:
        """What the provider's network does from now on."""
        line = Line(self._stage.ports[0], {})
        # Who does not answer here settles no payment either, which is what is counted.
        with contextlib.suppress(NotAnsweredError):
            await line.ask("POST", "/simulator/faults", {"faults": faults})
        line.close()
