"""What the platform and its shops have changed of the packaged lexicon."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, PrimaryKeyConstraint, Table, Text

from liveshelf.platform.schema import Id, Instant, metadata

# Both are few rows, read with every text of every shop: reference tables. The platform's own are those of shop 0.
lexicon_heads = Table(
    "lexicon_heads",
    metadata,
    Column("shop_id", Id, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),  # counts the changes
    Column("stamp", Id, nullable=False),  # of the last one, like no other: what processes remember is known by it
)

lexicon_entries = Table(
    "lexicon_entries",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("entry_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("class_id", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("added_in", Integer, nullable=False),  # the revision that began with it
    Column("withdrawn_by", Text),
    Column("withdrawn_at", Instant),
    Column("withdrawn_in", Integer),
    PrimaryKeyConstraint("shop_id", "entry_id"),
    CheckConstraint("kind IN ('word', 'allowed', 'removed')", name="kind"),
)
