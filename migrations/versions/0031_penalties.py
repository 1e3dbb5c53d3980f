"""Penalties, the goods that a ban took off sale, and reviewers who may not judge a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("review_cases", sa.Column("barred", postgresql.JSONB(none_as_null=True), nullable=True))
    op.create_table(
        "penalties",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("penalty_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("raised_from", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("video_s", sa.Integer(), nullable=True),
        sa.Column("happened_at", _INSTANT, nullable=False),
        sa.Column("imposed_by", sa.Text(), nullable=False),
        sa.Column("imposed_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", _INSTANT, nullable=True),
        sa.Column("appeal_state", sa.Text(), nullable=False),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("appealed_at", _INSTANT, nullable=True),
        sa.Column("appeal_audit_id", sa.BigInteger(), nullable=True),
        sa.Column("reversed_by", sa.Text(), nullable=True),
        sa.Column("reversed_at", _INSTANT, nullable=True),
        sa.Column("reversal_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("level IN ('minor', 'general', 'severe')", name=op.f("penalties_level_check")),
        sa.CheckConstraint("state IN ('in_force', 'ended', 'reversed')", name=op.f("penalties_state_check")),
        sa.CheckConstraint(
            "appeal_state IN ('none', 'open', 'upheld', 'granted')", name=op.f("penalties_appeal_state_check")
        ),
        sa.CheckConstraint("(level = 'general') = (ends_at IS NOT NULL)", name=op.f("penalties_ends_check")),
        sa.PrimaryKeyConstraint("shop_id", "penalty_id", name=op.f("penalties_pkey")),
    )
    op.create_index(
        "penalties_ends_idx",
        "penalties",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("state = 'in_force' AND ends_at IS NOT NULL"),
    )
    op.create_index("penalties_penalty_id_idx", "penalties", ["penalty_id"], unique=False)
    op.create_table(
        "penalty_goods",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("goods_id", sa.BigInteger(), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("taken_off_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "goods_id"],
            ["live_goods.shop_id", "live_goods.goods_id"],
            name=op.f("penalty_goods_shop_id_goods_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "goods_id", name=op.f("penalty_goods_pkey")),
    )
