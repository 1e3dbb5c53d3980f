"""Days of merchants, the lines of their bills, and differences."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from liveshelf.platform.schema import Id, Instant, append_only, metadata

billing_days = Table(
    "billing_days",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("merchant", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("due_at", Instant, nullable=False),  # when the bill is fetched next
    Column("done_at", Instant),
    Column("problem", Text, nullable=False),
    Column("payments", Integer, nullable=False),
    Column("paid_fen", BigInteger, nullable=False),
    Column("refunds", Integer, nullable=False),
    Column("refunded_fen", BigInteger, nullable=False),
    Column("fee_fen", BigInteger, nullable=False),
    # By the fund-flow bill; empty until it was read, and of days that were compared before there was one.
    Column("funds_in_fen", BigInteger),
    Column("funds_out_fen", BigInteger),
    Column("funds_paid_out_fen", BigInteger),
    Column("funds_balance_fen", BigInteger),
    PrimaryKeyConstraint("shop_id", "merchant", "day"),
)
Index("billing_days_due_idx", billing_days.c.due_at, postgresql_where=text("done_at IS NULL"))

# What the provider says, kept: what stands in another day's bill is found by its number.
billing_lines = Table(
    "billing_lines",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("what", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("merchant", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("fee_fen", BigInteger, nullable=False),
    Column("settled", Boolean, nullable=False),
    PrimaryKeyConstraint("shop_id", "what", "number"),
    Index("billing_lines_day_idx", "shop_id", "merchant", "day"),
)
append_only("billing_lines", "settled")

billing_differences = Table(
    "billing_differences",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("difference_id", Id, nullable=False),
    Column("merchant", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("kind", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("ours_fen", BigInteger),
    Column("theirs_fen", BigInteger),
    Column("found_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Text),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("shop_id", "difference_id"),
    UniqueConstraint("shop_id", "what", "number", "kind"),
    CheckConstraint("kind IN ('ours_only', 'theirs_only', 'amount', 'state')", name="kind"),
    CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
)
Index(
    "billing_differences_open_idx",
    billing_differences.c.shop_id,
    billing_differences.c.difference_id,
    postgresql_where=text("closed_at IS NULL"),
)
