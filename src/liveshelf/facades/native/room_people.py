"""People of a shop's rooms by their WeChat ids: roles, identity, linked accounts; and who helps in one room."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import delete, get, patch, post, put

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator, Permission
from liveshelf.facades.native.shell import RequestId, SmallId, instant, staff
from liveshelf.kernel.ids import AccountId, RoomId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import assistants, members, queries
from liveshelf.rooms.assistants import ASSISTANTS_MAX, Assistant
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.members import NICKNAME_MAX, ROLE_MAX, Identity, MemberRole, RoomMember

_PEOPLE = "/shops/{shop_id:int}/room-people"
_ONE = f"{_PEOPLE}/{{wechat_id:str}}"
_ROOM = "/shops/{shop_id:int}/rooms/{room_id:int}"
_READ = staff("rooms.read")
_WRITE = staff("people.write")  # a role lets a linked account onto the desk
_HELP = staff("rooms.write")

WechatId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Nickname = Annotated[str, msgspec.Meta(max_length=NICKNAME_MAX)]
RoleNumber = Annotated[int, msgspec.Meta(ge=1, le=3)]


class PersonView(msgspec.Struct, frozen=True):
    """Somebody by their WeChat id. `roles` are the wire's numbers: 0 owner, 1 admin, 2 anchor, 3 operator."""

    wechat_id: str
    nickname: str
    identity: Identity
    account_id: str | None
    account_name: str | None
    roles: list[int]
    updated_at: str


class RoleLimit(msgspec.Struct, frozen=True):
    """How many people may have a role."""

    role: int
    most: int


class RoomPeople(msgspec.Struct, frozen=True):
    """Everybody who is known. `may` says whether you may change them."""

    items: list[PersonView]
    limits: list[RoleLimit]
    may: list[str]


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody to be taken down, with the roles that they are given at once."""

    request_id: RequestId
    wechat_id: WechatId
    nickname: Nickname = ""
    roles: Annotated[list[RoleNumber], msgspec.Meta(max_length=3)] = []


class PersonEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of somebody; what is absent or null stays. An empty `account_id` parts them from their account."""

    request_id: RequestId
    nickname: Nickname | None = None
    identity: Identity | None = None
    account_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{0,18}$")] | None = None
    roles: Annotated[list[RoleNumber], msgspec.Meta(max_length=3)] | None = None


class AssistantView(msgspec.Struct, frozen=True):
    """Somebody who helps in a room."""

    wechat_id: str
    nickname: str
    added_at: str


class RoomCrew(msgspec.Struct, frozen=True):
    """Who helps in a room. An empty `sub_anchor` means that there is none."""

    assistants: list[AssistantView]
    most: int
    sub_anchor: str
    may: list[str]


class NewAssistant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody to help in the room."""

    request_id: RequestId
    wechat_id: WechatId
    nickname: Nickname = ""


class SubAnchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The second anchor; an empty text means that there is none."""

    request_id: RequestId
    wechat_id: Annotated[str, msgspec.Meta(max_length=64)]


@get(_PEOPLE, dependencies=_READ, tags=["rooms"])
async def list_room_people(operator: Operator, runtime: Runtime) -> RoomPeople:
    """Everybody who is known by a WeChat id."""
    return await _people(operator, runtime)


@post(_PEOPLE, dependencies=_WRITE, tags=["rooms"])
async def add_person(data: NewPerson, operator: Operator, runtime: Runtime) -> RoomPeople:
    """Take somebody down, with roles. Somebody who is known already keeps what they have."""

    async def work(tx: Tx) -> None:
        person = await members.known(tx, data.wechat_id, nickname=data.nickname)
        for role in sorted(set(data.roles) - set(person.roles)):
            await members.grant(tx, data.wechat_id, MemberRole(role))

    await runtime.db.write(operator.actor, operator.shop, work)
    return await _people(operator, runtime)


@patch(_ONE, dependencies=_WRITE, tags=["rooms"])
async def edit_person(wechat_id: str, data: PersonEdit, operator: Operator, runtime: Runtime) -> RoomPeople:
    """Change somebody's name, roles, identity or account."""

    async def work(tx: Tx) -> None:
        person = await members.member(tx, wechat_id)
        if data.nickname is not None:
            await members.rename(tx, wechat_id, data.nickname)
        if data.identity is not None:
            await members.set_identity(tx, wechat_id, data.identity)
        if data.account_id is not None:
            await members.link(tx, wechat_id, AccountId(int(data.account_id)) if data.account_id else None)
        if data.roles is not None:
            for role in sorted(set(person.roles) - set(data.roles)):
                await members.revoke(tx, wechat_id, MemberRole(role))
            for role in sorted(set(data.roles) - set(person.roles)):
                await members.grant(tx, wechat_id, MemberRole(role))

    await runtime.db.write(operator.actor, operator.shop, work)
    return await _people(operator, runtime)


