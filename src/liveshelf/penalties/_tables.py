"""Penalties, and the goods that a ban has taken off sale."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from liveshelf.platform.schema import Id, Instant, metadata

penalties = Table(
    "penalties",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("penalty_id", BigInteger, nullable=False),
    Column("level", Text, nullable=False),
    Column("raised_from", Text),
    Column("rule", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("quote", Text, nullable=False),
    Column("room_id", Id),
    Column("video_s", Integer),  # seconds into the room's broadcast
    Column("happened_at", Instant, nullable=False),
    Column("imposed_by", Text, nullable=False),
    Column("imposed_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("ended_at", Instant),
    Column("acknowledged_by", Text),
    Column("acknowledged_at", Instant),
    Column("appeal_state", Text, nullable=False),
    Column("appeal", Text),
    Column("appealed_at", Instant),
    Column("appeal_audit_id", BigInteger),
    Column("reversed_by", Text),
    Column("reversed_at", Instant),
    Column("reversal_reason", Text),
    PrimaryKeyConstraint("shop_id", "penalty_id"),
    CheckConstraint("level IN ('minor', 'general', 'severe')", name="level"),
    CheckConstraint("state IN ('in_force', 'ended', 'reversed')", name="state"),
    CheckConstraint("appeal_state IN ('none', 'open', 'upheld', 'granted')", name="appeal_state"),
    CheckConstraint("(level = 'general') = (ends_at IS NOT NULL)", name="ends"),
)
Index(
    "penalties_ends_idx",
    penalties.c.ends_at,
    postgresql_where=text("state = 'in_force' AND ends_at IS NOT NULL"),
)
# The platform's list over all shops, the latest first.
Index("penalties_penalty_id_idx", penalties.c.penalty_id)

# So that a reversal puts back on sale what the ban took off, and nothing else.
penalty_goods = Table(
    "penalty_goods",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("goods_id", Id, nullable=False),
    Column("audit_id", BigInteger, nullable=False),
    Column("taken_off_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "goods_id"),
    ForeignKeyConstraint(["shop_id", "goods_id"], ["live_goods.shop_id", "live_goods.goods_id"]),
)
