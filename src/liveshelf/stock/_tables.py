"""Counters, holds and moves."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from liveshelf.platform.schema import Id, Instant, Json, append_only, metadata

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
    Column("own_safety", Integer),  # the SKU's own, or absent: the shop's
    Column("own_low_at", Integer),
    Column("safety", Integer, nullable=False),  # the one in force, so that the hot path asks nobody else
    Column("low_at", Integer, nullable=False),
    Column("low_since", Instant),  # when staff were told; until more arrives they are not told again
    Column("limited", Boolean, nullable=False),  # a purchase limit names this SKU
    Column("short", Integer, nullable=False),  # promised pieces that are gone, until their orders are closed
    Column("short_since", Instant),
    Column("short_try_at", Instant),
    PrimaryKeyConstraint("shop_id", "sku_id", "pool"),
    ForeignKeyConstraint(["shop_id", "sku_id"], ["skus.shop_id", "skus.sku_id"]),
    CheckConstraint("on_hand >= 0 OR short > 0", name="on_hand"),
    # Nothing is promised twice: only what an outside count took away may be missing, and then it says so.
    CheckConstraint("held >= 0 AND held <= on_hand + short", name="held"),
    CheckConstraint("short >= 0 AND (short = 0 OR on_hand + short = held)", name="short"),
    CheckConstraint(
        "(short > 0) = (short_since IS NOT NULL) AND (short > 0) = (short_try_at IS NOT NULL)", name="short_since"
    ),
    CheckConstraint("safety >= 0 AND low_at >= 0", name="bounds"),
    CheckConstraint("sold >= 0", name="sold"),
    CheckConstraint("pool IN ('general', 'activity', 'store', 'presale')", name="pool"),
)
Index("stock_short_idx", stock.c.short_try_at, postgresql_where=text("short > 0"))

# What holds for every SKU of the shop that has nothing of its own. Absent until somebody sets it.
stock_settings = Table(
    "stock_settings",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("safety", Integer, nullable=False),
    Column("low_at", Integer, nullable=False),
    PrimaryKeyConstraint("shop_id"),
    CheckConstraint("safety >= 0 AND low_at >= 0", name="bounds"),
)

# 限购: how many of a SKU, or of all SKUs of a product, one buyer may have.
stock_limits = Table(
    "stock_limits",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("limit_id", Id, nullable=False),
    Column("product_id", Id),
    Column("sku_id", Id),
    Column("most", Integer, nullable=False),
    PrimaryKeyConstraint("shop_id", "limit_id"),
    UniqueConstraint("shop_id", "product_id"),
    UniqueConstraint("shop_id", "sku_id"),
    CheckConstraint("(product_id IS NULL) <> (sku_id IS NULL)", name="subject"),
    CheckConstraint("most >= 1", name="most"),
)
stock_limit_skus = Table(
    "stock_limit_skus",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("limit_id", Id, nullable=False),
    PrimaryKeyConstraint("shop_id", "sku_id", "limit_id"),
    ForeignKeyConstraint(
        ["shop_id", "limit_id"], ["stock_limits.shop_id", "stock_limits.limit_id"], ondelete="CASCADE"
    ),
    Index("stock_limit_skus_limit_id_idx", "shop_id", "limit_id"),
)

# Orders that lost what they were promised, by name. One row an order and SKU, written when its order is closed.
stock_oversold = Table(
    "stock_oversold",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("pool", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("refund_fen", BigInteger, nullable=False),  # 0 when nobody had paid
    Column("detected_at", Instant, nullable=False),
    Column("closed_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "order_id", "sku_id", "pool"),
    CheckConstraint("cause IN ('cut', 'late_payment')", name="cause"),
    CheckConstraint("quantity > 0 AND refund_fen >= 0", name="amounts"),
)
append_only("stock_oversold")

# What other systems said, also what was not followed. The reference is the other system's own name for it.
stock_changes = Table(
    "stock_changes",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("change_id", Id, nullable=False),
    Column("source", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("pool", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("ordered_by", Text, nullable=False),
    Column("position", BigInteger, nullable=False),  # the source's own sequence, or its time in microseconds
    Column("outcome", Text, nullable=False),
    Column("code", Text),  # why it was refused
    Column("on_hand_after", Integer),
    Column("short_after", Integer),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "change_id"),
    UniqueConstraint("shop_id", "source", "reference"),
    CheckConstraint("kind IN ('set', 'adjust')", name="kind"),
    CheckConstraint("ordered_by IN ('sequence', 'time')", name="ordered_by"),
    CheckConstraint("outcome IN ('applied', 'outdated', 'refused')", name="outcome"),
)
append_only("stock_changes")
# The newest count of a source that was followed: what is older says nothing any more.
Index(
    "stock_changes_newest_idx",
    stock_changes.c.shop_id,
    stock_changes.c.source,
    stock_changes.c.sku_id,
    stock_changes.c.pool,
    stock_changes.c.position,
    postgresql_where=text("kind = 'set' AND outcome = 'applied'"),
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
    # No key leads to the counters: a hold is written with them, under their lock, and in a rush every hold would lock
    # the same row once more. The auditor finds a hold without counters.
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

# The auditor's place in a shop: how far moves were summed up, and when it comes again.
stock_books = Table(
    "stock_books",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("through_move", BigInteger, nullable=False),
    Column("due_at", Instant, nullable=False),  # wall time, as all upkeep
    Column("full_due_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id"),
    Index("stock_books_due_idx", "due_at"),
)
# The sums of all moves up to there: what an audit need not read again.
stock_audited = Table(
    "stock_audited",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("pool", Text, nullable=False),
    Column("on_hand", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("sold", BigInteger, nullable=False),
    PrimaryKeyConstraint("shop_id", "sku_id", "pool"),
)
stock_audits = Table(
    "stock_audits",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("audit_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("skus", Integer, nullable=False),
    Column("moves", BigInteger, nullable=False),  # summed up by it; a full one reads all
    Column("differences", Json, nullable=False),
    PrimaryKeyConstraint("shop_id", "audit_id"),
    CheckConstraint("kind IN ('recent', 'full')", name="kind"),
)

stocktakes = Table(
    "stocktakes",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("stocktake_id", Id, nullable=False),
    Column("title", Text, nullable=False),
    Column("pool", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Text),
    Column("reason", Text),
    PrimaryKeyConstraint("shop_id", "stocktake_id"),
    CheckConstraint("state IN ('open', 'closed', 'cancelled')", name="state"),
    CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
    CheckConstraint("pool IN ('general', 'activity', 'store', 'presale')", name="pool"),
)
# Two counts of the same shelf at the same time would each undo the other's difference.
Index(
    "stocktakes_open_key",
    stocktakes.c.shop_id,
    stocktakes.c.pool,
    unique=True,
    postgresql_where=text("state = 'open'"),
)

stocktake_lines = Table(
    "stocktake_lines",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("stocktake_id", Id, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("on_hand", Integer),  # when it was counted
    Column("counted", Integer),
    Column("counted_at", Instant),
    Column("counted_by", Text),
    PrimaryKeyConstraint("shop_id", "stocktake_id", "sku_id"),
    ForeignKeyConstraint(
        ["shop_id", "stocktake_id"], ["stocktakes.shop_id", "stocktakes.stocktake_id"], ondelete="CASCADE"
    ),
    CheckConstraint("(counted IS NULL) = (counted_at IS NULL)", name="counted"),
    CheckConstraint("counted >= 0", name="count"),
)
