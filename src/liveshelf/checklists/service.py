"""Commands: write a template, sign for a room."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from liveshelf.checklists import _sql, queries
from liveshelf.checklists.errors import ChecklistInvalid, ItemUnknown
from liveshelf.kernel.ids import RoomId, new_number
from liveshelf.kernel.text import is_plain
from liveshelf.platform.db import Tx
from liveshelf.trail.service import record

ITEMS_MAX = 30
TEXT_MAX = 100


async def set_template(tx: Tx, category: int, texts: Sequence[str]) -> None:
    """Let a category's broadcasts need these items, in this order. An item whose words stay keeps its signatures.

    Raises `ChecklistInvalid`.
    """
    wanted = [text.strip() for text in texts]
    fits = all(1 <= len(text) <= TEXT_MAX and is_plain(text) for text in wanted)
    if not fits or len(wanted) > ITEMS_MAX or len(set(wanted)) < len(wanted):
        raise ChecklistInvalid(field="items")
    present = {one.text: one.item_id for one in (await queries.templates(tx)).get(category, [])}
    await tx.execute(_sql.DELETE_TEMPLATE, which=category)
    rows = [
        {
            "shop_id": tx.shop,
            "item_id": present.get(text) or new_number(),
            "category": category,
            "position": at,
            "text": text,
        }
        for at, text in enumerate(wanted)
    ]
    if rows:
        await tx.execute(_sql.INSERT_ITEMS.values(rows))
    record(tx, "checklists.set", f"checklist:{category}", items=wanted)


async def sign(tx: Tx, room_id: RoomId, item_ids: Collection[int], *, categories: Collection[int]) -> None:
    """Say that these items were checked for a room that sells these categories. A second signature changes nothing.

    Raises `ItemUnknown` when one is not on the room's checklist; then nothing is signed.
    """
    known = {one.item.item_id: one.item for one in await queries.of_room(tx, room_id, categories)}
    if not set(item_ids) <= set(known):
        raise ItemUnknown(field="item_ids")
    for item_id in sorted(set(item_ids)):
        await tx.execute(
            _sql.SIGN.values(
                shop_id=tx.shop,
                room_id=room_id,
                item_id=item_id,
                text=known[item_id].text,
                signed_by=str(tx.actor),
                signed_at=tx.now,
            )
        )
    record(tx, "checklists.sign", f"room:{room_id}", items=[known[one].text for one in sorted(set(item_ids))])
