"""A product may have a category."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("products", sa.Column("category", sa.Integer(), nullable=True))
