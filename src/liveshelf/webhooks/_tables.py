"""Where shops' servers listen, and what they are told."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from liveshelf.platform.schema import Id, Instant, Json, metadata

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("shop_id", Id, primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
    Column("backup_url", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # encrypted: token and EncodingAESKey
    Column("token_hint", Text, nullable=False),
    Column("key_hint", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("verified_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("mode IN ('plain', 'compatible', 'safe')", name="mode"),
    CheckConstraint("form IN ('xml', 'json')", name="form"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("delivery_id", Id, nullable=False),
    Column("key", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("message", Json, nullable=False),
    Column("customer_id", Id),  # whom it tells about; erased with them
    Column("state", Text, nullable=False),
    Column("runs", Integer, nullable=False),
    Column("claimed", Integer, nullable=False),  # the last run that was begun
    Column("send_at", Instant),
    Column("busy_until", Instant),  # somebody is sending it, at the longest until then
    Column("made_at", Instant, nullable=False),
    Column("done_at", Instant),
    PrimaryKeyConstraint("shop_id", "delivery_id"),
    UniqueConstraint("shop_id", "key"),
    CheckConstraint("state IN ('waiting', 'delivered', 'given_up')", name="state"),
    Index("webhook_deliveries_made_at_idx", "made_at"),
)
Index("webhook_deliveries_send_at_idx", webhook_deliveries.c.send_at, postgresql_where=text("state = 'waiting'"))
Index(
    "webhook_deliveries_customer_id_idx",
    webhook_deliveries.c.shop_id,
    webhook_deliveries.c.customer_id,
    postgresql_where=text("customer_id IS NOT NULL"),
)

webhook_tries = Table(
    "webhook_tries",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("delivery_id", Id, nullable=False),
    Column("try_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("backup", Boolean, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("status", SmallInteger),
    Column("ms", Integer, nullable=False),
    Column("excerpt", Text, nullable=False),
    Column("by_hand", Boolean, nullable=False),
    PrimaryKeyConstraint("shop_id", "delivery_id", "try_id"),
    ForeignKeyConstraint(
        ["shop_id", "delivery_id"],
        ["webhook_deliveries.shop_id", "webhook_deliveries.delivery_id"],
        ondelete="CASCADE",
    ),
)
