"""Credentials: the secret before, the networks they may sign in from, and when they last did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("credentials", sa.Column("previous_hash", sa.LargeBinary(), nullable=True))
    op.add_column("credentials", sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True))
    json = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
    op.add_column("credentials", sa.Column("addresses", json, nullable=True))
    op.execute("UPDATE credentials SET addresses = '[]'::jsonb")
    op.alter_column("credentials", "addresses", nullable=False)
    op.add_column("credentials", sa.Column("used_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("credentials", sa.Column("used_from", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("credentials_previous_check"), "credentials", "(previous_hash IS NULL) = (previous_until IS NULL)"
    )
