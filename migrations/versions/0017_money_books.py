"""The money ledger, refunds' arrival, and the provider's bills beside our books."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    for name, kind in (
        ("arrive_from_on", sa.Date()),
        ("arrive_by_on", sa.Date()),
        ("flag_at", sa.DateTime(timezone=True)),
        ("overdue_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("payment_refunds", sa.Column(name, kind, nullable=True))
    op.create_index(
        "payment_refunds_flag_idx",
        "payment_refunds",
        ["flag_at"],
        unique=False,
        postgresql_where=sa.text("state = 'sent' AND overdue_at IS NULL"),
    )
    op.create_index(
        "payments_paid_at_idx",
        "payments",
        ["shop_id", "paid_at"],
        unique=False,
        postgresql_where=sa.text("paid_at IS NOT NULL"),
    )
    op.create_index(
        "payment_refunds_sent_at_idx",
        "payment_refunds",
        ["shop_id", "sent_at"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NOT NULL"),
    )
    _ledger()
    _bills()


def _ledger() -> None:
    op.create_table(
        "payment_ledger",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("payment_ledger_amount_check")),
        sa.CheckConstraint("debit <> credit", name=op.f("payment_ledger_two_accounts_check")),
        sa.PrimaryKeyConstraint("shop_id", "entry_id", name=op.f("payment_ledger_pkey")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("payment_ledger_shop_id_key_key")),
    )
    # What moved before there was a ledger, in the order in which it did.
    op.execute("""
    INSERT INTO payment_ledger (shop_id, entry_id, key, kind, debit, credit, amount_fen, order_id, actor, at)
    SELECT shop_id, row_number() OVER (ORDER BY at, key), key, kind, debit, credit, amount_fen, order_id,
        'system:liveshelf', at
    FROM (
        SELECT shop_id, 'paid:' || payment_id AS key, 'paid' AS kind, 'provider' AS debit, 'sales' AS credit,
            amount_fen, order_id, paid_at AS at
        FROM payments WHERE state = 'paid'
        UNION ALL
        SELECT shop_id, 'owed:' || refund_id, 'refund_owed', 'returns', 'owed', amount_fen, order_id, owed_at
        FROM payment_refunds
        UNION ALL
        SELECT shop_id, 'settled:' || refund_id, 'refund_settled', 'owed', 'provider', amount_fen, order_id, settled_at
        FROM payment_refunds WHERE state = 'settled'
    ) moved
    """)


def _bills() -> None:
    op.create_table(
        "billing_days",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("merchant", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunds", sa.Integer(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "merchant", "day", name=op.f("billing_days_pkey")),
    )
    op.create_index(
        "billing_days_due_idx", "billing_days", ["due_at"], unique=False, postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_table(
        "billing_lines",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("merchant", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "what", "number", name=op.f("billing_lines_pkey")),
    )
    op.create_index("billing_lines_day_idx", "billing_lines", ["shop_id", "merchant", "day"], unique=False)
    op.create_table(
        "billing_differences",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("difference_id", sa.BigInteger(), nullable=False),
        sa.Column("merchant", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("ours_fen", sa.BigInteger(), nullable=True),
        sa.Column("theirs_fen", sa.BigInteger(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('ours_only', 'theirs_only', 'amount', 'state')", name=op.f("billing_differences_kind_check")
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("billing_differences_closed_check")),
        sa.PrimaryKeyConstraint("shop_id", "difference_id", name=op.f("billing_differences_pkey")),
        sa.UniqueConstraint(
            "shop_id", "what", "number", "kind", name=op.f("billing_differences_shop_id_what_number_kind_key")
        ),
    )
    op.create_index(
        "billing_differences_open_idx",
        "billing_differences",
        ["shop_id", "difference_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
