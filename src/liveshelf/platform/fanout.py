"""The bus that carries hints and room messages between processes.

A port with two adapters: PostgreSQL's LISTEN/NOTIFY here, Valkey's publish/subscribe in `fanout_valkey`. Always
published outside business transactions (a NOTIFY inside one serialises commits). Delivery is best effort: whoever must
not miss a message keeps a number and asks again (rooms), or holds what it was told for a few seconds only (tokens).
One subscription a channel and process.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from liveshelf.platform.log import logger

Handler = Callable[[str], Awaitable[None] | None]

# Short at the end too: pages are to show the truth within five seconds after the engine is back.
_RECONNECT_S = (0.1, 0.5, 1, 2)
_PING_S = 10
_HEARD_WITHIN_S = 3.0
_log = logger("fanout")


class Bus(ABC):
    """Publish text on named channels; hear what other processes (and this one) publish.

    `on_gap` callbacks run after messages may have been missed: the listening connection was lost and found again.
    """

    lost_by: tuple[type[Exception], ...] = (OSError,)  # what says that the engine does not answer

    def __init__(self) -> None:
        self.is_up = False  # whether messages arrive at present; while they don't, whoever can asks by itself
        self._handlers: dict[str, list[Handler]] = defaultdict(list)
        self._gap_handlers: list[Callable[[], Awaitable[None] | None]] = []
        self._publish_lock = asyncio.Lock()
        self._listen_lock = asyncio.Lock()  # a connection does one thing at a time
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready = asyncio.Event()
        self._was_lost = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Bus]:
        """Keep the listening connection while inside."""
        keeper = asyncio.create_task(self._keep())
        await self._ready.wait()
        try:
            yield self
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
            await self._close()

    async def subscribe(self, channel: str, handler: Handler) -> None:
        """Call `handler` with every payload on the channel from now on."""
        async with self._listen_lock:
            self._handlers[channel].append(handler)
            if len(self._handlers[channel]) == 1:
                await self._listen_to(channel)

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
            await self._listen_no_more_to(channel)

    def on_gap(self, handler: Callable[[], Awaitable[None] | None]) -> None:
        """Call `handler` whenever messages may have been missed."""
        self._gap_handlers.append(handler)

    @abstractmethod
    async def publish(self, messages: Sequence[tuple[str, str]]) -> None:
        """Send (channel, payload) pairs in one go. A payload is at most 7900 bytes of UTF-8."""

    async def answers(self) -> bool:
        """Whether a message that is sent now comes back within seconds."""
        channel, heard = f"probe_{secrets.token_hex(8)}", asyncio.Event()

        def hear(_payload: str) -> None:
            heard.set()

        await self.subscribe(channel, hear)
        try:
            async with asyncio.timeout(_HEARD_WITHIN_S):
                await self.publish([(channel, "")])
                await heard.wait()
        except self.lost_by:  # a TimeoutError is an OSError
            return False
        finally:
            await self.unsubscribe(channel, hear)
        return True

    @abstractmethod
    async def _listen(self) -> None:
        """Listen to every channel; `_connected` when that is done, and an error of `lost_by` at the end."""

    @abstractmethod
    async def _listen_to(self, channel: str) -> None:
        """Listen to one channel more, if there is a connection."""

    @abstractmethod
    async def _listen_no_more_to(self, channel: str) -> None:
        """Listen to one channel less, if there is a connection."""

    @abstractmethod
    async def _close(self) -> None:
        """End the connections."""

    def _connected(self) -> None:
        self.is_up = True
        if self._was_lost:
            self._was_lost = False
            self._gap()
        self._ready.set()

    def _gap(self) -> None:
        for handler in self._gap_handlers:
            self._call(handler)

    def _hear(self, channel: str, payload: str) -> None:
        for handler in list(self._handlers.get(channel, ())):
            self._call(handler, payload)

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
                await self._listen()
            except self.lost_by as error:
                tries = 0 if self.is_up else tries
                self.is_up = False
                self._was_lost = True
                wait_s = _RECONNECT_S[min(tries, len(_RECONNECT_S) - 1)]
                tries += 1
                _log.warning("bus_lost", error=str(error), retry_in_s=wait_s)
                await asyncio.sleep(wait_s)


class PostgresBus(Bus):
    """The bus over the database. `running` waits for it: without the database nothing else goes either."""

    lost_by = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

    def __init__(self, dsn: str) -> None:
        super().__init__()
        self._dsn = dsn
        self._listener: asyncpg.Connection[Any] | None = None
        self._publisher: asyncpg.Connection[Any] | None = None

    async def publish(self, messages: Sequence[tuple[str, str]]) -> None:
        """Send (channel, payload) pairs in one statement."""
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

    async def _listen(self) -> None:
        gone = asyncio.Event()
        async with self._listen_lock:
            self._listener = await asyncpg.connect(self._dsn)
            self._listener.add_termination_listener(lambda _connection: gone.set())
            for channel in list(self._handlers):
                await self._listener.add_listener(channel, self._heard)
        self._connected()
        while True:
            # A connection that is closed says so at once; one that a network swallowed does not answer.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(gone.wait(), _PING_S)
            async with self._listen_lock:
                await self._listener.execute("SELECT 1", timeout=_PING_S)

    async def _listen_to(self, channel: str) -> None:
        if self._listener is not None and not self._listener.is_closed():
            await self._listener.add_listener(channel, self._heard)

    async def _listen_no_more_to(self, channel: str) -> None:
        if self._listener is not None and not self._listener.is_closed():
            await self._listener.remove_listener(channel, self._heard)

    def _heard(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        self._hear(channel, str(payload))

    async def _close(self) -> None:
        for connection in (self._listener, self._publisher):
            if connection is not None:
                connection.terminate()


async def _awaited(result: Awaitable[None]) -> None:
    await result
