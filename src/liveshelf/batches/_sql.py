"""Statements of the batches capability."""

from __future__ import annotations

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, update

from liveshelf.batches._tables import batch_files, batch_rows, batches
from liveshelf.batches.types import BATCH, BatchState, RowState

_of_shop = batches.c.shop_id == bindparam("shop")
_this = (_of_shop, batches.c.batch_id == bindparam("batch"))
_row_of = (batch_rows.c.shop_id == bindparam("shop"), batch_rows.c.batch_id == bindparam("batch"))

INSERT = insert(batches)
INSERT_ROWS = insert(batch_rows)
BY_ID = select(batches).where(*_this)
LOCK = BY_ID.with_for_update(key_share=True)
PAGE = (
    select(batches)
    .where(_of_shop, batches.c.batch_id < bindparam("before"), batches.c.kind == func.any(bindparam("kinds")))
    .order_by(batches.c.batch_id.desc())
    .limit(bindparam("most"))
)
COUNTS = (
    select(batch_rows.c.batch_id, batch_rows.c.state, func.count().label("many"))
    .where(batch_rows.c.shop_id == bindparam("shop"), batch_rows.c.batch_id == func.any(bindparam("ids")))
    .group_by(batch_rows.c.batch_id, batch_rows.c.state)
)
WITH_FILE = select(batch_files.c.batch_id).where(
    batch_files.c.shop_id == bindparam("shop"), batch_files.c.batch_id == func.any(bindparam("ids"))
)
ROWS = (
    select(batch_rows)
    .where(*_row_of, batch_rows.c.row_no > bindparam("after"))
    .order_by(batch_rows.c.row_no)
    .limit(bindparam("most"))
)
ROW_IN = batch_rows.c.state == bindparam("state")

# The next row that nobody works on: two workers on one batch share its rows and never take the same one.
TAKE_ROW = (
    select(batch_rows.c.row_no, batch_rows.c.cells)
    .where(*_row_of, batch_rows.c.state == RowState.WAITING)
    .order_by(batch_rows.c.row_no)
    .limit(1)
    .with_for_update(skip_locked=True)
)
STILL = select(batches.c.state).where(*_this)
SET_ROW = (
    update(batch_rows)
    .where(*_row_of, batch_rows.c.row_no == bindparam("number"), batch_rows.c.state == RowState.WAITING)
    .values(state=bindparam("became"), code=bindparam("why"), detail=bindparam("said"))
    .returning(batch_rows.c.row_no)
)
LEFT = select(func.count()).select_from(batch_rows).where(*_row_of, batch_rows.c.state == RowState.WAITING)
RESET_ROWS = (
    update(batch_rows)
    .where(*_row_of, batch_rows.c.state != RowState.WAITING)
    .values(state=RowState.WAITING, code="", detail="")
)


def _to(state: BatchState) -> tuple[ColumnElement[bool], ...]:
    return (*_this, batches.c.state.in_(sorted(BATCH.sources(state))))


MOVE = {
    BatchState.REHEARSED: update(batches)
    .where(*_to(BatchState.REHEARSED))
    .values(state=BatchState.REHEARSED, wake_at=None)
    .returning(batches.c.batch_id),
    BatchState.WORKING: update(batches)
    .where(*_to(BatchState.WORKING))
    .values(state=BatchState.WORKING, wake_at=bindparam("wake"))
    .returning(batches.c.batch_id),
    BatchState.FINISHED: update(batches)
    .where(*_to(BatchState.FINISHED))
    .values(state=BatchState.FINISHED, wake_at=None, finished_at=bindparam("moment"))
    .returning(batches.c.batch_id, batches.c.kind, batches.c.made_by),
    BatchState.STOPPED: update(batches)
    .where(*_to(BatchState.STOPPED))
    .values(state=BatchState.STOPPED, wake_at=None, finished_at=bindparam("moment"))
    .returning(batches.c.batch_id),
}

SHOPS_TO_WAKE = select(batches.c.shop_id).where(batches.c.wake_at <= bindparam("now")).distinct()
_to_wake = (
    select(batches.c.batch_id)
    .where(_of_shop, batches.c.wake_at <= bindparam("wall"))
    .order_by(batches.c.wake_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
WAKE = (
    update(batches)
    .where(_of_shop, batches.c.batch_id.in_(_to_wake))
    .values(wake_at=bindparam("wake"))
    .returning(batches.c.batch_id)
)
ALIVE = update(batches).where(*_this, batches.c.wake_at.is_not(None)).values(wake_at=bindparam("wake"))

WRITTEN = (
    update(batches)
    .where(*_this, batches.c.state == BatchState.WORKING)
    .values(rows=bindparam("written"), wake_at=bindparam("wake"))
    .returning(batches.c.batch_id)
)
DELETE_FILE = delete(batch_files).where(
    batch_files.c.shop_id == bindparam("shop"), batch_files.c.batch_id == bindparam("batch")
)
INSERT_FILE = insert(batch_files)
FILE = select(batch_files.c.content).where(
    batch_files.c.shop_id == bindparam("shop"), batch_files.c.batch_id == bindparam("batch")
)

SHOPS_TO_FORGET = select(batches.c.shop_id).where(batches.c.forget_at <= bindparam("now")).distinct()
FORGET = (
    delete(batches)
    .where(
        _of_shop,
        batches.c.batch_id.in_(
            select(batches.c.batch_id)
            .where(_of_shop, batches.c.forget_at <= bindparam("moment"))
            .order_by(batches.c.forget_at)
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
        ),
    )
    .returning(batches.c.batch_id)
)
