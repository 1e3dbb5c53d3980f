"""Assistants, second anchors and roles over the wire."""

from __future__ import annotations

import asyncio
import io
from typing import Any
from urllib.parse import urlencode, urlsplit

import zxingcpp
from PIL import Image
from py_wechat_tools import MPTools

from liveshelf.accounts.types import Role
from liveshelf.flows import go_live, share_code
from liveshelf.kernel.ids import RoomId
from liveshelf.rooms import members
from liveshelf.rooms.members import Identity, MemberRole
from tests.contract.test_wire_rooms import CREATE, OK, room, room_fields, start
from tests.contract.test_wire_sdks import outside, run
from tests.make.accounts import staff_session
from tests.make.rooms import ANCHOR
from tests.make.rooms import room as planned

__all__ = ["outside"]  # the fixture

ADD = "/wxaapi/broadcast/room/addassistant"
MODIFY = "/wxaapi/broadcast/room/modifyassistant"
REMOVE = "/wxaapi/broadcast/room/removeassistant"
LIST = "/wxaapi/broadcast/room/getassistantlist"
SUB_ADD = "/wxaapi/broadcast/room/addsubanchor"
SUB_MODIFY = "/wxaapi/broadcast/room/modifysubanchor"
SUB_DELETE = "/wxaapi/broadcast/room/deletesubanchor"
SUB_GET = "/wxaapi/broadcast/room/GetSubAnchor"  # as one SDK writes it
ROLE_ADD = "/wxaapi/broadcast/role/addrole"
ROLE_DELETE = "/wxaapi/broadcast/role/deleterole"
ROLE_LIST = "/wxaapi/broadcast/role/getrolelist"
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def mark(wire, wechat_id: str, identity: Identity) -> None:
    async def work(tx) -> None:
        await members.known(tx, wechat_id)
        await members.set_identity(tx, wechat_id, identity)

    await wire.runtime.db.write(ANCHOR, wire.made.shop, work)


async def test_a_room_has_up_to_ten_assistants(wire):
    room_id = await room(wire)
    at = {"roomId": room_id}
    assert await wire.get(LIST, at) == {**OK, "list": [], "count": 0, "maxCount": 10}
    users = [{"username": f"wx_{number}", "nickname": f"助手{number}"} for number in range(9)]
    assert await wire.post(ADD, {**at, "users": users}) == OK
    assert (await wire.post(ADD, {**at, "users": [users[3]]}))["errcode"] == 600001
    two = [{"username": "wx_x"}, {"username": "wx_y"}]
    assert (await wire.post(ADD, {**at, "users": two}))["errcode"] == 200002
    assert (await wire.get(LIST, at))["count"] == 9
    body = urlencode([("roomId", room_id), ("users[0][username]", "wx_x"), ("users[0][nickname]", "小帮手")])
    assert await wire.post(ADD, content=body.encode(), headers=FORM) == OK
    found = await wire.get(LIST, at)
    last = found["list"][-1]
    assert (found["count"], last["alias"], last["nickname"], last["headimg"]) == (10, "wx_x", "小帮手", "")
    assert isinstance(last["timestamp"], int)
    assert last["openid"].startswith("o")
    assert (await wire.post(LIST, at))["count"] == 10
    assert await wire.post(MODIFY, {**at, "username": "wx_x", "nickname": "大帮手"}) == OK
    assert (await wire.get(LIST, at))["list"][-1]["nickname"] == "大帮手"
    assert await wire.post(REMOVE, {**at, "username": "wx_x"}) == OK
    for path in (MODIFY, REMOVE):
        assert (await wire.post(path, {**at, "username": "wx_x", "nickname": "谁"}))["errcode"] == 600002
        assert (await wire.post(path, {"roomId": 99, "username": "wx_0", "nickname": "谁"}))["errcode"] == 300022
    assert (await wire.get(LIST, {"roomId": 99}))["errcode"] == 300022
    wrongs: list[dict[str, Any]] = [
        {},
        {"users": []},
        {"users": [7]},
        {"users": [{"nickname": "无名"}]},
        {"users": two * 6},
    ]
    for wrong in wrongs:
        assert (await wire.post(ADD, {**at, **wrong}))["errcode"] == 200002
    assert (await wire.post(ADD, {**at, "users": [{"username": "微信号"}]}))["errcode"] == 600002
    assert (await wire.post(ADD, {**at, "users": [{"username": "wx_z", "nickname": "名" * 31}]}))["errcode"] == 200002


