"""Reads: the parcels of orders."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from liveshelf.fulfilment import _sql
from liveshelf.fulfilment.types import Parcel, ParcelState
from liveshelf.kernel.ids import OrderId, SkuId
from liveshelf.platform.db import ReadTx


async def of_orders(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, list[Parcel]]:
    """The parcels of each order, the oldest first; undone ones are left out."""
    ids = sorted(set(order_ids))
    rows = await tx.all(_sql.OF_ORDERS, orders=ids) if ids else []
    rows = [row for row in rows if row.state != ParcelState.UNDONE]
    lines: dict[int, list[tuple[SkuId, int]]] = defaultdict(list)
    if rows:
        for line in await tx.all(_sql.LINES, parcels=[row.parcel_id for row in rows]):
            lines[line.parcel_id].append((SkuId(line.sku_id), line.quantity))
    found: dict[OrderId, list[Parcel]] = defaultdict(list)
    for row in rows:
        found[OrderId(row.order_id)].append(
            Parcel(
                row.parcel_id,
                OrderId(row.order_id),
                ParcelState(row.state),
                row.carrier,
                row.tracking_no,
                row.label_void,
                row.packed_at,
                row.sent_at,
                tuple(lines[row.parcel_id]),
            )
        )
    return found


async def orders_of_tracking(tx: ReadTx, tracking_no: str) -> list[OrderId]:
    """The orders that a tracking number stands on; the newest hundred."""
    return [OrderId(row.order_id) for row in await tx.all(_sql.BY_TRACKING, tracking=tracking_no)]


async def withdrawn_of(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, Counter[SkuId]]:
    """The pieces of each order that will not be sent; an order without any is absent."""
    ids = sorted(set(order_ids))
    found: dict[OrderId, Counter[SkuId]] = defaultdict(Counter)
    for row in await tx.all(_sql.WITHDRAWN, orders=ids) if ids else []:
        found[OrderId(row.order_id)][SkuId(row.sku_id)] += int(row.quantity)
    return found


def pieces(parcels: Sequence[Parcel], *states: ParcelState) -> Counter[SkuId]:
    """How many pieces of each SKU are in parcels of these states."""
    found: Counter[SkuId] = Counter()
    for parcel in parcels:
        if parcel.state in states:
            found.update(dict(parcel.lines))
    return found
