"""Payments, refunds and the inbox of callbacks."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from liveshelf.platform.schema import Id, Instant, Json, append_only, metadata

payments = Table(
    "payments",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("payment_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("provider", Text, nullable=False),
    Column("merchant", Text, nullable=False),  # the number at the provider that is paid, and gives refunds back
    Column("state", Text, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("provider_ref", Text),  # the provider's own number, once paid
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("paid_at", Instant),
    Column("poll_at", Instant),  # when the provider is asked next, should its notification not come
    Column("refunded_fen", BigInteger, nullable=False),  # the sum of its refunds, whatever their state
    PrimaryKeyConstraint("shop_id", "payment_id"),
    CheckConstraint("state IN ('pending', 'paid', 'closed')", name="state"),
    CheckConstraint("amount_fen > 0", name="amount"),
    CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid"),
    CheckConstraint(
        "refunded_fen >= 0 AND refunded_fen <= amount_fen AND (refunded_fen = 0 OR state = 'paid')", name="refunded"
    ),
)
# At most one open payment an order: a buyer who presses twice gets the same one.
Index(
    "payments_open_key",
    payments.c.shop_id,
    payments.c.order_id,
    unique=True,
    postgresql_where=text("state = 'pending'"),
)
Index("payments_order_id_idx", payments.c.shop_id, payments.c.order_id)
Index("payments_poll_idx", payments.c.poll_at, postgresql_where=text("poll_at IS NOT NULL"))

payment_refunds = Table(
    "payment_refunds",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("refund_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("payment_id", BigInteger, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("key", Text, nullable=False),  # of whoever owes it: the same key is the same refund
    Column("state", Text, nullable=False),
    Column("round", SmallInteger, nullable=False),  # counts up when the provider gave it up and it is sent anew
    Column("owed_at", Instant, nullable=False),
    Column("try_at", Instant),  # when it is sent or asked about next; empty once it is settled
    Column("limit_at", Instant, nullable=False),  # it must be sent by then
    Column("sent_at", Instant),
    Column("settled_at", Instant),
    Column("late_at", Instant),  # when it was noticed that the limit was missed
    Column("provider_ref", Text),
    Column("problem", Text, nullable=False),
    Column("arrive_from_on", Date),  # the window in which it arrives, as days in China; known once it is sent
    Column("arrive_by_on", Date),
    Column("flag_at", Instant),  # when the window has passed
    Column("overdue_at", Instant),  # when that was noticed
    PrimaryKeyConstraint("shop_id", "refund_id"),
    UniqueConstraint("shop_id", "key"),
    ForeignKeyConstraint(["shop_id", "payment_id"], ["payments.shop_id", "payments.payment_id"]),
    CheckConstraint("state IN ('owed', 'sent', 'settled')", name="state"),
    CheckConstraint("amount_fen > 0", name="amount"),
    CheckConstraint("(state = 'owed') = (sent_at IS NULL)", name="sent"),
    CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled"),
    CheckConstraint("(state = 'settled') = (try_at IS NULL)", name="try"),
    Index("payment_refunds_order_id_idx", "shop_id", "order_id"),
)
Index("payment_refunds_try_idx", payment_refunds.c.try_at, postgresql_where=text("state <> 'settled'"))
Index(
    "payment_refunds_limit_idx",
    payment_refunds.c.limit_at,
    postgresql_where=text("state = 'owed' AND late_at IS NULL"),
)

Index(
    "payment_refunds_flag_idx",
    payment_refunds.c.flag_at,
    postgresql_where=text("state = 'sent' AND overdue_at IS NULL"),
)
# What is compared with the provider's bill of a day.
Index("payments_paid_at_idx", payments.c.shop_id, payments.c.paid_at, postgresql_where=text("paid_at IS NOT NULL"))
Index(
    "payment_refunds_sent_at_idx",
    payment_refunds.c.shop_id,
    payment_refunds.c.sent_at,
    postgresql_where=text("sent_at IS NOT NULL"),
)

# Double entry: every row moves an amount from one account to another, so the books balance whatever is written.
payment_ledger = Table(
    "payment_ledger",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("entry_id", Id, nullable=False),
    Column("key", Text, nullable=False),  # what it is about: written once
    Column("kind", Text, nullable=False),
    Column("debit", Text, nullable=False),
    Column("credit", Text, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("order_id", BigInteger),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "entry_id"),
    UniqueConstraint("shop_id", "key"),
    CheckConstraint("amount_fen > 0", name="amount"),
    CheckConstraint("debit <> credit", name="two_accounts"),
)
append_only("payment_ledger")

payment_callbacks = Table(
    "payment_callbacks",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("callback_id", Id, nullable=False),
    Column("provider", Text, nullable=False),
    Column("merchant", Text, nullable=False),
    Column("notice_id", Text, nullable=False),  # the provider's number of it, the same when repeated
    Column("headers", Json, nullable=False),
    Column("body", LargeBinary, nullable=False),  # verbatim
    Column("received_at", Instant, nullable=False),
    Column("processed_at", Instant),
    Column("try_at", Instant),  # when processing is tried again; empty once it succeeded
    PrimaryKeyConstraint("shop_id", "callback_id"),
    UniqueConstraint("shop_id", "provider", "notice_id"),
)
Index("payment_callbacks_try_idx", payment_callbacks.c.try_at, postgresql_where=text("try_at IS NOT NULL"))
append_only("payment_callbacks", "processed_at", "try_at")
