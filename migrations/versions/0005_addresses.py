"""Address books, the order's own copy of its address, the buyer's papers, and products that need no parcel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.customer_id"],
            name=op.f("addresses_shop_id_customer_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "address_id", name=op.f("addresses_pkey")),
    )
    op.create_index("addresses_customer_id_idx", "addresses", ["shop_id", "customer_id"], unique=False)
    op.create_index(
        "addresses_default_key",
        "addresses",
        ["shop_id", "customer_id"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "order_addresses",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forget", sa.Boolean(), nullable=False),
        sa.CheckConstraint("why IN ('placed', 'chosen', 'changed')", name=op.f("order_addresses_why_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.order_id"],
            name=op.f("order_addresses_shop_id_order_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "order_id", "version", name=op.f("order_addresses_pkey")),
    )
    op.create_index(
        "order_addresses_forget_idx",
        "order_addresses",
        ["shop_id", "order_id"],
        unique=False,
        postgresql_where=sa.text("forget AND sealed IS NOT NULL"),
    )
    op.create_table(
        "order_papers",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("forget", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.order_id"],
            name=op.f("order_papers_shop_id_order_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "order_id", name=op.f("order_papers_pkey")),
    )
    op.create_index(
        "order_papers_forget_idx",
        "order_papers",
        ["shop_id", "order_id"],
        unique=False,
        postgresql_where=sa.text("forget AND sealed IS NOT NULL"),
    )
    # Whatever was made before goes in a parcel: there was nothing else.
    for table in ("products", "order_lines"):
        op.add_column(table, sa.Column("delivery", sa.Text(), nullable=False, server_default="shipped"))
        op.alter_column(table, "delivery", server_default=None)
        op.create_check_constraint(op.f(f"{table}_delivery_check"), table, "delivery IN ('shipped', 'virtual')")
