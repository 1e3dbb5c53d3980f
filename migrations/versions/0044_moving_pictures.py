"""Moving pictures: who holds a room's sender, and that a broadcast has a picture."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("has_picture", "is_paused_by_picture"):
        op.add_column("rooms", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
        op.alter_column("rooms", name, server_default=None)
    op.create_table(
        "video_streams",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("delay_s", sa.SmallInteger(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("ingest", sa.Text(), nullable=True),
        sa.Column("began_at", _INSTANT, nullable=True),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.Column("kbps", sa.Integer(), nullable=False),
        sa.Column("frames_per_10_s", sa.Integer(), nullable=False),
        sa.Column("keyframe_every_ms", sa.Integer(), nullable=False),
        sa.Column("recorded_ms", sa.BigInteger(), nullable=False),
        sa.Column("recorded_bytes", sa.BigInteger(), nullable=False),
        sa.Column("halted_at", _INSTANT, nullable=True),
        sa.Column("removed_at", _INSTANT, nullable=True),
        sa.CheckConstraint("delay_s BETWEEN 0 AND 30", name=op.f("video_streams_delay_s_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "room_id"],
            ["rooms.shop_id", "rooms.room_id"],
            name=op.f("video_streams_shop_id_room_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "room_id", name=op.f("video_streams_pkey")),
    )
    op.create_index(
        "video_streams_due_at_idx",
        "video_streams",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
