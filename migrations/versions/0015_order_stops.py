"""Pieces of an order that somebody has asked their money back for: packing leaves them out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "order_stops",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("claim", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("order_stops_quantity_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.order_id"],
            name=op.f("order_stops_shop_id_order_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "order_id", "claim", "sku_id", name=op.f("order_stops_pkey")),
    )
