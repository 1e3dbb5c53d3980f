"""Redeem codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "redeem_codes",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("code_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(order_id IS NULL) = (given_at IS NULL)", name=op.f("redeem_codes_given_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "sku_id"], ["skus.shop_id", "skus.sku_id"], name=op.f("redeem_codes_shop_id_sku_id_fkey")
        ),
        sa.PrimaryKeyConstraint("shop_id", "code_id", name=op.f("redeem_codes_pkey")),
        sa.UniqueConstraint("shop_id", "sku_id", "hash", name=op.f("redeem_codes_shop_id_sku_id_hash_key")),
    )
    op.create_index(
        "redeem_codes_free_idx",
        "redeem_codes",
        ["shop_id", "sku_id", "code_id"],
        unique=False,
        postgresql_where=sa.text("order_id IS NULL"),
    )
    op.create_index(
        "redeem_codes_order_id_idx",
        "redeem_codes",
        ["shop_id", "order_id"],
        unique=False,
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
