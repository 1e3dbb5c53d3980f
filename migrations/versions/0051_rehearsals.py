"""Rehearsals of rooms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0051"
down_revision = "0050"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rehearsals",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("rehearsal_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("viewers", sa.Integer(), nullable=False),
        sa.Column("uplink_kbps", sa.BigInteger(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("began_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("report", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'playing', 'done', 'failed')", name=op.f("rehearsals_state_check")),
        sa.CheckConstraint("(state = 'done') = (report IS NOT NULL)", name=op.f("rehearsals_report_check")),
        sa.CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name=op.f("rehearsals_failure_check")),
        sa.CheckConstraint(
            "(state IN ('waiting', 'playing')) = (due_at IS NOT NULL)", name=op.f("rehearsals_due_check")
        ),
        sa.CheckConstraint("viewers > 0 AND uplink_kbps > 0", name=op.f("rehearsals_wish_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"], name=op.f("rehearsals_shop_id_room_id_fkey")
        ),
        sa.PrimaryKeyConstraint("shop_id", "rehearsal_id", name=op.f("rehearsals_pkey")),
    )
    op.create_index("rehearsals_room_id_idx", "rehearsals", ["shop_id", "room_id", "rehearsal_id"], unique=False)
    op.create_index(
        "rehearsals_open_key",
        "rehearsals",
        ["shop_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'playing')"),
    )
    op.create_index(
        "rehearsals_due_at_idx",
        "rehearsals",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
