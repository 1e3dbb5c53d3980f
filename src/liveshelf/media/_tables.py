"""Media rows; the bytes are in the storage adapter under `sha256`."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from liveshelf.platform.schema import Id, Instant, metadata

media = Table(
    "media",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("media_id", Text, nullable=False),  # carries the shop in its value
    Column("kind", Text, nullable=False),  # image | thumb
    Column("content_type", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("fingerprint", BigInteger, nullable=False),  # perceptual hash, read as unsigned
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),  # null = permanent
    PrimaryKeyConstraint("shop_id", "media_id"),
    CheckConstraint("kind IN ('image', 'thumb')", name="kind"),
    Index("media_expires_at_idx", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    Index("media_sha256_idx", "sha256", "shop_id"),  # the storage keeps equal bytes of all shops once
)
