"""Reads: levels, the ledger, and whether its books agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.ids import OrderId, SkuId
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.platform.db import ReadTx
from liveshelf.stock import _sql
from liveshelf.stock.types import Difference, Level, Move, MoveKind, Place, Pool


async def levels(tx: ReadTx, sku_ids: Sequence[SkuId], *, pool: Pool = Pool.GENERAL) -> dict[SkuId, Level]:
    """The counters of these SKUs in one pool; one that is not kept is absent."""
    found = levels_of(await tx.all(_sql.LEVELS, skus=list(sku_ids), pools=[pool.value]))
    return {sku_id: level for (sku_id, _), level in found.items()}


async def all_levels(tx: ReadTx, sku_ids: Sequence[SkuId]) -> dict[Place, Level]:
    """The counters of these SKUs in every pool that keeps any."""
    return levels_of(await tx.all(_sql.LEVELS, skus=list(sku_ids), pools=list(Pool)))


async def moves(
    tx: ReadTx, sku_id: SkuId, *, pool: Pool | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[Move]:
    """The ledger of a SKU in one pool or in all, newest first."""
    most = clamp_limit(limit)
    pools = list(Pool) if pool is None else [pool.value]
    rows = await tx.all(_sql.MOVES, sku=sku_id, pools=pools, before=below(cursor), most=most + 1)
    return page_of([_move(row) for row in rows], most, lambda move: (move.move_id,))


async def low_count(tx: ReadTx, *, at_most: int) -> int:
    """How many SKUs have at most so many left to buy."""
    return int(await tx.scalar(_sql.LOW, most=at_most))


async def differences(tx: ReadTx) -> list[Difference]:
    """SKUs whose counters, moves and open holds do not tell the same. Empty unless there is a mistake of ours."""
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
        for row in await tx.all(_sql.DIFFERENCES)
    ]


def levels_of(rows: Iterable[Row[Any]]) -> dict[Place, Level]:
    """Rows of counters by SKU and pool."""
    return {(SkuId(row.sku_id), Pool(row.pool)): Level(row.on_hand, row.held, row.sold, row.version) for row in rows}


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
