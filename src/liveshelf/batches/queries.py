"""Reads: batches with their progress, rows with their results, and files."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Row

from liveshelf.batches import _sql
from liveshelf.batches.errors import BatchUnknown
from liveshelf.batches.types import Batch, BatchState, RowResult, RowState
from liveshelf.kernel.paging import Page, below, clamp_limit, decode_cursor, page_of
from liveshelf.platform.db import ReadTx
from liveshelf.platform.signing import Keys

PURPOSE_ROW = "batch-row"
PURPOSE_FILE = "batch-file"
ROWS_AT_ONCE = 500


async def batch(tx: ReadTx, batch_id: int) -> Batch:
    """The batch of an id. Raises `BatchUnknown`."""
    row = await tx.one(_sql.BY_ID, batch=batch_id)
    if row is None:
        raise BatchUnknown
    (found,) = await _with_counts(tx, [row])
    return found


async def page(tx: ReadTx, kinds: Iterable[str], *, cursor: str | None = None, limit: int | None = None) -> Page[Batch]:
    """The shop's batches of these kinds, newest first."""
    most = clamp_limit(limit)
    rows = await tx.all(_sql.PAGE, kinds=list(kinds), before=below(cursor), most=most + 1)
    return page_of(await _with_counts(tx, rows), most, lambda one: (one.batch_id,))


async def results(
    tx: ReadTx,
    keys: Keys,
    batch_id: int,
    *,
    state: RowState | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[RowResult]:
    """A batch's rows in the file's order; only those of a state when one is named."""
    most = clamp_limit(limit)
    key = decode_cursor(cursor, int)
    rows = await _rows(tx, batch_id, state=state, after=int(key[0]) if key else 0, most=most + 1)
    return page_of([_result(keys, row) for row in rows], most, lambda one: (one.row_no,))


async def failed(tx: ReadTx, keys: Keys, batch_id: int) -> list[RowResult]:
    """Every row that was refused."""
    found: list[RowResult] = []
    while True:
        after = found[-1].row_no if found else 0
        rows = await _rows(tx, batch_id, state=RowState.FAILED, after=after, most=ROWS_AT_ONCE)
        found += [_result(keys, row) for row in rows]
        if len(rows) < ROWS_AT_ONCE:
            return found


async def file(tx: ReadTx, keys: Keys, batch_id: int) -> bytes:
    """The file that an export made. Raises `BatchUnknown` when there is none (yet)."""
    sealed = await tx.scalar(_sql.FILE, batch=batch_id)
    if sealed is None:
        raise BatchUnknown
    return base64.b64decode(keys.decrypt(PURPOSE_FILE, sealed))


async def _rows(tx: ReadTx, batch_id: int, *, state: RowState | None, after: int, most: int) -> Sequence[Row[Any]]:
    if state is None:
        return await tx.all(_sql.ROWS, batch=batch_id, after=after, most=most)
    return await tx.all(_sql.ROWS.where(_sql.ROW_IN), batch=batch_id, after=after, most=most, state=state.value)


async def _with_counts(tx: ReadTx, rows: Sequence[Row[Any]]) -> list[Batch]:
    ids = [row.batch_id for row in rows]
    if not ids:
        return []
    counts: dict[int, dict[RowState, int]] = defaultdict(dict)
    for row in await tx.all(_sql.COUNTS, ids=ids):
        counts[row.batch_id][RowState(row.state)] = row.many
    with_file = {row.batch_id for row in await tx.all(_sql.WITH_FILE, ids=ids)}
    return [
        Batch(
            row.batch_id,
            row.kind,
            BatchState(row.state),
            row.file_name,
            row.options,
            row.rows,
            {state: counts[row.batch_id].get(state, 0) for state in RowState},
            row.made_by,
            row.created_at,
            row.finished_at,
            row.batch_id in with_file,
        )
        for row in rows
    ]


def _result(keys: Keys, row: Row[Any]) -> RowResult:
    return RowResult(row.row_no, opened(keys, row.cells), RowState(row.state), row.code, row.detail)


def opened(keys: Keys, sealed: bytes) -> dict[str, str]:
    """The cells of a sealed row."""
    return msgspec.json.decode(keys.decrypt(PURPOSE_ROW, sealed), type=dict[str, str])
