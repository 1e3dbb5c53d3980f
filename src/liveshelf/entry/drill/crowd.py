"""Buyers: each wants one piece, asks until somebody tells whether there is one, and some of them pay."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from liveshelf.entry.drill.shop import PRICE_FEN, DrillShop
from liveshelf.entry.line import Answer, Line, NotAnsweredError

_PAUSE_S = 0.05  # before one who was not answered asks again
_TRIES = 400
_CREATED, _TOO_BUSY, _SERVER = 201, 503, 500
_ADDRESS = {"name": "张三", "phone": "13800138000", "code": "440305", "street": "科技园路 1 号 3 栋"}


@dataclass
class Try:
    """One request for one piece, and what came of it: an order's number, or why there is none."""

    buyer: int
    request_id: str
    order_id: str = ""
    refusal: str = ""
    asked: int = 0
    took_s: float = 0.0


@dataclass
class Crowd:
    """All buyers. `tries` is everything that anybody was told."""

    shop: DrillShop
    ports: Sequence[int]
    tokens: Sequence[str]
    rng: random.Random
    tries: list[Try] = field(default_factory=list)
    unanswered: int = 0
    until: int = 1 << 31  # nobody comes beyond so many tries, until this is raised

    @property
    def placed(self) -> list[Try]:
        """Those who were told an order's number."""
        return [one for one in self.tries if one.order_id]

    async def rush(self, buyers: Iterable[int], *, at_once: int) -> list[Try]:
        """Each of these buyers wants one piece. Returns what they were told."""
        line = iter(list(buyers))
        told: list[Try] = []

        async def come() -> None:
            for buyer in line:
                while len(self.tries) >= self.until:  # noqa: ASYNC110 - raised by whoever plays fate
                    await asyncio.sleep(0.005)
                one = Try(buyer, uuid.UUID(int=self.rng.getrandbits(128), version=4).hex)
                self.tries.append(one)
                await self._buy(one)
                told.append(one)

        await asyncio.gather(*(come() for _ in range(at_once)))
        return told

    async def ask_again(self, tries: Sequence[Try]) -> list[tuple[Try, str]]:
        """The same requests once more; what each is told now."""
        again = [Try(one.buyer, one.request_id) for one in tries]
        await asyncio.gather(*(self._buy(one) for one in again))
        return list(zip(tries, [one.order_id or one.refusal for one in again], strict=True))

    async def pay(self, tries: Sequence[Try]) -> list[str]:
        """Give an address, begin to pay, and press the button. Returns the pay pages."""
        return await asyncio.gather(*(self._pay(one) for one in tries))

    async def begin(self, tries: Sequence[Try]) -> list[str]:
        """Everything but the button. Returns the pay pages."""
        return await asyncio.gather(*(self._begin(one) for one in tries))

    async def press(self, page: str, *, late: bool = False) -> None:
        """The button of a pay page; `late` is the one for those who pay when nobody expects it any more."""
        await self._insist(0, "POST", page, b"late=1" if late else b"")

    async def _pay(self, one: Try) -> str:
        page = await self._begin(one)
        await self.press(page)
        return page

    async def _begin(self, one: Try) -> str:
        base = f"/v1/storefront/{self.shop.shop}"
        book = await self._insist(one.buyer, "POST", f"{base}/addresses", {"request_id": _id(), **_ADDRESS})
        choice = {"request_id": _id(), "address_id": book.told["address_id"]}
        await self._insist(one.buyer, "PUT", f"{base}/orders/{one.order_id}/delivery", choice)
        pay = await self._insist(one.buyer, "POST", f"{base}/orders/{one.order_id}/pay", {"request_id": _id()})
        page = str(pay.told["pay_url"])
        return "/" + page.split("/", 3)[3] if page.startswith("http") else page

    async def _buy(self, one: Try) -> None:
        wish = {
            "request_id": one.request_id,
            "lines": [{"sku_id": self.shop.sku_id, "quantity": 1}],
            "expected_total_fen": PRICE_FEN,
            "goods_id": self.shop.goods_id,
        }
        if one.buyer % 2:
            wish["room_id"] = self.shop.room_id
        began = time.perf_counter()
        answer = await self._insist(one.buyer, "POST", f"/v1/storefront/{self.shop.shop}/orders", wish, counted=one)
        one.took_s = time.perf_counter() - began
        if answer.status == _CREATED:
            one.order_id = str(answer.told["order_id"])
        else:
            one.refusal = str(answer.told.get("code", answer.status))

    async def _insist(self, buyer: int, method: str, path: str, body: object, *, counted: Try | None = None) -> Answer:
        """Ask until there is an answer that means something, of one process and then the other. Raises
        `NotAnsweredError` when there never is one.
        """
        lines: dict[int, Line] = {}
        try:
            for again in range(_TRIES):
                port = self.ports[(buyer + again) % len(self.ports)]
                line = lines.setdefault(port, Line(port, self._headers(buyer)))
                if counted is not None:
                    counted.asked += 1
                try:
                    answer = await line.ask(method, path, body)
                except NotAnsweredError:
                    self.unanswered += 1
                    await asyncio.sleep(_PAUSE_S)
                    continue
                if answer.status < _SERVER:
                    return answer
                await asyncio.sleep(float(answer.headers.get("retry-after", _PAUSE_S)))
        finally:
            for line in lines.values():
                line.close()
        raise NotAnsweredError

    def _headers(self, buyer: int) -> dict[str, str]:
        return {
            "cookie": f"liveshelf_buyer_{self.shop.shop}={self.tokens[buyer]}",
            "x-forwarded-for": f"10.{buyer >> 16 & 255}.{buyer >> 8 & 255}.{buyer & 255}",
        }


def _id() -> str:
    return uuid.uuid4().hex
