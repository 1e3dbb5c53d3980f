"""Claims by comment: rounds, and what was claimed in them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from liveshelf.platform.schema import Id, Instant, metadata

# A goods that may be claimed by comment, from when to when; `seq` is the number of its last claim.
room_claim_rounds = Table(
    "room_claim_rounds",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("round_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("goods_id", Id, nullable=False),
    Column("keyword", Text, nullable=False),
    Column("buyer_max", SmallInteger, nullable=False),
    Column("hold_s", SmallInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    PrimaryKeyConstraint("shop_id", "round_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
    CheckConstraint("buyer_max BETWEEN 1 AND 99 AND hold_s BETWEEN 60 AND 1800", name="bounds"),
    Index("room_claim_rounds_room_id_idx", "shop_id", "room_id", "round_id"),
)
Index(
    "room_claim_rounds_open_idx",
    room_claim_rounds.c.shop_id,
    room_claim_rounds.c.room_id,
    room_claim_rounds.c.goods_id,
    unique=True,
    postgresql_where=text("closed_at IS NULL"),
)

# What was claimed, numbered in its round. Whether what was won is paid or lost again is its order's to say.
room_claims = Table(
    "room_claims",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("round_id", Id, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("comment_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("sku_id", Id, nullable=False),
    Column("quantity", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("order_id", Id),
    Column("code", Text),  # why its turn brought nothing
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "round_id", "number"),
    ForeignKeyConstraint(["shop_id", "round_id"], ["room_claim_rounds.shop_id", "room_claim_rounds.round_id"]),
    CheckConstraint("state IN ('waiting', 'won', 'refused')", name="state"),
    CheckConstraint("(state = 'won') = (order_id IS NOT NULL)", name="order"),
    CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity"),
    Index("room_claims_comment_id_idx", "shop_id", "comment_id", unique=True),
    Index("room_claims_customer_id_idx", "shop_id", "customer_id", "at"),
)
Index(
    "room_claims_order_id_idx",
    room_claims.c.shop_id,
    room_claims.c.order_id,
    postgresql_where=text("order_id IS NOT NULL"),
)
Index(
    "room_claims_waiting_idx",
    room_claims.c.shop_id,
    room_claims.c.round_id,
    room_claims.c.number,
    postgresql_where=text("state = 'waiting'"),
)
