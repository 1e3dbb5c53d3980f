"""The transaction: one a request or job, opened in one place that you can see.

`Database.write` runs a piece of work inside one transaction. It is a call and not a `with` block, since only a call
can be done again after a serialization failure or answered from the store when the same request comes twice. Services
take the `Tx`, never open or commit one, and can't reach the network from it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar, cast

import asyncpg
import msgspec
from sqlalchemy import ClauseElement, Executable, Row, Table, bindparam, event, select
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from liveshelf.kernel.actors import Actor
from liveshelf.kernel.errors import Invalid
from liveshelf.kernel.ids import PLATFORM, ShopId, new_number, new_rid
from liveshelf.platform import idempotency
from liveshelf.platform._rows import Rows
from liveshelf.platform._tables import clock_offset, counters, events
from liveshelf.platform.clock import Clock
from liveshelf.platform.events import Event
from liveshelf.platform.idempotency import Once, Replay
from liveshelf.platform.readpool import Record

T = TypeVar("T")
DatabaseError: TypeAlias = DBAPIError | asyncpg.PostgresError | asyncpg.InterfaceError

RETRIES = 3
_DIALECT = asyncpg_dialect.dialect()  # type: ignore[no-untyped-call]
_RETRYABLE = frozenset({"40001", "40P01"})  # serialization failure, deadlock: the whole work may be done again
_UNIQUE = "23505"
_CLASS_DATA = "22"  # a NUL character, a number beyond 63 bits: only a request can bring them
GUARDS = {  # a stuck client or a lost lock must not hold the others
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
    .on_conflict_do_update(
        index_elements=[counters.c.shop_id, counters.c.kind], set_={"value": counters.c.value + bindparam("many")}
    )
    .returning(counters.c.value)
)


class ValueUnstorable(Invalid):
    """A value of the request fits no column at all, such as text with a NUL character."""

    code = "request.unstorable"
    title = "A value in the request can't be stored."


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement's text, what it binds in order (and how that is written), and the values that it has already."""

    text: str
    binds: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    values: dict[str, object]

    def arguments(self, shop: ShopId, given: Mapping[str, object]) -> list[object]:
        """What to give the driver, in order."""
        values = {**self.values, "shop": shop, **given}
        return [values[name] if write is None else write(values[name]) for name, write in self.binds]


@dataclass(frozen=True, slots=True)
class ReadTx:
    """A consistent view that can't write. Statements that name the parameter `shop` get the transaction's shop."""

    conn: AsyncConnection
    driver: asyncpg.Connection[Any]  # the same connection, in the same transaction, without SQLAlchemy's cost
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

    async def quick(self, statement: Executable, **args: object) -> list[Any]:
        """Every row of a statement, past SQLAlchemy's execution: for the few that a benchmark names. Only for module
        constants, whose text is kept; `shop` is bound as always.
        """
        ready = compiled(statement)
        return await self.driver.fetch(ready.text, *ready.arguments(self.shop, args))

    async def fetch(self, statement: str, *args: object) -> list[Any]:
        """As `quick`, for what SQLAlchemy can't say. What it binds is the caller's to give, the shop included."""
        return await self.driver.fetch(statement, *args)


