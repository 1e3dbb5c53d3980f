"""Numbers that a host says, up to three pushed goods, the quick bar, and what a shop sets for its rooms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"

_INSTANT = sa.DateTime(timezone=True)
# Each shelf counted in its order, as its pages have shown it so far.
_NUMBERS = """
    UPDATE room_shelf SET number = counted.number
    FROM (
        SELECT shop_id, room_id, goods_id,
               row_number() OVER (PARTITION BY shop_id, room_id ORDER BY position, goods_id) AS number
        FROM room_shelf
    ) AS counted
    WHERE room_shelf.shop_id = counted.shop_id AND room_shelf.room_id = counted.room_id
      AND room_shelf.goods_id = counted.goods_id
"""
_PUSHED = """
    UPDATE room_shelf SET pinned_seq = rooms.seq
    FROM rooms
    WHERE rooms.shop_id = room_shelf.shop_id AND rooms.room_id = room_shelf.room_id
      AND rooms.pushed_goods_id = room_shelf.goods_id
"""


def upgrade() -> None:
    op.add_column("room_shelf", sa.Column("number", sa.SmallInteger(), nullable=True))
    op.add_column("room_shelf", sa.Column("quick_place", sa.SmallInteger(), nullable=True))
    op.add_column("room_shelf", sa.Column("pinned_seq", sa.BigInteger(), nullable=True))
    op.execute(_NUMBERS)
    op.execute(_PUSHED)
    op.alter_column("room_shelf", "number", nullable=False)
    op.create_check_constraint(op.f("room_shelf_number_check"), "room_shelf", "number BETWEEN 1 AND 200")
    op.create_table(
        "room_settings",
        sa.Column("shop_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("quick_bar_unit", sa.Text(), nullable=False),
        sa.Column("stock_factor", sa.SmallInteger(), nullable=False),
        sa.Column("legal_gap_s", sa.SmallInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.CheckConstraint("quick_bar_unit IN ('goods', 'sku')", name=op.f("room_settings_quick_bar_unit_check")),
        sa.CheckConstraint(
            "stock_factor BETWEEN 1 AND 20 AND legal_gap_s BETWEEN 10 AND 300", name=op.f("room_settings_bounds_check")
        ),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("room_settings_pkey")),
    )
