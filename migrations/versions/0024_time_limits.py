"""Time limits that a shop sets itself; orders and cases keep those that they began with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_PROMISED = "receive_days BETWEEN 7 AND 30 AND ship_hours BETWEEN 12 AND 168 AND answer_hours BETWEEN 2 AND 6"


def upgrade() -> None:
    op.create_table(
        "shop_time_limits",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("receive_days", sa.SmallInteger(), nullable=False),
        sa.Column("ship_hours", sa.SmallInteger(), nullable=False),
        sa.Column("answer_hours", sa.SmallInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_PROMISED, name=op.f("shop_time_limits_bounds_check")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("shop_time_limits_pkey")),
    )
    op.add_column("orders", sa.Column("ship_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("orders", sa.Column("receive_days", sa.SmallInteger(), nullable=True))
    # What all shops promised until now.
    op.execute(
        "UPDATE orders SET ship_due_at = paid_at + interval '48 hours', receive_days = 10 "
        "WHERE state IN ('to_ship', 'partly_shipped')"
    )
    op.drop_index("orders_late_idx", "orders")
    op.create_index(
        "orders_late_idx",
        "orders",
        ["shop_id", "ship_due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'to_ship'"),
    )
    op.add_column("aftersale_cases", sa.Column("answer_hours", sa.SmallInteger(), nullable=True))
    op.execute("UPDATE aftersale_cases SET answer_hours = 6")
    op.alter_column("aftersale_cases", "answer_hours", nullable=False)