@dataclass(frozen=True, slots=True)
class Tx(ReadTx):
    """One write transaction, by one actor, in one shop, at one instant."""

    actor: Actor
    trace: str
    _rows: Rows = field(default_factory=Rows)

    def append(self, table: Table, **row: object) -> None:
        """Add a row that nobody reads before the commit; `shop_id` is set. All rows of all tables are inserted with
        one statement just before it.
        """
        self._rows.add(table, {"shop_id": self.shop, **row})

    def append_many(
        self, table: Table, shared: Mapping[str, object], columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]
    ) -> None:
        """Add rows that have the `shared` values in common and differ in `columns`: as `append`, at a fraction of its
        cost.
        """
        self._rows.add_many(table, {"shop_id": self.shop, **shared}, columns, rows)

    def change_later(self, statement: Executable, *, rows: int, **args: object) -> None:
        """Change rows that are locked already, together with what was appended. The statement is a module constant that
        returns each changed row; that it is another number of them than `rows` is a mistake of ours.
        """
        ready = compiled(statement)
        self._rows.add_change(ready.text, ready.arguments(self.shop, args), rows)

    def emit(self, event: Event, *, stream: str, seq: int | None = None) -> None:
        """Tell what has happened. `stream` is the thing it happened to ("room:33"); `seq` numbers it there, or not."""
        self.append(
            events,
            event_id=new_number(),
            stream=stream,
            seq=seq,
            name=event.name,
            body=event,
            actor=str(self.actor),
            trace=self.trace,
            at=self.now,
        )

    def emit_many(self, told: Sequence[tuple[Event, str, str]]) -> None:
        """Tell many things at once, as (event, stream, actor): as `emit`, at a fraction of its cost."""
        self.append_many(
            events,
            {"trace": self.trace, "at": self.now},
            ("event_id", "stream", "name", "body", "actor"),
            [
                (number, stream, event.name, event, actor)
                for number, (event, stream, actor) in zip(new_number.many(len(told)), told, strict=True)
            ],
        )

    async def next_number(self, kind: str, *, first: int = 1, many: int = 1) -> int:
        """The shop's next number of a kind (goods, room …), or the first of so many: never given twice, also not after
        a deletion.
        """
        last = await self.scalar(_NEXT, counter=kind, first=first + many - 1, many=many)
        return cast("int", last) - many + 1

    async def flush(self) -> None:
        """Write what was appended and left for later. Called before the commit; earlier only to read it back."""
        if self._rows:
            statement, arguments, expected = self._rows.statement()
            (counts,) = await self.driver.fetch(statement, *arguments)
            if list(counts) != expected:
                raise AssertionError("rows changed under their lock")


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
                yield ReadTx(conn, await _begun(conn), shop, await self._now(conn))
        except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if is_unstorable(error):
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
                    tx = Tx(conn, await _begun(conn), shop, await self._now(conn), actor, trace or new_rid())
                    result = await self._once(tx, once, work) if once else await work(tx)
                    await tx.flush()
            except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                if is_unstorable(error):
                    raise ValueUnstorable from error
                if not tries_left or not may_be_done_again(error):
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
        before = await idempotency.claim(tx, once)
        if isinstance(before, Replay):
            return msgspec.convert(before.result, once.result)
        if before is not None:
            raise before
        result = await work(tx)
        await idempotency.store(tx, once, result)
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
        connect_args={
            "server_settings": {**GUARDS, "application_name": process, "timezone": "UTC"},
            "record_class": Record,
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_dead)
    return Database(engine, clock)


def _refuse_dead(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
    # The driver hears at once that its server went away. The pool makes a new connection instead, so a restart costs
    # those a failure who were in the middle of something, and nobody else.
    if cast("asyncpg.Connection[Any]", record.driver_connection).is_closed():
        raise DisconnectionError


def sqlstate(error: DatabaseError) -> str:
    """PostgreSQL's five-character code of an error, or an empty text."""
    return str(getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", "") or "")


def constraint(error: DatabaseError) -> str:
    """The name of the constraint that refused, or an empty text."""
    cause = getattr(error.orig, "__cause__", None) if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "constraint_name", "") or "")


def is_unstorable(error: DatabaseError) -> bool:
    """Whether a value of the request was refused, whatever the statement."""
    # A ValueError is the driver's: it could not even write the value.
    return isinstance(error, ValueError) or sqlstate(error).startswith(_CLASS_DATA)


def may_be_done_again(error: DatabaseError) -> bool:
    """Whether the whole work may be done once more: nothing of it is there."""
    # Also when a twin of the request was quicker by a moment: done again, the work finds the twin's result.
    return sqlstate(error) in _RETRYABLE or (sqlstate(error) == _UNIQUE and constraint(error) == idempotency.UNIQUE)


@lru_cache(maxsize=512)
def compiled(statement: Executable) -> Compiled:
    """A statement for the driver."""
    made = cast("Any", cast("ClauseElement", statement).compile(dialect=_DIALECT))
    writers = made._bind_processors  # noqa: SLF001 - what SQLAlchemy would do to the values on their way
    return Compiled(made.string, tuple((name, writers.get(name)) for name in made.positiontup), dict(made.params))


async def _begun(conn: AsyncConnection) -> asyncpg.Connection[Any]:
    """The driver's own connection, in the transaction that SQLAlchemy will commit.

    SQLAlchemy begins with its first statement; what goes to the driver before that would be committed by itself.
    """
    raw = await conn.get_raw_connection()
    try:
        await cast("Any", raw.dbapi_connection)._start_transaction()  # noqa: SLF001 - there is no public way to begin early
    except BaseException:
        # Whoever waited was broken off: the driver may be in a transaction that SQLAlchemy will not end.
        await conn.invalidate()
        raise
    return cast("asyncpg.Connection[Any]", raw.driver_connection)
