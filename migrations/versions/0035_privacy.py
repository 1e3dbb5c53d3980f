"""People's own data: what they agreed to, and the copies and erasures they asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.create_table(
        "customer_consents",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("consent_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.customer_id"],
            name=op.f("customer_consents_shop_id_customer_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "customer_id", "consent_id", name=op.f("customer_consents_pkey")),
    )
    op.create_table(
        "privacy_requests",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("forget_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('export', 'erasure')", name=op.f("privacy_requests_kind_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.customer_id"],
            name=op.f("privacy_requests_shop_id_customer_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "request_id", name=op.f("privacy_requests_pkey")),
    )
    op.create_index(
        "privacy_requests_customer_id_idx", "privacy_requests", ["shop_id", "customer_id", "request_id"], unique=False
    )
    op.create_index(
        "privacy_requests_forget_idx",
        "privacy_requests",
        ["forget_at"],
        unique=False,
        postgresql_where=sa.text("sealed IS NOT NULL"),
    )
