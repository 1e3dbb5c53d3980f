"""Whatever dies during a broadcast, pages come back by themselves within seconds and show the truth."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
import pytest

from tests.make.product import Product, installed

pytestmark = pytest.mark.timeout(240)
PAGES = 20
BACK_S = 5.0
SLOW_MAX = 3.0
QUIET_IMPORT_S = 1.5  # what a process imports on a quiet machine; where that takes longer, so does its new start
# The buyer app's rule (web/packages/realtime/src/stream.ts): half a second, doubled with each failure, with jitter.
WAIT_FIRST_S, WAIT_MAX_S = 0.5, 15.0


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with installed("--profile", "test", "--clock", "movable") as product:
        product.start()
        yield product


@dataclass
class Page:
    """An open page as the buyer app keeps one: a snapshot, then the stream, with a new ticket for every connection."""

    base: str
    client: httpx.AsyncClient
    pushed: list[int] = field(default_factory=list)
    seq: int = -1
    stale: bool = True
    shown: dict[int, list[int]] = field(default_factory=dict)  # what was pushed as the page had it at each number

    async def live(self) -> None:
        failures = 0
        while True:
            # The last is anyio's, asking uvloop for the name of a socket that is gone already.
            with contextlib.suppress(httpx.HTTPError, ValueError, KeyError, AttributeError):
                if self.stale:
                    await self._refresh()
                ticket = await self._ask("POST", f"{self.base}/ticket")
                params = {"ticket": ticket["ticket"], "since": self.seq}
                async with self.client.stream("GET", ticket["url"], params=params) as answer:
                    answer.raise_for_status()
                    failures = 0
                    await self._listen(answer)
            wait = min(WAIT_MAX_S, WAIT_FIRST_S * 2**failures)
            failures += 1
            await asyncio.sleep(wait * (0.5 + random.random() / 2))

    async def _listen(self, answer: httpx.Response) -> None:
        event = ""
        async for line in answer.aiter_lines():
            name, _, text = line.partition(": ")
            if name == "event":
                event = text
            elif name == "data" and event == "room":
                change = json.loads(text)
                assert change["seq"] == self.seq + 1, "nothing is missed and nothing comes twice"
                self.seq = change["seq"]
                if change["type"] == "goods_pushed":
                    self.pushed = change["goods_ids"]
                self.shown[self.seq] = self.pushed
            elif name == "data" and (event == "resync" or (event == "hello" and json.loads(text)["seq"] < self.seq)):
                self.stale = True
                return

    async def _refresh(self) -> None:
        shown = await self._ask("GET", self.base)
        self.seq, self.pushed = shown["seq"], shown["pushed_goods_ids"]
        self.stale, self.shown[self.seq] = False, self.pushed

    async def _ask(self, method: str, path: str) -> dict[str, Any]:
        answer = await self.client.request(method, path)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


class Operator:
    """Pushes one goods after the other, for as long as the broadcast lasts; a push that is not answered is repeated."""

    def __init__(self, client: httpx.AsyncClient, path: str, goods: list[int]) -> None:
        self._client, self._path, self._goods = client, path, goods
        self.begun_at = 0.0  # of the last one that was answered
        self.answered: dict[int, list[int]] = {}  # the room's number, and what was pushed then

    async def work(self) -> None:
        for number in range(1 << 30):
            goods_id = self._goods[number % len(self._goods)]
            began = time.monotonic()
            with contextlib.suppress(httpx.HTTPError, AttributeError):  # as above
                answer = await self._client.post(f"{self._path}/shelf/{goods_id}/push")
                if answer.status_code == 200:
                    room = answer.json()
                    self.answered[room["seq"]] = room["pushed_goods_ids"]
                    self.begun_at = began
            await asyncio.sleep(0.15)


def processes(product: Product, kind: str) -> list[psutil.Process]:
    """The processes of a kind; of the database the one that all others of it come from."""
    assert product.process is not None
    family = psutil.Process(product.process.pid).children(recursive=True)
    if kind == "database":
        return [one for one in family if one.name() == "postgres" and "-D" in one.cmdline()]
    return [one for one in family if "liveshelf.entry.process" in one.cmdline() and kind in one.cmdline()]


def import_s() -> float:
    """How long a process takes at the moment to import what the product is."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import liveshelf.entry.http"], check=True)
    return time.monotonic() - began


async def test_pages_come_back_within_seconds_whatever_is_killed(product: Product):
    address = httpx.URL(product.demo["buyer"]["room_url"]).path.removeprefix("/shop/1")
    base, desk = f"{product.url}/v1/storefront/1{address}", f"{product.url}/v1/shops/1{address}"
    account = next(one for one in product.demo["console"]["accounts"] if one["role"] == "owner")
    limits = httpx.Limits(max_connections=4 * PAGES)
    async with contextlib.AsyncExitStack() as stack:
        staff = await stack.enter_async_context(httpx.AsyncClient(timeout=10))
        signed_in = {name: account[name] for name in ("username", "password")}
        (await staff.post(f"{product.url}/v1/session", json=signed_in)).raise_for_status()
        pages: list[Page] = []
        for _ in range(PAGES):
            own = await stack.enter_async_context(httpx.AsyncClient(timeout=httpx.Timeout(5, read=60), limits=limits))
            (await own.get(f"{product.url}/v1/storefront/1/me")).raise_for_status()
            pages.append(Page(base, own))
        goods = [item["goods_id"] for item in (await pages[0]._ask("GET", base))["shelf"]][:2]
        operator = Operator(staff, desk, goods)
        tasks = [asyncio.create_task(page.live()) for page in pages]
        working = asyncio.create_task(operator.work())

        async def all_told_what_is_done_after(moment: float) -> float:
            """Wait until each page has a push that began after the moment; how long after it that was."""
            async with asyncio.timeout(60):
                while operator.begun_at <= moment:  # noqa: ASYNC110 - what answers is another process
                    await asyncio.sleep(0.01)
                number = max(operator.answered)
                while min(page.seq for page in pages) < number:
                    assert not any(task.done() for task in tasks), [task for task in tasks if task.done()]
                    await asyncio.sleep(0.01)
            return time.monotonic() - moment

        await all_told_what_is_done_after(time.monotonic())
        took = {}
        pictures = ["ingest"] if shutil.which("ffmpeg") else []
        for kind in ("gateway", "worker", "http", *pictures, "database"):
            victims = processes(product, kind)
            assert victims, kind
            for victim in victims:
                victim.kill()
            took[kind] = await all_told_what_is_done_after(time.monotonic())
            await asyncio.sleep(1.2)  # who dies within a second of its start is not started at once
        working.cancel()
        await asyncio.sleep(1)
        truth = await pages[0]._ask("GET", base)
        assert [(page.seq, page.pushed) for page in pages] == [(truth["seq"], truth["pushed_goods_ids"])] * PAGES
        # What was answered is kept, whatever died afterwards: no number is given twice. A snapshot may skip numbers.
        assert truth["seq"] >= max(operator.answered)
        for page in pages:
            both = operator.answered.keys() & page.shown.keys()
            assert both, "the page was told what was answered"
            assert {number: page.shown[number] for number in both} == {n: operator.answered[n] for n in both}
        for task in tasks:
            task.cancel()
    slow = min(SLOW_MAX, max(1.0, import_s() / QUIET_IMPORT_S))
    assert {kind: seconds for kind, seconds in took.items() if seconds > BACK_S * slow} == {}, (took, slow)
