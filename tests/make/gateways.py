"""A gateway on a real port inside the test's own process, with the relay that feeds it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import httpx
from httpx_sse import EventSource

from liveshelf.entry.gateway import create_app
from liveshelf.entry.streaming import Streams
from liveshelf.facades.live.app import LiveApp
from liveshelf.flows.reactions import REACTIONS
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.events import Relay
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import tickets

Message = tuple[str, dict[str, Any]]


async def eventually(holds: Callable[[], bool], *, within_s: float = 5.0) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.01)


@dataclass
class Page:
    """An open stream and what it has heard so far."""

    heard: list[Message] = field(default_factory=list)
    pings: int = 0
    ended: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, event: str, data: str) -> None:
        self.heard.append((event, json.loads(data)))
        self._news.set()

    def end(self) -> None:
        self.ended = True
        self._news.set()

    def of(self, event: str) -> list[dict[str, Any]]:
        """What was heard under an event's name."""
        return [data for name, data in self.heard if name == event]

    async def until(self, event: str, count: int = 1, *, within_s: float = 5.0) -> list[dict[str, Any]]:
        """Wait for so many messages of an event."""
        async with asyncio.timeout(within_s):
            while len(self.of(event)) < count:
                self._news.clear()
                await self._news.wait()
        return self.of(event)

    async def until_end(self, within_s: float = 5.0) -> None:
        async with asyncio.timeout(within_s):
            while not self.ended:
                self._news.clear()
                await self._news.wait()


@dataclass
class ServedGateway:
    """A gateway and where it answers."""

    runtime: Runtime
    app: LiveApp
    port: int

    @property
    def origin(self) -> str:
        return self.runtime.settings.public_url

    def ticket(
        self, shop: ShopId, room_id: RoomId, viewer: str = "c1", role: Literal["buyer", "staff"] = "buyer"
    ) -> str:
        issued = tickets.issue(
            self.runtime.keys, self.runtime.settings, shop=shop, room_id=room_id, viewer=viewer, role=role
        )
        return issued.ticket

    def url(self, shop: ShopId, room_id: RoomId) -> str:
        return f"http://127.0.0.1:{self.port}/live/{shop}/{room_id}"

    @contextlib.asynccontextmanager
    async def page(
        self, shop: ShopId, room_id: RoomId, *, viewer: str = "c1", since: int | None = None, ticket: str | None = None
    ) -> AsyncIterator[Page]:
        """Open a stream as a browser does; entered once the greeting was heard."""
        page = Page()
        params: dict[str, str | int] = {"ticket": ticket or self.ticket(shop, room_id, viewer)}
        if since is not None:
            params["since"] = since
        listening = asyncio.create_task(self._listen(page, self.url(shop, room_id), params))
        try:
            await page.until("hello")
            yield page
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, httpx.HTTPError):
                await listening

    async def _listen(self, page: Page, url: str, params: dict[str, str | int]) -> None:
        async with (
            httpx.AsyncClient(timeout=30) as client,
            client.stream("GET", url, params=params, headers={"origin": self.origin}) as answer,
        ):
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["access-control-allow-origin"] == self.origin
            async for event in EventSource(answer).aiter_sse():
                if event.event == "room":
                    assert int(event.id) == json.loads(event.data)["seq"]
                page.take(event.event, event.data)
        page.end()


@contextlib.asynccontextmanager
async def served(runtime: Runtime, **changes: Any) -> AsyncIterator[ServedGateway]:
    """One gateway process's worth, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    own = replace(runtime, settings=replace(runtime.settings, gateway_port=port, **changes))
    async with create_app(own).running() as app:
        server = Streams(app, "127.0.0.1", port)
        serving = asyncio.create_task(server.serve())
        await _answers(port)
        try:
            yield ServedGateway(own, app, port)
        finally:
            app.end_streams()
            await asyncio.sleep(0.1)
            server.stop()
            await serving


@contextlib.asynccontextmanager
async def relaying(runtime: Runtime) -> AsyncIterator[None]:
    """The worker's relay, at its own pace."""

    async def defer(_jobs: Sequence[object]) -> None:
        return

    relay = Relay(runtime.db, runtime.bus, defer, REACTIONS)

    async def rounds() -> None:
        while True:
            await relay.sweep()
            await asyncio.sleep(0.05)

    task = asyncio.create_task(rounds())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _answers(port: int) -> None:
    async with asyncio.timeout(10), httpx.AsyncClient() as client:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200:
                    return
            await asyncio.sleep(0.02)
