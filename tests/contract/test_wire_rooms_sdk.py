"""A typed client nobody here wrote plans, edits, lists, shares and deletes rooms."""

from __future__ import annotations

import datetime as dt
import io

import wechatpy
from py_wechat_tools import MPTools

from liveshelf.flows import go_live
from liveshelf.goods.types import AuditState
from liveshelf.kernel.ids import RoomId
from tests.contract.test_wire_sdks import BASE, outside, run
from tests.make.goods import goods_in
from tests.make.pictures import jpeg
from tests.make.rooms import ANCHOR, passed

__all__ = ["outside"]  # the fixture


async def test_py_wechat_tools_takes_a_room_through_its_calls(outside, runtime):
    made = outside.made
    typed, generic = MPTools(made.appid, made.secret), wechatpy.WeChatClient(made.appid, made.secret)
    # Its first call carries no token at all; our 41001 makes it fetch one.
    empty = await run(lambda: typed.get_live_info(page=1, limit=10))
    assert empty.errcode in {0, 9410000}
    media = [(await run(lambda: generic.media.upload("image", io.BytesIO(jpeg()))))["media_id"] for _ in range(3)]
    begin = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    plan = {
        "name": "秋茶专场直播",
        "coverImg": media[0],
        "startTime": begin,
        "endTime": begin + dt.timedelta(hours=2),
        "anchorName": "阿清姑娘",
        "anchorWechat": "wx_aqing",
        "shareImg": media[1],
        "feedsImg": media[2],
    }
    room_id = (await run(lambda: typed.create_room(**plan))).roomId
    assert (await run(lambda: typed.edit_room(room_id, **{**plan, "name": "冬茶专场直播"}))).errcode == 0
    listed = await run(lambda: typed.get_live_info(page=1, limit=10))
    assert listed.total == 1
    shared = await run(lambda: typed.get_shared_code(room_id))
    assert f"room_id={room_id}" in shared.pagePath
    goods_id = (await goods_in(runtime.db, made.shop, AuditState.APPROVED)).goods_id
    at = {"roomId": room_id, "goodsId": goods_id}
    imported = {"ids": [goods_id], "roomId": room_id}
    add = BASE + "/wxaapi/broadcast/room/addgoods"
    assert (await run(lambda: generic.post(add, data=imported)))["errcode"] == 0
    await passed(runtime.db, made.shop, RoomId(room_id))
    await runtime.db.write(ANCHOR, made.shop, lambda tx: go_live.start(tx, RoomId(room_id)))
    push = BASE + "/wxaapi/broadcast/goods/push"
    assert (await run(lambda: generic.post(push, data=at)))["errcode"] == 0
    await runtime.db.write(ANCHOR, made.shop, lambda tx: go_live.end(tx, RoomId(room_id)))
    assert (await run(lambda: typed.delete_room(room_id))).errcode == 0
