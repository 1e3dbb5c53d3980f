"""Notices, one row a reader."""

from __future__ import annotations

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table, Text, UniqueConstraint, text

from liveshelf.platform.schema import Id, Instant, Json, metadata

notices = Table(
    "notices",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("reader", Text, nullable=False),  # as actors are written: "customer:7", "staff:41"
    Column("notice_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),  # "order:41": what the reader opens
    Column("facts", Json, nullable=False),
    Column("key", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),
    PrimaryKeyConstraint("shop_id", "reader", "notice_id"),
    UniqueConstraint("shop_id", "reader", "key"),
    Index("notices_created_at_idx", "created_at"),
)
# The badge is asked for every half minute by every page that is open.
Index(
    "notices_unread_idx",
    notices.c.shop_id,
    notices.c.reader,
    notices.c.notice_id,
    postgresql_where=text("read_at IS NULL"),
)
