"""People of a shop's rooms, known by their WeChat ids: who they are, and which role they have.

Whether a WeChat id exists is not ours to know, so everybody who is named is taken down; whose real name was looked at
and not found true is marked, and may be no anchor. Who has an account here can be linked to it: then the role counts on
the desk as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import Row

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.errors import MemberUnknown
from liveshelf.accounts.types import Permission, Role
from liveshelf.customers.rules import new_openid
from liveshelf.kernel.ids import AccountId, RoomId
from liveshelf.kernel.text import is_plain
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.rooms import _people_sql, rules
from liveshelf.rooms.people_errors import (
    IdentityUnverified,
    MemberLinked,
    MemberMissing,
    MemberRefused,
    NicknameInvalid,
    RoleBusy,
    RoleMissing,
    RolesFull,
    RoleTaken,
    WechatIdInvalid,
)
from liveshelf.trail import service as trail

NICKNAME_MAX = 30
PEOPLE_MAX = 1_100  # all that the three roles may hold, and some who only assist
_LOCK_SPACE = 0x6C73_21  # first key of the advisory locks of a shop's roles


class MemberRole(IntEnum):
    """A role by the wire's number. 0, the super admin, is the shop's owner and is only read."""

    ADMIN = 1
    ANCHOR = 2
    OPERATOR = 3


class Identity(StrEnum):
    """Whether somebody's real name was checked."""

    UNKNOWN = "unknown"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"


OWNER = 0
ANY = -1
ROLE_MAX: Mapping[MemberRole, int] = {MemberRole.ADMIN: 10, MemberRole.ANCHOR: 500, MemberRole.OPERATOR: 500}
_DESK = frozenset({Permission.ROOMS_READ, Permission.ROOMS_LIVE})
GRANTS: Mapping[MemberRole, frozenset[Permission]] = {
    MemberRole.ADMIN: _DESK | {Permission.ROOMS_WRITE},
    MemberRole.ANCHOR: _DESK,
    MemberRole.OPERATOR: _DESK,
}
GRANTABLE = frozenset[Permission]().union(*GRANTS.values())


@dataclass(frozen=True, slots=True)
class RoomMember:
    """Somebody by their WeChat id. An owner whom nobody linked to one has none, but their account's name."""

    wechat_id: str
    nickname: str
    openid: str
    identity: Identity
    account_id: AccountId | None
    roles: tuple[int, ...]
    updated_at: datetime


async def grant(tx: Tx, wechat_id: str, role: MemberRole) -> None:
    """Give somebody a role. Whoever is new is taken down with it.

    Raises `WechatIdInvalid`, `RoleTaken`, `RolesFull`, and for anchors `IdentityUnverified`.
    """
    person = await known(tx, wechat_id)
    if role is MemberRole.ANCHOR and person.identity is Identity.UNVERIFIED:
        raise IdentityUnverified(wechat_id=wechat_id)
    await _line(tx)
    if role in await _roles(tx, wechat_id):
        raise RoleTaken
    if await tx.scalar(_people_sql.COUNT_ROLE, which=role) >= ROLE_MAX[role]:
        raise RolesFull(most=ROLE_MAX[role])
    await tx.execute(
        _people_sql.INSERT_ROLE,
        shop_id=tx.shop,
        wechat_id=wechat_id,
        role=role,
        granted_by=str(tx.actor),
        granted_at=tx.now,
    )
    await _touch(tx, wechat_id)
    trail.record(tx, "rooms.grant_role", f"member:{person.openid}", role=role.name.lower())


async def revoke(tx: Tx, wechat_id: str, role: MemberRole) -> None:
    """Take a role away. Raises `WechatIdInvalid`, `RoleMissing`, and `RoleBusy` for an anchor whose room is planned or
    on air.
    """
    check_id(wechat_id)
    await _line(tx)
    if role is MemberRole.ANCHOR and await tx.all(_people_sql.ROOMS_OF_ANCHOR, who=wechat_id):
        raise RoleBusy
    if await tx.scalar(_people_sql.DELETE_ROLE, who=wechat_id, which=role) is None:
        raise RoleMissing
    await _touch(tx, wechat_id)
    person = await member(tx, wechat_id)
    trail.record(tx, "rooms.revoke_role", f"member:{person.openid}", role=role.name.lower())


async def known(tx: Tx, wechat_id: str, *, nickname: str = "") -> RoomMember:
    """The person of a WeChat id, taken down when they are new. Raises `WechatIdInvalid`, `NicknameInvalid`."""
    check_id(wechat_id)
    called = checked_nickname(nickname or wechat_id)
    await tx.execute(
        _people_sql.INSERT_MEMBER,
        shop_id=tx.shop,
        wechat_id=wechat_id,
        nickname=called,
        openid=new_openid(),
        identity=Identity.UNKNOWN,
        created_at=tx.now,
        updated_at=tx.now,
    )
    return await member(tx, wechat_id)


async def rename(tx: Tx, wechat_id: str, nickname: str) -> None:
    """Call somebody otherwise. Raises `MemberMissing`, `NicknameInvalid`."""
    await member(tx, wechat_id)
    await _touch(tx, wechat_id, nickname=checked_nickname(nickname))


async def set_identity(tx: Tx, wechat_id: str, identity: Identity) -> None:
    """Say whether somebody's real name was checked. Raises `MemberMissing`."""
    person = await member(tx, wechat_id)
    await _touch(tx, wechat_id, identity=identity)
    trail.record(tx, "rooms.set_identity", f"member:{person.openid}", identity=identity.value)


