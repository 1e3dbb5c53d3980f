"""A product may have a category."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("products", sa.Column("category", sa.Integer(), nullable=True))
