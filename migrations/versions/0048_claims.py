"""Goods that are claimed by comment, and the claims."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "room_claim_rounds",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("goods_id", sa.BigInteger(), nullable=False),
        sa.Column("keyword", sa.Text(), nullable=False),
        sa.Column("buyer_max", sa.SmallInteger(), nullable=False),
        sa.Column("hold_s", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "buyer_max BETWEEN 1 AND 99 AND hold_s BETWEEN 60 AND 1800", name=op.f("room_claim_rounds_bounds_check")
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "room_id"],
            ["rooms.shop_id", "rooms.room_id"],
            name=op.f("room_claim_rounds_shop_id_room_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "round_id", name=op.f("room_claim_rounds_pkey")),
    )
    op.create_index(
        "room_claim_rounds_room_id_idx", "room_claim_rounds", ["shop_id", "room_id", "round_id"], unique=False
    )
    op.create_index(
        "room_claim_rounds_open_idx",
        "room_claim_rounds",
        ["shop_id", "room_id", "goods_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "room_claims",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'won', 'refused')", name=op.f("room_claims_state_check")),
        sa.CheckConstraint("(state = 'won') = (order_id IS NOT NULL)", name=op.f("room_claims_order_check")),
        sa.CheckConstraint("quantity BETWEEN 1 AND 99", name=op.f("room_claims_quantity_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "round_id"],
            ["room_claim_rounds.shop_id", "room_claim_rounds.round_id"],
            name=op.f("room_claims_shop_id_round_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "round_id", "number", name=op.f("room_claims_pkey")),
    )
    op.create_index("room_claims_comment_id_idx", "room_claims", ["shop_id", "comment_id"], unique=True)
    op.create_index("room_claims_customer_id_idx", "room_claims", ["shop_id", "customer_id", "at"], unique=False)
    op.create_index(
        "room_claims_order_id_idx",
        "room_claims",
        ["shop_id", "order_id"],
        unique=False,
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
    op.create_index(
        "room_claims_waiting_idx",
        "room_claims",
        ["shop_id", "round_id", "number"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
