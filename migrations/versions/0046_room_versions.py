"""Rooms pass a review, and changes of approved ones wait for theirs; rooms and goods can be marked as advertising.

Rooms that were there before count as approved.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    # A default only while the column is added: rows that are there get it without being written anew.
    for table in ("live_goods", "rooms"):
        op.add_column(table, sa.Column("is_ad", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.alter_column(table, "is_ad", server_default=None)
    op.add_column("rooms", sa.Column("audit_state", sa.Text(), nullable=False, server_default="approved"))
    op.alter_column("rooms", "audit_state", server_default=None)
    op.add_column("rooms", sa.Column("audit_id", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("rooms_audit_state_check"), "rooms", "audit_state IN ('in_audit', 'approved', 'rejected')"
    )
    op.create_table(
        "room_versions",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.Boolean(), nullable=False),
        sa.Column("shown", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "room_id"], ["rooms.shop_id", "rooms.room_id"], name=op.f("room_versions_shop_id_room_id_fkey")
        ),
        sa.PrimaryKeyConstraint("shop_id", "room_id", name=op.f("room_versions_pkey")),
    )
