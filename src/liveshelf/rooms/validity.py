"""Goods past their validity are sold no more: at once, or at the end of the broadcast that sells them then.

It follows from the room's state alone, so how a broadcast ended (by hand, by the clock, after a crash) makes no
difference. What was ordered stays ordered: neither an order nor its stock nor a payment is touched.
"""

from __future__ import annotations

from liveshelf.goods import validity
from liveshelf.platform.db import Tx
from liveshelf.rooms import queries, service


async def take_off_expired(tx: Tx, limit: int) -> int:
    """Take goods whose validity is over off sale, on every shelf and in the shop. Returns how many; those that a
    broadcast sells now are not due yet.
    """
    over = await validity.over(tx)
    selling = await queries.on_air_with(tx, over)
    due = [goods_id for goods_id in over if goods_id not in selling][:limit]
    # The goods before its rooms, as whoever puts goods on a shelf does.
    expired = [goods_id for goods_id in due if await validity.expire(tx, goods_id)]
    for goods_id in expired:
        await service.sell_no_more(tx, goods_id)
    return len(expired)