async def test_the_tenth_place_is_given_once(wire):
    room_id = await room(wire)
    await wire.post(ADD, {"roomId": room_id, "users": [{"username": f"wx_{number}"} for number in range(9)]})
    asked = [wire.code(ADD, {"roomId": room_id, "users": [{"username": f"new_{number}"}]}) for number in range(6)]
    codes = await asyncio.gather(*asked)
    assert sorted(codes) == [0] + [200002] * 5
    assert (await wire.get(LIST, {"roomId": room_id}))["count"] == 10


async def test_a_second_anchor_is_named_changed_and_removed(wire):
    room_id = await room(wire)
    at = {"roomId": room_id}
    assert await wire.get(SUB_GET, at) == {**OK, "username": ""}
    assert (await wire.post(SUB_ADD, {**at, "username": "wx_aqing"}))["errcode"] == 500005
    assert (await wire.post(SUB_ADD, {**at, "username": "阿 清"}))["errcode"] == 500001
    assert await wire.post(SUB_ADD, {**at, "username": "wx_second"}) == OK
    assert (await wire.post(SUB_ADD, {**at, "username": "wx_third"}))["errcode"] == 500003
    assert (await wire.post(SUB_MODIFY, {**at, "username": "wx_second"}))["errcode"] == 500004
    await mark(wire, "wx_third", Identity.UNVERIFIED)
    assert (await wire.post(SUB_MODIFY, {**at, "username": "wx_third"}))["errcode"] == 500002
    await mark(wire, "wx_third", Identity.VERIFIED)
    assert await wire.post(SUB_MODIFY, {**at, "username": "wx_third"}) == OK
    assert (await wire.get(SUB_GET, at))["username"] == "wx_third"
    assert await wire.post(SUB_DELETE, content=urlencode(at).encode(), headers=FORM) == OK
    assert await wire.post(SUB_DELETE, at) == OK
    assert (await wire.get(SUB_GET, at))["username"] == ""
    for path in (SUB_ADD, SUB_MODIFY, SUB_DELETE):
        assert (await wire.post(path, {"roomId": 99, "username": "wx_second"}))["errcode"] == 300022
        assert (await wire.post(path, {"username": "wx_second"}))["errcode"] == 200002
    await start(wire, room_id)
    await wire.runtime.db.write(ANCHOR, wire.made.shop, lambda tx: go_live.end(tx, RoomId(room_id)))
    assert (await wire.post(SUB_ADD, {**at, "username": "wx_second"}))["errcode"] == 300023


async def test_roles_are_given_listed_masked_and_taken(wire):
    assert (await wire.get(ROLE_LIST, {}))["list"] == []
    assert await wire.post(ROLE_ADD, {"username": "wx_aqing", "role": 2}) == OK
    assert await wire.post(ROLE_ADD, {"username": "wx_aqing", "role": "3"}) == OK
    assert await wire.post(ROLE_ADD, content=urlencode({"username": "wx_min", "role": 1}).encode(), headers=FORM) == OK
    assert (await wire.post(ROLE_ADD, {"username": "wx_aqing", "role": 2}))["errcode"] == 400004
    found = await wire.get(ROLE_LIST, {"role": -1, "offset": 0, "limit": 10, "keyword": ""})
    assert found["total"] == 2
    first = found["list"][0]
    assert (first["roleList"], first["username"], first["headingimg"]) == ([2, 3], "wx****ng", "")
    assert isinstance(first["updateTimestamp"], str)
    assert first["updateTimestamp"].isdigit()
    assert [one["roleList"] for one in (await wire.get(ROLE_LIST, {"role": 1}))["list"]] == [[1]]
    assert (await wire.get(ROLE_LIST, {"role": 3}))["total"] == 1
    assert (await wire.get(ROLE_LIST, {"keyword": "wx_min"}))["total"] == 1
    assert (await wire.get(ROLE_LIST, {"keyword": "WX_A"}))["total"] == 1
    assert (await wire.get(ROLE_LIST, {"keyword": "%"}))["total"] == 0
    assert len((await wire.get(ROLE_LIST, {"limit": 1, "offset": 1}))["list"]) == 1
    assert (await wire.post(ROLE_LIST, {"role": -1, "limit": 100}))["total"] == 2
    for odd in ({"role": 4}, {"role": -2}, {"role": "x"}, {"offset": -1}, {"limit": "x"}):
        assert (await wire.get(ROLE_LIST, odd))["errcode"] == 200002, odd
    for path in (ROLE_ADD, ROLE_DELETE):
        assert (await wire.post(path, {"username": "微信", "role": 1}))["errcode"] == 400001
        for bad in (
            {"role": 1},
            {"username": "wx_a"},
            {"username": "wx_a", "role": 0},
            {"username": "wx_a", "role": 4},
        ):
            assert (await wire.post(path, bad))["errcode"] == 200002
    assert await wire.post(ROLE_DELETE, {"username": "wx_aqing", "role": 3}) == OK
    assert (await wire.post(ROLE_DELETE, {"username": "wx_aqing", "role": 3}))["errcode"] == 2003


