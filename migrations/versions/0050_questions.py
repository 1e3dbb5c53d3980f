"""Comments that ask something, and who answered them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    # The value for what is there stands in the catalogue, so that a large table is not written again.
    op.add_column("room_comments", sa.Column("asks", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("room_comments", "asks", server_default=None)
    op.add_column("room_comments", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("room_comments", sa.Column("answered_by", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("room_comments_answered_check"), "room_comments", "(answered_at IS NULL) = (answered_by IS NULL)"
    )
    op.create_index(
        "room_comments_asks_idx",
        "room_comments",
        ["shop_id", "room_id", "comment_id"],
        unique=False,
        postgresql_where=sa.text("asks"),
    )
