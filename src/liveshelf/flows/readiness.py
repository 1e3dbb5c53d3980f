"""What must be ready before a room goes on air: the checklist of what it sells."""

from __future__ import annotations

from liveshelf.checklists import queries as checklists
from liveshelf.goods import queries as goods
from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import ReadTx
from liveshelf.qualifications import categories
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.errors import RoomMissing


async def check(tx: ReadTx, room_id: RoomId) -> None:
    """Raises `RoomMissing`, and `ChecklistOpen` while anything is unsigned."""
    await checklists.must_be_signed(tx, room_id, await sold_categories(tx, room_id))


async def sold_categories(tx: ReadTx, room_id: RoomId) -> set[int]:
    """The top categories of what stands on a room's shelf. Raises `RoomMissing`."""
    if await rooms.room(tx, room_id) is None:
        raise RoomMissing(room_id=room_id)
    shelf = (await rooms.shelves(tx, [room_id])).get(room_id, [])
    products = await goods.products(tx, [one.product_id for one in shelf])
    known = categories.tree().by_code
    # A code that a newer tree has no more counts as none.
    codes = {one.category for one in products.values() if one.category is not None}
    return {known[code].root for code in codes if code in known}
