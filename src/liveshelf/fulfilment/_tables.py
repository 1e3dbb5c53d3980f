"""Parcels and what is in them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from liveshelf.platform.schema import Id, Instant, append_only, metadata

parcels = Table(
    "parcels",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("parcel_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("tracking_no", Text, nullable=False),
    Column("label_void", Boolean, nullable=False),  # printed for an address that was changed since
    Column("packed_at", Instant, nullable=False),
    Column("sent_at", Instant),
    PrimaryKeyConstraint("shop_id", "parcel_id"),
    CheckConstraint("state IN ('packed', 'sent', 'undone')", name="state"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
    CheckConstraint("NOT (state = 'sent' AND label_void)", name="label"),
    Index("parcels_order_id_idx", "shop_id", "order_id"),
    Index("parcels_tracking_no_idx", "shop_id", "tracking_no"),
)

parcel_lines = Table(
    "parcel_lines",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("parcel_id", BigInteger, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("quantity", Integer, nullable=False),
    PrimaryKeyConstraint("shop_id", "parcel_id", "sku_id"),
    ForeignKeyConstraint(["shop_id", "parcel_id"], ["parcels.shop_id", "parcels.parcel_id"]),
    CheckConstraint("quantity > 0", name="quantity"),
)
append_only("parcel_lines")

# Pieces that will not be sent: their money went back before they left.
withdrawn_pieces = Table(
    "withdrawn_pieces",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("entry_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "entry_id"),
    CheckConstraint("quantity > 0", name="quantity"),
    Index("withdrawn_pieces_order_id_idx", "shop_id", "order_id"),
)
append_only("withdrawn_pieces")

redeem_codes = Table(
    "redeem_codes",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("code_id", BigInteger, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("cipher", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),  # keyed: the same code twice is one code
    Column("added_at", Instant, nullable=False),
    Column("order_id", BigInteger),  # whose it is
    Column("given_at", Instant),
    PrimaryKeyConstraint("shop_id", "code_id"),
    UniqueConstraint("shop_id", "sku_id", "hash"),
    ForeignKeyConstraint(["shop_id", "sku_id"], ["skus.shop_id", "skus.sku_id"]),
    CheckConstraint("(order_id IS NULL) = (given_at IS NULL)", name="given"),
)
Index(
    "redeem_codes_free_idx",
    redeem_codes.c.shop_id,
    redeem_codes.c.sku_id,
    redeem_codes.c.code_id,
    postgresql_where=text("order_id IS NULL"),
)
Index(
    "redeem_codes_order_id_idx",
    redeem_codes.c.shop_id,
    redeem_codes.c.order_id,
    postgresql_where=text("order_id IS NOT NULL"),
)
