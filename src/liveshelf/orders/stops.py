"""Pieces that stay here for now: somebody has asked for their money back.

A stop is made under the order's lock, so nothing that is asked back leaves the house at the same moment. It ends with
the decision: freed, its pieces are to be sent again, or `shipping.withdraw` takes them out for good.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from liveshelf.kernel.ids import OrderId, SkuId
from liveshelf.orders import _stops_sql as _sql
from liveshelf.platform.db import ReadTx, Tx


async def stop(tx: Tx, order_id: OrderId, *, claim: int, lines: Sequence[tuple[SkuId, int]]) -> None:
    """These pieces are not to be sent for now. `claim` is whose stop it is; the caller holds the order locked."""
    rows = [
        {"shop_id": tx.shop, "order_id": order_id, "claim": claim, "sku_id": sku_id, "quantity": count}
        for sku_id, count in lines
    ]
    await tx.conn.execute(_sql.INSERT, rows)


async def free(tx: Tx, order_id: OrderId, *, claim: int) -> None:
    """The matter is decided. Nothing happens when there is no stop."""
    await tx.execute(_sql.FREE, order=order_id, whose=claim)


async def stopped(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, Counter[SkuId]]:
    """How many pieces of each SKU are stopped, by order."""
    found: dict[OrderId, Counter[SkuId]] = defaultdict(Counter)
    for row in await tx.all(_sql.OF_ORDERS, orders=sorted(set(order_ids))):
        found[OrderId(row.order_id)][SkuId(row.sku_id)] += row.quantity
    return dict(found)
