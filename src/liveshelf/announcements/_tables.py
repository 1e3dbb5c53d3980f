"""Announcements and who has acknowledged them. They belong to the platform, not to a shop."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from liveshelf.platform.schema import Id, Instant, append_only, metadata

announcements = Table(
    "announcements",
    metadata,
    Column("announcement_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("pack", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("body_zh", Text, nullable=False),
    Column("body_en", Text, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("must_acknowledge", Boolean, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    CheckConstraint("kind IN ('notice', 'rules')", name="kind"),
    CheckConstraint("(kind = 'rules') = (pack <> '')", name="pack"),
)
# Two who publish the next version at once: the second is the one after.
Index(
    "announcements_pack_version_key",
    announcements.c.pack,
    announcements.c.version,
    unique=True,
    postgresql_where=text("kind = 'rules'"),
)
append_only("announcements")

announcement_reads = Table(
    "announcement_reads",
    metadata,
    Column("account_id", Id, nullable=False),
    Column("announcement_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("account_id", "announcement_id"),
    ForeignKeyConstraint(["announcement_id"], ["announcements.announcement_id"]),
)
append_only("announcement_reads")