async def link(tx: Tx, wechat_id: str, account_id: AccountId | None) -> None:
    """Say which account is this person; their roles count on the desk from now on. `None` parts the two.

    Raises `MemberMissing`, `MemberUnknown` (no such account in the shop), `MemberLinked`.
    """
    person = await member(tx, wechat_id)
    if account_id is not None:
        if account_id not in {one.account_id for one in await accounts.members(tx)}:
            raise MemberUnknown(account_id=str(account_id))
        await _line(tx)
        if await tx.scalar(_people_sql.LINKED, account=account_id) not in {None, wechat_id}:
            raise MemberLinked
    await _touch(tx, wechat_id, account_id=account_id)
    trail.record(tx, "rooms.link_member", f"member:{person.openid}", linked=account_id is not None)


async def forget(tx: Tx, wechat_id: str) -> None:
    """Forget somebody who has no role and assists nowhere. Raises `MemberMissing`, `MemberRefused`."""
    person = await member(tx, wechat_id)
    await _line(tx)
    if person.roles or await tx.scalar(_people_sql.ASSISTS, who=wechat_id):
        raise MemberRefused
    await tx.execute(_people_sql.DELETE_MEMBER, who=wechat_id)
    trail.record(tx, "rooms.forget_member", f"member:{person.openid}")


async def member(tx: ReadTx, wechat_id: str) -> RoomMember:
    """The person of a WeChat id. Raises `MemberMissing`."""
    row = await tx.one(_people_sql.MEMBER, who=wechat_id)
    if row is None:
        raise MemberMissing
    return _as_member(row, await _roles(tx, wechat_id))


async def unverified(tx: ReadTx, wechat_id: str) -> bool:
    """Whether somebody's real name was looked at and not found true. Who is unknown is believed."""
    row = await tx.one(_people_sql.MEMBER, who=wechat_id) if wechat_id else None
    return row is not None and row.identity == Identity.UNVERIFIED


async def everybody(tx: ReadTx) -> list[RoomMember]:
    """All who are known, in the order in which they came; at most `PEOPLE_MAX`."""
    return [_as_member(row, row.roles or ()) for row in await tx.all(_people_sql.EVERYBODY, most=PEOPLE_MAX)]


async def listed(tx: ReadTx, *, role: int, keyword: str, first: int, limit: int) -> tuple[list[RoomMember], int]:
    """People with a role (`ANY`, `OWNER` or a `MemberRole`) by their index, and how many there are in all.

    `keyword` is a whole WeChat id or a part of a nickname. Owners stand first: they have all roles, and are found under
    their account's name until somebody links it.
    """
    owners = [one for one in await accounts.members(tx) if one.role is Role.OWNER]
    ids = [one.account_id for one in owners]
    alone = []
    if role in {ANY, OWNER}:
        for one in owners:
            named = keyword == one.username or keyword.lower() in one.display_name.lower()
            if named and await tx.scalar(_people_sql.LINKED, account=one.account_id) is None:
                alone.append(
                    RoomMember(one.username, one.display_name, "", Identity.UNKNOWN, one.account_id, (), one.joined_at)
                )
    asked = {"which": role, "keyword": keyword, "owners": ids}
    total = len(alone) + int(await tx.scalar(_people_sql.COUNT_LISTED, **asked))
    page = alone[first : first + limit]
    if len(page) < limit:
        rows = await tx.all(_people_sql.LISTED, **asked, first=max(0, first - len(alone)), most=limit - len(page))
        page += [_as_member(row, row.roles or ()) for row in rows]
    owning = set(ids)
    return [_with_owner(one, owning) for one in page], total


async def granted(tx: ReadTx, account_id: AccountId, room_id: RoomId | None = None) -> frozenset[Permission]:
    """What the roles of an account's WeChat id let it do beyond its place in the shop; in a room, also as assistant."""
    found = frozenset[Permission]()
    for row in await tx.all(_people_sql.ROLES_OF_ACCOUNT, account=account_id):
        found |= GRANTS[MemberRole(row.role)]
    if room_id is not None and await tx.scalar(_people_sql.ASSISTS_IN, account=account_id, room=room_id):
        found |= _DESK
    return found


def check_id(wechat_id: str) -> None:
    """The form of a WeChat id. Raises `WechatIdInvalid`."""
    if not rules.is_wechat_id(wechat_id):
        raise WechatIdInvalid(field="wechat_id")


def checked_nickname(nickname: str) -> str:
    """The nickname as it is kept. Raises `NicknameInvalid`."""
    kept = nickname.strip()
    if not 1 <= len(kept) <= NICKNAME_MAX or not is_plain(kept):
        raise NicknameInvalid(field="nickname")
    return kept


async def _line(tx: Tx) -> None:
    await tx.execute(_people_sql.LOCK_ROLES, space=_LOCK_SPACE, key=tx.shop % 2**31)


async def _roles(tx: ReadTx, wechat_id: str) -> list[int]:
    return [row.role for row in await tx.all(_people_sql.ROLES_OF, who=wechat_id)]


async def _touch(tx: Tx, wechat_id: str, **columns: object) -> None:
    statement = _people_sql.UPDATE_MEMBER.values(updated_at=tx.now, **columns)
    await tx.execute(statement, b_shop=tx.shop, b_who=wechat_id)


def _with_owner(one: RoomMember, owning: set[AccountId]) -> RoomMember:
    if one.account_id not in owning:
        return one
    roles = (OWNER, *one.roles)
    return RoomMember(one.wechat_id, one.nickname, one.openid, one.identity, one.account_id, roles, one.updated_at)


def _as_member(row: Row[Any], roles: Sequence[int]) -> RoomMember:
    account_id = None if row.account_id is None else AccountId(row.account_id)
    return RoomMember(
        row.wechat_id,
        row.nickname,
        row.openid,
        Identity(row.identity),
        account_id,
        tuple(sorted(roles)),
        row.updated_at,
    )
