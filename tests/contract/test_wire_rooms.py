"""Rooms and the goods inside them over the wire, against the contract."""

from __future__ import annotations

import io
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import zxingcpp
from PIL import Image

from liveshelf.flows import go_live, share_code
from liveshelf.goods.types import AuditState, Origin
from liveshelf.kernel.ids import RoomId
from liveshelf.kernel.time import unix
from liveshelf.rooms import service
from liveshelf.shops import service as shops
from tests.make.goods import goods_in
from tests.make.pictures import encoded
from tests.make.rooms import ANCHOR, passed

CREATE = "/wxaapi/broadcast/room/create"
EDIT = "/wxaapi/broadcast/room/editroom"
DELETE = "/wxaapi/broadcast/room/deleteroom"
LIST = "/wxa/business/getliveinfo"
CODE = "/wxaapi/broadcast/room/getsharedcode"
ADD = "/wxaapi/broadcast/room/addgoods"
ON_SALE = "/wxaapi/broadcast/goods/onsale"
REMOVE = "/wxaapi/broadcast/goods/deleteInRoom"
PUSH = "/wxaapi/broadcast/goods/push"
SORT = "/wxaapi/broadcast/goods/sort"
OK = {"errcode": 0, "errmsg": "ok"}


async def room_fields(wire, **changes):
    now = wire.runtime.clock.now()
    fields = {
        "name": "秋茶专场直播",
        "coverImg": await wire.upload(),
        "startTime": unix(now + timedelta(hours=1)),
        "endTime": unix(now + timedelta(hours=3)),
        "anchorName": "阿清姑娘",
        "anchorWechat": "wx_aqing",
        "shareImg": await wire.upload(),
        "feedsImg": await wire.upload(),
        "isFeedsPublic": 1,
        "type": 0,
        "closeLike": 0,
        "closeGoods": 0,
        "closeComment": 0,
        "closeReplay": 1,
        "closeShare": 0,
        "closeKf": 1,
    }
    return {key: value for key, value in {**fields, **changes}.items() if value is not ...}


async def room(wire, **changes) -> int:
    answer = await wire.post(CREATE, await room_fields(wire, **changes))
    assert answer["errcode"] == 0, answer
    return int(answer["roomId"])


async def start(wire, room_id: int) -> None:
    await passed(wire.runtime.db, wire.made.shop, RoomId(room_id))
    await wire.runtime.db.write(ANCHOR, wire.made.shop, lambda tx: go_live.start(tx, RoomId(room_id)))


async def goods(wire, count: int = 1, state: AuditState = AuditState.APPROVED, **changes) -> list[int]:
    made = [await goods_in(wire.runtime.db, wire.made.shop, state, **changes) for _ in range(count)]
    return [one.goods_id for one in made]


async def listed(wire, room_id: int):
    answer = await wire.post(LIST, {"start": 0, "limit": 100})
    return next(one for one in answer["room_info"] if one["roomid"] == room_id)


async def test_a_room_is_created_and_listed_with_integer_fen_prices(wire):
    room_id = await room(wire)
    (goods_id,) = await goods(wire, price_type=3, price_fen=12800, price2_fen=9950)
    assert await wire.post(ADD, {"ids": [goods_id], "roomId": room_id}) == OK
    answer = await wire.post(LIST, {"start": 0, "limit": 10})
    assert (answer["errcode"], answer["total"], answer["live_replay"]) == (0, 1, [])
    (info,) = answer["room_info"]
    assert (info["roomid"], info["live_status"], info["name"], info["anchor_name"]) == (
        room_id,
        102,
        "秋茶专场直播",
        "阿清姑娘",
    )
    assert (info["live_type"], info["close_kf"], info["close_replay"], info["is_feeds_public"]) == (0, 1, 1, 1)
    assert info["cover_img"].startswith("http://127.0.0.1:8000/media/")
    (item,) = info["goods"]
    assert (item["price"], item["price2"], item["price_type"]) == (12800, 9950, 3)
    assert isinstance(item["price"], int)
    assert set(item) == {"goods_id", "name", "cover_img", "url", "price", "price2", "price_type", "third_party_appid"}


