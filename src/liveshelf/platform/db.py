"""The transaction: one a request or job, opened in one place that you can see.

`Database.write` runs a piece of work inside one transaction. It is a call and not a `with` block, since only a call
can be done again after a serialization failure or answered from the store when the same request comes twice. Services
take the `Tx`, never open or commit one, and can't reach the network from it.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

import msgspec
from sqlalchemy import Executable, Row, Table, bindparam, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from liveshelf.kernel.actors import Actor
from liveshelf.kernel.errors import Invalid
from liveshelf.kernel.ids import PLATFORM, ShopId, new_number, new_rid
from liveshelf.platform import idempotency
from liveshelf.platform._tables import clock_offset, counters, events
from liveshelf.platform.clock import Clock
from liveshelf.platform.events import Event
from liveshelf.platform.idempotency import Once, Replay

T = TypeVar("T")

RETRIES = 3
_RETRYABLE = frozenset({"40001", "40P01"})  # serialization failure, deadlock: the whole work may be done again
_CLASS_DATA = "22"  # a NUL character, a number beyond 63 bits: only a request can bring them
_GUARDS = {  # a stuck client or a lost lock must not hold the others
    "lock_timeout": "5s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
    "jit": "off",
}

_OFFSET = select(clock_offset.c.seconds)
_ADVANCE = (
    pg_insert(clock_offset)
    .values(row_no=1, seconds=bindparam("by"))
    .on_conflict_do_update(
        index_elements=[clock_offset.c.row_no], set_={"seconds": clock_offset.c.seconds + bindparam("by")}
    )
    .returning(clock_offset.c.seconds)
)
# One row a kind and shop: its lock is held to the end, so numbers are without gaps and in commit order.
_NEXT = (
    pg_insert(counters)
    .values(shop_id=bindparam("shop"), kind=bindparam("counter"), value=bindparam("first"))
    .on_conflict_do_update(index_elements=[counters.c.shop_id, counters.c.kind], set_={"value": counters.c.value + 1})
    .returning(counters.c.value)
)


class ValueUnstorable(Invalid):
    """A value of the request fits no column at all, such as text with a NUL character."""

    code = "request.unstorable"
    title = "A value in the request can't be stored."


@dataclass(frozen=True, slots=True)
class ReadTx:
    """A consistent view that can't write. Statements that name the parameter `shop` get the transaction's shop."""

    conn: AsyncConnection
    shop: ShopId
    now: datetime

    async def execute(self, statement: Executable, **args: object) -> Any:  # noqa: ANN401 - SQLAlchemy's result
        """Run a statement with `shop` bound."""
        return await self.conn.execute(statement, {"shop": self.shop, **args})

    async def all(self, statement: Executable, **args: object) -> Sequence[Row[Any]]:
        """Every row."""
        return (await self.execute(statement, **args)).all()  # type: ignore[no-any-return]

    async def one(self, statement: Executable, **args: object) -> Row[Any] | None:
        """The only row, or `None`."""
        return (await self.execute(statement, **args)).one_or_none()  # type: ignore[no-any-return]

    async def scalar(self, statement: Executable, **args: object) -> Any:  # noqa: ANN401 - whatever the column holds
        """The first column of the first row, or `None`."""
        return (await self.execute(statement, **args)).scalar()


@dataclass(frozen=True, slots=True)
class Tx(ReadTx):
    """One write transaction, by one actor, in one shop, at one instant."""

    actor: Actor
    trace: str
    _appended: dict[Table, list[dict[str, object]]] = field(default_factory=lambda: defaultdict(list))

    def append(self, table: Table, **row: object) -> None:
        """Add a row to an append-only table; `shop_id` is set. Rows are inserted together just before the commit."""
        self._appended[table].append({"shop_id": self.shop, **row})

    def emit(self, event: Event, *, stream: str, seq: int | None = None) -> None:
        """Tell what has happened. `stream` is the thing it happened to ("room:33"); `seq` numbers it there, or not."""
        self.append(
            events,
            event_id=new_number(),
            stream=stream,
            seq=seq,
            name=event.name,
            body=msgspec.to_builtins(event),
            actor=str(self.actor),
            trace=self.trace,
            at=self.now,
        )

    async def next_number(self, kind: str, *, first: int = 1) -> int:
        """The shop's next number of a kind (goods, room …): never given twice, also not after a deletion."""
        return cast("int", await self.scalar(_NEXT, counter=kind, first=first))

    async def flush(self) -> None:
        """Insert what was appended. Called before the commit; call it earlier only to read the rows back."""
        for table, rows in self._appended.items():
            if rows:
                await self.conn.execute(insert(table), rows)
        self._appended.clear()


