"""The demo shop's stockroom: pieces set apart, a limit, what an ERP said, and a stocktake under way."""

from __future__ import annotations

from collections.abc import Sequence

from liveshelf.kernel.ids import SkuId
from liveshelf.platform.db import Tx
from liveshelf.stock import bounds, changes, queries, service, stocktake
from liveshelf.stock.types import Change, ChangeKind, OrderedBy, Pool

SOURCE = "erp-demo"
_SKUS = 6
_ARRIVED = 12
_APART = 3


async def arrange(tx: Tx) -> None:
    """Arrange the stockroom, unless it is arranged already or there is too little to arrange."""
    skus = list((await queries.page(tx, limit=_SKUS)).items)
    if len(skus) < _SKUS or (await changes.page(tx, source=SOURCE, limit=1)).items:
        return
    await bounds.set_for_sku(tx, skus[0], safety=2, low_at=None)
    await bounds.limit_sku(tx, skus[1], 2)
    await changes.take_in(tx, SOURCE, _said(skus))
    await service.transfer(tx, skus[2], _APART, "双十一活动备货", source=Pool.GENERAL, target=Pool.ACTIVITY)
    number = await stocktake.begin(tx, "月末盘点", sku_ids=skus)
    levels = await queries.levels(tx, skus)
    for sku_id, by in zip(skus, (0, -1, 0), strict=False):
        await stocktake.count(tx, number, sku_id, max(0, levels[sku_id].on_hand + by))


def _said(skus: Sequence[SkuId]) -> list[Change]:
    return [
        Change("PO-20261101", skus[2], ChangeKind.ADJUST, _ARRIVED, OrderedBy.SEQUENCE, 1),
        Change("PO-20261102", skus[3], ChangeKind.ADJUST, _ARRIVED, OrderedBy.SEQUENCE, 2),
        Change("ST-20261103", skus[4], ChangeKind.SET, 36, OrderedBy.SEQUENCE, 4),
        Change("ST-20261104", skus[4], ChangeKind.SET, 20, OrderedBy.SEQUENCE, 3),
        Change("ST-20261105", SkuId(99_999), ChangeKind.SET, 20, OrderedBy.SEQUENCE, 5),
    ]
