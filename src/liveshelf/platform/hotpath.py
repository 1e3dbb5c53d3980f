"""Transactions on connections of their own, for the path that a benchmark names: placing orders.

Three things differ from `Database.write`. SQLAlchemy is left out: its share of a short transaction was a third. Plans
never read whole tables, and are made anew while tables grow: a plan is kept as long as its connection, and one that was
made for a small table walks all of it, or through the wrong index, also when a rush has filled it a minute later,
foreign keys' checks included. And a server that is being started anew is waited for, since the work is one that may be
done again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast

import asyncpg
from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from liveshelf.kernel.actors import Actor
from liveshelf.kernel.ids import ShopId, new_rid
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import GUARDS, RETRIES, Tx, ValueUnstorable, compiled, is_unstorable, may_be_done_again
from liveshelf.platform.readpool import Connection, Connections

T = TypeVar("T")

CONNECTIONS = 4  # made when first needed; who commits takes turns on them
PATIENCE_S = 10.0  # with a server that is gone or not ready
_AGAIN_S = 0.1
_PLANS = {"enable_seqscan": "off", "enable_bitmapscan": "off", "plan_cache_mode": "force_generic_plan"}
# A connection forgets its plans after 1, 2, 4 … transactions, and then after every so many: what was planned is never
# for tables of less than half the size that the rush has given them.
_PLANS_LAST = 1024
_AWAY = (  # what a connection meets when its server ends, or is not ready yet
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InternalClientError,  # the server has said that it ends, and has not closed the connection yet
)


@dataclass(frozen=True, slots=True)
class Done:
    """What a statement did: the part of SQLAlchemy's result that services read."""

    rows: Sequence[Any]
    rowcount: int

    def all(self) -> Sequence[Any]:
        """Every row."""
        return self.rows

    def one_or_none(self) -> Any:  # noqa: ANN401 - a row
        """The only row, or `None`."""
        if len(self.rows) > 1:
            raise AssertionError("more than one row")
        return self.rows[0] if self.rows else None

    def scalar(self) -> Any:  # noqa: ANN401 - whatever the column holds
        """The first column of the first row, or `None`."""
        return self.rows[0][0] if self.rows else None


class HotTx(Tx):
    """A transaction of the driver's own: services that take a `Tx` work in it as in any other."""

    __slots__ = ()

    async def execute(self, statement: Executable, **args: object) -> Done:
        """Run a statement with `shop` bound."""
        ready = compiled(statement)
        prepared = await self.driver.prepare(ready.text)
        rows = await prepared.fetch(*ready.arguments(self.shop, args))
        return Done(rows, int((prepared.get_statusmsg() or "0").rpartition(" ")[2]))


class HotPath:
    """The hot path of one process."""

    def __init__(self, dsn: str, clock: Clock, *, process: str = "liveshelf hot") -> None:
        settings = {**GUARDS, **_PLANS, "application_name": process, "timezone": "UTC"}
        self._connections = Connections(dsn, CONNECTIONS, settings)
        self._clock = clock

    async def close(self) -> None:
        """Close every connection."""
        await self._connections.close()

    async def write(self, actor: Actor, shop: ShopId, work: Callable[[Tx], Awaitable[T]]) -> T:
        """As `Database.write`. The work must be safe to do again although it was committed before: should the server
        go away, nobody knows whether it was.
        """
        for tries_left in reversed(range(RETRIES)):
            try:
                return await patiently(lambda: self._once(actor, shop, work), self._connections.forget_idle)
            except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                if is_unstorable(error):
                    raise ValueUnstorable from error
                if not tries_left or not may_be_done_again(error):
                    raise
        raise AssertionError("unreachable")

    async def _once(self, actor: Actor, shop: ShopId, work: Callable[[Tx], Awaitable[T]]) -> T:
        driver = await self._connections.lend()
        try:
            await driver.execute(_begin(driver))
            try:
                tx = await self._tx(driver, actor, shop)
                result = await work(tx)
                await tx.flush()
            except BaseException:
                if not driver.is_closed():
                    await driver.execute("ROLLBACK")
                raise
            await driver.execute("COMMIT")
            return result
        finally:
            self._connections.give_back(driver)

    async def _tx(self, driver: Connection, actor: Actor, shop: ShopId) -> HotTx:
        if self._clock.movable:
            seconds = await driver.fetchval("SELECT seconds FROM clock_offset")
            self._clock.set_offset(timedelta(seconds=seconds or 0))
        nobody = cast("AsyncConnection", None)  # there is none: everything goes to the driver
        return HotTx(nobody, driver, shop, self._clock.now(), actor, new_rid())


def _begin(driver: Connection) -> str:
    used = driver.used = driver.used + 1
    grown = used % _PLANS_LAST == 0 or (used < _PLANS_LAST and used & (used - 1) == 0)
    return "DISCARD PLANS; BEGIN" if grown else "BEGIN"


async def patiently(work: Callable[[], Awaitable[T]], forget: Callable[[], None]) -> T:
    """Do work that may be done again, waiting up to `PATIENCE_S` for a server that is gone or not ready. `forget` is
    called before each new try.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE_S
    while True:
        try:
            return await work()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
            if not _is_away(error) or loop.time() > end:
                raise
            forget()
            await asyncio.sleep(_AGAIN_S)


def _is_away(error: Exception) -> bool:
    # The driver's InterfaceError is a connection that was closed; one that is a ValueError too is a bad value.
    closed = isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError)
    return closed or isinstance(error, _AWAY)
