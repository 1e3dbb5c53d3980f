"""The bus that carries hints and room messages between processes.

PostgreSQL LISTEN/NOTIFY, always published outside business transactions (a NOTIFY inside one serialises commits).
Delivery is best effort: whoever must not miss a message keeps a number and asks again (rooms), or holds what it was
told for a few seconds only (tokens). One subscription a channel and process.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from liveshelf.platform.log import logger

Handler = Callable[[str], Awaitable[None] | None]

_RECONNECT_S = (0.1, 0.5, 1, 2, 5)
_PING_S = 10
_log = logger("fanout")


class Bus:
    """Publish text on named channels; hear what other processes (and this one) publish.

    `on_gap` callbacks run after the listening connection was lost and found again: messages may be missing.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._handlers: dict[str, list[Handler]] = defaultdict(list)
        self._gap_handlers: list[Callable[[], Awaitable[None] | None]] = []
        self._listener: asyncpg.Connection[Any] | None = None
        self._publisher: asyncpg.Connection[Any] | None = None
        self._publish_lock = asyncio.Lock()
        self._listen_lock = asyncio.Lock()  # a connection does one thing at a time
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready = asyncio.Event()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Bus]:
        """Keep the listening connection while inside. Returns once it is up."""
        keeper = asyncio.create_task(self._keep())
        await self._ready.wait()
        try:
            yield self
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
            for connection in (self._listener, self._publisher):
                if connection is not None:
                    connection.terminate()

    async def subscribe(self, channel: str, handler: Handler) -> None:
        """Call `handler` with every payload on the channel from now on."""
        async with self._listen_lock:
            self._handlers[channel].append(handler)
            if len(self._handlers[channel]) == 1 and self._listener is not None and not self._listener.is_closed():
                await self._listener.add_listener(channel, self._heard)

    async def unsubscribe(self, channel: str, handler: Handler) -> None:
        """Stop calling this handler. One that is not subscribed is no error."""
        async with self._listen_lock:
            handlers = self._handlers.get(channel, [])
            if handler not in handlers:
                return
            handlers.remove(handler)
            if handlers:
                return
            del self._handlers[channel]
            if self._listener is not None and not self._listener.is_closed():
                await self._listener.remove_listener(channel, self._heard)

    def on_gap(self, handler: Callable[[], Awaitable[None] | None]) -> None:
        """Call `handler` whenever messages may have been missed."""
        self._gap_handlers.append(handler)

    async def publish(self, messages: Sequence[tuple[str, str]]) -> None:
        """Send (channel, payload) pairs in one statement. A payload is at most 7900 bytes of UTF-8."""
        if not messages:
            return
        async with self._publish_lock:
            if self._publisher is None or self._publisher.is_closed():
                self._publisher = await asyncpg.connect(self._dsn)
            await self._publisher.execute(
                "SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS m(channel, payload)",
                [channel for channel, _ in messages],
                [payload for _, payload in messages],
            )

    def _heard(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        for handler in list(self._handlers.get(channel, ())):
            self._call(handler, str(payload))

    def _call(self, handler: Callable[..., Awaitable[None] | None], *args: str) -> None:
        result = handler(*args)
        if result is not None:
            task = asyncio.ensure_future(_awaited(result))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _keep(self) -> None:
        tries = 0
        while True:
            try:
                async with self._listen_lock:
                    self._listener = await asyncpg.connect(self._dsn)
                    for channel in list(self._handlers):
                        await self._listener.add_listener(channel, self._heard)
                if self._ready.is_set():
                    for handler in self._gap_handlers:
                        self._call(handler)
                self._ready.set()
                tries = 0
                while True:
                    await asyncio.sleep(_PING_S)
                    async with self._listen_lock:
                        await self._listener.execute("SELECT 1")
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                wait_s = _RECONNECT_S[min(tries, len(_RECONNECT_S) - 1)]
                tries += 1
                _log.warning("bus_lost", error=str(error), retry_in_s=wait_s)
                await asyncio.sleep(wait_s)


async def _awaited(result: Awaitable[None]) -> None:
    await result
