"""Plans of a room's goods, overrides of the check before the start, who is at the desk, who may not comment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("rooms", sa.Column("notice", sa.Text(), nullable=True))
    op.execute("UPDATE rooms SET notice = ''")
    op.alter_column("rooms", "notice", nullable=False)
    op.create_table(
        "room_mutes",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "customer_id", "room_id", name=op.f("room_mutes_pkey")),
    )
    op.create_index("room_mutes_room_id_idx", "room_mutes", ["shop_id", "room_id"], unique=False)
    op.create_table(
        "room_goods_plans",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("goods_id", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("planned_fen", sa.BigInteger(), nullable=True),
        sa.Column("label_fen", sa.BigInteger(), nullable=True),
        sa.Column("script", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "expected >= 0 AND planned_fen > 0 AND label_fen > 0", name=op.f("room_goods_plans_amounts_check")
        ),
        _of_room("room_goods_plans"),
        sa.PrimaryKeyConstraint("shop_id", "room_id", "goods_id", name=op.f("room_goods_plans_pkey")),
    )
    op.create_table(
        "room_overrides",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("override_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("findings", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        _of_room("room_overrides"),
        sa.PrimaryKeyConstraint("shop_id", "override_id", name=op.f("room_overrides_pkey")),
    )
    op.create_index("room_overrides_room_id_idx", "room_overrides", ["shop_id", "room_id"], unique=False)
    op.create_table(
        "room_desks",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "room_id", "account_id", name=op.f("room_desks_pkey")),
    )
    op.create_table(
        "room_watches",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=True),
        _of_room("room_watches"),
        sa.PrimaryKeyConstraint("shop_id", "room_id", name=op.f("room_watches_pkey")),
    )
    op.create_index(
        "room_watches_due_at_idx",
        "room_watches",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "room_watch_spans",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("span_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        _of_room("room_watch_spans"),
        sa.PrimaryKeyConstraint("shop_id", "room_id", "span_id", name=op.f("room_watch_spans_pkey")),
    )


def _of_room(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"], name=op.f(f"{table}_shop_id_room_id_fkey")
    )
