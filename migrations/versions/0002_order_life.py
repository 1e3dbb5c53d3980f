"""The whole life of an order: shipped, received, done, and closed with money to go back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

_CHECKS = {
    "state": "state IN ('to_pay', 'to_ship', 'partly_shipped', 'to_receive', 'done', 'closed')",
    "paid": "state = 'closed' OR (state = 'to_pay') = (paid_at IS NULL)",
    "closed": "(state = 'closed') = (close_reason IS NOT NULL)",
    "close_reason": (
        "close_reason IS NULL OR paid_at IS NULL AND close_reason IN ('unpaid', 'cancelled')"
        " OR paid_at IS NOT NULL AND close_reason IN ('oversold', 'abnormal', 'refunded')"
    ),
    "done": "(state = 'done') = (done_at IS NOT NULL)",
}


def upgrade() -> None:
    for name in ("state", "paid"):
        op.drop_constraint(f"orders_{name}_check", "orders")
    for name in ("shipped_at", "receive_due_at", "done_at"):
        op.add_column("orders", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name, rule in _CHECKS.items():
        op.create_check_constraint(op.f(f"orders_{name}_check"), "orders", rule)
    op.create_index(
        "orders_receive_due_idx",
        "orders",
        ["receive_due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'to_receive'"),
    )
    op.add_column(
        "order_history",
        sa.Column("facts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )
