"""Templates and signatures."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from liveshelf.platform.schema import Id, Instant, metadata

checklist_items = Table(
    "checklist_items",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("item_id", BigInteger, nullable=False),
    Column("category", Integer, nullable=False),  # a top category; 0 for every broadcast
    Column("position", Integer, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "item_id"),
    Index("checklist_items_category_idx", "shop_id", "category", "position"),
)

# No foreign key to the item: what was signed stays on record when a template changes.
checklist_signatures = Table(
    "checklist_signatures",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("item_id", BigInteger, nullable=False),
    Column("text", Text, nullable=False),  # as it was signed
    Column("signed_by", Text, nullable=False),
    Column("signed_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "room_id", "item_id"),
)
