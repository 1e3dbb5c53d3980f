"""Notices, limits that were missed or told of ahead, and what the workers did last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "clock_breaches",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("breach_id", sa.BigInteger(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "breach_id", name=op.f("clock_breaches_pkey")),
        sa.UniqueConstraint(
            "shop_id", "clock", "subject", "due_at", name=op.f("clock_breaches_shop_id_clock_subject_due_at_key")
        ),
    )
    op.create_table(
        "clock_warnings",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "clock", "subject", "due_at", name=op.f("clock_warnings_pkey")),
    )
    op.create_index("clock_warnings_at_idx", "clock_warnings", ["at"], unique=False)
    op.create_table(
        "clock_rounds",
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_shop_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("clock", name=op.f("clock_rounds_pkey")),
    )
    op.create_table(
        "notices",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "reader", "notice_id", name=op.f("notices_pkey")),
        sa.UniqueConstraint("shop_id", "reader", "key", name=op.f("notices_shop_id_reader_key_key")),
    )
    op.create_index("notices_created_at_idx", "notices", ["created_at"], unique=False)
    op.create_index(
        "notices_unread_idx",
        "notices",
        ["shop_id", "reader", "notice_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
