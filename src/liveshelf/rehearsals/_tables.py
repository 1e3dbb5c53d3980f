"""Rehearsals, with what they found."""

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

from liveshelf.platform.schema import Id, Instant, Json, metadata

rehearsals = Table(
    "rehearsals",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("rehearsal_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("state", Text, nullable=False),
    Column("step", Text),
    Column("viewers", Integer, nullable=False),
    Column("uplink_kbps", BigInteger),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("began_at", Instant),
    Column("ended_at", Instant),
    Column("due_at", Instant),  # wall time: when one that still waits or plays counts as broken off
    Column("failure", Text),
    Column("report", Json),
    PrimaryKeyConstraint("shop_id", "rehearsal_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
    CheckConstraint("state IN ('waiting', 'playing', 'done', 'failed')", name="state"),
    CheckConstraint("(state = 'done') = (report IS NOT NULL)", name="report"),
    CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failure"),
    CheckConstraint("(state IN ('waiting', 'playing')) = (due_at IS NOT NULL)", name="due"),
    CheckConstraint("viewers > 0 AND uplink_kbps > 0", name="wish"),
    Index("rehearsals_room_id_idx", "shop_id", "room_id", "rehearsal_id"),
)
# One of a shop at a time, whoever asks at the same moment.
Index(
    "rehearsals_open_key",
    rehearsals.c.shop_id,
    unique=True,
    postgresql_where=text("state IN ('waiting', 'playing')"),
)
Index("rehearsals_due_at_idx", rehearsals.c.due_at, postgresql_where=text("due_at IS NOT NULL"))
