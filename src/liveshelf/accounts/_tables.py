"""Accounts, memberships and sessions: platform-wide (reference tables on a spread database), not one shop's."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from liveshelf.platform.schema import Id, Instant, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", Id, primary_key=True, autoincrement=False),
    Column("username", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("platform_role", Text),
    Column("demo", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    CheckConstraint("platform_role IN ('reviewer', 'arbiter', 'steward')", name="platform_role"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("account_id", Id, ForeignKey("accounts.account_id"), nullable=False),
    Column("shop_id", Id, nullable=False),
    Column("role", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    PrimaryKeyConstraint("account_id", "shop_id"),
    CheckConstraint("role IN ('owner', 'operator', 'anchor', 'support', 'developer')", name="role"),
    Index("memberships_shop_id_idx", "shop_id"),
)

account_sessions = Table(
    "account_sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.account_id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("account_sessions_account_id_idx", "account_id"),
    Index("account_sessions_expires_at_idx", "expires_at"),
)
