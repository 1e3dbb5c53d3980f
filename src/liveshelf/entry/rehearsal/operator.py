"""The person at the desk of the copy: pushes goods, and knows when each push was on which page."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from itertools import cycle

from liveshelf.entry.line import Line, NotAnsweredError
from liveshelf.entry.rehearsal.pages import Pages, until
from liveshelf.entry.rehearsal.script import Copy
from liveshelf.kernel.ids import GoodsId

_OK = 200
_AGAIN_S = 0.05  # before a click that was not answered is repeated
_LATE_S = 5.0  # so much later than its limit a card is given up


@dataclass
class Cards:
    """How long pushed cards were under way, in milliseconds, and how many never came."""

    took_ms: list[int] = field(default_factory=list)
    pushes: int = 0
    missed: int = 0
    doubled: int = 0


class Operator:
    """Works over HTTP, as the desk's page does."""

    def __init__(self, copy: Copy, pages: Pages, port: int) -> None:
        self._pages = pages
        self._line = Line(port, {"authorization": f"Bearer {copy.operator}"})
        self._base = f"/v1/shops/{copy.shop}/rooms/{copy.room_id}"
        self._goods = cycle([one.goods_id for one in copy.for_sale])

    async def push(self, many: int, *, every_s: float, limit_s: float) -> Cards:
        """Push so many goods, one after the other, each once the last one is on every page."""
        cards, heard = Cards(), self._pages.heard
        doubled = heard.doubled
        for _ in range(many):
            began, watching = time.perf_counter(), self._pages.opened
            seq = await self.click(next(self._goods))
            cards.pushes += 1
            await until(lambda seq=seq, watching=watching: len(heard.cards[seq]) >= watching, limit_s + _LATE_S)  # type: ignore[misc]
            came = heard.cards.pop(seq)
            cards.took_ms += [round((at - began) * 1000) for at in came]
            cards.missed += max(0, watching - len(came))
            await asyncio.sleep(max(0.0, every_s - (time.perf_counter() - began)))
        cards.doubled = heard.doubled - doubled
        return cards

    async def click(self, goods_id: GoodsId | None = None) -> int:
        """Push a goods, again until it is answered; the number of what happened."""
        goods_id = goods_id or next(self._goods)
        while True:
            try:
                answer = await self._line.ask("POST", f"{self._base}/shelf/{goods_id}/push")
                if answer.status == _OK:
                    return int(answer.told["seq"])
            except NotAnsweredError:
                pass
            await asyncio.sleep(_AGAIN_S)

    async def let_claim(self, goods_id: GoodsId, keyword: str) -> bool:
        """Open a round of claims by comment; whether that was done."""
        wish = {"request_id": uuid.uuid4().hex, "goods_id": goods_id, "keyword": keyword, "buyer_max": 99}
        try:
            return (await self._line.ask("POST", f"{self._base}/claims", wish)).status == _OK
        except NotAnsweredError:
            return False

    def close(self) -> None:
        """Leave the desk."""
        self._line.close()
