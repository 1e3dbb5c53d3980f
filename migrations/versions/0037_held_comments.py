"""Comments that wait for a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.add_column("room_comments", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
