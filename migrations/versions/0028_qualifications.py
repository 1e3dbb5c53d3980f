"""Papers, applications and their history, and what shops authorise service providers for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    _applications()
    _grants()
    _moves()
    _numbers()
    _papers()
    _providers()
    _provider_people()


def _applications() -> None:
    op.create_table(
        "qualification_applications",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("categories", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('opening', 'live')", name=op.f("qualification_applications_kind_check")),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'rejected')",
            name=op.f("qualification_applications_state_check"),
        ),
        sa.CheckConstraint(
            "subject IN ('person', 'sole_trader', 'enterprise')", name=op.f("qualification_applications_subject_check")
        ),
        sa.PrimaryKeyConstraint("shop_id", "kind", name=op.f("qualification_applications_pkey")),
    )
    op.create_index(
        "qualification_applications_due_idx",
        "qualification_applications",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'submitted' AND overdue_at IS NULL"),
    )


def _grants() -> None:
    op.create_table(
        "qualification_grants",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("categories", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "provider_id", name=op.f("qualification_grants_pkey")),
    )
    op.create_index("qualification_grants_provider_id_idx", "qualification_grants", ["provider_id"], unique=False)


def _moves() -> None:
    op.create_table(
        "qualification_moves",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("move_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("became", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "move_id", name=op.f("qualification_moves_pkey")),
    )


def _numbers() -> None:
    op.create_table(
        "qualification_numbers",
        sa.Column("number_mac", sa.LargeBinary(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number_mac", "shop_id", name=op.f("qualification_numbers_pkey")),
    )


def _papers() -> None:
    op.create_table(
        "qualification_papers",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("number_tail", sa.Text(), nullable=False),
        sa.Column("number_mac", sa.LargeBinary(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("flag_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'rejected', 'replaced')", name=op.f("qualification_papers_state_check")
        ),
        sa.PrimaryKeyConstraint("shop_id", "paper_id", name=op.f("qualification_papers_pkey")),
    )
    op.create_index(
        "qualification_papers_due_idx",
        "qualification_papers",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting' AND overdue_at IS NULL"),
    )
    op.create_index(
        "qualification_papers_expires_idx",
        "qualification_papers",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'approved' AND expired_at IS NULL"),
    )
    op.create_index(
        "qualification_papers_flag_idx",
        "qualification_papers",
        ["flag_at"],
        unique=False,
        postgresql_where=sa.text("state = 'approved' AND flagged_at IS NULL"),
    )


def _providers() -> None:
    op.create_table(
        "qualification_providers",
        sa.Column("provider_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider_id", name=op.f("qualification_providers_pkey")),
        sa.UniqueConstraint("name", name=op.f("qualification_providers_name_key")),
    )


def _provider_people() -> None:
    op.create_table(
        "qualification_provider_people",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["qualification_providers.provider_id"],
            name=op.f("qualification_provider_people_provider_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("account_id", "provider_id", name=op.f("qualification_provider_people_pkey")),
    )
    op.create_index(
        "qualification_provider_people_provider_id_idx", "qualification_provider_people", ["provider_id"], unique=False
    )
