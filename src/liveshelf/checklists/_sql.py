"""Statements of the checklists capability."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.checklists._tables import checklist_items, checklist_signatures

_of_shop = checklist_items.c.shop_id == bindparam("shop")
ITEMS = (
    select(checklist_items)
    .where(_of_shop)
    .order_by(checklist_items.c.category, checklist_items.c.position, checklist_items.c.item_id)
)
DELETE_TEMPLATE = delete(checklist_items).where(_of_shop, checklist_items.c.category == bindparam("which"))
INSERT_ITEMS = insert(checklist_items)
# What a room needs, with its signature where there is one.
OF_ROOM = (
    select(
        checklist_items.c.item_id,
        checklist_items.c.category,
        checklist_items.c.text,
        checklist_signatures.c.signed_by,
        checklist_signatures.c.signed_at,
    )
    .outerjoin(
        checklist_signatures,
        and_(
            checklist_signatures.c.shop_id == checklist_items.c.shop_id,
            checklist_signatures.c.item_id == checklist_items.c.item_id,
            checklist_signatures.c.room_id == bindparam("room"),
        ),
    )
    .where(_of_shop, checklist_items.c.category.in_(bindparam("categories", expanding=True)))
    .order_by(checklist_items.c.category, checklist_items.c.position, checklist_items.c.item_id)
)
# The first signature counts.
SIGN = pg_insert(checklist_signatures).on_conflict_do_nothing()
