"""What the crowd does besides watching: it comments, likes, claims by comment, orders and pays."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from liveshelf.entry.line import Answer, Line, NotAnsweredError
from liveshelf.entry.rehearsal.operator import Operator
from liveshelf.entry.rehearsal.pages import Pages, until
from liveshelf.entry.rehearsal.script import Copy, OnSale, Shown
from liveshelf.goods.types import DeliveryKind
from liveshelf.rooms.claim_rules import Offered, OfferedSku, Wanted, read

T = TypeVar("T")
R = TypeVar("R")
Wish: TypeAlias = tuple[int, Shown, OnSale]  # a viewer, and one piece of what
Placed: TypeAlias = tuple[int, str, Shown]  # a viewer, an order, and of what

_OK, _CREATED, _REFUSED = 200, 201, 409
_BUYING = 32  # buyers whose requests are under way at the same moment
_TALK = ("主播好", "这个颜色真好看", "多少钱呀", "上次买的还不错", "666", "有没有小一点的", "讲讲尺寸吧", "来晚了")
_HOME = {"name": "张三", "phone": "13800138000", "code": "440305", "street": "科技园路 1 号 3 栋"}
_PAUSE_S = 1.05  # a viewer's own between two comments
_HEARD_S = 3.0  # after the last comment, for the pages to show it


@dataclass
class Talk:
    """What was said, and how long it took to each page."""

    said: int = 0
    shown: int = 0
    took_ms: list[int] = field(default_factory=list)


@dataclass
class Claimed:
    """What claims by comment came to. `wrong`: talk that was taken for a claim, or a claim that got no answer."""

    said: int = 0
    won: int = 0
    waiting: int = 0
    asked_back: int = 0
    refused: int = 0
    clear: int = 0  # of what was said
    wrong: int = 0
    pieces: int = 0
    took_ms: list[int] = field(default_factory=list)
    orders: list[Placed] = field(default_factory=list)


@dataclass
class Bought:
    """What orders came to."""

    tries: int = 0
    ordered: int = 0
    paid: int = 0
    too_late: int = 0
    took_ms: list[int] = field(default_factory=list)
    orders: list[Placed] = field(default_factory=list)


class Crowd:
    """Viewers with hands. Each is one of the pages."""

    def __init__(self, copy: Copy, pages: Pages) -> None:
        self._copy = copy
        self._pages = pages
        self._shop = f"/v1/storefront/{copy.shop}"

    # --- talk ---

    async def talk(self, *, per_s: float, seconds: float, viewers: Sequence[int]) -> Talk:
        """So many comments a second, none of one viewer too soon after the last; each is followed to the pages."""
        done, said = Talk(), {}
        per_s = min(per_s, len(viewers) / _PAUSE_S)
        watching = self._pages.opened
        began = time.perf_counter()
        asking: list[asyncio.Task[None]] = []

        async def say(number: int) -> None:
            at = time.perf_counter()
            answer = await self._say(viewers[number % len(viewers)], _TALK[number % len(_TALK)])
            if answer is not None and answer.status == _CREATED:
                said[str(answer.told["comment_id"])] = at

        for number in range(int(per_s * seconds)):
            await asyncio.sleep(max(0.0, began + number / per_s - time.perf_counter()))
            asking.append(asyncio.create_task(say(number)))
            done.said += 1
        await asyncio.gather(*asking)
        heard = self._pages.heard.comments
        await until(lambda: all(len(heard[one]) >= watching for one in said), _HEARD_S)
        done.shown = sum(len(heard[one]) >= watching for one in said)
        done.took_ms = [round((came - at) * 1000) for one, at in said.items() for came in heard[one]]
        return done

    async def like(self, viewers: Iterable[int]) -> None:
        """Each taps a few times."""
        await _at_once(lambda one: self._post(one, "likes", {"count": 5}), viewers)

    async def shout(self, viewers: Sequence[int]) -> float:
        """Each says one thing, all at once; comments a second."""
        began = time.perf_counter()
        answers = await _at_once(lambda one: self._say(one, _TALK[one % len(_TALK)]), viewers)
        taken = sum(one is not None and one.status == _CREATED for one in answers)
        return taken / (time.perf_counter() - began)

    # --- claims ---

    async def claim(self, operator: Operator, of: Shown, viewers: Sequence[int]) -> Claimed:
        """A round for a goods, claimed in all the ways that people write it, between their talk."""
        keyword = str(of.number)
        done = Claimed(pieces=of.pieces)
        if not await operator.let_claim(of.goods_id, keyword):
            done.wrong += 1
            return done
        offered = [
            Offered(of.goods_id, keyword, of.number, tuple(OfferedSku(one.sku_id, one.values) for one in of.skus))
        ]
        texts = ways(of, keyword)

        async def say(at: int) -> None:
            text = texts[at % len(texts)]
            meant = read(text, offered)
            began = time.perf_counter()
            answer = await self._say(viewers[at], text)
            done.took_ms.append(round((time.perf_counter() - began) * 1000))
            claim = None if answer is None or answer.status != _CREATED else answer.told["claim"]
            _count(done, claim, claimed=meant is not None, clear=isinstance(meant, Wanted))
            if claim is not None and claim["state"] == "held":
                done.orders.append((viewers[at], str(claim["order_id"]), of))

        await _at_once(say, range(len(viewers)))
        return done

    # --- orders ---

    async def buy(self, wishes: Sequence[Wish], *, pay: bool = True) -> Bought:
        """Each of these viewers orders one piece, and pays it."""
        done = Bought(tries=len(wishes))

        async def one(wish: Wish) -> None:
            viewer, goods, sku = wish
            line = self._pages.line(viewer)
            try:
                order = await self._order(line, goods, sku, done)
                if order is not None:
                    done.orders.append((viewer, order, goods))
                if order is not None and pay and await self._paid(line, order, goods):
                    done.paid += 1
            except (NotAnsweredError, KeyError):
                pass  # it counts as not paid
            finally:
                line.close()

        await _at_once(one, wishes)
        return done

    async def pay(self, orders: Sequence[Placed]) -> int:
        """Pay these orders; for how many the button was pressed."""

        async def one(order: Placed) -> bool:
            line = self._pages.line(order[0])
            try:
                return await self._pressed(line, order[1], order[2])
            except (NotAnsweredError, KeyError):
                return False
            finally:
                line.close()

        return sum(await _at_once(one, orders))

    async def _order(self, line: Line, goods: Shown, sku: OnSale, done: Bought) -> str | None:
        wish = {
            "request_id": uuid.uuid4().hex,
            "lines": [{"sku_id": sku.sku_id, "quantity": 1}],
            "expected_total_fen": sku.price_fen,
            "goods_id": goods.goods_id,
            "room_id": self._copy.room_id,
        }
        began = time.perf_counter()
        placed = await line.ask("POST", f"{self._shop}/orders", wish)
        if placed.status == _REFUSED and "total_fen" in placed.told.get("context", {}):
            wish |= {"request_id": uuid.uuid4().hex, "expected_total_fen": placed.told["context"]["total_fen"]}
            placed = await line.ask("POST", f"{self._shop}/orders", wish)
        done.took_ms.append(round((time.perf_counter() - began) * 1000))
        if placed.status == _CREATED:
            done.ordered += 1
            return str(placed.told["order_id"])
        done.too_late += placed.told.get("code") == "stock.insufficient"
        return None

    async def _paid(self, line: Line, order: str, goods: Shown) -> bool:
        """Whether an order is paid once its buyer has pressed the button."""
        if not await self._pressed(line, order, goods):
            return False
        for _ in range(100):
            if (await line.ask("GET", f"{self._shop}/orders/{order}")).told["state"] != "to_pay":
                return True
            await asyncio.sleep(0.1)
        return False

    async def _pressed(self, line: Line, order: str, goods: Shown) -> bool:
        path = f"{self._shop}/orders/{order}"
        if goods.delivery is DeliveryKind.SHIPPED:
            book = await line.ask("POST", f"{self._shop}/addresses", {"request_id": uuid.uuid4().hex, **_HOME})
            choice = {"request_id": uuid.uuid4().hex, "address_id": book.told["address_id"]}
            await line.ask("PUT", f"{path}/delivery", choice)
        page = str((await line.ask("POST", f"{path}/pay", {"request_id": uuid.uuid4().hex})).told["pay_url"])
        button = "/" + page.split("/", 3)[3] if page.startswith("http") else page
        return (await line.ask("POST", button, b"")).status < _REFUSED

    async def _say(self, viewer: int, text: str) -> Answer | None:
        return await self._post(viewer, "comments", {"request_id": uuid.uuid4().hex, "text": text})

    async def _post(self, viewer: int, what: str, body: object) -> Answer | None:
        """The answer, or nothing when there is none."""
        try:
            return await self._pages.asked(viewer, "POST", f"{self._pages.base}/{what}", body)
        except NotAnsweredError:
            return None


def ways(of: Shown, keyword: str) -> list[str]:
    """How people claim a goods: short, in words, with a slip of the thumb, with too little; and what is only talk."""
    texts = []
    for sku in of.skus:
        value = " ".join(sku.values)
        texts += [
            f"{keyword} {value}".strip(),
            f"扣{keyword} {value}".strip(),
            f"口{keyword} {value}".strip(),
            f"要{keyword}号 {value} x1",
            f"{keyword} {value} ×1".replace("  ", " "),
        ]
    return [*texts[:10], f"扣{keyword}", f"{keyword} 5", _TALK[0], _TALK[1]]


def _count(done: Claimed, claim: dict[str, object] | None, *, claimed: bool, clear: bool) -> None:
    """What the answer to one comment says: talk has no claim, what is unclear is asked back, all else is decided."""
    done.said += claimed
    done.clear += clear
    if claim is None:
        done.wrong += claimed
        return
    state = claim["state"]
    done.won += state == "held"
    done.waiting += state == "waiting"
    done.asked_back += state == "unclear"
    done.refused += state == "refused"
    done.wrong += (state == "unclear") == clear


async def _at_once(work: Callable[[T], Awaitable[R]], of: Iterable[T]) -> list[R]:
    """This for each, so many at the same time; the answers in no order."""
    waiting = iter(of)
    answers: list[R] = []

    async def come() -> None:
        for one in waiting:
            answer = await work(one)
            answers.append(answer)

    await asyncio.gather(*(come() for _ in range(_BUYING)))
    return answers
