"""What is pushed: up to three goods, the newest in front. The room's row names the one in front, the shelf all."""

from __future__ import annotations

from collections.abc import Sequence

from liveshelf.kernel.ids import GoodsId
from liveshelf.platform.db import Tx
from liveshelf.rooms import _line, _sql, queries
from liveshelf.rooms.events import GoodsPushed
from liveshelf.rooms.types import PINNED_MAX, Room


async def show(tx: Tx, room: Room, goods_id: GoodsId) -> Room:
    """Put a goods in front; the oldest goes when there would be more than `PINNED_MAX`."""
    present = queries.pinned(await queries.places(tx, room.room_id))
    wanted = [goods_id, *(one for one in present if one != goods_id)]
    if gone := wanted[PINNED_MAX:]:
        await tx.execute(_sql.UNPIN, room=room.room_id, goods=gone)
    # The number and not the time: of two transactions the one that began first may come into line second.
    await tx.execute(_sql.SET_PINNED, b_shop=tx.shop, b_room=room.room_id, b_goods=goods_id, b_seq=room.seq + 1)
    kept = wanted[:PINNED_MAX]
    event = GoodsPushed(goods_id=goods_id, goods_ids=[int(one) for one in kept])
    return await _line.tell(tx, room, event, pushed_goods_id=goods_id, pushed_at=tx.now)


async def drop(tx: Tx, room: Room, goods_ids: Sequence[GoodsId] | None = None) -> Room:
    """Take these off the screen, or all; nothing is told when none of them is there."""
    present = queries.pinned(await queries.places(tx, room.room_id))
    gone = present if goods_ids is None else [one for one in present if one in goods_ids]
    if not gone:
        return room
    await tx.execute(_sql.UNPIN, room=room.room_id, goods=gone)
    left = [one for one in present if one not in gone]
    event = GoodsPushed(goods_id=left[0] if left else None, goods_ids=[int(one) for one in left])
    return await _line.tell(tx, room, event, **in_front(room, left))


def in_front(room: Room, left: Sequence[GoodsId]) -> dict[str, object]:
    """The columns of the room's row when these are what is still pushed."""
    if left and left[0] == room.pushed_goods_id:
        return {}
    return {"pushed_goods_id": left[0] if left else None, "pushed_at": None}
