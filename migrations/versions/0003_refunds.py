"""Refunds of their own: a payment stays paid, and what goes back of it is in rows beside it, in parts if need be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("payments", sa.Column("refunded_fen", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE payments SET refunded_fen = CASE WHEN state IN ('refunding', 'refunded') THEN amount_fen ELSE 0 END"
    )
    op.alter_column("payments", "refunded_fen", nullable=False)
    op.create_table(
        "payment_refunds",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("refund_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("owed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("limit_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('owed', 'sent', 'settled')", name=op.f("payment_refunds_state_check")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("payment_refunds_amount_check")),
        sa.CheckConstraint("(state = 'owed') = (sent_at IS NULL)", name=op.f("payment_refunds_sent_check")),
        sa.CheckConstraint(
            "(state = 'settled') = (settled_at IS NOT NULL)", name=op.f("payment_refunds_settled_check")
        ),
        sa.CheckConstraint("(state = 'settled') = (try_at IS NULL)", name=op.f("payment_refunds_try_check")),
        sa.ForeignKeyConstraint(
            ["shop_id", "payment_id"],
            ["payments.shop_id", "payments.payment_id"],
            name=op.f("payment_refunds_shop_id_payment_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("shop_id", "refund_id", name=op.f("payment_refunds_pkey")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("payment_refunds_shop_id_key_key")),
    )
    op.create_index("payment_refunds_order_id_idx", "payment_refunds", ["shop_id", "order_id"], unique=False)
    op.create_index(
        "payment_refunds_try_idx",
        "payment_refunds",
        ["try_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'settled'"),
    )
    op.create_index(
        "payment_refunds_limit_idx",
        "payment_refunds",
        ["limit_at"],
        unique=False,
        postgresql_where=sa.text("state = 'owed' AND late_at IS NULL"),
    )
    # The number that the provider knows is made from the id: the payment's, as it was so far.
    op.execute("""
    INSERT INTO payment_refunds (shop_id, refund_id, order_id, payment_id, amount_fen, reason, key, state, round,
        owed_at, try_at, limit_at, sent_at, settled_at, problem)
    SELECT shop_id, payment_id, order_id, payment_id, amount_fen, 'late_payment', 'payment:' || payment_id,
        CASE state WHEN 'refunding' THEN 'owed' ELSE 'settled' END, 1, paid_at, refund_due_at,
        paid_at + interval '600 seconds', CASE state WHEN 'refunded' THEN paid_at END,
        CASE state WHEN 'refunded' THEN paid_at END, ''
    FROM payments WHERE state IN ('refunding', 'refunded')
    """)
    op.drop_index("payments_refund_due_idx", table_name="payments")
    op.drop_constraint("payments_state_check", "payments")
    op.drop_constraint("payments_paid_check", "payments")
    op.execute("UPDATE payments SET state = 'paid' WHERE state IN ('refunding', 'refunded')")
    op.drop_column("payments", "refund_due_at")
    op.create_check_constraint(op.f("payments_state_check"), "payments", "state IN ('pending', 'paid', 'closed')")
    op.create_check_constraint(op.f("payments_paid_check"), "payments", "(state = 'paid') = (paid_at IS NOT NULL)")
    op.create_check_constraint(
        op.f("payments_refunded_check"),
        "payments",
        "refunded_fen >= 0 AND refunded_fen <= amount_fen AND (refunded_fen = 0 OR state = 'paid')",
    )
    op.create_table(
        "simulator_refunds",
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("refund_no", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('processing', 'success', 'closed', 'abnormal')", name=op.f("simulator_refunds_state_check")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("simulator_refunds_amount_check")),
        sa.PrimaryKeyConstraint("shop_id", "refund_no", name=op.f("simulator_refunds_pkey")),
    )
    op.execute("""
    INSERT INTO simulator_refunds (shop_id, refund_no, payment_id, amount_fen, state, made_at, done_at)
    SELECT shop_id, 'R' || payment_id, payment_id, refunded_fen, 'success', paid_at, paid_at
    FROM simulator_payments WHERE state = 'refunded'
    """)
    _reset_also("payments", "payment_refunds")
    _reset_also("simulator_payments", "simulator_refunds")


def _reset_also(table: str, *new: str) -> None:
    """Make `reset_sandbox` empty these tables before that one; whatever else it empties by now stays."""
    bind = op.get_bind()
    made = str(bind.scalar(sa.text("SELECT pg_get_functiondef('reset_sandbox(bigint)'::regprocedure)")))
    lines = [f"DELETE FROM {name} WHERE shop_id = shop;" for name in (*new, table)]  # noqa: S608 - our tables' names
    bind.exec_driver_sql(made.replace(lines[-1], "\n        ".join(lines)))