@delete(_ONE, dependencies=_WRITE, tags=["rooms"], status_code=200)
async def forget_person(wechat_id: str, operator: Operator, runtime: Runtime) -> RoomPeople:
    """Forget somebody who has no role and helps nowhere."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: members.forget(tx, wechat_id))
    return await _people(operator, runtime)


@get(f"{_ROOM}/crew", dependencies=_READ, tags=["rooms"])
async def read_crew(room_id: SmallId, operator: Operator, runtime: Runtime) -> RoomCrew:
    """Who helps in the room."""
    return await _crew(operator, runtime, room_id)


@post(f"{_ROOM}/crew/assistants", dependencies=_HELP, tags=["rooms"])
async def add_assistant(room_id: SmallId, data: NewAssistant, operator: Operator, runtime: Runtime) -> RoomCrew:
    """Let somebody help in the room. With a linked account they may run its desk."""
    people = [(data.wechat_id, data.nickname)]
    await runtime.db.write(operator.actor, operator.shop, lambda tx: assistants.add(tx, RoomId(room_id), people))
    return await _crew(operator, runtime, room_id)


@delete(f"{_ROOM}/crew/assistants/{{wechat_id:str}}", dependencies=_HELP, tags=["rooms"], status_code=200)
async def remove_assistant(room_id: SmallId, wechat_id: str, operator: Operator, runtime: Runtime) -> RoomCrew:
    """Somebody helps no more."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: assistants.remove(tx, RoomId(room_id), wechat_id))
    return await _crew(operator, runtime, room_id)


@put(f"{_ROOM}/crew/sub-anchor", dependencies=_HELP, tags=["rooms"])
async def set_sub_anchor(room_id: SmallId, data: SubAnchor, operator: Operator, runtime: Runtime) -> RoomCrew:
    """Name the second anchor, or none."""

    async def work(tx: Tx) -> None:
        if data.wechat_id:
            await assistants.change_sub_anchor(tx, RoomId(room_id), data.wechat_id)
        else:
            await assistants.remove_sub_anchor(tx, RoomId(room_id))

    await runtime.db.write(operator.actor, operator.shop, work)
    return await _crew(operator, runtime, room_id)


async def _people(operator: Operator, runtime: Runtime) -> RoomPeople:
    async with runtime.db.read(operator.shop) as tx:
        found = await members.everybody(tx)
        named = {one.account_id: one.display_name for one in await accounts.members(tx)}
    limits = [RoleLimit(role, most) for role, most in ROLE_MAX.items()]
    may = ["write"] if Permission.PEOPLE_WRITE in operator.permissions else []
    return RoomPeople([_person(one, named) for one in found], limits, may)


def _person(one: RoomMember, named: dict[AccountId, str]) -> PersonView:
    known = one.account_id is not None and one.account_id in named
    return PersonView(
        one.wechat_id,
        one.nickname,
        one.identity,
        str(one.account_id) if known else None,
        named[one.account_id] if one.account_id is not None and known else None,
        list(one.roles),
        instant(one.updated_at),
    )


async def _crew(operator: Operator, runtime: Runtime, room_id: int) -> RoomCrew:
    async with runtime.db.read(operator.shop) as tx:
        room = await queries.room(tx, RoomId(room_id))
        if room is None:
            raise RoomMissing(room_id=room_id)
        found = await assistants.listed(tx, RoomId(room_id))
    may = ["write"] if Permission.ROOMS_WRITE in operator.permissions else []
    return RoomCrew([_assistant(one) for one in found], ASSISTANTS_MAX, room.sub_anchor_wechat, may)


def _assistant(one: Assistant) -> AssistantView:
    return AssistantView(one.wechat_id, one.nickname, instant(one.added_at))


ROUTES = [
    list_room_people,
    add_person,
    edit_person,
    forget_person,
    read_crew,
    add_assistant,
    remove_assistant,
    set_sub_anchor,
]
