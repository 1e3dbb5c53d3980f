"""Open pages of simulated viewers: each begins with a snapshot and goes on with the stream, as the buyer app does, and
notes what it hears when.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

import msgspec

from liveshelf.entry.line import Answer, Line, NotAnsweredError
from liveshelf.entry.rehearsal.script import Copy

# The buyer app's rule (web/packages/realtime/src/stream.ts): half a second, doubled with each failure, with jitter.
WAIT_FIRST_S, WAIT_MAX_S = 0.5, 15.0
OPENING_S = 15.0  # from a connection to its greeting
_CONNECTING = 64  # pages that are being opened at the same moment
_OK = 200


class _Told(msgspec.Struct, frozen=True):
    """A numbered event, as much of it as a page needs here."""

    seq: int
    type: str
    goods_ids: list[int] = []


class _Greeting(msgspec.Struct, frozen=True):
    seq: int
    resumed: bool


class _Said(msgspec.Struct, frozen=True):
    comment_id: str


class _Comments(msgspec.Struct, frozen=True):
    items: list[_Said]


class _Snapshot(msgspec.Struct, frozen=True):
    seq: int
    pushed_goods_ids: list[int]


@dataclass
class Heard:
    """What all pages heard. Of each push and each comment the moments at which it was on a page."""

    cards: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))  # by the event's number
    comments: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    doubled: int = 0
    holes: int = 0
    received: int = 0  # bytes
    _last: tuple[bytes, _Told] | None = None
    _said: tuple[bytes, list[str]] | None = None

    def event(self, data: bytes) -> _Told:
        """An event; it is the same text for every page."""
        if self._last is None or self._last[0] != data:
            self._last = data, msgspec.json.decode(data, type=_Told)
        return self._last[1]

    def said(self, data: bytes) -> None:
        """Comments are on one page more."""
        if self._said is None or self._said[0] != data:
            found = msgspec.json.decode(data, type=_Comments)
            self._said = data, [one.comment_id for one in found.items]
        now = time.perf_counter()
        for comment_id in self._said[1]:
            self.comments[comment_id].append(now)


class Page:
    """One viewer's page. `open` while its stream is there and nothing is known to be missed."""

    __slots__ = ("_pages", "ended", "number", "open", "pushed", "seq", "stale", "stream")

    def __init__(self, pages: Pages, number: int) -> None:
        self._pages = pages
        self.number = number
        self.seq = -1
        self.pushed: list[int] = []
        self.stale = True
        self.open = False
        self.ended = asyncio.Event()
        self.stream: asyncio.Transport | None = None

    async def live(self) -> None:
        """Be there until cancelled; come back after whatever ended the stream."""
        failures = 0
        try:
            while True:
                with contextlib.suppress(NotAnsweredError, OSError, TimeoutError, msgspec.MsgspecError, KeyError):
                    if await self._watch():
                        failures = 0
                wait = min(WAIT_MAX_S, WAIT_FIRST_S * 2**failures)
                failures += 1
                await asyncio.sleep(wait * (0.5 + random.random() / 2))  # noqa: S311 - so that not all come at once
        finally:
            self.cut()

    def cut(self) -> None:
        """The connection is gone."""
        self.open = False
        if self.stream is not None:
            self.stream.abort()
            self.stream = None

    async def _watch(self) -> bool:
        """One stream from its ticket to its end. Whether it was open."""
        async with self._pages.slots:
            line = self._pages.line(self.number)
            try:
                if self.stale:
                    shown = await self._pages.snapshot(line)
                    self.seq, self.pushed, self.stale = shown.seq, shown.pushed_goods_ids, False
                ticket = await line.ask("POST", f"{self._pages.base}/ticket")
                path = f"{self._pages.stream_path}?ticket={ticket.told['ticket']}&since={self.seq}"
            finally:
                line.close()
            self.ended = asyncio.Event()
            loop = asyncio.get_running_loop()
            transport, stream = await loop.create_connection(
                lambda: _Stream(self._pages, self, path), "127.0.0.1", self._pages.gateway_port
            )
            self.stream = transport
            try:
                async with asyncio.timeout(OPENING_S):
                    await stream.greeted.wait()
            except TimeoutError:
                self.cut()
                raise
        was_open = self.open
        await self.ended.wait()
        return was_open


