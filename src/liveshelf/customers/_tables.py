"""Customers and how they are recognised."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from liveshelf.platform.schema import Id, Instant, append_only, metadata

customers = Table(
    "customers",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("openid", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("phone", LargeBinary),  # encrypted
    Column("phone_hash", LargeBinary),  # keyed hash, to find by
    Column("phone_tail", LargeBinary),  # keyed hash of the last four digits, to find by those
    Column("password_hash", Text),
    Column("demo", Boolean, nullable=False),
    Column("merged_into", Id),
    Column("created_at", Instant, nullable=False),
    Column("erased_at", Instant),
    PrimaryKeyConstraint("shop_id", "customer_id"),
    UniqueConstraint("shop_id", "openid"),
    UniqueConstraint("shop_id", "phone_hash"),
    CheckConstraint("kind IN ('guest', 'member')", name="kind"),
)
# Guests have no number: making one, in the rush of a broadcast, does not touch this index.
Index(
    "customers_phone_tail_idx",
    customers.c.shop_id,
    customers.c.phone_tail,
    postgresql_where=text("phone_tail IS NOT NULL"),
)

customer_sessions = Table(
    "customer_sessions",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "token_hash"),
    ForeignKeyConstraint(["shop_id", "customer_id"], ["customers.shop_id", "customers.customer_id"]),
    Index("customer_sessions_customer_id_idx", "shop_id", "customer_id"),
    Index("customer_sessions_expires_at_idx", "expires_at"),
)

login_codes = Table(
    "login_codes",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    PrimaryKeyConstraint("shop_id", "code_hash"),
    ForeignKeyConstraint(["shop_id", "customer_id"], ["customers.shop_id", "customers.customer_id"]),
    Index("login_codes_expires_at_idx", "expires_at"),
)

addresses = Table(
    "addresses",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("address_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # encrypted: name, phone and place together
    Column("phone_tail", LargeBinary),  # keyed hash of the phone's last four digits, to find by those
    Column("is_default", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "address_id"),
    ForeignKeyConstraint(
        ["shop_id", "customer_id"], ["customers.shop_id", "customers.customer_id"], ondelete="CASCADE"
    ),
    Index("addresses_customer_id_idx", "shop_id", "customer_id"),
    Index("addresses_phone_tail_idx", "shop_id", "phone_tail"),
)
Index(
    "addresses_default_key",
    addresses.c.shop_id,
    addresses.c.customer_id,
    unique=True,
    postgresql_where=text("is_default"),
)

# What a customer said yes or no to, each time: the last row of a purpose counts, the others prove when.
customer_consents = Table(
    "customer_consents",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("consent_id", Id, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("wording", Text, nullable=False),  # the version of the words that were shown
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "customer_id", "consent_id"),
    ForeignKeyConstraint(["shop_id", "customer_id"], ["customers.shop_id", "customers.customer_id"]),
)
append_only("customer_consents")

# What people asked about their own data: a copy of all of it, or that it be erased.
privacy_requests = Table(
    "privacy_requests",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("request_id", Id, nullable=False),
    Column("customer_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("sealed", LargeBinary),  # encrypted: the copy, until `forget_at`
    Column("forget_at", Instant),
    PrimaryKeyConstraint("shop_id", "request_id"),
    ForeignKeyConstraint(["shop_id", "customer_id"], ["customers.shop_id", "customers.customer_id"]),
    CheckConstraint("kind IN ('export', 'erasure')", name="kind"),
    Index("privacy_requests_customer_id_idx", "shop_id", "customer_id", "request_id"),
)
Index("privacy_requests_forget_idx", privacy_requests.c.forget_at, postgresql_where=text("sealed IS NOT NULL"))
