"""Batches, their rows, and the files that were made."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from liveshelf.platform.schema import Id, Instant, Json, metadata

batches = Table(
    "batches",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("batch_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("options", Json, nullable=False),  # what goes with the file: a reason, a filter; no personal data
    Column("rows", Integer, nullable=False),  # of an export: how many were written so far
    Column("made_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("wake_at", Instant),  # when its work is asked for again, should a worker have died on it; wall time
    Column("forget_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "batch_id"),
    CheckConstraint("state IN ('rehearsing', 'rehearsed', 'working', 'finished', 'stopped')", name="state"),
    CheckConstraint("rows >= 0", name="rows"),
)
Index("batches_wake_idx", batches.c.wake_at, postgresql_where=text("wake_at IS NOT NULL"))
Index("batches_forget_idx", batches.c.forget_at)

batch_rows = Table(
    "batch_rows",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("batch_id", BigInteger, nullable=False),
    Column("row_no", Integer, nullable=False),  # as the spreadsheet counts
    Column("cells", LargeBinary, nullable=False),  # sealed: a file may hold names, numbers and codes
    Column("state", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "batch_id", "row_no"),
    ForeignKeyConstraint(["shop_id", "batch_id"], ["batches.shop_id", "batches.batch_id"], ondelete="CASCADE"),
    CheckConstraint("state IN ('waiting', 'done', 'unchanged', 'failed')", name="state"),
    Index("batch_rows_state_idx", "shop_id", "batch_id", "state", "row_no"),
)

batch_files = Table(
    "batch_files",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("batch_id", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),  # sealed
    PrimaryKeyConstraint("shop_id", "batch_id"),
    ForeignKeyConstraint(["shop_id", "batch_id"], ["batches.shop_id", "batches.batch_id"], ondelete="CASCADE"),
)
