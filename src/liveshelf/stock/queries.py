"""Reads: levels, the ledger, and whether its books agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.ids import OrderId, SkuId
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.platform.db import ReadTx
from liveshelf.stock import _audit_sql, _sql
from liveshelf.stock.errors import StockUnknown
from liveshelf.stock.types import Difference, Level, Move, MoveKind, OwnBounds, Place, Pool, Show


async def levels(tx: ReadTx, sku_ids: Sequence[SkuId], *, pool: Pool = Pool.GENERAL) -> dict[SkuId, Level]:
    """The counters of these SKUs in one pool; one that is not kept is absent."""
    found = levels_of(await tx.all(_sql.LEVELS, skus=list(sku_ids), pools=[pool.value]))
    return {sku_id: level for (sku_id, _), level in found.items()}


async def all_levels(tx: ReadTx, sku_ids: Sequence[SkuId]) -> dict[Place, Level]:
    """The counters of these SKUs in every pool that keeps any."""
    return levels_of(await tx.all(_sql.LEVELS, skus=list(sku_ids), pools=list(Pool)))


async def page(
    tx: ReadTx,
    *,
    show: Show = Show.ALL,
    named: Sequence[SkuId] | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[SkuId]:
    """SKUs whose stock is kept, newest first; only these ones when some are named."""
    most = clamp_limit(limit)
    statement, args = _sql.PAGE, dict[str, object](before=below(cursor), most=most + 1)
    if show is Show.LOW:
        statement = statement.where(_sql.ARE_LOW)
    elif show is Show.SHORT:
        statement = statement.where(_sql.ARE_SHORT)
    if named is not None:
        statement, args = statement.where(_sql.ARE_NAMED), {**args, "named": list(named)}
    rows = await tx.all(statement, **args)
    return page_of([SkuId(row.sku_id) for row in rows], most, lambda sku_id: (sku_id,))


async def own_bounds(tx: ReadTx, sku_ids: Sequence[SkuId]) -> dict[SkuId, OwnBounds]:
    """What these SKUs have of their own."""
    return {
        SkuId(row.sku_id): OwnBounds(row.own_safety, row.own_low_at)
        for row in await tx.all(_sql.OWN_BOUNDS, skus=list(sku_ids))
    }


async def moves(
    tx: ReadTx, sku_id: SkuId, *, pool: Pool | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[Move]:
    """The ledger of a SKU in one pool or in all, newest first. Raises `StockUnknown`."""
    most = clamp_limit(limit)
    pools = list(Pool) if pool is None else [pool.value]
    rows = await tx.all(_sql.MOVES, sku=sku_id, pools=pools, before=below(cursor), most=most + 1)
    if not rows and not await all_levels(tx, [sku_id]):
        raise StockUnknown(sku_id=sku_id)
    return page_of([_move(row) for row in rows], most, lambda move: (move.move_id,))


async def low_count(tx: ReadTx) -> int:
    """How many SKUs have so few left to buy that somebody should look."""
    return int(await tx.scalar(_sql.LOW))


async def differences(tx: ReadTx, sku_ids: Sequence[SkuId] | None = None) -> list[Difference]:
    """SKUs whose counters, moves and open holds do not tell the same, of all or of these. Empty unless there is a
    mistake of ours.
    """
    if sku_ids is None:
        rows = await tx.all(_audit_sql.DIFFERENCES)
    else:
        rows = await tx.all(_audit_sql.DIFFERENCES_OF, skus=list(sku_ids))
    return [
        Difference(
            SkuId(row.sku_id),
            Pool(row.pool),
            (row.on_hand, row.held, row.sold),
            # Moves and holds both say how much is held; the one that differs from the counter is the one to show.
            (
                int(row.moved_on_hand),
                int(row.moved_held if row.moved_held != row.held else row.kept_held),
                int(row.moved_sold),
            ),
        )
        for row in rows
    ]


def levels_of(rows: Iterable[Row[Any]]) -> dict[Place, Level]:
    """Rows of counters by SKU and pool."""
    return {
        (SkuId(row.sku_id), Pool(row.pool)): Level(
            row.on_hand,
            row.held,
            row.sold,
            row.version,
            row.safety,
            row.low_at,
            row.low,
            row.short,
            row.limited,
        )
        for row in rows
    }


def _move(row: Row[Any]) -> Move:
    return Move(
        row.move_id,
        Pool(row.pool),
        MoveKind(row.kind),
        row.on_hand_change,
        row.held_change,
        row.on_hand_after,
        row.held_after,
        OrderId(row.order_id) if row.order_id is not None else None,
        row.reason,
        row.actor,
        row.at,
    )
