"""The quick bar (快捷栏): hot goods of the shelf, shown above it, in an order of their own.

It holds at most `QUICK_BAR_MAX`, counted in goods or in their SKUs as the shop has it (`settings`), also when many are
added at once: every command stands in the room's line. What leaves the shelf leaves the bar.
"""

from __future__ import annotations

from collections.abc import Sequence

from liveshelf.goods import queries as goods
from liveshelf.kernel.ids import GoodsId, RoomId
from liveshelf.platform.db import Tx
from liveshelf.rooms import _line, _sql, queries, rules
from liveshelf.rooms.errors import QuickBarFull
from liveshelf.rooms.events import QuickBarChanged
from liveshelf.rooms.settings import BarUnit, settings_of
from liveshelf.rooms.types import QUICK_BAR_MAX, Room
from liveshelf.trail import service as trail


async def add(tx: Tx, room_id: RoomId, goods_ids: Sequence[GoodsId]) -> None:
    """Put goods of the shelf at the bar's end, in the given order; what is there stays as it is.

    Raises `RoomMissing`, `RoomStateRefuses`, `GoodsUnknown`, `GoodsNotInRoom`, `QuickBarFull`; then nothing is added.
    """
    room = await _line.opened(tx, room_id)
    for goods_id in goods_ids:
        await _line.place_of(tx, room_id, goods_id)
    present = queries.quick_bar(await queries.places(tx, room_id))
    wanted = list(dict.fromkeys([*present, *goods_ids]))
    if len(wanted) == len(present):
        return
    unit = (await settings_of(tx)).quick_bar_unit
    if await _size(tx, wanted, unit) > QUICK_BAR_MAX:
        raise QuickBarFull(most=QUICK_BAR_MAX, unit=unit.value)
    await _become(tx, room, wanted)
    trail.record(tx, "rooms.quick_bar_add", f"room:{room_id}", goods_ids=[int(one) for one in goods_ids])


async def take_out(tx: Tx, room_id: RoomId, goods_id: GoodsId) -> None:
    """Take a goods out of the bar; it stays on the shelf. Raises `RoomMissing`, `RoomStateRefuses`, `GoodsUnknown`,
    `GoodsNotInRoom`.
    """
    room = await _line.opened(tx, room_id)
    if (await _line.place_of(tx, room_id, goods_id)).quick_place is None:
        return
    present = queries.quick_bar(await queries.places(tx, room_id))
    await _set(tx, room_id, [goods_id], [None])
    await _become(tx, room, [one for one in present if one != goods_id])
    trail.record(tx, "rooms.quick_bar_take_out", f"room:{room_id}", goods_id=goods_id)


async def sort(tx: Tx, room_id: RoomId, goods_ids: Sequence[GoodsId]) -> None:
    """Put the named goods first in the bar, in this order; the others follow as they stood.

    Raises `RoomMissing`, `RoomStateRefuses`, `SortEmpty`, `GoodsNotInRoom` for what is not in the bar.
    """
    room = await _line.opened(tx, room_id)
    present = queries.quick_bar(await queries.places(tx, room_id))
    wanted = rules.sorted_shelf(present, goods_ids)
    if wanted == present:
        return
    await _become(tx, room, wanted)
    trail.record(tx, "rooms.quick_bar_sort", f"room:{room_id}", goods_ids=[int(one) for one in wanted])


async def _size(tx: Tx, goods_ids: Sequence[GoodsId], unit: BarUnit) -> int:
    if unit is BarUnit.GOODS:
        return len(goods_ids)
    cards = await goods.live_goods(tx, goods_ids)
    return sum(len(many) for many in (await goods.skus(tx, [card.product_id for card in cards])).values())


async def _become(tx: Tx, room: Room, wanted: Sequence[GoodsId]) -> None:
    await _set(tx, room.room_id, wanted, list(range(1, len(wanted) + 1)))
    await _line.tell(tx, room, QuickBarChanged(goods_ids=[int(one) for one in wanted]))


async def _set(tx: Tx, room_id: RoomId, goods_ids: Sequence[GoodsId], at: Sequence[int | None]) -> None:
    rows = [
        {"b_shop": tx.shop, "b_room": room_id, "b_goods": goods_id, "b_quick": place}
        for goods_id, place in zip(goods_ids, at, strict=True)
    ]
    if rows:
        await tx.conn.execute(_sql.SET_QUICK_PLACE, rows)
