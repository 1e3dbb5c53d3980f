"""Commands on the people of a shop: invite, join, give another role, let go.

Invitations follow wall time. A link's token is shown once and kept as a hash; it carries its shop's number, so that it
is looked up in that shop alone.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from liveshelf.accounts import _people_sql, _sql, queries
from liveshelf.accounts.errors import (
    AlreadyMember,
    HeirInvalid,
    InviteInvalid,
    InviteUnknown,
    LastOwner,
    MemberUnknown,
    NotOursAlone,
    NotYourself,
    RoleTooHigh,
    TooManyPeople,
)
from liveshelf.accounts.events import MemberLeft
from liveshelf.accounts.rules import NOTE_MAX, may_manage
from liveshelf.accounts.types import Invite, Operator, Role
from liveshelf.kernel.ids import AccountId, ShopId, new_number
from liveshelf.kernel.text import is_plain
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.signing import digest
from liveshelf.trail.service import record

INVITE_LIFE = timedelta(days=7)  # wall time
PEOPLE_MAX = 200
INVITES_MAX = 50
_TOKEN = re.compile(r"(\d{1,10})-[A-Za-z0-9_\-]{43}")


@dataclass(frozen=True, slots=True)
class Left:
    """Who left."""

    account_id: AccountId
    role: Role


async def invite(tx: Tx, operator: Operator, *, role: Role, note: str) -> tuple[Invite, str]:
    """A link for one person, once, within a week. Returns its token, which is shown this once.

    Raises `RoleTooHigh`, `InviteInvalid`, `TooManyPeople`.
    """
    if not may_manage(operator.role, role):
        raise RoleTooHigh(role=role.value)
    note = note.strip()
    if len(note) > NOTE_MAX or not is_plain(note):
        raise InviteInvalid(field="note")
    wall = wall_now()
    await tx.execute(_people_sql.DELETE_OLD_INVITES, wall=wall)
    people, waiting = await tx.scalar(_people_sql.COUNT_MEMBERS), await tx.scalar(_people_sql.COUNT_INVITES, wall=wall)
    if people + waiting >= PEOPLE_MAX or waiting >= INVITES_MAX:
        raise TooManyPeople
    token = f"{tx.shop}-{secrets.token_urlsafe(32)}"
    made = Invite(new_number(), role, note, operator.account_id, wall, wall + INVITE_LIFE)
    await tx.execute(
        _people_sql.INSERT_INVITE.values(
            shop_id=tx.shop,
            invite_id=made.invite_id,
            token_hash=digest(token),
            role=role,
            note=note,
            made_by=operator.account_id,
            made_at=made.made_at,
            expires_at=made.expires_at,
        )
    )
    record(tx, "people.invite", f"invite:{made.invite_id}", role=role.value)
    return made, token


async def revoke_invite(tx: Tx, invite_id: int) -> None:
    """Take an invitation back. Raises `InviteUnknown`."""
    if await tx.one(_people_sql.REVOKE_INVITE, b_invite=invite_id) is None:
        raise InviteUnknown
    record(tx, "people.revoke_invite", f"invite:{invite_id}")


def shop_of(token: str) -> ShopId:
    """Whose invitation a token is, by its own word. Raises `InviteUnknown`."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise InviteUnknown
    return ShopId(int(match[1]))


async def invite_of(tx: ReadTx, token: str) -> Invite:
    """The invitation behind a token of the transaction's shop. Raises `InviteUnknown`."""
    row = await tx.one(_people_sql.INVITE, b_hash=digest(token), wall=wall_now())
    if row is None:
        raise InviteUnknown
    return queries.invite(row)


