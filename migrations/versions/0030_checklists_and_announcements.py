"""Checklists before a broadcast, and the notice centre with its rule packs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "checklist_items",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "item_id", name=op.f("checklist_items_pkey")),
    )
    op.create_index(
        "checklist_items_category_idx", "checklist_items", ["shop_id", "category", "position"], unique=False
    )
    op.create_table(
        "checklist_signatures",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("signed_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "room_id", "item_id", name=op.f("checklist_signatures_pkey")),
    )
    op.create_table(
        "announcements",
        sa.Column("announcement_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("body_zh", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("must_acknowledge", sa.Boolean(), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("published_at", _INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('notice', 'rules')", name=op.f("announcements_kind_check")),
        sa.CheckConstraint("(kind = 'rules') = (pack <> '')", name=op.f("announcements_pack_check")),
        sa.PrimaryKeyConstraint("announcement_id", name=op.f("announcements_pkey")),
    )
    op.create_index(
        "announcements_pack_version_key",
        "announcements",
        ["pack", "version"],
        unique=True,
        postgresql_where=sa.text("kind = 'rules'"),
    )
    op.create_table(
        "announcement_reads",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("announcement_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.announcement_id"],
            name=op.f("announcement_reads_announcement_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("account_id", "announcement_id", name=op.f("announcement_reads_pkey")),
    )
