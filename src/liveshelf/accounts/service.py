"""Commands: make accounts, sign in and out, and check permissions."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

from liveshelf.accounts import _sql, queries
from liveshelf.accounts.errors import (
    AccountInvalid,
    NotPermitted,
    PreviewOnlyLooks,
    PreviewRefused,
    ShopUnknown,
    UsernameTaken,
)
from liveshelf.accounts.rules import may_manage
from liveshelf.accounts.types import (
    ROLE_PERMISSIONS,
    Account,
    Membership,
    Operator,
    Permission,
    PlatformRole,
    Role,
    SignedIn,
)
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import PLATFORM, AccountId, ShopId, new_number
from liveshelf.kernel.text import is_plain
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.signing import digest

SESSION_LIFE = timedelta(hours=12)  # a working day; wall time
PASSWORD_MIN, PASSWORD_MAX = 12, 128  # the upper bound keeps hashing bounded
USERNAME_MIN, USERNAME_MAX = 3, 64
DISPLAY_NAME_MAX = 64


async def create_account(
    tx: Tx,
    *,
    username: str,
    display_name: str,
    password: str,
    password_hash: str,
    platform_role: PlatformRole | None = None,
    demo: bool = False,
    locale: str = "zh",
) -> AccountId:
    """Make an account. Raises `AccountInvalid`, `UsernameTaken`. `password` is only measured; its hash is stored."""
    if not USERNAME_MIN <= len(username) <= USERNAME_MAX or not username.isprintable() or " " in username:
        raise AccountInvalid(field="username")
    if not 1 <= len(display_name.strip()) <= DISPLAY_NAME_MAX or not is_plain(display_name):
        raise AccountInvalid(field="display_name")
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise AccountInvalid(field="password")
    account_id = await tx.scalar(
        _sql.INSERT_ACCOUNT.values(
            account_id=new_number(),
            username=username,
            display_name=display_name,
            password_hash=password_hash,
            locale=locale,
            platform_role=platform_role,
            demo=demo,
            created_at=tx.now,
        )
    )
    if account_id is None:
        raise UsernameTaken(field="username")
    return AccountId(account_id)


async def join_shop(tx: Tx, account_id: AccountId, role: Role) -> None:
    """Make the account a member of the transaction's shop. A second time changes nothing."""
    await tx.execute(
        _sql.INSERT_MEMBERSHIP.values(account_id=account_id, shop_id=tx.shop, role=role, created_at=tx.now)
    )


async def stored_password(tx: ReadTx, username: str) -> tuple[Account, str] | None:
    """The account of a user name with its password hash, to be matched outside the transaction."""
    row = await tx.one(_sql.ACCOUNT_BY_USERNAME, username=username)
    return None if row is None else (queries.account(row), row.password_hash)


async def start_session(tx: Tx, account_id: AccountId, *, device: str = "", address: str = "") -> str:
    """A new session's token, shown once; 256 random bits, valid for `SESSION_LIFE` of wall time.

    `device` and the masked `address` are for its owner to know it again.
    """
    token = secrets.token_urlsafe(32)
    wall = wall_now()
    await tx.execute(_sql.DELETE_OLD_SESSIONS, account=account_id, wall=wall)
    await tx.execute(
        _sql.INSERT_SESSION.values(
            token_hash=digest(token),
            session_id=new_number(),
            account_id=account_id,
            device=device,
            address=address,
            created_at=wall,
            seen_at=wall,
            expires_at=wall + SESSION_LIFE,
        )
    )
    return token


async def end_session(tx: Tx, token: str) -> None:
    """Sign out. An unknown token is no error."""
    await tx.execute(_sql.DELETE_SESSION, hash=digest(token))


def authorize(
    who: SignedIn, shop: ShopId, permission: Permission, *, also: frozenset[Permission] = frozenset()
) -> Operator:
    """The operator of a request in a shop; `also` is what they may do there besides their role.

    Raises `ShopUnknown` to strangers, `NotPermitted` to other members.
    """
    role = _role(who, shop)
    permissions = ROLE_PERMISSIONS[role] | also
    if permission not in permissions:
        raise NotPermitted(permission=permission.value, role=role.value)
    return _operator(who, ActorKind.STAFF, shop, permissions, role=role)


def authorize_member(who: SignedIn, shop: ShopId) -> Operator:
    """The operator of a request that anybody who works in the shop may make. Raises `ShopUnknown`."""
    role = _role(who, shop)
    return _operator(who, ActorKind.STAFF, shop, ROLE_PERMISSIONS[role], role=role)


def previewed(who: SignedIn, role: str, *, looks_only: bool) -> SignedIn:
    """Somebody who manages people, seen as one of the roles that they may give. Their shops are those where they may.

    Raises `PreviewRefused`, and `PreviewOnlyLooks` for a request that would change something.
    """
    if role not in set(Role):
        raise PreviewRefused(role=role[:32])
    shown = tuple(
        Membership(one.shop, Role(role))
        for one in who.memberships
        if Permission.PEOPLE_WRITE in ROLE_PERMISSIONS[one.role] and may_manage(one.role, Role(role))
    )
    if not shown:
        raise PreviewRefused(role=role)
    if not looks_only:
        raise PreviewOnlyLooks
    return replace(who, account=replace(who.account, platform_role=None), memberships=shown)


def authorize_platform(who: SignedIn, permission: Permission) -> Operator:
    """The operator of a request for the platform. Raises `NotPermitted`."""
    if permission not in who.platform_permissions:
        raise NotPermitted(permission=permission.value)
    return _operator(who, ActorKind.REVIEWER, PLATFORM, who.platform_permissions)


def authorize_platform_person(who: SignedIn) -> Operator:
    """The operator of a request of anybody with a role on the platform. Raises `NotPermitted`."""
    if who.account.platform_role is None:
        raise NotPermitted(permission="platform")
    return _operator(who, ActorKind.REVIEWER, PLATFORM, who.platform_permissions)


def _role(who: SignedIn, shop: ShopId) -> Role:
    role = next((membership.role for membership in who.memberships if membership.shop == shop), None)
    if role is None:
        raise ShopUnknown
    return role


def _operator(
    who: SignedIn, kind: ActorKind, shop: ShopId, permissions: frozenset[Permission], *, role: Role | None = None
) -> Operator:
    account = who.account
    actor = Actor(kind, str(account.account_id))
    return Operator(actor, shop, account.account_id, account.display_name, permissions, role, who.session_id)