async def test_the_list_is_sorted_by_start_and_says_when_it_is_empty(wire):
    empty = await wire.post(LIST, {"start": 0, "limit": 10})
    assert empty["errcode"] == 9410000
    assert empty["errmsg"].startswith("empty room list rid: ")
    assert (empty["room_info"], empty["live_replay"]) == ([], [])
    now = wire.runtime.clock.now()
    hours = (3, 1, 2)
    times = [(unix(now + timedelta(hours=h)), unix(now + timedelta(hours=h + 1))) for h in hours]
    rooms = [await room(wire, startTime=begin, endTime=end) for begin, end in times]
    answer = await wire.post(LIST, {"start": 0, "limit": "2"})
    assert [one["roomid"] for one in answer["room_info"]] == [rooms[0], rooms[2]]
    assert answer["total"] == 3
    answer = await wire.post(LIST, {"start": 2, "limit": 2})
    assert [one["roomid"] for one in answer["room_info"]] == [rooms[1]]
    assert (await wire.post(LIST, {"start": 3, "limit": 2}))["errcode"] == 9410000
    for wrong in ({}, {"start": 0}, {"limit": 1}, {"start": -1, "limit": 1}, {"start": 0, "limit": 0}):
        assert (await wire.post(LIST, wrong))["errcode"] == 200002
    replay = {"action": "get_replay", "room_id": rooms[0], "start": 0, "limit": 10}
    assert (await wire.post(LIST, replay))["live_replay"] == []
    assert (await wire.post(LIST, {**replay, "room_id": 99}))["errcode"] == 9410003


@pytest.mark.parametrize(
    ("errcode", "changes"),
    [
        (300002, {"name": "茶茶"}),
        (300002, {"name": "茶" * 18}),
        (300040, {"name": "秋茶\n专场直播"}),
        (300028, {"name": "加微信有优惠"}),
        (300034, {"anchorName": "清"}),
        (300034, {"anchorName": "清" * 16}),
        (300030, {"anchorWechat": "阿清"}),
        (300039, {"subAnchorWechat": "阿清"}),
        (300041, {"createrWechat": "阿 清"}),
        (300031, {"coverImg": "nothing"}),
        (300032, {"shareImg": "nothing"}),
        (300037, {"feedsImg": "nothing"}),
        (200002, {"closeLike": 2}),
        (200002, {"type": "x"}),
        (200002, {"closeGoods": ...}),
        (200002, {"name": 7}),
        (200002, {"name": {"a": 1}}),
    ],
)
async def test_fields_of_a_room_have_rules(wire, errcode, changes):
    answer = await wire.post(CREATE, await room_fields(wire, **changes))
    assert answer["errcode"] == errcode, answer
    assert (await wire.post(LIST, {"start": 0, "limit": 1}))["errcode"] == 9410000


async def test_what_is_missing_is_named_in_the_words_of_the_real_server(wire):
    fields = await room_fields(wire)
    for key in ("name", "coverImg", "anchorName", "anchorWechat", "shareImg"):
        for nothing in ("", None, 0, ...):
            answer = await wire.post(CREATE, {k: v for k, v in {**fields, key: nothing}.items() if v is not ...})
            assert answer["errcode"] == 200002
            assert answer["errmsg"].startswith(f"parameter {key} must no be null"), answer
    times = {"startTime": ..., "endTime": ...}
    for key in times:
        for wrong in (..., "", None, "soon", -1, 2**62, 0):
            answer = await wire.post(CREATE, {k: v for k, v in {**fields, key: wrong}.items() if v is not ...})
            assert (answer["errcode"], answer["errmsg"].split(" rid")[0]) == (
                200002,
                "parameter startTime or endTime is invalid",
            )


