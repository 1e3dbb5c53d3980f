"""Payments and the inbox of callbacks."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
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
    Column("state", Text, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("provider_ref", Text),  # the provider's own number, once paid
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("paid_at", Instant),
    Column("poll_at", Instant),  # when the provider is asked next, should its notification not come
    Column("refund_due_at", Instant),  # when the money is next tried to be sent back
    PrimaryKeyConstraint("shop_id", "payment_id"),
    CheckConstraint("state IN ('pending', 'paid', 'closed', 'refunding', 'refunded')", name="state"),
    CheckConstraint("amount_fen > 0", name="amount"),
    CheckConstraint("(state IN ('paid', 'refunding', 'refunded')) = (paid_at IS NOT NULL)", name="paid"),
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
Index("payments_refund_due_idx", payments.c.refund_due_at, postgresql_where=text("state = 'refunding'"))
Index("payments_poll_idx", payments.c.poll_at, postgresql_where=text("poll_at IS NOT NULL"))

payment_callbacks = Table(
    "payment_callbacks",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("callback_id", Id, nullable=False),
    Column("provider", Text, nullable=False),
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
