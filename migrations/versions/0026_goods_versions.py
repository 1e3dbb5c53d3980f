"""Changes of approved goods that wait for their review."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "goods_versions",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("goods_id", sa.BigInteger(), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("card", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("product", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("card IS NOT NULL OR product IS NOT NULL", name=op.f("goods_versions_something_check")),
        sa.CheckConstraint("state IN ('waiting', 'rejected')", name=op.f("goods_versions_state_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "goods_id"],
            ["live_goods.shop_id", "live_goods.goods_id"],
            name=op.f("goods_versions_shop_id_goods_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "goods_id", name=op.f("goods_versions_pkey")),
    )
