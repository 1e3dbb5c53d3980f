"""A few connections that can only read, for the statements that a benchmark names.

The driver's own pool resets a connection and shields its return each time, which takes longer than the statement. These
connections carry nothing from one read to the next (no transaction, no setting, no cursor), so they are simply lent and
given back. Use it from tasks that nobody cancels (`groupread`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import asyncpg

_GUARDS = {"default_transaction_read_only": "on", "statement_timeout": "10s", "jit": "off", "timezone": "UTC"}


class ReadPool:
    """At most `size` connections, made when first needed. Reads beyond that wait in line."""

    def __init__(self, dsn: str, size: int) -> None:
        self._dsn = dsn
        self._free = size  # connections that may still be made
        self._idle: list[asyncpg.Connection[Any]] = []
        self._line: deque[asyncio.Future[asyncpg.Connection[Any] | None]] = deque()

    async def fetch(self, statement: str, *args: object) -> list[asyncpg.Record]:
        """Every row of a statement, which is prepared once a connection."""
        connection = self._idle.pop() if self._idle else await self._taken()
        try:
            return await connection.fetch(statement, *args)
        except (asyncpg.InterfaceError, asyncpg.PostgresConnectionError, OSError):
            if not connection.is_closed():
                raise
        finally:
            self._given(connection)
        # The server was started anew, so what is idle is as dead as this one. A read may simply be done again.
        self._forget_idle()
        return await self._again(statement, *args)

    async def close(self) -> None:
        """Close every idle connection; the others close with their reads' tasks."""
        self._free = 0
        while self._idle:
            await self._idle.pop().close()

    async def _again(self, statement: str, *args: object) -> list[asyncpg.Record]:
        connection = await self._taken()
        try:
            return await connection.fetch(statement, *args)
        finally:
            self._given(connection)

    def _forget_idle(self) -> None:
        while self._idle:
            self._idle.pop().terminate()
            self._returned(None)

    async def _taken(self) -> asyncpg.Connection[Any]:
        if not self._free:
            turn: asyncio.Future[asyncpg.Connection[Any] | None] = asyncio.get_running_loop().create_future()
            self._line.append(turn)
            connection = await turn
            if connection is not None:
                return connection
        self._free -= 1
        try:
            return await asyncpg.connect(self._dsn, server_settings=_GUARDS)
        except BaseException:
            self._returned(None)
            raise

    def _given(self, connection: asyncpg.Connection[Any]) -> None:
        self._returned(None if connection.is_closed() else connection)

    def _returned(self, connection: asyncpg.Connection[Any] | None) -> None:
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
