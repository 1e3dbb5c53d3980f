"""Reads: who holds a session, and where they belong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from liveshelf.accounts import _people_sql, _sql
from liveshelf.accounts.types import (
    PLATFORM_PERMISSIONS,
    ROLE_PERMISSIONS,
    Account,
    Invite,
    Member,
    Membership,
    Permission,
    PlatformRole,
    Role,
    Session,
    SignedIn,
)
from liveshelf.kernel.ids import AccountId, ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx
from liveshelf.platform.signing import digest

_PERSON = re.compile(r"(?:staff|reviewer|agent|employee):\d{1,18}")


async def signed_in(tx: ReadTx, token: str) -> SignedIn | None:
    """Whose session this token is, or `None` when it is unknown or over."""
    return await _signed_in(tx, await tx.one(_sql.ACCOUNT_BY_SESSION, token_hash=digest(token), wall=wall_now()))


async def of_session(tx: ReadTx, session_id: int) -> SignedIn | None:
    """Whose session this is, by its number, or `None` when it is over."""
    return await _signed_in(tx, await tx.one(_sql.ACCOUNT_OF_SESSION, session=session_id, wall=wall_now()))


async def _signed_in(tx: ReadTx, row: Row[Any] | None) -> SignedIn | None:
    if row is None:
        return None
    belongs = await memberships(tx, AccountId(row.account_id))
    return SignedIn(account(row), belongs, row.session_id, row.seen_at)


async def by_username(tx: ReadTx, username: str) -> Account | None:
    """The account of a user name, or `None`."""
    row = await tx.one(_sql.ACCOUNT_BY_USERNAME, username=username)
    return None if row is None else account(row)


async def memberships(tx: ReadTx, account_id: AccountId) -> tuple[Membership, ...]:
    """The shops that an account belongs to, by shop id."""
    rows = await tx.all(_sql.MEMBERSHIPS, account=account_id)
    return tuple(Membership(ShopId(row.shop_id), Role(row.role)) for row in rows)


async def members_with(tx: ReadTx, permission: Permission) -> list[AccountId]:
    """The members of the transaction's shop who have the permission."""
    roles = sorted(role for role, its in ROLE_PERMISSIONS.items() if permission in its)
    return [AccountId(row.account_id) for row in await tx.all(_sql.WITH_ROLES, roles=roles)] if roles else []


async def count_members(tx: ReadTx) -> int:
    """How many people can sign in to work in the transaction's shop."""
    return len(await tx.all(_sql.WITH_ROLES, roles=[role.value for role in Role]))


async def platform_people(tx: ReadTx, permission: Permission) -> list[Account]:
    """Everybody whose role on the platform has the permission, by name."""
    roles = sorted(role for role, its in PLATFORM_PERMISSIONS.items() if permission in its)
    return [account(row) for row in await tx.all(_sql.WITH_PLATFORM_ROLES, roles=roles)] if roles else []


async def members(tx: ReadTx) -> list[Member]:
    """Who works in the transaction's shop, in the order in which they came."""
    return [
        Member(
            AccountId(row.account_id),
            row.username,
            row.display_name,
            Role(row.role),
            row.created_at,
            row.seen_at,
            row.totp_at is not None,
        )
        for row in await tx.all(_people_sql.MEMBERS)
    ]


async def invites(tx: ReadTx) -> list[Invite]:
    """The invitations that still wait, newest first."""
    return [invite(row) for row in await tx.all(_people_sql.INVITES, wall=wall_now())]


async def names(tx: ReadTx, actors: Iterable[str]) -> dict[str, str]:
    """What the people among actors are called, by the actor as it is written down ("staff:41"). Others are left out."""
    # One account may have acted as staff and as a reviewer: two actors, one name.
    ids = {one: int(one.partition(":")[2]) for one in set(actors) if _PERSON.fullmatch(one)}
    rows = await tx.all(_sql.NAMES, ids=sorted(set(ids.values()))) if ids else []
    called = {row.account_id: row.display_name for row in rows}
    return {one: called[account_id] for one, account_id in ids.items() if account_id in called}


def account(row: Row[Any]) -> Account:
    """The account of a row."""
    role = PlatformRole(row.platform_role) if row.platform_role else None
    name = row.display_name
    return Account(AccountId(row.account_id), row.username, name, row.locale, role, row.totp_at is not None)


def invite(row: Row[Any]) -> Invite:
    """The invitation of a row."""
    return Invite(row.invite_id, Role(row.role), row.note, AccountId(row.made_by), row.made_at, row.expires_at)


def session(row: Row[Any]) -> Session:
    """The session of a row."""
    return Session(row.session_id, row.device, row.address, row.created_at, row.seen_at, row.expires_at)
