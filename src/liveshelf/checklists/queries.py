"""Reads: templates, and what a room still needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from liveshelf.checklists import _sql
from liveshelf.checklists.errors import ChecklistOpen
from liveshelf.checklists.types import EVERY, Item, Signed
from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import ReadTx


async def templates(tx: ReadTx) -> dict[int, list[Item]]:
    """The shop's templates by category; a category without one is left out."""
    found: dict[int, list[Item]] = defaultdict(list)
    for row in await tx.all(_sql.ITEMS):
        found[row.category].append(Item(row.item_id, row.category, row.text))
    return dict(found)


async def of_room(tx: ReadTx, room_id: RoomId, categories: Iterable[int]) -> list[Signed]:
    """What a room that sells these top categories needs signed, and what is."""
    rows = await tx.all(_sql.OF_ROOM, room=room_id, categories=sorted({EVERY, *categories}))
    return [Signed(Item(row.item_id, row.category, row.text), row.signed_by, row.signed_at) for row in rows]


async def must_be_signed(tx: ReadTx, room_id: RoomId, categories: Iterable[int]) -> None:
    """Raises `ChecklistOpen` naming how many items nobody has signed."""
    left = sum(one.signed_by is None for one in await of_room(tx, room_id, categories))
    if left:
        raise ChecklistOpen(room_id=room_id, left=left)
