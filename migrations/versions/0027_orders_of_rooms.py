"""The index of rooms' orders holds nothing else: on tables that were just made the planner takes any that will do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.drop_index("orders_room_id_idx", table_name="orders")
    op.create_index(
        "orders_room_id_idx",
        "orders",
        ["shop_id", "room_id"],
        unique=False,
        postgresql_where=sa.text("room_id IS NOT NULL"),
    )