class _Stream(asyncio.Protocol):
    """Reads server-sent events as they come."""

    __slots__ = ("_page", "_pages", "_path", "_rest", "greeted")

    def __init__(self, pages: Pages, page: Page, path: str) -> None:
        self._pages = pages
        self._page = page
        self._path = path
        self._rest = b""
        self.greeted = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        writing = cast("asyncio.Transport", transport)  # whatever the event loop calls its own
        head = f"GET {self._path} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-forwarded-for: {address(self._page.number)}\r\n\r\n"
        writing.write(head.encode())

    def data_received(self, data: bytes) -> None:
        self._pages.heard.received += len(data)
        *whole, self._rest = (self._rest + data).split(b"\n\n")
        for message in whole:
            # What a chunk of HTTP begins with stands before the event; no event is cut in two by one.
            head, _, content = message.partition(b"\ndata: ")
            event = head.rpartition(b"event: ")[2]
            if event.startswith(b"room\n"):
                self._happened(content)
            elif event == b"comments":
                self._pages.heard.said(content)
            elif event == b"hello":
                self._greet(content)
            elif event == b"resync":
                self._stale()

    def connection_lost(self, _error: Exception | None) -> None:
        self._page.open = False
        self._page.stream = None
        self.greeted.set()
        self._page.ended.set()

    def _greet(self, content: bytes) -> None:
        told = msgspec.json.decode(content, type=_Greeting)
        if not told.resumed and told.seq != self._page.seq:
            self._stale()
        else:
            self._page.open = True
        self.greeted.set()

    def _stale(self) -> None:
        self._page.stale = True
        self._page.cut()

    def _happened(self, content: bytes) -> None:
        told, page, heard = self._pages.heard.event(content), self._page, self._pages.heard
        if told.seq <= page.seq:
            heard.doubled += 1
            return
        if told.seq > page.seq + 1:
            heard.holes += 1
            self._stale()
            return
        page.seq = told.seq
        if told.type == "goods_pushed":
            page.pushed = told.goods_ids
            heard.cards[told.seq].append(time.perf_counter())


class Pages:
    """All pages, and the door they come through."""

    def __init__(self, copy: Copy, *, http_port: int, gateway_port: int, tokens: Sequence[str]) -> None:
        self._tokens = tokens
        self._http_port = http_port
        self._shop = copy.shop
        self.gateway_port = gateway_port
        self.base = f"/v1/storefront/{copy.shop}/rooms/{copy.room_id}"
        self.stream_path = f"/live/{copy.shop}/{copy.room_id}"
        self.heard = Heard()
        self.slots = asyncio.Semaphore(_CONNECTING)
        self.all: list[Page] = []
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def opened(self) -> int:
        """How many are open now."""
        return sum(page.open for page in self.all)

    async def become(self, many: int, *, within_s: float) -> int:
        """Open or close so many that there are `many`. How many are open within that time."""
        while len(self.all) > many:
            self._tasks.pop().cancel()
            self.all.pop()
        for number in range(len(self.all), many):
            page = Page(self, number)
            self.all.append(page)
            self._tasks.append(asyncio.create_task(page.live()))
        await until(lambda: self.opened >= many, within_s)
        return self.opened

    async def close(self) -> None:
        """Close every page."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.all, self._tasks = [], []

    def cut(self, pages: Sequence[Page]) -> None:
        """These lose their connection."""
        for page in pages:
            page.cut()

    def line(self, number: int) -> Line:
        """A viewer's connection, with the cookie of their first visit and an address of their own."""
        cookie = f"liveshelf_buyer_{self._shop}={self._tokens[number % len(self._tokens)]}"
        return Line(self._http_port, {"cookie": cookie, "x-forwarded-for": address(number)})

    async def snapshot(self, line: Line) -> _Snapshot:
        """The room as a page begins with it now. Raises `NotAnsweredError`, `msgspec.MsgspecError`."""
        answer = await line.ask("GET", self.base)
        return msgspec.json.decode(answer.body, type=_Snapshot)

    async def differing(self) -> int:
        """How many pages are not as a fresh one; all, while there is none to be had."""
        line = self.line(0)
        try:
            fresh = await self.snapshot(line)
        except (NotAnsweredError, msgspec.MsgspecError):
            return len(self.all)
        finally:
            line.close()
        true = (fresh.seq, fresh.pushed_goods_ids)
        return sum(not page.open or (page.seq, page.pushed) != true for page in self.all)

    async def asked(self, number: int, method: str, path: str, body: object | None = None) -> Answer:
        """One request of a viewer. Raises `NotAnsweredError`."""
        line = self.line(number)
        try:
            return await line.ask(method, path, body)
        finally:
            line.close()


def address(number: int) -> str:
    """An address of one's own, as a proxy would name it."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


async def until(true: Callable[[], bool], within_s: float) -> bool:
    """Wait until it is true; false when it is not within that time."""
    end = time.monotonic() + within_s
    while not true():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.01)
    return True
