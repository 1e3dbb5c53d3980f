"""Enterprises at WeCom, and their employees."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "simulator_employees",
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("userid", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("status IN (1, 2, 4, 5)", name=op.f("simulator_employees_status_check")),
        sa.PrimaryKeyConstraint("corp_id", "userid", name=op.f("simulator_employees_pkey")),
    )
    op.create_table(
        "qualification_enterprises",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("corp_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("bound_at", _INSTANT, nullable=False),
        sa.Column("bound_by", sa.Text(), nullable=False),
        sa.Column("unbound_at", _INSTANT, nullable=True),
        sa.Column("synced_at", _INSTANT, nullable=True),
        sa.Column("sync_at", _INSTANT, nullable=True),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(sync_at IS NULL) = (unbound_at IS NOT NULL)", name=op.f("qualification_enterprises_sync_check")
        ),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("qualification_enterprises_pkey")),
    )
    op.create_index(
        "qualification_enterprises_sync_idx",
        "qualification_enterprises",
        ["sync_at"],
        unique=False,
        postgresql_where=sa.text("sync_at IS NOT NULL"),
    )
    _employees()


def _employees() -> None:
    table = "qualification_employees"
    op.create_table(
        table,
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("userid_mac", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("matched_at", _INSTANT, nullable=True),
        sa.Column("named_at", _INSTANT, nullable=True),
        sa.Column("number_mac", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(account_id IS NULL) = (matched_at IS NULL)", name=op.f(f"{table}_matched_check")),
        sa.CheckConstraint("(named_at IS NULL) = (number_mac IS NULL)", name=op.f(f"{table}_named_check")),
        sa.CheckConstraint("named_at IS NULL OR account_id IS NOT NULL", name=op.f(f"{table}_named_account_check")),
        sa.ForeignKeyConstraint(["shop_id"], ["qualification_enterprises.shop_id"], name=op.f(f"{table}_shop_id_fkey")),
        sa.PrimaryKeyConstraint("shop_id", "employee_id", name=op.f(f"{table}_pkey")),
        sa.UniqueConstraint("shop_id", "account_id", name=op.f(f"{table}_shop_id_account_id_key")),
        sa.UniqueConstraint("shop_id", "number_mac", name=op.f(f"{table}_shop_id_number_mac_key")),
        sa.UniqueConstraint("shop_id", "userid_mac", name=op.f(f"{table}_shop_id_userid_mac_key")),
    )
    op.create_index(
        "qualification_employees_account_idx",
        table,
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("account_id IS NOT NULL"),
    )