@pytest.mark.parametrize(
    ("start_s", "length_s", "good"),
    [
        (601, 1800, False),  # a second passes on the way
        (630, 1800, True),
        (600, 3600, False),
        (183 * 86_400 - 60, 86_400, True),
        (184 * 86_400, 3600, False),
        (3600, 1799, False),
        (3600, 86_401, False),
        (-3600, 7200, False),
    ],
)
async def test_times_have_borders(wire, start_s, length_s, good):
    begin = unix(wire.runtime.clock.now()) + start_s - (1 if start_s == 601 else 0)
    answer = await wire.post(CREATE, await room_fields(wire, startTime=begin, endTime=begin + length_s))
    assert answer["errcode"] == (0 if good else 200002)


async def test_optional_fields_may_be_empty_in_every_way_that_sdks_leave_them(wire):
    for empty in ("", 0, None, ...):
        await room(wire, subAnchorWechat=empty, createrWechat=empty, feedsImg=empty)
    for absent in ("isFeedsPublic", "closeReplay", "closeShare", "closeKf"):
        await room(wire, **{absent: ...})
    await room(wire, screenType=1, unknown={"a": 1}, type="1", closeLike="0")


async def test_pictures_have_sizes_and_are_kept(wire, runtime):
    noise = Image.effect_noise((900, 900), 90).convert("RGB")
    large = await wire.upload(encoded(noise, quality=95))
    answer = await wire.post(CREATE, await room_fields(wire, feedsImg=large))
    assert answer["errcode"] == 300037
    room_id = await room(wire, coverImg=large)
    runtime.clock.set_offset(timedelta(days=4))
    url = (await listed(wire, room_id))["cover_img"]
    now = runtime.clock.now()
    again = await room_fields(
        wire, coverImg=url, startTime=unix(now + timedelta(hours=1)), endTime=unix(now + timedelta(hours=2))
    )
    await wire.sign_in()
    assert (await wire.post(CREATE, again))["errcode"] == 0


async def test_a_scheduled_room_is_edited_and_one_on_air_is_not(wire):
    room_id = await room(wire)
    fields = {**await room_fields(wire, name="冬茶专场直播", closeLike=1), "id": room_id}
    for without in ("type", "subAnchorWechat"):
        fields.pop(without, None)
    assert await wire.post(EDIT, fields) == OK
    info = await listed(wire, room_id)
    assert (info["name"], info["close_like"]) == ("冬茶专场直播", 1)
    assert await wire.post(EDIT, {**fields, "coverImg": info["cover_img"]}) == OK
    assert (await wire.post(EDIT, {**fields, "id": 99}))["errcode"] == 300022
    assert (await wire.post(EDIT, {**fields, "id": ""}))["errcode"] == 200002
    await start(wire, room_id)
    refused = await wire.post(EDIT, fields)
    assert refused["errcode"] == 300023
    assert refused["errmsg"].startswith("the current room status does not allow this operation")


async def test_rooms_are_deleted_outside_the_air_only(wire):
    room_id = await room(wire)
    await start(wire, room_id)
    assert (await wire.post(DELETE, {"id": room_id}))["errcode"] == 300023
    await wire.runtime.db.write(ANCHOR, wire.made.shop, lambda tx: go_live.end(tx, RoomId(room_id)))
    assert await wire.post(DELETE, {"id": str(room_id)}) == OK
    assert (await wire.post(DELETE, {"id": room_id}))["errcode"] == 300022
    assert (await wire.post(DELETE, {}))["errcode"] == 200002


@pytest.mark.parametrize(
    ("verbs", "status"), [([], 102), (["start"], 101), (["start", "pause"], 105), (["start", "end"], 103)]
)
async def test_the_status_number_follows_the_room(wire, verbs, status):
    room_id = await room(wire)
    if verbs:
        await passed(wire.runtime.db, wire.made.shop, RoomId(room_id))
    for verb in verbs:
        await wire.runtime.db.write(
            ANCHOR, wire.made.shop, lambda tx, verb=verb: getattr(go_live, verb)(tx, RoomId(room_id))
        )
    assert (await listed(wire, room_id))["live_status"] == status


