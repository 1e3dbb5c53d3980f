"""What the simulated provider remembers. It stands for an outside system, so nothing else reads or writes these
tables.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, Text, text

from liveshelf.platform.schema import Id, Instant, metadata

simulator_payments = Table(
    "simulator_payments",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("payment_id", BigInteger, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("description", Text, nullable=False),
    Column("return_url", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("paid_at", Instant),
    Column("notify_at", Instant),  # when the notification is sent next; empty once it was acknowledged
    Column("notified_at", Instant),
    Column("refunded_fen", BigInteger, nullable=False),
    PrimaryKeyConstraint("shop_id", "payment_id"),
    CheckConstraint("state IN ('waiting', 'paid', 'closed', 'refunded')", name="state"),
    CheckConstraint("amount_fen > 0", name="amount"),
    CheckConstraint("refunded_fen >= 0 AND refunded_fen <= amount_fen", name="refunded"),
    CheckConstraint("(state IN ('paid', 'refunded')) = (paid_at IS NOT NULL)", name="paid"),
)
Index("simulator_payments_notify_idx", simulator_payments.c.notify_at, postgresql_where=text("notify_at IS NOT NULL"))

simulator_refunds = Table(
    "simulator_refunds",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("refund_no", Text, nullable=False),
    Column("payment_id", BigInteger, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("done_at", Instant),
    PrimaryKeyConstraint("shop_id", "refund_no"),
    CheckConstraint("state IN ('processing', 'success', 'closed', 'abnormal')", name="state"),
    CheckConstraint("amount_fen > 0", name="amount"),
)
