"""What bounds selling: safety stock, the threshold of the low-stock message, and purchase limits (限购)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from liveshelf.kernel.ids import CustomerId, OrderId, ProductId, SkuId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.stock import _bounds_sql, _ledger, queries
from liveshelf.stock.errors import BoundInvalid, StockUnknown
from liveshelf.stock.rules import LIMIT_MAX, LOW_AT, ON_HAND_MAX, Tally, hot
from liveshelf.stock.types import Level, Limit, Place, Pool, Purchase, Terms, Want

# What buyers have of SKUs in orders that are not closed; who calls knows the orders.
Purchases: TypeAlias = Callable[[Tx, Sequence[CustomerId], Sequence[SkuId]], Awaitable[Sequence[Purchase]]]


async def in_force(tx: ReadTx) -> tuple[int, int]:
    """The shop's safety stock and threshold, for SKUs without their own."""
    row = await tx.one(_bounds_sql.SETTINGS)
    return (0, LOW_AT) if row is None else (row.safety, row.low_at)


async def set_for_shop(tx: Tx, *, safety: int, low_at: int) -> None:
    """What holds for every SKU that has nothing of its own. Raises `BoundInvalid`."""
    _check(safety=safety, low_at=low_at)
    await tx.execute(_bounds_sql.SET_SETTINGS, b_safety=safety, b_low_at=low_at)
    await tx.all(_bounds_sql.LOCK_GENERAL)
    await tx.execute(_bounds_sql.FOLLOW_SETTINGS, b_safety=safety, b_low_at=low_at)


async def set_for_sku(tx: Tx, sku_id: SkuId, *, safety: int | None, low_at: int | None) -> None:
    """The SKU's own safety stock and threshold; `None` follows the shop. Raises `BoundInvalid`, `StockUnknown`."""
    _check(safety=safety or 0, low_at=low_at or 0)
    of_shop = await in_force(tx)
    done = await tx.scalar(
        _bounds_sql.SET_BOUNDS,
        sku=sku_id,
        b_own_safety=safety,
        b_own_low_at=low_at,
        b_safety=of_shop[0] if safety is None else safety,
        b_low_at=of_shop[1] if low_at is None else low_at,
    )
    if done is None:
        raise StockUnknown(sku_id=sku_id)
    place = (sku_id, Pool.GENERAL)
    _ledger.tell(tx, place, (await queries.all_levels(tx, [sku_id]))[place])


async def limit_sku(tx: Tx, sku_id: SkuId, most: int | None) -> None:
    """A buyer may have `most` of this SKU; `None` takes the limit away. Raises `BoundInvalid`, `StockUnknown`."""
    await _limit(tx, [sku_id], most, sku_id=sku_id)


async def limit_product(tx: Tx, product_id: ProductId, sku_ids: Sequence[SkuId], *, most: int | None) -> None:
    """A buyer may have `most` of all SKUs of a product together. `sku_ids` are those it has now. Raises as
    `limit_sku`.
    """
    await _limit(tx, sku_ids, most, product_id=product_id)


async def product_grew(tx: Tx, product_id: ProductId, sku_ids: Sequence[SkuId]) -> None:
    """New SKUs of a product count towards its limit, where it has one."""
    limit_id = await tx.scalar(_bounds_sql.LIMIT_OF, sku=None, product=product_id)
    if limit_id is not None and sku_ids:
        await _name(tx, limit_id, sku_ids)


async def limits(tx: ReadTx, sku_ids: Sequence[SkuId]) -> list[Limit]:
    """The limits that name any of these SKUs."""
    return [
        Limit(
            row.limit_id,
            row.most,
            frozenset(SkuId(one) for one in row.sku_ids),
            None if row.product_id is None else ProductId(row.product_id),
        )
        for row in await tx.all(_bounds_sql.LIMITS, skus=list(sku_ids))
    ]


async def tally(
    tx: Tx, levels: Mapping[Place, Level], wants: Sequence[Want], *, terms: Terms, purchases: Purchases
) -> Tally | None:
    """What the buyers of a batch have already of what is limited or hot; `None`, and no statement, when nothing is.

    Read after the counters were locked, so it sees every order that was placed before: two tabs, two processes and
    two SKUs of one product come one after the other.
    """
    wanted: Counter[Place] = Counter()
    for want in wants:
        for sku_id, count in want.lines:
            wanted[sku_id, want.pool] += count
    limited = sorted({sku_id for sku_id, pool in wanted if (sku_id, pool) in levels and levels[sku_id, pool].limited})
    heated: set[SkuId] = set()
    if terms.unpaid_max is not None:
        heated = {sku_id for (sku_id, pool), level in levels.items() if hot(level, wanted=wanted[sku_id, pool])}
    buyers = sorted({want.buyer for want in wants if want.buyer is not None})
    if not buyers or not (limited or heated):
        return None
    bounding: list[Limit] = []
    if limited:
        await tx.all(_bounds_sql.LOCK_LIMITS, skus=limited)
        bounding = await limits(tx, limited)
    counted = sorted(heated.union(*(limit.sku_ids for limit in bounding)))
    found = await purchases(tx, buyers, counted)
    returned: dict[tuple[int, int], int] = {}
    if bounding and found:
        rows = await tx.all(_bounds_sql.RETURNED, orders=sorted({one.order_id for one in found}))
        returned = {(OrderId(row.order_id), SkuId(row.sku_id)): int(row.pieces) for row in rows}
    return Tally.of(bounding, found, returned)


async def _limit(
    tx: Tx,
    sku_ids: Sequence[SkuId],
    most: int | None,
    *,
    sku_id: SkuId | None = None,
    product_id: ProductId | None = None,
) -> None:
    if most is not None and not 1 <= most <= LIMIT_MAX:
        raise BoundInvalid(field="most", most=LIMIT_MAX)
    known = {one for one, _ in await _ledger.locked(tx, [(one, Pool.GENERAL) for one in sku_ids])}
    if unknown := sorted(set(sku_ids) - known):
        raise StockUnknown(sku_id=unknown[0])
    limit_id = await tx.scalar(_bounds_sql.LIMIT_OF, sku=sku_id, product=product_id)
    if limit_id is not None:
        named = [SkuId(row.sku_id) for row in await tx.all(_bounds_sql.LIMITED_SKUS, which=limit_id)]
        await tx.execute(_bounds_sql.DROP_LIMIT, which=limit_id)
        await tx.execute(_bounds_sql.MARK_LIMITED, skus=named)
    if most is not None:
        limit_id = await tx.next_number("stock_limit")
        await tx.conn.execute(
            _bounds_sql.NEW_LIMIT,
            {"shop_id": tx.shop, "limit_id": limit_id, "product_id": product_id, "sku_id": sku_id, "most": most},
        )
        await _name(tx, limit_id, sku_ids)


async def _name(tx: Tx, limit_id: int, sku_ids: Sequence[SkuId]) -> None:
    rows = [{"shop_id": tx.shop, "sku_id": one, "limit_id": limit_id} for one in sorted(sku_ids)]
    await tx.conn.execute(_bounds_sql.JOIN_LIMIT, rows)
    await tx.execute(_bounds_sql.MARK_LIMITED, skus=sorted(sku_ids))


def _check(*, safety: int, low_at: int) -> None:
    for name, value in (("safety", safety), ("low_at", low_at)):
        if not 0 <= value <= ON_HAND_MAX:
            raise BoundInvalid(field=name, most=ON_HAND_MAX)
