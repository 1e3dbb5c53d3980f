"""Counters, holds and moves."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

from liveshelf.platform.schema import Id, Instant, append_only, metadata

stock = Table(
    "stock",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("pool", Text, nullable=False),
    Column("on_hand", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("sold", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("shop_id", "sku_id", "pool"),
    ForeignKeyConstraint(["shop_id", "sku_id"], ["skus.shop_id", "skus.sku_id"]),
    CheckConstraint("on_hand >= 0", name="on_hand"),
    CheckConstraint("held >= 0 AND held <= on_hand", name="held"),
    CheckConstraint("sold >= 0", name="sold"),
    CheckConstraint("pool IN ('general', 'activity', 'store', 'presale')", name="pool"),
)

stock_holds = Table(
    "stock_holds",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("pool", Text, nullable=False),
    Column("attempt", SmallInteger, nullable=False),  # 1, or more when a late payment took the same stock again
    Column("quantity", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("returned", Integer, nullable=False),  # of what was committed: pieces that came back
    PrimaryKeyConstraint("shop_id", "order_id", "sku_id", "pool", "attempt"),
    ForeignKeyConstraint(["shop_id", "sku_id", "pool"], ["stock.shop_id", "stock.sku_id", "stock.pool"]),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("state IN ('held', 'committed', 'released', 'expired')", name="state"),
    CheckConstraint("(state = 'held') = (resolved_at IS NULL)", name="resolved"),
    CheckConstraint("returned >= 0 AND returned <= quantity", name="returned"),
    CheckConstraint("returned = 0 OR state = 'committed'", name="returned_committed"),
    Index("stock_holds_sku_id_idx", "shop_id", "sku_id"),
)

stock_moves = Table(
    "stock_moves",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("move_id", Id, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("pool", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("on_hand_change", Integer, nullable=False),
    Column("held_change", Integer, nullable=False),
    Column("on_hand_after", Integer, nullable=False),
    Column("held_after", Integer, nullable=False),
    Column("order_id", BigInteger),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "move_id"),
    Index("stock_moves_sku_id_idx", "shop_id", "sku_id", "move_id"),
)
append_only("stock_moves")
