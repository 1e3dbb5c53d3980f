"""The auditor's books, and stocktakes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    _books()
    _stocktakes()


def _books() -> None:
    op.create_table(
        "stock_books",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("through_move", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("full_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("stock_books_pkey")),
    )
    op.create_index("stock_books_due_idx", "stock_books", ["due_at"], unique=False)
    op.create_table(
        "stock_audited",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "sku_id", "pool", name=op.f("stock_audited_pkey")),
    )
    op.create_table(
        "stock_audits",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("skus", sa.Integer(), nullable=False),
        sa.Column("moves", sa.BigInteger(), nullable=False),
        sa.Column("differences", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("kind IN ('recent', 'full')", name=op.f("stock_audits_kind_check")),
        sa.PrimaryKeyConstraint("shop_id", "audit_id", name=op.f("stock_audits_pkey")),
    )
    # Shops that keep stock already are audited from now on, everything at once first.
    op.execute(
        "INSERT INTO stock_books (shop_id, through_move, due_at, full_due_at)"
        " SELECT shop_id, 0, max(at), max(at) FROM stock_moves GROUP BY shop_id"
    )


def _stocktakes() -> None:
    op.create_table(
        "stocktakes",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("stocktake_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed', 'cancelled')", name=op.f("stocktakes_state_check")),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("stocktakes_closed_check")),
        sa.CheckConstraint("pool IN ('general', 'activity', 'store', 'presale')", name=op.f("stocktakes_pool_check")),
        sa.PrimaryKeyConstraint("shop_id", "stocktake_id", name=op.f("stocktakes_pkey")),
    )
    op.create_index(
        "stocktakes_open_key",
        "stocktakes",
        ["shop_id", "pool"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "stocktake_lines",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("stocktake_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(counted IS NULL) = (counted_at IS NULL)", name=op.f("stocktake_lines_counted_check")),
        sa.CheckConstraint("counted >= 0", name=op.f("stocktake_lines_count_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "stocktake_id"],
            ["stocktakes.shop_id", "stocktakes.stocktake_id"],
            name=op.f("stocktake_lines_shop_id_stocktake_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "stocktake_id", "sku_id", name=op.f("stocktake_lines_pkey")),
    )
