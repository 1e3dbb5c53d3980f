"""Years of working days that the platform's people enter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "working_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("off", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("on", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("working_years_pkey")),
    )
