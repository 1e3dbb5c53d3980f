"""Pictures of rooms."""

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
    text,
)

from liveshelf.platform.schema import Id, Instant, metadata

# A room has a row once somebody made a new key, set a delay or sent a picture; without one the defaults hold. Segments
# are files: their list is one too.
video_streams = Table(
    "video_streams",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("generation", Integer, nullable=False),  # of the push key
    Column("delay_s", SmallInteger, nullable=False),
    Column("run", Integer, nullable=False),
    Column("ingest", Text),  # the process that has the sender
    Column("began_at", Instant),  # the present run
    Column("due_at", Instant),  # wall time: unless the picture is seen before, it counts as lost
    Column("kbps", Integer, nullable=False),
    Column("frames_per_10_s", Integer, nullable=False),
    Column("keyframe_every_ms", Integer, nullable=False),
    Column("recorded_ms", BigInteger, nullable=False),
    Column("recorded_bytes", BigInteger, nullable=False),
    Column("halted_at", Instant),
    Column("removed_at", Instant),
    PrimaryKeyConstraint("shop_id", "room_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
    CheckConstraint("delay_s BETWEEN 0 AND 30", name="delay_s"),
)
# What the clock looks at: pictures that are there or were there a moment ago.
Index(
    "video_streams_due_at_idx",
    video_streams.c.due_at,
    postgresql_where=text("due_at IS NOT NULL"),
)
