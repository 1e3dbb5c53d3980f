"""Commands: take in a file, rehearse it, work through it row by row, stop it; and make files.

`work` is the one function here that opens transactions itself, one a row: a row that is refused must leave nothing
behind, and what is done must stay done when the machine goes down in the middle.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar, cast

import msgspec

from liveshelf.batches import _sql, queries
from liveshelf.batches.errors import BatchNotReady, RowRepeated
from liveshelf.batches.events import BatchDue, BatchFinished
from liveshelf.batches.types import OPEN, Batch, BatchState, Column, RowState
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import ShopId, new_number
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.signing import Keys

R = TypeVar("R")

KEPT = timedelta(days=30)  # rows and files; business time
WAKE_AFTER = timedelta(seconds=60)  # without a sign of life a batch's work is asked for again; wall time
FILE_NAME_MAX = 120
_DETAIL_MAX = 300


@dataclass(frozen=True, slots=True)
class Kind(Generic[R]):
    """What is done with one kind of file.

    `parse(cells)` makes a row's wish of its texts; `work(tx, wish, options)` does it and says what became of the row.
    Both refuse with a `DomainError`, which is the row's result. `key(wish)` tells twins within a file. `permission` is
    what a member needs. `prepare(wish)` comes before, outside every transaction, for what none may wait for; what it
    refuses, `work` refuses again.
    """

    name: str
    permission: str
    columns: Sequence[Column]
    parse: Callable[[Mapping[str, str]], R]
    work: Callable[[Tx, R, Mapping[str, str]], Awaitable[RowState]]
    key: Callable[[R], str]
    prepare: Callable[[R], Awaitable[None]] | None = None


class _Undo(Exception):
    """Takes back what a rehearsed row did."""

    def __init__(self, became: RowState) -> None:
        super().__init__()
        self.became = became


async def take_in(
    tx: Tx,
    kind: str,
    *,
    keys: Keys,
    file_name: str,
    rows: Sequence[tuple[int, Mapping[str, str]]],
    options: Mapping[str, str],
) -> int:
    """Keep a file's rows, to be rehearsed at once. Returns the batch's id."""
    batch_id = await _insert(tx, kind, BatchState.REHEARSING, file_name, options, rows=len(rows))
    await tx.conn.execute(
        _sql.INSERT_ROWS,
        [
            {
                "shop_id": tx.shop,
                "batch_id": batch_id,
                "row_no": number,
                "cells": keys.encrypt(queries.PURPOSE_ROW, msgspec.json.encode(cells).decode()),
                "state": RowState.WAITING,
                "code": "",
                "detail": "",
            }
            for number, cells in rows
        ],
    )
    return batch_id


async def begin_export(tx: Tx, kind: str, *, file_name: str, options: Mapping[str, str]) -> int:
    """A file to be made. Returns the batch's id."""
    return await _insert(tx, kind, BatchState.WORKING, file_name, options, rows=0)


async def start(tx: Tx, batch_id: int) -> None:
    """Do what was rehearsed. Raises `BatchUnknown`, `BatchNotReady`."""
    before = await _lock(tx, batch_id)
    if await tx.scalar(_sql.MOVE[BatchState.WORKING], batch=batch_id, wake=wall_now() + WAKE_AFTER) is None:
        raise BatchNotReady(state=before.state.value)
    await tx.execute(_sql.RESET_ROWS, batch=batch_id)
    tx.emit(BatchDue(batch_id=batch_id), stream=f"batch:{batch_id}")


async def stop(tx: Tx, batch_id: int) -> None:
    """No further row begins. What was done stays. Raises `BatchUnknown`, `BatchNotReady`."""
    before = await _lock(tx, batch_id)
    if await tx.scalar(_sql.MOVE[BatchState.STOPPED], batch=batch_id, moment=tx.now) is None:
        raise BatchNotReady(state=before.state.value)


async def work(db: Database, keys: Keys, shop: ShopId, batch_id: int, *, kind: Kind[R]) -> None:
    """Work through the rows that wait, each in a transaction of its own. May run twice, also at the same time."""
    async with db.read(shop) as tx:
        batch = await queries.batch(tx, batch_id)
    if batch.state not in OPEN:
        return
    actor = actor_of(batch.made_by)
    seen = await _seen(db, keys, batch, shop=shop, kind=kind)
    while await _work_row(db, keys, shop, batch, actor=actor, kind=kind, seen=seen):
        pass
    await db.write(actor, shop, lambda tx: _finish(tx, batch))


async def written(tx: Tx, batch_id: int, rows: int) -> bool:
    """An export has come so far. False when it was stopped."""
    done = await tx.scalar(_sql.WRITTEN, batch=batch_id, written=rows, wake=wall_now() + WAKE_AFTER)
    return done is not None


async def keep_file(tx: Tx, keys: Keys, batch_id: int, *, content: bytes) -> None:
    """The export is made: keep its file sealed."""
    await tx.execute(_sql.DELETE_FILE, batch=batch_id)
    sealed = keys.encrypt(queries.PURPOSE_FILE, base64.b64encode(content).decode())
    await tx.execute(_sql.INSERT_FILE.values(shop_id=tx.shop, batch_id=batch_id, content=sealed))
    row = await tx.one(_sql.MOVE[BatchState.FINISHED], batch=batch_id, moment=tx.now)
    if row is not None:
        tx.emit(
            BatchFinished(batch_id=batch_id, kind=row.kind, failed=0, made_by=row.made_by), stream=f"batch:{batch_id}"
        )