class Database:
    """The door to PostgreSQL for one process."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self.engine = engine
        self._clock = clock
        self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextlib.asynccontextmanager
    async def read(self, shop: ShopId = PLATFORM) -> AsyncIterator[ReadTx]:
        """A read-only snapshot: every statement inside sees the same instant."""
        try:
            async with self._reader.connect() as conn:
                yield ReadTx(conn, shop, await self._now(conn))
        except DBAPIError as error:
            if sqlstate(error).startswith(_CLASS_DATA):
                raise ValueUnstorable from error
            raise

    async def write(
        self,
        actor: Actor,
        shop: ShopId,
        work: Callable[[Tx], Awaitable[T]],
        *,
        once: Once[T] | None = None,
        trace: str = "",
    ) -> T:
        """Run `work` in one transaction and commit it; at most `RETRIES` times, where PostgreSQL says that is safe.

        With `once`, a request already done returns its stored result without running `work`. Raises whatever `work`
        raises, after a rollback that leaves nothing.
        """
        for tries_left in reversed(range(RETRIES)):
            try:
                async with self.engine.begin() as conn:
                    tx = Tx(conn, shop, await self._now(conn), actor, trace or new_rid())
                    result = await self._once(tx, once, work) if once else await work(tx)
                    await tx.flush()
            except DBAPIError as error:
                if sqlstate(error).startswith(_CLASS_DATA):
                    raise ValueUnstorable from error
                if not tries_left or sqlstate(error) not in _RETRYABLE:
                    raise
            else:
                return result
        raise AssertionError("unreachable")

    async def advance_clock(self, by: timedelta) -> timedelta:
        """Move business time forward for every process. Only the command line of a movable data folder calls this."""
        if not self._clock.movable or by <= timedelta():
            msg = "the clock moves forward only, and only where it is movable"
            raise ValueError(msg)
        async with self.engine.begin() as conn:
            seconds = (await conn.execute(_ADVANCE, {"by": int(by.total_seconds())})).scalar_one()
        return timedelta(seconds=seconds)

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    async def _now(self, conn: AsyncConnection) -> datetime:
        if self._clock.movable:
            self._clock.set_offset(timedelta(seconds=(await conn.execute(_OFFSET)).scalar() or 0))
        return self._clock.now()

    @staticmethod
    async def _once(tx: Tx, once: Once[T], work: Callable[[Tx], Awaitable[T]]) -> T:
        actor = str(tx.actor)
        (before,) = await idempotency.claim(tx, once.operation, [(actor, once)])
        if isinstance(before, Replay):
            return msgspec.convert(before.result, once.result)
        if before is not None:
            raise before
        result = await work(tx)
        await idempotency.store(tx, once.operation, [(actor, once.key, result)])
        return result


def connect(dsn: str, clock: Clock, *, pool_size: int = 10, process: str = "liveshelf") -> Database:
    """Open the database. `dsn` is a plain `postgresql://` address; connections are made when first needed."""
    engine = create_async_engine(
        dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=pool_size,
        max_overflow=0,  # the bound is the point: more connections than cores only add waiting inside PostgreSQL
        pool_timeout=10,
        pool_pre_ping=False,
        hide_parameters=True,  # of a failed statement: they are people's data, and errors are logged
        connect_args={"server_settings": {**_GUARDS, "application_name": process, "timezone": "UTC"}},
    )
    return Database(engine, clock)


def sqlstate(error: DBAPIError) -> str:
    """PostgreSQL's five-character code of an error, or an empty text."""
    return str(getattr(error.orig, "sqlstate", "") or "")


def constraint(error: DBAPIError) -> str:
    """The name of the constraint that refused, or an empty text."""
    cause = getattr(error.orig, "__cause__", None)
    return str(getattr(cause, "constraint_name", "") or "")
