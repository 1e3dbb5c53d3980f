"""A few connections of the raw driver, for the statements that a benchmark names.

The driver's own pool resets a connection and shields its return each time, which takes longer than the statement. These
connections carry nothing from one use to the next (no transaction, no setting, no cursor), so they are simply lent and
given back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec

_READING = {"default_transaction_read_only": "on", "statement_timeout": "10s", "jit": "off", "timezone": "UTC"}


if TYPE_CHECKING:
    _Connection = asyncpg.Connection[asyncpg.Record]
else:
    _Connection = asyncpg.Connection  # generic for the type checker alone


class Record(asyncpg.Record):
    """A row of the raw driver, read as SQLAlchemy's are: by attribute."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the column holds
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Connection(_Connection):
    """A connection of the raw driver that knows how often it was `used`, as its user counts it."""

    __slots__ = ("used",)
    used: int


class Connections:
    """At most `size` connections, made when first needed. Who comes when all are lent waits in line."""

    def __init__(self, dsn: str, size: int, settings: Mapping[str, str]) -> None:
        self._dsn = dsn
        self._settings = dict(settings)
        self._free = size  # connections that may still be made
        self._idle: list[Connection] = []
        self._line: deque[asyncio.Future[Connection | None]] = deque()

    async def lend(self) -> Connection:
        """One that nobody else uses, until it is given back."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._returned(None)
        return await self._taken()

    def give_back(self, connection: Connection) -> None:
        """It is free again; a closed one makes room for a new one."""
        self._returned(None if connection.is_closed() else connection)

    def forget_idle(self) -> None:
        """The server was started anew, so what is idle is dead."""
        while self._idle:
            self._idle.pop().terminate()
            self._returned(None)

    async def close(self) -> None:
        """Close every idle connection; the others close with their users' tasks."""
        self._free = 0
        while self._idle:
            await self._idle.pop().close()

    async def _taken(self) -> Connection:
        if not self._free:
            turn: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
            self._line.append(turn)
            connection = await turn
            if connection is not None:
                return connection
        self._free -= 1
        try:
            return await self._made()
        except BaseException:
            self._returned(None)
            raise

    async def _made(self) -> Connection:
        made = await asyncpg.connect(
            self._dsn, server_settings=self._settings, record_class=Record, connection_class=Connection
        )
        made.used = 0
        # As SQLAlchemy sets it up: JSON is given as text, and comes as values.
        await made.set_type_codec(
            "jsonb",
            encoder=lambda text: b"\x01" + text.encode(),
            decoder=lambda data: msgspec.json.decode(data[1:]),
            schema="pg_catalog",
            format="binary",
        )
        return made

    def _returned(self, connection: Connection | None) -> None:
        """Pass a connection, or the right to make one, to the next in line."""
        if connection is None:
            self._free += 1
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is not None:
            self._idle.append(connection)


class ReadPool(Connections):
    """Connections that can only read. Use it from tasks that nobody cancels (`groupread`)."""

    def __init__(self, dsn: str, size: int) -> None:
        super().__init__(dsn, size, _READING)

    async def fetch(self, statement: str, *args: object) -> list[asyncpg.Record]:
        """Every row of a statement, which is prepared once a connection."""
        connection = self._idle.pop() if self._idle else await self._taken()
        try:
            return await connection.fetch(statement, *args)
        except (asyncpg.InterfaceError, asyncpg.PostgresConnectionError, OSError):
            if not connection.is_closed():
                raise
        except asyncpg.InternalClientError:  # its server has said that it ends, and has not closed it yet
            connection.terminate()
        finally:
            self.give_back(connection)
        # A read may simply be done again.
        self.forget_idle()
        return await self._again(statement, *args)

    async def _again(self, statement: str, *args: object) -> list[asyncpg.Record]:
        connection = await self._taken()
        try:
            return await connection.fetch(statement, *args)
        finally:
            self.give_back(connection)
