"""Safety stock, thresholds, purchase limits, what is short, who lost it, and what other systems say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_CHECKS = {
    "on_hand": "on_hand >= 0 OR short > 0",
    "held": "held >= 0 AND held <= on_hand + short",
    "short": "short >= 0 AND (short = 0 OR on_hand + short = held)",
    "short_since": "(short > 0) = (short_since IS NOT NULL) AND (short > 0) = (short_try_at IS NOT NULL)",
    "bounds": "safety >= 0 AND low_at >= 0",
}
_LOW_AT = 5


def upgrade() -> None:
    _counters()
    _limits()
    _oversold()
    _changes()
    op.drop_constraint("orders_close_reason_check", "orders")
    op.create_check_constraint(
        op.f("orders_close_reason_check"),
        "orders",
        "close_reason IS NULL OR paid_at IS NULL AND close_reason IN ('unpaid', 'cancelled', 'oversold')"
        " OR paid_at IS NOT NULL AND close_reason IN ('oversold', 'abnormal', 'refunded')",
    )


def _counters() -> None:
    for name in ("on_hand", "held"):
        op.drop_constraint(f"stock_{name}_check", "stock")
    for name in ("own_safety", "own_low_at", "safety", "low_at", "short"):
        op.add_column("stock", sa.Column(name, sa.Integer(), nullable=True))
    for name in ("low_since", "short_since", "short_try_at"):
        op.add_column("stock", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("stock", sa.Column("limited", sa.Boolean(), nullable=True))
    op.execute(f"UPDATE stock SET safety = 0, low_at = {_LOW_AT}, short = 0, limited = false")  # noqa: S608 - a number of ours
    for name in ("safety", "low_at", "short", "limited"):
        op.alter_column("stock", name, nullable=False)
    for name, rule in _CHECKS.items():
        op.create_check_constraint(op.f(f"stock_{name}_check"), "stock", rule)
    op.create_index("stock_short_idx", "stock", ["short_try_at"], unique=False, postgresql_where=sa.text("short > 0"))
    op.create_table(
        "stock_settings",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("safety", sa.Integer(), nullable=False),
        sa.Column("low_at", sa.Integer(), nullable=False),
        sa.CheckConstraint("safety >= 0 AND low_at >= 0", name=op.f("stock_settings_bounds_check")),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("stock_settings_pkey")),
    )


def _limits() -> None:
    op.create_table(
        "stock_limits",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("limit_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("sku_id", sa.BigInteger(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.CheckConstraint("(product_id IS NULL) <> (sku_id IS NULL)", name=op.f("stock_limits_subject_check")),
        sa.CheckConstraint("most >= 1", name=op.f("stock_limits_most_check")),
        sa.PrimaryKeyConstraint("shop_id", "limit_id", name=op.f("stock_limits_pkey")),
        sa.UniqueConstraint("shop_id", "product_id", name=op.f("stock_limits_shop_id_product_id_key")),
        sa.UniqueConstraint("shop_id", "sku_id", name=op.f("stock_limits_shop_id_sku_id_key")),
    )
    op.create_table(
        "stock_limit_skus",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("limit_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "limit_id"],
            ["stock_limits.shop_id", "stock_limits.limit_id"],
            name=op.f("stock_limit_skus_shop_id_limit_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shop_id", "sku_id", "limit_id", name=op.f("stock_limit_skus_pkey")),
    )
    op.create_index("stock_limit_skus_limit_id_idx", "stock_limit_skus", ["shop_id", "limit_id"], unique=False)


def _oversold() -> None:
    op.create_table(
        "stock_oversold",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("refund_fen", sa.BigInteger(), nullable=False),
        sa.Column("detected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cause IN ('cut', 'late_payment')", name=op.f("stock_oversold_cause_check")),
        sa.CheckConstraint("quantity > 0 AND refund_fen >= 0", name=op.f("stock_oversold_amounts_check")),
        sa.PrimaryKeyConstraint("shop_id", "order_id", "sku_id", "pool", name=op.f("stock_oversold_pkey")),
    )


def _changes() -> None:
    op.create_table(
        "stock_changes",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("sku_id", sa.BigInteger(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("ordered_by", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("on_hand_after", sa.Integer(), nullable=True),
        sa.Column("short_after", sa.Integer(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('set', 'adjust')", name=op.f("stock_changes_kind_check")),
        sa.CheckConstraint("ordered_by IN ('sequence', 'time')", name=op.f("stock_changes_ordered_by_check")),
        sa.CheckConstraint("outcome IN ('applied', 'outdated', 'refused')", name=op.f("stock_changes_outcome_check")),
        sa.PrimaryKeyConstraint("shop_id", "change_id", name=op.f("stock_changes_pkey")),
        sa.UniqueConstraint("shop_id", "source", "reference", name=op.f("stock_changes_shop_id_source_reference_key")),
    )
    op.create_index(
        "stock_changes_newest_idx",
        "stock_changes",
        ["shop_id", "source", "sku_id", "pool", "position"],
        unique=False,
        postgresql_where=sa.text("kind = 'set' AND outcome = 'applied'"),
    )
