"""Products, SKUs, the live goods library and its history."""

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
    text,
)

from liveshelf.platform.schema import Id, Instant, Json, append_only, metadata

products = Table(
    "products",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("product_id", Id, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("pictures", Json, nullable=False),  # permanent media ids in order, at most 15
    Column("tags", Json, nullable=False),
    Column("delivery", Text, nullable=False),
    Column("category", Integer),  # a sub-category; empty counts as ordinary
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    PrimaryKeyConstraint("shop_id", "product_id"),
    CheckConstraint("delivery IN ('shipped', 'virtual')", name="delivery"),
)

skus = Table(
    "skus",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("product_id", Id, nullable=False),
    Column("specs", Json, nullable=False),  # [{"name": "颜色", "value": "红"}], empty for a product without choices
    Column("price_fen", BigInteger, nullable=False),
    Column("list_price_fen", BigInteger),
    Column("position", Integer, nullable=False),
    Column("deleted_at", Instant),
    PrimaryKeyConstraint("shop_id", "sku_id"),
    ForeignKeyConstraint(["shop_id", "product_id"], ["products.shop_id", "products.product_id"]),
    CheckConstraint("price_fen > 0", name="price"),
    CheckConstraint("list_price_fen >= price_fen", name="list_price"),
    Index("skus_product_id_idx", "shop_id", "product_id"),
)

live_goods = Table(
    "live_goods",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("goods_id", Id, nullable=False),
    Column("product_id", Id, nullable=False),
    Column("origin", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("cover_media_id", Text, nullable=False),  # our permanent copy
    Column("price_type", SmallInteger, nullable=False),
    Column("price_fen", BigInteger, nullable=False),
    Column("price2_fen", BigInteger),
    Column("url", Text, nullable=False),
    Column("third_party_appid", Text, nullable=False),
    Column("goods_key", Json),
    Column("audit_state", Text, nullable=False),
    Column("audit_id", BigInteger),  # the latest submission
    Column("state_entered_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    Column("valid_until", Instant),  # how long the goods may be sold; empty: without an end
    Column("expired_at", Instant),  # when it was taken off sale because that was over
    Column("is_ad", Boolean, nullable=False),
    PrimaryKeyConstraint("shop_id", "goods_id"),
    ForeignKeyConstraint(["shop_id", "product_id"], ["products.shop_id", "products.product_id"]),
    CheckConstraint("origin IN ('api', 'console')", name="origin"),
    CheckConstraint("price_type IN (1, 2, 3)", name="price_type"),
    CheckConstraint(
        "price_fen > 0 AND COALESCE(price2_fen, 1) > 0 AND (price_type = 1) = (price2_fen IS NULL)", name="prices"
    ),
    CheckConstraint("audit_state IN ('unaudited', 'in_audit', 'approved', 'rejected')", name="audit_state"),
)
# The order in which the wire lists goods: by the time of entering the state, so inserts append and no page repeats an
# item.
Index(
    "live_goods_state_idx",
    live_goods.c.shop_id,
    live_goods.c.audit_state,
    live_goods.c.state_entered_at,
    live_goods.c.goods_id,
    postgresql_where=text("deleted_at IS NULL"),
)
Index("live_goods_product_id_idx", live_goods.c.shop_id, live_goods.c.product_id)
# What the clock looks at: goods that are still to be taken off sale.
Index(
    "live_goods_valid_until_idx",
    live_goods.c.valid_until,
    postgresql_where=text("valid_until IS NOT NULL AND expired_at IS NULL AND deleted_at IS NULL"),
)

# One row a shop: the version that caches are keyed by, and exact totals without counting a million rows. `…_left` is
# the version at which a goods last left the state: until then places in its listing only ever grew at the end, so a
# place remembered since (`hot`) still holds.
libraries = Table(
    "libraries",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column(
        "entered_at", Instant, nullable=False
    ),  # the latest `state_entered_at` given: each one is later than all before
    Column("unaudited", Integer, nullable=False),
    Column("in_audit", Integer, nullable=False),
    Column("approved", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("unaudited_left", BigInteger, nullable=False),
    Column("in_audit_left", BigInteger, nullable=False),
    Column("approved_left", BigInteger, nullable=False),
    Column("rejected_left", BigInteger, nullable=False),
    PrimaryKeyConstraint("shop_id"),
    CheckConstraint("unaudited >= 0 AND in_audit >= 0 AND approved >= 0 AND rejected >= 0", name="counts"),
)

live_goods_history = Table(
    "live_goods_history",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("entry_id", Id, nullable=False),
    Column("goods_id", Id, nullable=False),
    Column("was", Text),
    Column("became", Text, nullable=False),  # an audit state, or "deleted"
    Column("audit_id", BigInteger),
    Column("actor", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "entry_id"),
    Index("live_goods_history_goods_id_idx", "shop_id", "goods_id", "entry_id"),
)
append_only("live_goods_history")

# A change of something other than prices that waits for its review: what buyers see stays until it passes. One a goods.
goods_versions = Table(
    "goods_versions",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("goods_id", Id, nullable=False),
    Column("audit_id", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("card", Json),  # name, cover, link and keys, where the card changes
    Column("product", Json),  # the whole product, where it changes
    Column("submitted_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "goods_id"),
    ForeignKeyConstraint(["shop_id", "goods_id"], ["live_goods.shop_id", "live_goods.goods_id"]),
    CheckConstraint("card IS NOT NULL OR product IS NOT NULL", name="something"),
    CheckConstraint("state IN ('waiting', 'rejected')", name="state"),
)