async def wake(tx: Tx, limit: int) -> int:
    """Ask once more for the work of batches that gave no sign of life."""
    rows = await tx.all(_sql.WAKE, wall=wall_now(), wake=wall_now() + WAKE_AFTER, most=limit)
    for row in rows:
        tx.emit(BatchDue(batch_id=row.batch_id), stream=f"batch:{row.batch_id}")
    return len(rows)


async def forget(tx: Tx, limit: int) -> int:
    """Delete batches whose time is over, with their rows and files."""
    return len(await tx.all(_sql.FORGET, moment=tx.now, most=limit))


async def _insert(  # noqa: PLR0917 - of this module alone
    tx: Tx, kind: str, state: BatchState, file_name: str, options: Mapping[str, str], *, rows: int
) -> int:
    batch_id = new_number()
    await tx.execute(
        _sql.INSERT.values(
            shop_id=tx.shop,
            batch_id=batch_id,
            kind=kind,
            state=state,
            file_name=file_name[:FILE_NAME_MAX],
            options=dict(options),
            rows=rows,
            made_by=str(tx.actor),
            created_at=tx.now,
            wake_at=wall_now() + WAKE_AFTER,
            forget_at=tx.now + KEPT,
        )
    )
    tx.emit(BatchDue(batch_id=batch_id), stream=f"batch:{batch_id}")
    return batch_id


async def _lock(tx: Tx, batch_id: int) -> Batch:
    await tx.execute(_sql.LOCK, batch=batch_id)
    return await queries.batch(tx, batch_id)


async def _seen(db: Database, keys: Keys, batch: Batch, *, shop: ShopId, kind: Kind[R]) -> dict[str, int]:
    """Which row asks first for each thing: later twins are refused, whichever worker comes to them."""
    first: dict[str, int] = {}
    wishes: list[R] = []
    after = 0
    async with db.read(shop) as tx:
        while rows := await tx.all(_sql.ROWS, batch=batch.batch_id, after=after, most=queries.ROWS_AT_ONCE):
            for row in rows:
                try:
                    wish = kind.parse(queries.opened(keys, row.cells))
                    first.setdefault(kind.key(wish), row.row_no)
                except DomainError:
                    continue
                if kind.prepare is not None:
                    wishes.append(wish)
            after = rows[-1].row_no
    for wish in wishes:
        with suppress(DomainError):
            await cast("Callable[[R], Awaitable[None]]", kind.prepare)(wish)
    return first


async def _work_row(
    db: Database, keys: Keys, shop: ShopId, batch: Batch, *, actor: Actor, kind: Kind[R], seen: Mapping[str, int]
) -> bool:
    """Take the next row and settle it. False when none is left to take."""
    taken: list[int] = []

    async def one(tx: Tx) -> bool:
        taken.clear()
        state = await tx.scalar(_sql.STILL, batch=batch.batch_id)
        row = await tx.one(_sql.TAKE_ROW, batch=batch.batch_id) if state == batch.state else None
        if row is None:
            return False
        taken.append(row.row_no)
        wish = kind.parse(queries.opened(keys, row.cells))
        if (earlier := seen.get(kind.key(wish), row.row_no)) != row.row_no:
            raise RowRepeated(f"Row {earlier} of this file is the same.", row_no=earlier)
        became = await kind.work(tx, wish, batch.options)
        if batch.state is BatchState.REHEARSING:
            raise _Undo(became)
        await _settle(tx, batch, row.row_no, became)
        return True

    try:
        return await db.write(actor, shop, one)
    except _Undo as undo:
        became = undo.became
        await db.write(actor, shop, lambda tx: _settle(tx, batch, taken[0], became))
    except DomainError as error:
        code, said = error.code, error.detail[:_DETAIL_MAX]
        await db.write(actor, shop, lambda tx: _settle(tx, batch, taken[0], RowState.FAILED, code=code, said=said))
    return True


async def _settle(tx: Tx, batch: Batch, row_no: int, became: RowState, *, code: str = "", said: str = "") -> None:
    await tx.execute(_sql.SET_ROW, batch=batch.batch_id, number=row_no, became=became.value, why=code, said=said)
    if row_no % 50 == 0:  # a sign of life now and then; the row of the batch is not written for every row
        await tx.execute(_sql.ALIVE, batch=batch.batch_id, wake=wall_now() + WAKE_AFTER)


async def _finish(tx: Tx, batch: Batch) -> None:
    if await tx.scalar(_sql.LEFT, batch=batch.batch_id):
        return  # another worker holds the last rows, or it was stopped
    becomes = BatchState.REHEARSED if batch.state is BatchState.REHEARSING else BatchState.FINISHED
    more = {} if becomes is BatchState.REHEARSED else {"moment": tx.now}
    row = await tx.one(_sql.MOVE[becomes], batch=batch.batch_id, **more)
    if row is not None and becomes is BatchState.FINISHED:
        after = await queries.batch(tx, batch.batch_id)
        failed = after.counts[RowState.FAILED]
        tx.emit(
            BatchFinished(batch_id=batch.batch_id, kind=batch.kind, failed=failed, made_by=batch.made_by),
            stream=f"batch:{batch.batch_id}",
        )


def actor_of(text: str) -> Actor:
    """The actor of a batch's `made_by`."""
    kind, _, name = text.partition(":")
    return Actor(ActorKind(kind), name)
