"""How long a goods may be sold: its validity (有效期).

A goods whose validity is over is taken off sale by a clock (`rooms.validity`), everywhere at once except in a broadcast
that is selling it at that moment; there it stays until the end of the broadcast, as the guide to live goods asks.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from liveshelf.goods import _sql
from liveshelf.goods import service as goods
from liveshelf.goods.errors import ValidityInvalid
from liveshelf.kernel.ids import GoodsId
from liveshelf.platform.db import Tx
from liveshelf.trail import service as trail

DUE_SHOPS = _sql.SHOPS_WITH_OVER  # for the clock
PENDING = _sql.VALIDITY_PENDING
AHEAD_MAX = timedelta(days=3660)  # ten years: beyond it somebody mistyped


async def set_valid_until(tx: Tx, goods_id: GoodsId, until: datetime | None) -> None:
    """Let a goods be sold until an instant, or without an end. It counts as valid again; places on shelves that it lost
    are put back on sale by hand.

    Raises `GoodsMissing`, and `ValidityInvalid` for an instant that has passed or is more than ten years ahead.
    """
    await goods.locked(tx, goods_id)
    if until is not None and not tx.now < until <= tx.now + AHEAD_MAX:
        raise ValidityInvalid(field="valid_until")
    await tx.execute(_sql.SET_VALID_UNTIL, which=goods_id, until=until, moment=tx.now)
    trail.record(
        tx, "goods.set_valid_until", f"goods:{goods_id}", valid_until=None if until is None else until.isoformat()
    )


async def over(tx: Tx) -> list[GoodsId]:
    """Goods whose validity is over and that were not taken off sale for it yet."""
    return [GoodsId(row.goods_id) for row in await tx.all(_sql.OVER, now=tx.now)]


async def expire(tx: Tx, goods_id: GoodsId) -> bool:
    """Sell the goods no more. False when another did it, or it was given more time meanwhile."""
    if await tx.scalar(_sql.EXPIRE, which=goods_id, moment=tx.now) is None:
        return False
    trail.record(tx, "goods.expire", f"goods:{goods_id}")
    return True
