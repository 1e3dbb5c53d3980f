"""Statements of the accounts capability."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.accounts._tables import account_sessions, accounts, memberships

# A taken user name comes back as no row, without breaking the transaction.
INSERT_ACCOUNT = (
    pg_insert(accounts).on_conflict_do_nothing(index_elements=[accounts.c.username]).returning(accounts.c.account_id)
)

INSERT_MEMBERSHIP = pg_insert(memberships).on_conflict_do_nothing()

INSERT_SESSION = insert(account_sessions)

ACCOUNT_BY_USERNAME = select(accounts).where(
    accounts.c.username == bindparam("username"), accounts.c.disabled_at.is_(None)
)

ACCOUNT_BY_SESSION = (
    select(accounts, account_sessions.c.session_id, account_sessions.c.seen_at)
    .join(account_sessions, account_sessions.c.account_id == accounts.c.account_id)
    .where(
        account_sessions.c.token_hash == bindparam("token_hash"),
        account_sessions.c.expires_at > bindparam("wall"),
        accounts.c.disabled_at.is_(None),
    )
)

# Whether a session that something was given to is still there.
ACCOUNT_OF_SESSION = (
    select(accounts, account_sessions.c.session_id, account_sessions.c.seen_at)
    .join(account_sessions, account_sessions.c.account_id == accounts.c.account_id)
    .where(
        account_sessions.c.session_id == bindparam("session"),
        account_sessions.c.expires_at > bindparam("wall"),
        accounts.c.disabled_at.is_(None),
    )
)

MEMBERSHIPS = (
    select(memberships).where(memberships.c.account_id == bindparam("account")).order_by(memberships.c.shop_id)
)

# Who works in a shop with one of these roles and can still sign in.
WITH_ROLES = (
    select(memberships.c.account_id)
    .join(accounts, accounts.c.account_id == memberships.c.account_id)
    .where(
        memberships.c.shop_id == bindparam("shop"),
        memberships.c.role.in_(bindparam("roles", expanding=True)),
        accounts.c.disabled_at.is_(None),
    )
    .order_by(memberships.c.account_id)
)

WITH_PLATFORM_ROLES = (
    select(accounts)
    .where(accounts.c.platform_role.in_(bindparam("roles", expanding=True)), accounts.c.disabled_at.is_(None))
    .order_by(accounts.c.display_name, accounts.c.account_id)
)

NAMES = select(accounts.c.account_id, accounts.c.display_name).where(
    accounts.c.account_id.in_(bindparam("ids", expanding=True))
)

DELETE_SESSION = delete(account_sessions).where(account_sessions.c.token_hash == bindparam("hash"))

# Old sessions are swept by the statement that makes a new one for the same account: no sweep of its own is needed.
DELETE_OLD_SESSIONS = delete(account_sessions).where(
    account_sessions.c.account_id == bindparam("account"), account_sessions.c.expires_at <= bindparam("wall")
)
