"""The bus over Valkey (or Redis): by setting, for installations of many machines. Needs the optional extra `valkey`.

Valkey may be gone while the database is not, and then nothing of the shop may stop: what can't be published is owed.
As soon as Valkey is back every process is told that messages are missing, and asks again. The password is never in a
message or a log line.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, cast

from valkey.asyncio.connection import AbstractConnection, Connection, parse_url
from valkey.exceptions import ValkeyError

from liveshelf.platform.fanout import Bus
from liveshelf.platform.log import logger

_ANSWER_S = 1.0  # for connecting and for one publish: somebody's request waits for it
_PING_S = 2.0
_SILENT_S = 5.0  # an answer to a ping is among what is heard
_GAP = "gap"
_log = logger("fanout")


class ValkeyBus(Bus):
    """The bus over a Valkey server. `running` waits for its first try only: the shop works without it."""

    lost_by = (OSError, ValkeyError)  # a TimeoutError is an OSError

    def __init__(self, url: str) -> None:
        super().__init__()
        self._address: dict[str, Any] = dict(parse_url(url))
        # Channels are the server's, not the numbered database's: the number keeps two installations apart.
        self._prefix = f"liveshelf:{self._address.get('db', 0)}:"
        self._listener: AbstractConnection | None = None
        self._publisher: AbstractConnection | None = None
        self._owes_a_gap = False

    async def publish(self, messages: Sequence[tuple[str, str]]) -> None:
        """Send (channel, payload) pairs in one go. While Valkey does not answer, they are dropped and owed."""
        if not messages:
            return
        async with self._publish_lock:
            if self._owes_a_gap:
                return
            try:
                await self._send(messages)
            except self.lost_by as error:
                self._owes_a_gap = True
                _log.warning("bus_message_owed", error=str(error) or type(error).__name__)

    async def _send(self, messages: Sequence[tuple[str, str]]) -> None:
        try:
            async with asyncio.timeout(_ANSWER_S):
                if self._publisher is None:
                    self._publisher = await self._connect()
                connection = self._publisher
                await connection.send_packed_command(
                    connection.pack_commands(("PUBLISH", self._prefix + one, text) for one, text in messages)
                )
                for _ in messages:
                    await connection.read_response()
        except BaseException:
            # Answers may be under way that nobody reads: the next publish must not take them for its own.
            _drop(self._publisher)
            self._publisher = None
            raise

    async def _listen(self) -> None:
        try:
            async with self._listen_lock:
                async with asyncio.timeout(_ANSWER_S):
                    connection = self._listener = await self._connect()
                    channels = [self._prefix + one for one in (_GAP, *self._handlers)]
                    await connection.send_command("SUBSCRIBE", *channels)
                    for _ in channels:
                        await connection.read_response()
            self._connected()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hear_all(connection))
                group.create_task(self._see_to_it(connection))
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None
        finally:
            _drop(self._listener)
            self._listener = None
            self._ready.set()

    async def _hear_all(self, connection: AbstractConnection) -> None:
        while True:
            async with asyncio.timeout(_SILENT_S):
                said = await connection.read_response()
            if said[0] != "message":
                continue
            channel = cast("str", said[1]).removeprefix(self._prefix)
            if channel == _GAP:
                self._gap()
            else:
                self._hear(channel, cast("str", said[2]))

    async def _see_to_it(self, connection: AbstractConnection) -> None:
        """Ping, so that a dead connection is noticed, and tell of what is owed."""
        while True:
            async with self._publish_lock:
                if self._owes_a_gap:
                    await self._send([(_GAP, "")])
                    self._owes_a_gap = False
            await asyncio.sleep(_PING_S)
            async with self._listen_lock:
                await connection.send_command("PING", check_health=False)

    async def _listen_to(self, channel: str) -> None:
        await self._say("SUBSCRIBE", channel)

    async def _listen_no_more_to(self, channel: str) -> None:
        await self._say("UNSUBSCRIBE", channel)

    async def _say(self, command: str, channel: str) -> None:
        # On a connection that is lost: the next one begins with every channel that is wanted then.
        if self.is_up and self._listener is not None and self._listener.is_connected:
            with contextlib.suppress(*self.lost_by):
                await self._listener.send_command(command, self._prefix + channel, check_health=False)

    async def _connect(self) -> AbstractConnection:
        kind = self._address.get("connection_class", Connection)
        address = {name: value for name, value in self._address.items() if name not in {"connection_class", "db"}}
        connection: AbstractConnection = kind(
            **{"socket_connect_timeout": _ANSWER_S} | address, socket_timeout=None, decode_responses=True
        )
        await connection.connect()  # type: ignore[no-untyped-call]
        return connection

    async def _close(self) -> None:
        _drop(self._listener)
        _drop(self._publisher)


def _drop(connection: AbstractConnection | None) -> None:
    writer = None if connection is None else connection._writer  # noqa: SLF001 - its own `disconnect` can wait
    if writer is not None:
        writer.close()
