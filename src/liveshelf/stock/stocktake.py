"""Stocktakes (盘点): count what lies there while selling goes on, look at the differences, and close with a reason.

The difference of a line is what was found less what the books said at the moment of counting it. Closing adds that
difference to what is there by then, so what was sold, paid or brought in meanwhile is not counted twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select

from liveshelf.kernel.ids import SkuId
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.stock import _ledger, _stocktake_sql
from liveshelf.stock.errors import StocktakeEnded, StocktakeInvalid, StocktakeOpen, StocktakeUnknown
from liveshelf.stock.rules import ON_HAND_MAX, declared
from liveshelf.stock.service import check_count
from liveshelf.stock.types import CountLine, Level, Lines, MoveKind, Place, Pool, Stocktake, StocktakeState

LINES_MAX = 20_000  # closing locks what differs among them at once


async def begin(tx: Tx, title: str, *, pool: Pool = Pool.GENERAL, sku_ids: Sequence[SkuId] | None = None) -> int:
    """Open a stocktake of these SKUs, or of all in the pool; its number. Raises `StocktakeOpen`, `StocktakeInvalid`."""
    if sku_ids is not None and not 1 <= len(set(sku_ids)) <= LINES_MAX:
        raise StocktakeInvalid(field="sku_ids", most=LINES_MAX)
    number = await tx.next_number("stocktake")
    opened = await tx.scalar(
        _stocktake_sql.OPEN.values(
            shop_id=tx.shop,
            stocktake_id=number,
            title=title,
            pool=pool,
            state=StocktakeState.OPEN,
            opened_at=tx.now,
            opened_by=str(tx.actor),
        )
    )
    if opened is None:
        raise StocktakeOpen
    if sku_ids is None:
        done = await tx.execute(_stocktake_sql.ADD_ALL, which=number, of_pool=pool.value, most=LINES_MAX)
        added = done.rowcount
    else:
        wanted = sorted(set(sku_ids))
        added = len(await tx.all(_stocktake_sql.ADD_THESE, which=number, of_pool=pool.value, skus=wanted))
        if added != len(wanted):
            raise StocktakeInvalid("Stock of one of these is not kept here.", field="sku_ids")
    if not added:
        raise StocktakeInvalid(field="sku_ids")
    return number


async def count(tx: Tx, stocktake_id: int, sku_id: SkuId, found: int) -> Level:
    """So many were found; counting again replaces the line. Raises `StocktakeUnknown`, `StocktakeEnded`,
    `StockCountInvalid`.
    """
    check_count(found)
    pool = await _open(tx, stocktake_id, _stocktake_sql.SHARE)
    level = (await _ledger.locked(tx, [(sku_id, pool)])).get((sku_id, pool))
    if (
        level is None
        or await tx.scalar(
            _stocktake_sql.COUNT,
            which=stocktake_id,
            sku=sku_id,
            there=level.on_hand,
            found=found,
            moment=tx.now,
            who=str(tx.actor),
        )
        is None
    ):
        raise StocktakeUnknown(sku_id=sku_id)
    return level


async def close(tx: Tx, stocktake_id: int, reason: str) -> int:
    """Make the differences true, one move each, with a reason; how many there were. Lines that nobody counted stay as
    they are. Raises `StocktakeUnknown`, `StocktakeEnded`.

    Where buyers hold more than there is, their newest orders lose it (`declared`).
    """
    pool = await _open(tx, stocktake_id, _stocktake_sql.LOCK)
    differences = {
        (SkuId(row.sku_id), pool): int(row.by) for row in await tx.all(_stocktake_sql.DIFFERENT, which=stocktake_id)
    }
    levels = await _ledger.locked(tx, differences) if differences else {}
    after: dict[Place, Level] = {}
    for place, by in differences.items():
        was = levels[place]
        after[place] = now = declared(was, max(0, min(ON_HAND_MAX, was.on_hand + by)))
        _ledger.move(tx, place, MoveKind.SET, was=was, now=now, reason=reason)
        _ledger.tell_short(tx, place, was=was, now=now)
    await _ledger.write(tx, levels, after)
    await _end(tx, stocktake_id, StocktakeState.CLOSED, reason)
    return len(differences)


async def cancel(tx: Tx, stocktake_id: int) -> None:
    """Give it up: nothing changes. Raises `StocktakeUnknown`, `StocktakeEnded`."""
    await _open(tx, stocktake_id, _stocktake_sql.LOCK)
    await _end(tx, stocktake_id, StocktakeState.CANCELLED, None)


async def stocktakes(tx: ReadTx, *, cursor: str | None = None, limit: int | None = None) -> Page[Stocktake]:
    """The shop's stocktakes, newest first."""
    most = clamp_limit(limit)
    rows = await tx.all(_stocktake_sql.PAGE, before=below(cursor), most=most + 1)
    return page_of([_as_stocktake(row) for row in rows], most, lambda one: (one.stocktake_id,))


async def stocktake(tx: ReadTx, stocktake_id: int) -> Stocktake:
    """One of them. Raises `StocktakeUnknown`."""
    row = await tx.one(_stocktake_sql.ONE, which=stocktake_id)
    if row is None:
        raise StocktakeUnknown(stocktake_id=stocktake_id)
    return _as_stocktake(row)


async def lines(
    tx: ReadTx,
    stocktake_id: int,
    *,
    show: Lines = Lines.ALL,
    named: Sequence[SkuId] | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[CountLine]:
    """The lines of a stocktake, by falling SKU; only these SKUs when some are named."""
    most = clamp_limit(limit)
    statement, args = _stocktake_sql.LINES, dict[str, object](which=stocktake_id, before=below(cursor), most=most + 1)
    if show is Lines.OPEN:
        statement = statement.where(_stocktake_sql.ONLY_OPEN)
    elif show is Lines.DIFFERENT:
        statement = statement.where(_stocktake_sql.ONLY_DIFFERENT)
    if named is not None:
        statement, args = statement.where(_stocktake_sql.ONLY_NAMED), {**args, "named": list(named)}
    rows = await tx.all(statement, **args)
    found = [CountLine(SkuId(row.sku_id), row.on_hand, row.counted, row.counted_at, row.counted_by) for row in rows]
    return page_of(found, most, lambda one: (one.sku_id,))


async def _open(tx: Tx, stocktake_id: int, statement: Select[Any]) -> Pool:
    row = await tx.one(statement, which=stocktake_id)
    if row is None:
        raise StocktakeUnknown(stocktake_id=stocktake_id)
    if row.state != StocktakeState.OPEN:
        raise StocktakeEnded(state=row.state)
    return Pool(row.pool)


async def _end(tx: Tx, stocktake_id: int, becomes: StocktakeState, reason: str | None) -> None:
    await tx.execute(
        _stocktake_sql.END,
        which=stocktake_id,
        becomes=becomes.value,
        moment=tx.now,
        who=str(tx.actor),
        because=reason,
    )


def _as_stocktake(row: Row[Any]) -> Stocktake:
    return Stocktake(
        row.stocktake_id,
        row.title,
        Pool(row.pool),
        StocktakeState(row.state),
        row.opened_at,
        row.opened_by,
        row.closed_at,
        row.closed_by,
        row.reason,
        row.lines,
        row.counted,
        row.different,
    )
