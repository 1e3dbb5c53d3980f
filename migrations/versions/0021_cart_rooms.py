"""The room in which a thing was put into a cart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("cart_lines", sa.Column("room_id", sa.BigInteger(), nullable=True))