async def test_the_owner_is_the_super_admin(wire):
    await staff_session(wire.runtime, wire.made.shop, Role.OWNER)
    for asked in ({"role": 0}, {}):
        (owner,) = (await wire.get(ROLE_LIST, asked))["list"]
        assert owner["roleList"] == [0]
        assert "****" in owner["username"]


async def test_an_anchor_with_a_room_to_come_keeps_the_role(wire):
    room_id = await room(wire)
    await wire.post(ROLE_ADD, {"username": "wx_aqing", "role": 2})
    assert (await wire.post(ROLE_DELETE, {"username": "wx_aqing", "role": 2}))["errcode"] == 400005
    await wire.post("/wxaapi/broadcast/room/deleteroom", {"id": room_id})
    assert await wire.post(ROLE_DELETE, {"username": "wx_aqing", "role": 2}) == OK


async def test_roles_have_limits_also_when_many_ask_at_once(wire, monkeypatch):
    monkeypatch.setattr(members, "ROLE_MAX", {**members.ROLE_MAX, MemberRole.ADMIN: 2})
    codes = await asyncio.gather(*(wire.code(ROLE_ADD, {"username": f"wx_{number}", "role": 1}) for number in range(6)))
    assert sorted(codes) == [0, 0, 400003, 400003, 400003, 400003]
    assert (await wire.get(ROLE_LIST, {"role": 1}))["total"] == 2


async def test_whose_real_name_is_not_true_is_no_anchor_and_the_answer_leads_to_the_check(wire):
    await mark(wire, "wx_aqing", Identity.UNVERIFIED)
    refused = await wire.post(CREATE, await room_fields(wire))
    assert refused["errcode"] == 300036
    address = urlsplit(refused["qrcode_url"])
    assert address.path == f"/identity-codes/{wire.made.shop}/people.png"
    asked = await wire.post(ROLE_ADD, {"username": "wx_aqing", "role": 2})
    assert (asked["errcode"], asked["codeurl"]) == (400002, refused["qrcode_url"])
    assert await wire.post(ROLE_ADD, {"username": "wx_aqing", "role": 3}) == OK
    picture = await share_code.identity_code(wire.runtime, wire.made.shop)
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert read.text.endswith(f"/console/shops/{wire.made.shop}/room-people")
    await mark(wire, "wx_aqing", Identity.VERIFIED)
    await room(wire)


async def test_py_wechat_tools_names_second_anchors(outside, runtime):
    made = outside.made
    typed = MPTools(made.appid, made.secret)
    room_id = await planned(runtime.db, made.shop, anchor_wechat="wx_aqing")
    assert (await run(lambda: typed.add_sub_anchor(room_id, "wx_second"))).errcode == 0
    assert (await run(lambda: typed.get_sub_anchor(room_id))).username == "wx_second"
    assert (await run(lambda: typed.modify_sub_anchor(room_id, "wx_third"))).errcode == 0
    assert (await run(lambda: typed.get_sub_anchor(room_id))).username == "wx_third"
    assert (await run(lambda: typed.delete_sub_anchor(room_id))).errcode == 0