@pytest.mark.feature("L-201")
@pytest.mark.feature("A-108")
async def test_only_approved_goods_are_imported_and_import_adds(wire):
    room_id = await room(wire)
    first, second = await goods(wire, 2)
    (console,) = await goods(wire, 1, origin=Origin.CONSOLE)
    assert await wire.post(ADD, {"ids": [first], "roomId": room_id}) == OK
    assert await wire.post(ADD, {"ids": [str(second), first, console], "roomId": str(room_id)}) == OK
    assert [one["goods_id"] for one in (await listed(wire, room_id))["goods"]] == [first, second, console]
    for state in (AuditState.UNAUDITED, AuditState.IN_AUDIT, AuditState.REJECTED):
        answer = await wire.post(ADD, {"ids": await goods(wire, 1, state), "roomId": room_id})
        assert answer["errcode"] == 300025
    assert (await wire.post(ADD, {"ids": [99], "roomId": room_id}))["errcode"] == 300024
    assert (await wire.post(ADD, {"ids": [first], "roomId": 99}))["errcode"] == 300022
    for wrong in ({"ids": [], "roomId": room_id}, {"ids": "x", "roomId": room_id}, {"ids": [first]}):
        assert (await wire.post(ADD, wrong))["errcode"] == 200002


async def test_a_room_has_a_capacity(wire, monkeypatch):
    monkeypatch.setattr(service, "SHELF_MAX", 1)
    assert (await wire.post(ADD, {"ids": await goods(wire, 2), "roomId": await room(wire)}))["errcode"] == 300026


async def test_pushing_on_and_off_sale_sorting_and_removing(wire, runtime):
    room_id = await room(wire)
    first, second, outside = await goods(wire, 3)
    at = {"roomId": room_id, "goodsId": first}
    await wire.post(ADD, {"ids": [first, second], "roomId": room_id})
    assert (await wire.post(PUSH, at))["errcode"] == 300023
    await start(wire, room_id)
    assert await wire.post(PUSH, at) == OK
    assert (await wire.post(PUSH, {**at, "goodsId": second}))["errcode"] == 300047
    assert (await wire.post(ON_SALE, {**at, "onSale": 0}))["errcode"] == 300049
    assert (await wire.post(REMOVE, at))["errcode"] == 300047
    runtime.clock.set_offset(timedelta(seconds=6))
    assert await wire.post(ON_SALE, {**at, "onSale": "0"}) == OK
    assert (await wire.post(PUSH, at))["errcode"] == 300052
    assert await wire.post(ON_SALE, {**at, "onSale": 1}) == OK
    for path in (PUSH, REMOVE):
        assert (await wire.post(path, {**at, "goodsId": outside}))["errcode"] == 300053
        assert (await wire.post(path, {**at, "goodsId": 99}))["errcode"] == 300024
        assert (await wire.post(path, {**at, "roomId": 99}))["errcode"] == 300022
        assert (await wire.post(path, {"roomId": room_id}))["errcode"] == 200002
    assert (await wire.post(ON_SALE, {**at, "onSale": 2}))["errcode"] == 200002
    order = [{"goodsId": str(second)}, {"goodsId": first}]
    assert await wire.post(SORT, {"roomId": room_id, "goods": order}) == OK
    assert [one["goods_id"] for one in (await listed(wire, room_id))["goods"]] == [second, first]
    assert (await wire.post(SORT, {"roomId": room_id, "goods": []}))["errcode"] == 300050
    assert (await wire.post(SORT, {"roomId": room_id, "goods": [{"goodsId": outside}]}))["errcode"] == 300053
    assert (await wire.post(SORT, {"roomId": room_id, "goods": [7]}))["errcode"] == 200002
    assert await wire.post(REMOVE, at) == OK
    assert [one["goods_id"] for one in (await listed(wire, room_id))["goods"]] == [second]


