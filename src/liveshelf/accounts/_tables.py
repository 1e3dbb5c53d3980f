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
    UniqueConstraint,
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
    Column("totp_sealed", LargeBinary),  # the second factor's secret; it counts once `totp_at` is set
    Column("totp_at", Instant),
    Column("totp_step", Id),  # the step of the last code that was taken: none before or at it is taken again
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
    CheckConstraint(
        "role IN ('owner', 'admin', 'operator', 'goods', 'content', 'anchor', 'service', 'analyst', 'legal',"
        " 'developer')",
        name="role",
    ),
    Index("memberships_shop_id_idx", "shop_id"),
)

account_sessions = Table(
    "account_sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.account_id"), nullable=False),
    Column("session_id", Id, nullable=False, unique=True),  # what people end it by; it opens nothing
    Column("device", Text, nullable=False),
    Column("address", Text, nullable=False),  # masked before it comes here
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("account_sessions_account_id_idx", "account_id"),
    Index("account_sessions_expires_at_idx", "expires_at"),
)

account_recovery_codes = Table(
    "account_recovery_codes",
    metadata,
    Column("account_id", Id, ForeignKey("accounts.account_id"), nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("account_id", "code_hash"),
)

# Links by which a person sets a new password; made by an admin of their shop or on the command line.
account_password_links = Table(
    "account_password_links",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.account_id"), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("account_password_links_account_id_idx", "account_id"),
)

account_invites = Table(
    "account_invites",
    metadata,
    Column("shop_id", Id, nullable=False),
    Column("invite_id", Id, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("role", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("made_by", Id, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    PrimaryKeyConstraint("shop_id", "invite_id"),
    UniqueConstraint("shop_id", "token_hash"),
)
