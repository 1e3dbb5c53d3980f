"""Who helps in rooms: assistants and the second anchor of a room, and the roles of the shop's people."""

from __future__ import annotations

from liveshelf.facades.wechat.calls import EITHER, Call, call
from liveshelf.facades.wechat.envelope import Answer
from liveshelf.facades.wechat.errors import ParameterWrong
from liveshelf.facades.wechat.params import Params
from liveshelf.kernel.ids import RoomId
from liveshelf.kernel.time import unix
from liveshelf.rooms import assistants, members, queries
from liveshelf.rooms.assistants import ASSISTANTS_MAX
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.members import ANY, MemberRole, RoomMember
from liveshelf.rooms.rules import masked_id

_PAGE, _PAGE_MAX = 10, 30
_KEYWORD_MAX = 64
_KEYS = ("username", "nickname")


@call("room.addassistant", "/wxaapi/broadcast/room/addassistant", anchor="A1")
async def add_assistants(call: Call) -> Answer:
    """Let people help in a room."""
    people = [(one.text("username"), one.optional_text("nickname") or "") for one in call.params.parts("users")]
    if not 1 <= len(people) <= ASSISTANTS_MAX:
        raise ParameterWrong(f"users must have 1 to {ASSISTANTS_MAX} entries", field="users")
    room_id = _room(call)
    await call.write(lambda tx: assistants.add(tx, room_id, people))
    return {}


@call("room.modifyassistant", "/wxaapi/broadcast/room/modifyassistant", anchor="A2")
async def modify_assistant(call: Call) -> Answer:
    """Call an assistant otherwise."""
    room_id, (wechat_id, nickname) = _room(call), (call.params.text(key) for key in _KEYS)
    await call.write(lambda tx: assistants.rename(tx, room_id, wechat_id, nickname))
    return {}


@call("room.removeassistant", "/wxaapi/broadcast/room/removeassistant", anchor="A3")
async def remove_assistant(call: Call) -> Answer:
    """Somebody helps no more."""
    room_id, wechat_id = _room(call), call.params.text("username")
    await call.write(lambda tx: assistants.remove(tx, room_id, wechat_id))
    return {}


@call("room.getassistantlist", "/wxaapi/broadcast/room/getassistantlist", EITHER, anchor="A4", reads_body=True)
async def list_assistants(call: Call) -> Answer:
    """Who helps in a room."""
    room_id = _room(call)
    async with call.read() as tx:
        found = await assistants.listed(tx, room_id)
    shown = [
        {
            "timestamp": unix(one.added_at),
            "headimg": "",
            "nickname": one.nickname,
            "alias": one.wechat_id,
            "openid": one.openid,
        }
        for one in found
    ]
    return {"list": shown, "count": len(shown), "maxCount": ASSISTANTS_MAX}


@call("room.addsubanchor", "/wxaapi/broadcast/room/addsubanchor", anchor="S1")
async def add_sub_anchor(call: Call) -> Answer:
    """Name a room's second anchor."""
    room_id, wechat_id = _room(call), call.params.text("username")
    await call.write(lambda tx: assistants.add_sub_anchor(tx, room_id, wechat_id))
    return {}


@call("room.modifysubanchor", "/wxaapi/broadcast/room/modifysubanchor", anchor="S2")
async def modify_sub_anchor(call: Call) -> Answer:
    """Name another second anchor."""
    room_id, wechat_id = _room(call), call.params.text("username")
    await call.write(lambda tx: assistants.change_sub_anchor(tx, room_id, wechat_id))
    return {}


@call("room.deletesubanchor", "/wxaapi/broadcast/room/deletesubanchor", anchor="S3")
async def delete_sub_anchor(call: Call) -> Answer:
    """The room has no second anchor any more."""
    room_id = _room(call)
    await call.write(lambda tx: assistants.remove_sub_anchor(tx, room_id))
    return {}


@call("room.getsubanchor", "/wxaapi/broadcast/room/getsubanchor", EITHER, anchor="S4", reads_body=True)
async def get_sub_anchor(call: Call) -> Answer:
    """The room's second anchor; an empty text when it has none, since a typed SDK reads it without asking."""
    room_id = _room(call)
    async with call.read() as tx:
        room = await queries.room(tx, room_id)
    if room is None:
        raise RoomMissing(room_id=room_id)
    return {"username": room.sub_anchor_wechat}


@call("role.addrole", "/wxaapi/broadcast/role/addrole", anchor="M1")
async def add_role(call: Call) -> Answer:
    """Give somebody a role."""
    wechat_id, role = call.params.text("username"), _role(call.params)
    await call.write(lambda tx: members.grant(tx, wechat_id, role))
    return {}


@call("role.deleterole", "/wxaapi/broadcast/role/deleterole", anchor="M2")
async def delete_role(call: Call) -> Answer:
    """Take a role away."""
    wechat_id, role = call.params.text("username"), _role(call.params)
    await call.write(lambda tx: members.revoke(tx, wechat_id, role))
    return {}


@call("role.getrolelist", "/wxaapi/broadcast/role/getrolelist", EITHER, anchor="M3")
async def list_roles(call: Call) -> Answer:
    """People with a role, by their index; -1 asks for every role."""
    params = call.params
    role = ANY if str(params.get("role", "")).strip() in {"", "-1"} else params.number("role")
    limit = params.optional_number("limit")
    keyword = params.optional_text("keyword") or ""
    if role > max(MemberRole) or len(keyword) > _KEYWORD_MAX:
        raise ParameterWrong("role must be -1 to 3", field="role")
    first, limit = params.optional_number("offset") or 0, _PAGE if limit is None else limit
    async with call.read() as tx:
        found, total = await members.listed(tx, role=role, keyword=keyword, first=first, limit=min(limit, _PAGE_MAX))
    return {"total": total, "list": [_shown(one) for one in found]}


def _shown(one: RoomMember) -> dict[str, object]:
    return {
        "headingimg": "",  # sic
        "nickname": one.nickname,
        "openid": one.openid,
        "roleList": list(one.roles),
        "updateTimestamp": str(unix(one.updated_at)),
        "username": masked_id(one.wechat_id),
    }


def _room(call: Call) -> RoomId:
    return RoomId(call.params.identifier("roomId"))


def _role(params: Params) -> MemberRole:
    number = params.number("role")
    if number not in set(MemberRole):
        raise ParameterWrong("role must be 1, 2 or 3", field="role")
    return MemberRole(number)


ROUTES = (
    add_assistants,
    modify_assistant,
    remove_assistant,
    list_assistants,
    add_sub_anchor,
    modify_sub_anchor,
    delete_sub_anchor,
    get_sub_anchor,
    add_role,
    delete_role,
    list_roles,
)