async def join(tx: Tx, token: str, account_id: AccountId) -> Invite:
    """The account takes the place that a link offers. Of two who use it at once, one does.

    Raises `InviteUnknown`, `AlreadyMember`.
    """
    row = await tx.one(_people_sql.TAKE_INVITE, b_hash=digest(token), wall=wall_now())
    if row is None:
        raise InviteUnknown
    taken = queries.invite(row)
    if await tx.one(_people_sql.MEMBER_LOCKED, b_account=account_id) is not None:
        raise AlreadyMember
    await tx.execute(
        _sql.INSERT_MEMBERSHIP.values(account_id=account_id, shop_id=tx.shop, role=taken.role, created_at=tx.now)
    )
    record(tx, "people.join", f"account:{account_id}", role=taken.role.value, invite=taken.invite_id)
    return taken


async def change_role(tx: Tx, operator: Operator, account_id: AccountId, role: Role) -> None:
    """Give somebody another role; they sign in again with it.

    Raises `MemberUnknown`, `RoleTooHigh`, `NotYourself`, `LastOwner`.
    """
    present = await _manageable(tx, operator, account_id)
    if operator.account_id == account_id:
        raise NotYourself
    if not may_manage(operator.role, role):
        raise RoleTooHigh(role=role.value)
    if present is role:
        return
    await tx.execute(_people_sql.SET_ROLE, b_account=account_id, b_role=role)
    await tx.execute(_people_sql.END_SESSIONS, b_account=account_id, b_but=0)
    record(tx, "people.change_role", f"account:{account_id}", before=present.value, role=role.value)


async def remove(tx: Tx, operator: Operator, account_id: AccountId, *, heir: AccountId | None) -> Left:
    """Let somebody go: their sessions end, and what is open with them becomes `heir`'s, or everybody's.

    People may also go by themselves. Raises `MemberUnknown`, `RoleTooHigh`, `LastOwner`, `HeirInvalid`.
    """
    role = await _manageable(tx, operator, account_id)
    if heir is not None and (heir == account_id or await tx.one(_people_sql.MEMBER_LOCKED, b_account=heir) is None):
        raise HeirInvalid(field="hand_over_to")
    await tx.execute(_people_sql.REMOVE, b_account=account_id)
    await tx.execute(_people_sql.END_SESSIONS, b_account=account_id, b_but=0)
    record(tx, "people.remove", f"account:{account_id}", role=role.value, heir=heir)
    tx.emit(MemberLeft(account_id=account_id, heir=heir), stream=f"account:{account_id}")
    return Left(account_id, role)


async def leave_platform(tx: Tx, account_id: AccountId) -> None:
    """Somebody works for the platform no more; the shops in which they work are those shops' to leave. `tx` is the
    platform's. Raises `MemberUnknown`.
    """
    row = await tx.one(_people_sql.LEAVE_PLATFORM, b_account=account_id)
    if row is None:
        raise MemberUnknown("They have no role on the platform.")
    await tx.execute(_people_sql.END_SESSIONS, b_account=account_id, b_but=0)
    record(tx, "people.leave_platform", f"account:{account_id}")


async def may_reset(tx: ReadTx, operator: Operator, account_id: AccountId) -> None:
    """Whether the operator may make a link for this member's new password.

    Raises `MemberUnknown`, `RoleTooHigh`, and `NotOursAlone` for somebody whom it would open other doors too.
    """
    row = await tx.one(_people_sql.MEMBER, b_account=account_id)
    if row is None:
        raise MemberUnknown
    if not may_manage(operator.role, Role(row.role)):
        raise RoleTooHigh(role=row.role)
    if await tx.scalar(_people_sql.ELSEWHERE, b_account=account_id):
        raise NotOursAlone


async def _manageable(tx: Tx, operator: Operator, account_id: AccountId) -> Role:
    """The member's present role, under its lock, if the operator may change it."""
    owners = [row.account_id for row in await tx.all(_people_sql.OWNERS_LOCKED)]
    row = await tx.one(_people_sql.MEMBER_LOCKED, b_account=account_id)
    if row is None:
        raise MemberUnknown
    if account_id != operator.account_id and not may_manage(operator.role, Role(row.role)):
        raise RoleTooHigh(role=row.role)
    if owners == [account_id]:
        raise LastOwner
    return Role(row.role)
