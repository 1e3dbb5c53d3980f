"""The people of a shop: who works here as what, and the links by which others come."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, patch, post

from liveshelf.accounts import people, presence, queries, service, signing_in
from liveshelf.accounts.passwords import hash_password
from liveshelf.accounts.rules import may_manage
from liveshelf.accounts.types import ROLE_PERMISSIONS, Invite, Member, Operator, Permission, Role, SignedIn
from liveshelf.facades.native.entering import begin_session, cookies_of, may_open_link
from liveshelf.facades.native.security import LinkToken, Password
from liveshelf.facades.native.session import SessionView, view
from liveshelf.facades.native.shell import LongId, Plain, RequestId, instant, signed_in, staff
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import AccountId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.shops import queries as shops

_PATH = "/shops/{shop_id:int}/people"
_READ = staff("people.read")
_WRITE = staff("people.write")

Token = LinkToken


class RoleView(msgspec.Struct, frozen=True):
    """A role and what it may do. `may` says whether you may give it."""

    role: Role
    permissions: list[Permission]
    may: list[str]


class MemberView(msgspec.Struct, frozen=True):
    """A person of the shop. `may` says what you may do with their place."""

    account_id: str
    username: str
    display_name: str
    role: Role
    joined_at: str
    seen_at: str | None
    second_factor: bool
    you: bool
    may: list[str]


class InviteView(msgspec.Struct, frozen=True):
    """An invitation that waits."""

    invite_id: str
    role: Role
    note: str
    made_by: str
    made_at: str
    expires_at: str


class PeopleView(msgspec.Struct, frozen=True):
    """Everybody who works here, and who may come."""

    members: list[MemberView]
    invites: list[InviteView]
    may: list[str]


class NewInvite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For whom, and as what. Each request makes another link."""

    request_id: RequestId
    role: Role
    note: Annotated[str, msgspec.Meta(max_length=120)] = ""


class InviteMade(msgspec.Struct, frozen=True):
    """The link, shown this once."""

    invite: InviteView
    url: str


class NewRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another role."""

    role: Role


class Removal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who takes over what is open with the one who goes; nobody in particular when absent."""

    request_id: RequestId
    hand_over_to: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,19}$")] | None = None


class LinkMade(msgspec.Struct, frozen=True):
    """A link for a new password, shown this once and good for a day."""

    url: str


class LookInvite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An invitation's token, from the link."""

    token: Token


class InvitedView(msgspec.Struct, frozen=True):
    """What an invitation offers."""

    shop_name: str
    role: Role
    invited_by: str
    expires_at: str


