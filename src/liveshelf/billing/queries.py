"""Reads: days, and differences."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row

from liveshelf.billing import _sql
from liveshelf.billing.types import Day, Difference, DifferenceKind, Funds, LineKind
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.paging import Page, below, clamp_limit, decode_cursor, page_of
from liveshelf.platform.db import ReadTx

_AFTER_ALL = "9999-12-31"


async def days(tx: ReadTx, *, cursor: str | None = None, limit: int | None = None) -> Page[Day]:
    """The shop's days, newest first."""
    most = clamp_limit(limit)
    key = decode_cursor(cursor, str)
    before = date.fromisoformat(str(key[0]) if key else _AFTER_ALL)
    rows = await tx.all(_sql.DAYS, before=before, most=most + 1)
    return page_of([_day(row) for row in rows], most, lambda one: (one.day.isoformat(),))


async def expects(tx: ReadTx, merchant: str, day: date) -> bool:
    """Whether the shop waits for, or has, the bill of this day under this merchant."""
    return await tx.one(_sql.EXPECTED, whose=merchant, on=day) is not None


async def differences(
    tx: ReadTx, *, closed: bool | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[Difference]:
    """The shop's differences, newest first; only the open or the closed ones when asked so."""
    most = clamp_limit(limit)
    statement = _sql.PAGE
    if closed is not None:
        statement = statement.where(_sql.IS_CLOSED if closed else _sql.IS_OPEN)
    rows = await tx.all(statement, before=below(cursor), most=most + 1)
    return page_of([as_difference(row) for row in rows], most, lambda one: (one.difference_id,))


def as_difference(row: Row[Any]) -> Difference:
    """The difference of a row."""
    return Difference(
        row.difference_id,
        row.day,
        row.merchant,
        DifferenceKind(row.kind),
        LineKind(row.what),
        row.number,
        row.ours_fen,
        row.theirs_fen,
        row.found_at,
        row.closed_at,
        row.closed_by,
        row.reason,
    )


def _day(row: Row[Any]) -> Day:
    return Day(
        row.merchant,
        row.day,
        row.done_at is not None,
        row.due_at,
        row.done_at,
        row.problem,
        row.payments,
        Fen(row.paid_fen),
        row.refunds,
        Fen(row.refunded_fen),
        row.fee_fen,
        row.open_differences,
        None
        if row.funds_in_fen is None
        else Funds(row.funds_in_fen, row.funds_out_fen, row.funds_paid_out_fen, row.funds_balance_fen),
    )
