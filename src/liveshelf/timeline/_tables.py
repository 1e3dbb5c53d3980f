"""Timelines, their links and the signatures over them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from liveshelf.platform.schema import Id, Instant, Json, append_only, metadata

# One row for a room that went on air. `marks`: how far its sources were read.
timelines = Table(
    "timelines",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("links", BigInteger, nullable=False),  # the number of the last one
    Column("marks", Json, nullable=False),
    Column("closed_at", Instant),
    PrimaryKeyConstraint("shop_id", "room_id"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"]),
)
Index("timelines_open_idx", timelines.c.shop_id, timelines.c.room_id, postgresql_where=text("closed_at IS NULL"))

timeline_links = Table(
    "timeline_links",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", BigInteger),
    Column("at", Instant, nullable=False),
    Column("body", Json),  # null where only the commitment is kept
    Column("commitment", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),  # of the hash before and this link
    PrimaryKeyConstraint("shop_id", "room_id", "number"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["timelines.shop_id", "timelines.room_id"]),
    CheckConstraint("number > 0", name="number"),
)
# Sources are read with an overlap, since what began first may be committed second: each thing is written once.
Index(
    "timeline_links_subject_key",
    timeline_links.c.shop_id,
    timeline_links.c.room_id,
    timeline_links.c.kind,
    timeline_links.c.subject,
    unique=True,
    postgresql_where=text("subject IS NOT NULL"),
)
append_only("timeline_links", "body")  # only ever emptied: with the record of what a broadcast sold

timeline_seals = Table(
    "timeline_seals",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("room_id", Id, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "room_id", "last"),
    ForeignKeyConstraint(["shop_id", "room_id"], ["timelines.shop_id", "timelines.room_id"]),
)
append_only("timeline_seals")
