"""Pieces of an order that will not be sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "withdrawn_pieces",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("withdrawn_pieces_quantity_check")),
        sa.PrimaryKeyConstraint("shop_id", "entry_id", name=op.f("withdrawn_pieces_pkey")),
    )
    op.create_index("withdrawn_pieces_order_id_idx", "withdrawn_pieces", ["shop_id", "order_id"], unique=False)