class JoinNew(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The account of somebody who had none."""

    token: Token
    username: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    display_name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    password: Password


@get(_PATH, dependencies=_READ, tags=["people"])
async def list_people(operator: Operator, runtime: Runtime) -> PeopleView:
    """Everybody who works in the shop, and the invitations that wait."""
    return await _people(operator, runtime)


@get(f"{_PATH}/roles", dependencies=_READ, tags=["people"])
async def list_roles(operator: Operator) -> list[RoleView]:
    """Every role and what it may do."""
    return [RoleView(role, sorted(ROLE_PERMISSIONS[role]), ["give"] if _gives(operator, role) else []) for role in Role]


@post(f"{_PATH}/invites", dependencies=_WRITE, tags=["people"])
async def make_invite(data: NewInvite, operator: Operator, runtime: Runtime) -> InviteMade:
    """A link for one person, once, within a week."""
    made, token = await runtime.db.write(
        operator.actor, operator.shop, lambda tx: people.invite(tx, operator, role=data.role, note=data.note)
    )
    # Behind the hash sign: what stands there is never sent to a server, so no log on the way keeps it.
    return InviteMade(_invite(made, operator.name), f"{runtime.settings.public_url}/console/join#{token}")


@delete(f"{_PATH}/invites/{{invite_id:int}}", dependencies=_WRITE, tags=["people"])
async def revoke_invite(invite_id: LongId, operator: Operator, runtime: Runtime) -> None:
    """Take an invitation back."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: people.revoke_invite(tx, invite_id))


@patch(f"{_PATH}/{{account_id:int}}", dependencies=_WRITE, tags=["people"])
async def change_role(account_id: LongId, data: NewRole, operator: Operator, runtime: Runtime) -> PeopleView:
    """Give somebody another role. They sign in again."""
    one = AccountId(account_id)
    await runtime.db.write(operator.actor, operator.shop, lambda tx: people.change_role(tx, operator, one, data.role))
    await presence.cut(runtime.bus, one)
    return await _people(operator, runtime)


@post(f"{_PATH}/{{account_id:int}}/remove", status_code=204, dependencies=_WRITE, tags=["people"])
async def remove_member(account_id: LongId, data: Removal, operator: Operator, runtime: Runtime) -> None:
    """Let somebody go. They lose the shop at once, with every open page."""
    one, heir = AccountId(account_id), AccountId(int(data.hand_over_to)) if data.hand_over_to else None
    await runtime.db.write(operator.actor, operator.shop, lambda tx: people.remove(tx, operator, one, heir=heir))
    await presence.shut_out(runtime.bus, one)


@post(f"{_PATH}/{{account_id:int}}/password-link", dependencies=_WRITE, tags=["people"])
async def make_password_link(account_id: LongId, data: Plain, operator: Operator, runtime: Runtime) -> LinkMade:  # noqa: ARG001 - a body like all writes
    """A link by which the person sets a new password. Refused for people who also work elsewhere."""

    async def work(tx: Tx) -> str:
        await people.may_reset(tx, operator, AccountId(account_id))
        return await signing_in.password_link(tx, AccountId(account_id))

    token = await runtime.db.write(operator.actor, operator.shop, work)
    return LinkMade(f"{runtime.settings.public_url}/console/new-password#{token}")


@post("/invites/look", status_code=200, tags=["people"])
async def look_at_invite(data: LookInvite, runtime: Runtime, request: Request[Any, Any, Any]) -> InvitedView:
    """What an invitation offers, to whoever has its link."""
    may_open_link(request)
    shop = people.shop_of(data.token)
    async with runtime.db.read(shop) as tx:
        found = await people.invite_of(tx, data.token)
        by = f"staff:{found.made_by}"
        names, name = await queries.names(tx, [by]), (await shops.shop(tx)).name
    return InvitedView(name, found.role, names.get(by, ""), instant(found.expires_at))


@post("/invites/join-new", status_code=200, tags=["people"])
async def join_with_new_account(
    data: JoinNew, runtime: Runtime, request: Request[Any, Any, Any]
) -> Response[SessionView]:
    """Make an account and take the place that an invitation offers; signed in afterwards."""
    may_open_link(request)
    shop = people.shop_of(data.token)
    async with runtime.db.read(shop) as tx:  # before the hash, which costs
        await people.invite_of(tx, data.token)
    signing_in.check_password(data.password)
    stored = await hash_password(data.password)

    async def work(tx: Tx) -> tuple[AccountId, str]:
        account_id = await service.create_account(
            tx,
            username=data.username,
            display_name=data.display_name,
            password=data.password,
            password_hash=stored,
        )
        await people.join(tx, data.token, account_id)
        return account_id, await begin_session(tx, request, account_id)

    account_id, token = await runtime.db.write(SYSTEM, shop, work)
    return await _joined(runtime, token, data.username, account_id)


@post("/invites/join", status_code=200, dependencies=signed_in(), tags=["people"])
async def join_as_myself(
    data: LookInvite, who: SignedIn, runtime: Runtime, request: Request[Any, Any, Any]
) -> Response[SessionView]:
    """Take the place that an invitation offers, as who you are. The session gets a new cookie: it can do more now."""
    shop, account_id = people.shop_of(data.token), who.account.account_id

    async def work(tx: Tx) -> str:
        await people.join(tx, data.token, account_id)
        return await begin_session(tx, request, account_id)

    token = await runtime.db.write(Actor(ActorKind.STAFF, str(account_id)), shop, work)
    return await _joined(runtime, token, who.account.username, account_id)


async def _joined(runtime: Runtime, token: str, username: str, account_id: AccountId) -> Response[SessionView]:
    async with runtime.db.read() as tx:
        who = await queries.signed_in(tx, token)
    if who is None:
        raise AssertionError(f"the session of {account_id} was just made")
    return Response(await view(runtime, who), cookies=cookies_of(runtime, token, username))


async def _people(operator: Operator, runtime: Runtime) -> PeopleView:
    async with runtime.db.read(operator.shop) as tx:
        members, invites = await queries.members(tx), await queries.invites(tx)
        names = await queries.names(tx, [f"staff:{one.made_by}" for one in invites])
    writes = Permission.PEOPLE_WRITE in operator.permissions
    return PeopleView(
        [_member(one, operator, alone=_alone(one, members)) for one in members],
        [_invite(one, names.get(f"staff:{one.made_by}", "")) for one in invites] if writes else [],
        ["invite", "preview"] if writes else [],
    )


def _alone(one: Member, members: list[Member]) -> bool:
    return one.role is Role.OWNER and sum(other.role is Role.OWNER for other in members) == 1


def _member(one: Member, operator: Operator, *, alone: bool) -> MemberView:
    you = one.account_id == operator.account_id
    manages = _gives(operator, one.role)
    may = [
        *(["change_role", "password_link"] if manages and not you else []),
        *(["remove"] if manages and not alone else []),
    ]
    return MemberView(
        str(one.account_id),
        one.username,
        one.display_name,
        one.role,
        instant(one.joined_at),
        instant(one.seen_at),
        one.second_factor,
        you,
        may,
    )


def _gives(operator: Operator, role: Role) -> bool:
    return Permission.PEOPLE_WRITE in operator.permissions and may_manage(operator.role, role)


def _invite(one: Invite, made_by: str) -> InviteView:
    return InviteView(str(one.invite_id), one.role, one.note, made_by, instant(one.made_at), instant(one.expires_at))


ROUTES = [
    list_people,
    list_roles,
    make_invite,
    revoke_invite,
    change_role,
    remove_member,
    make_password_link,
    look_at_invite,
    join_with_new_account,
    join_as_myself,
]