async def test_form_posts_in_php_notation_are_understood(wire):
    room_id = await room(wire)
    first, second = await goods(wire, 2)
    headers = {"content-type": "application/x-www-form-urlencoded"}

    async def form(path, pairs):
        return await wire.post(path, content=urlencode(pairs).encode(), headers=headers)

    assert await form(ADD, [("ids[0]", first), ("ids[1]", second), ("roomId", room_id)]) == OK
    order = [("roomId", room_id), ("goods[0][goodsId]", second), ("goods[1][goodsId]", first)]
    assert await form(SORT, order) == OK
    assert [one["goods_id"] for one in (await listed(wire, room_id))["goods"]] == [second, first]
    assert (await form(CREATE, list((await room_fields(wire)).items())))["errcode"] == 0


async def test_a_shared_code_is_a_picture_that_leads_to_the_room(wire, runtime):
    room_id = await room(wire)
    params = '{"from":"群"}'
    answer = await wire.get(CODE, {"roomId": room_id, "params": params})
    assert answer["errcode"] == 0
    page = "plugin-private://wx2b03c6e691cd7370/pages/live-player-plugin?room_id="
    assert answer["pagePath"].startswith(f"{page}{room_id}&custom_params=")
    await passed(runtime.db, wire.made.shop, RoomId(room_id))
    parts = urlsplit(answer["cdnUrl"])
    assert parts.path == f"/room-codes/{wire.made.shop}/{room_id}.png"
    assert parse_qs(parts.query) == {"custom_params": [params]}
    for picture in (
        await share_code.code(runtime, wire.made.shop, RoomId(room_id), params),
        await share_code.poster(runtime, wire.made.shop, RoomId(room_id), params),
    ):
        with Image.open(io.BytesIO(picture)) as opened:
            (code,) = zxingcpp.read_barcodes(opened.convert("RGB"))
        assert code.format == zxingcpp.BarcodeFormat.QRCode
        assert code.text.startswith(f"http://127.0.0.1:8000/shop/{wire.made.shop}/rooms/{room_id}?custom_params=")
    assert (await wire.get(CODE, {"roomId": room_id}))["pagePath"] == f"{page}{room_id}"
    assert (await wire.get(CODE, {"roomId": 99}))["errcode"] == 300022
    for wrong in (
        {},
        {"roomId": "x"},
        {"roomId": room_id, "params": "[1]"},
        {"roomId": room_id, "params": "{"},
        {"roomId": room_id, "params": '{"a":"' + "群" * 400 + '"}'},
    ):
        assert (await wire.get(CODE, wrong))["errcode"] == 1001
    assert (await wire.post(CODE, {"roomId": room_id}))["errcode"] == 43001


async def test_a_blocked_shop_makes_and_edits_no_rooms(wire, runtime):
    room_id = await room(wire)
    fields = await room_fields(wire)
    await runtime.db.write(ANCHOR, wire.made.shop, shops.block)
    assert (await wire.post(CREATE, fields))["errcode"] == 300001
    assert (await wire.post(EDIT, {**fields, "id": room_id}))["errcode"] == 300001


async def test_another_shops_rooms_are_unknown(wire, stranger):
    room_id = await room(wire)
    (goods_id,) = await goods(wire)
    at = {"roomId": room_id, "goodsId": goods_id, "ids": [goods_id], "onSale": 1, "goods": [{"goodsId": goods_id}]}
    for path in (ADD, ON_SALE, REMOVE, PUSH, SORT):
        answer = await stranger.post(path, at)
        assert answer["errcode"] in {300022, 300024}, (path, answer)
    assert (await stranger.post(DELETE, {"id": room_id}))["errcode"] == 300022
    assert (await stranger.get(CODE, {"roomId": room_id}))["errcode"] == 300022
    own = await room(stranger)
    assert (await stranger.post(ADD, {"ids": [goods_id], "roomId": own}))["errcode"] in {300024, 0}


async def test_texts_that_attack_are_only_text(wire):
    for text in ("<script>x</script>", "'; DROP TABLE--", "秋茶${7*7}专场"):
        room_id = await room(wire, name=text[:30])
        assert (await listed(wire, room_id))["name"] == text[:30]
