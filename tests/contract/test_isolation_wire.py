"""Every shop for itself on the wire: a walk over all calls, made from the router's table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from liveshelf.facades.wechat.calls import BodyKind, Route
from liveshelf.facades.wechat.router import ROUTES
from tests.make.shops import a_shop
from tests.make.whole_shop import FOREIGN_NAME, Id, content, whole_shop
from tests.make.wire import Wire

UNKNOWN: Mapping[str, Id] = {
    "goods_id": 2_000_000_000,
    "audit_id": 2_000_000_000,
    "room_id": 2_000_000_000,
    "media_id": "nobody",
    "appid": "wx0123456789abcdef",
    "wechat_id": "wx_nobody",
    "openid": "oNobodyNobodyNobodyNobodyNob",
}
ROOM = {
    "name": "秋茶专场直播",
    "anchorName": "阿清姑娘",
    "startTime": 4_070_908_800,
    "endTime": 4_070_912_400,
    "anchorWechat": "wx_aqing",
    "type": 0,
}
GOODS = {"name": "青瓷茶盏", "priceType": 1, "price": 128, "url": "pages/goods/detail?id=1"}
# What each call is given: a dict with the names of things where it names one, `None` where it names nothing of a shop.
# A call that is not here fails the walk.
GIVEN: Mapping[str, Any] = {
    "token": None,
    "stable_token": None,
    "jscode2session": None,
    "clear_quota": {"appid": "{appid}"},
    "quota.get": None,
    "media.upload": None,
    "media.get": {"media_id": "{media_id}"},
    "goods.add": {"goodsInfo": {**GOODS, "coverImgUrl": "{media_id}"}},
    "goods.resetaudit": {"goodsId": "{goods_id}", "auditId": "{audit_id}"},
    "goods.audit": {"goodsId": "{goods_id}"},
    "goods.delete": {"goodsId": "{goods_id}"},
    "goods.update": {"goodsInfo": {**GOODS, "goodsId": "{goods_id}"}},
    "goods.setkey": None,
    "goods.getkey": None,
    "goods.getapproved": None,
    "goods.getgoodswarehouse": {"goods_ids": ["{goods_id}"]},
    "goods.onsale": {"roomId": "{room_id}", "goodsId": "{goods_id}", "onSale": 1},
    "goods.deleteInRoom": {"roomId": "{room_id}", "goodsId": "{goods_id}"},
    "goods.push": {"roomId": "{room_id}", "goodsId": "{goods_id}"},
    "goods.sort": {"roomId": "{room_id}", "goods": [{"goodsId": "{goods_id}"}]},
    "room.create": {**ROOM, "coverImg": "{media_id}", "shareImg": "{media_id}", "feedsImg": "{media_id}"},
    "room.editroom": {**ROOM, "id": "{room_id}", "coverImg": "{media_id}", "shareImg": "{media_id}"},
    "room.deleteroom": {"id": "{room_id}"},
    "room.getliveinfo": {"action": "get_replay", "room_id": "{room_id}", "start": 0, "limit": 10},
    "room.getsharedcode": {"roomId": "{room_id}"},
    "room.addgoods": {"roomId": "{room_id}", "ids": ["{goods_id}"]},
    "room.getpushurl": {"roomId": "{room_id}"},
    "goods.getVideo": {"roomId": "{room_id}", "goodsId": "{goods_id}"},
    "room.updatefeedpublic": {"roomId": "{room_id}", "isFeedsPublic": 1},
    "room.updatereplay": {"roomId": "{room_id}", "closeReplay": 1},
    "room.updatekf": {"roomId": "{room_id}", "closeKf": 1},
    "room.updatecomment": {"roomId": "{room_id}", "banComment": 0},
    "applyliveinfo": None,
    "room.addassistant": {"roomId": "{room_id}", "users": [{"username": "wx_new", "nickname": "小新"}]},
    "room.modifyassistant": {"roomId": "{room_id}", "username": "{wechat_id}", "nickname": "小新"},
    "room.removeassistant": {"roomId": "{room_id}", "username": "{wechat_id}"},
    "room.getassistantlist": {"roomId": "{room_id}"},
    "room.addsubanchor": {"roomId": "{room_id}", "username": "wx_second"},
    "room.modifysubanchor": {"roomId": "{room_id}", "username": "wx_third"},
    "room.deletesubanchor": {"roomId": "{room_id}"},
    "room.getsubanchor": {"roomId": "{room_id}"},
    "role.addrole": None,
    "role.deleterole": {"username": "{wechat_id}", "role": 3},
    "role.getrolelist": None,
    "get_wxa_followers": None,
    "push_message": {"room_id": "{room_id}", "user_openid": ["{openid}"]},
}


def test_every_call_is_walked() -> None:
    assert {route.name for route in ROUTES} == set(GIVEN), "say in GIVEN what it names"


@pytest.mark.feature("S-219")
async def test_another_shops_number_is_answered_as_one_that_never_was(runtime, db, wire_client):
    mine = await whole_shop(runtime, "自家", numbers_from=100)
    other = await whole_shop(runtime, FOREIGN_NAME, numbers_from=7_000)
    own, theirs = things(mine), things(other)
    software = await Wire(wire_client, runtime, mine.made).sign_in()
    before = await content(db, other.shop)
    wrong = []
    for route in ROUTES:
        for thing in sorted(UNKNOWN) if GIVEN[route.name] else []:
            if f"{{{thing}}}" not in repr(GIVEN[route.name]):
                continue
            asked = await told(software, route, {**own, thing: theirs[thing]})
            never = await told(software, route, {**own, thing: UNKNOWN[thing]})
            if asked["errcode"] != never["errcode"] or asked["errcode"] == -1 or FOREIGN_NAME in repr(asked):
                wrong.append(f"{route.name} ({thing}): {asked} unlike {never}")
    assert wrong == [], "\n".join(wrong)
    after = await content(db, other.shop)
    assert after == before, [name for name in after if after[name] != before[name]]


@pytest.mark.feature("S-219")
async def test_a_call_without_a_good_token_says_nothing(runtime, db, wire_client: httpx.AsyncClient):
    made = await a_shop(db)
    software = await Wire(wire_client, runtime, made).sign_in()
    strange = software.token[:-4] + ("AAAA" if software.token[-4:] != "AAAA" else "BBBB")
    for route in ROUTES:
        if not route.token:
            continue
        for token, code in ((None, 41001), (strange, 40001), ("x", 40014)):
            assert (await told(software, route, {}, token=token))["errcode"] == code, route.name


def things(of: Any) -> dict[str, Id]:
    return {
        "goods_id": of.ids["goods_id"],
        "audit_id": of.ids["audit_id"],
        "room_id": of.ids["room_id"],
        "media_id": of.ids["media_id"],
        "appid": of.made.appid,
        "wechat_id": of.ids["wechat_id"],
        "openid": of.ids["openid"],
    }


async def told(software: Wire, route: Route, ids: Mapping[str, Id], *, token: str | None = "") -> dict[str, Any]:
    """The answer to a call about these things. It must come with HTTP 200."""
    fields = filled(GIVEN[route.name] or {}, ids)
    if "POST" not in route.methods:
        return await software.get(route.path, fields, token=token)
    if route.body is BodyKind.UPLOAD:
        return await software.post(route.path, token=token, files={"media": ("a.jpg", b"-", "image/jpeg")})
    return await software.post(route.path, fields, token=token)


def filled(given: Any, ids: Mapping[str, Id]) -> Any:
    match given:
        case dict():
            return {key: filled(value, ids) for key, value in given.items()}
        case list():
            return [filled(value, ids) for value in given]
        case str() if given.startswith("{"):
            return ids.get(given[1:-1], 1)
        case _:
            return given
