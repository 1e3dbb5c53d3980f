"""How long goods may be sold, and how long it is kept what a broadcast sold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    for name in ("valid_until", "expired_at"):
        op.add_column("live_goods", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "live_goods_valid_until_idx",
        "live_goods",
        ["valid_until"],
        postgresql_where=sa.text("valid_until IS NOT NULL AND expired_at IS NULL AND deleted_at IS NULL"),
    )
    op.add_column("rooms", sa.Column("sales_purged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("shop_time_limits", sa.Column("sales_days", sa.SmallInteger(), nullable=False, server_default="1095"))
    op.alter_column("shop_time_limits", "sales_days", server_default=None)
    op.drop_constraint(op.f("shop_time_limits_bounds_check"), "shop_time_limits")
    op.create_check_constraint(
        op.f("shop_time_limits_bounds_check"),
        "shop_time_limits",
        "receive_days BETWEEN 7 AND 30 AND ship_hours BETWEEN 12 AND 168 AND answer_hours BETWEEN 2 AND 6"
        " AND sales_days BETWEEN 30 AND 3650",
    )
