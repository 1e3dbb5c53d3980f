"""Field rules of adding and updating goods, as the contract's sections 3 and 13 state them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from liveshelf.goods.types import AuditState
from liveshelf.kernel.ids import INT32_MAX
from liveshelf.platform.db import connect
from tests.make.pictures import encoded, flagged, jpeg
from tests.make.wire import ADD, LIST, UPDATE, Wire

WIDE, EMOJI, FULL_WIDTH = "瓷", "🍵", "Ａ"
NAMES = [
    ("瓷" * 14, 0),
    ("瓷" * 15, 300002),
    ("a" * 28, 0),
    ("a" * 29, 300002),
    ("瓷" * 13 + "ab", 0),
    ("瓷" * 13 + "abc", 300002),
    (EMOJI * 14, 0),
    (EMOJI * 15, 300002),
    (FULL_WIDTH * 14, 0),
    (FULL_WIDTH * 15, 300002),
    ("é" * 28, 0),
    ("a", 0),
    ("   ", 300002),
    ("换\n行", 300002),
    ("<b>粗</b>'; DROP--", 0),
]
PRICES: list[tuple[dict[str, Any], int]] = [
    # one price: the second is not passed, and ignored when it is
    ({"priceType": 1, "price": 99.5}, 0),
    ({"priceType": 1, "price": "99.50"}, 0),
    ({"priceType": 1, "price": 100}, 0),
    ({"priceType": 1, "price": 0.01}, 0),
    ({"priceType": 1, "price": 99.5, "price2": 0}, 0),
    ({"priceType": 1, "price": 99.5, "price2": ""}, 0),
    ({"priceType": 1, "price": 99.5, "price2": None}, 0),
    ({"priceType": 1, "price": 99.5, "price2": "whatever"}, 0),
    ({"priceType": "1", "price": "12.36"}, 0),
    ({"priceType": 1, "price": 99.555}, 300003),
    ({"priceType": 1, "price": "99.555"}, 300003),
    ({"priceType": 1, "price": "abc"}, 300003),
    ({"priceType": 1, "price": "NaN"}, 300003),
    ({"priceType": 1, "price": -1}, 300003),
    ({"priceType": 1, "price": "-0.01"}, 300003),
    ({"priceType": 1, "price": 0}, 300003),
    ({"priceType": 1, "price": 10**12}, 300003),
    ({"priceType": 1, "price": 10**40}, 300003),
    ({"priceType": 1, "price": "1e2"}, 300003),
    ({"priceType": 1, "price": True}, 300003),
    ({"priceType": 1, "price": [1]}, 300003),
    ({"priceType": 1, "price": {"a": 1}}, 300003),
    ({"priceType": 1, "price": None}, 200002),
    # a range runs upwards
    ({"priceType": 2, "price": 10, "price2": 20.5}, 0),
    ({"priceType": 2, "price": 20, "price2": 20}, 0),
    ({"priceType": 2, "price": 20.01, "price2": 20}, 300003),
    ({"priceType": 2, "price": 20}, 300003),
    ({"priceType": 2, "price": 20, "price2": ""}, 300003),
    ({"priceType": 2, "price": 20, "price2": 30.123}, 300003),
    # a discount runs downwards
    ({"priceType": 3, "price": 128, "price2": 99.5}, 0),
    ({"priceType": 3, "price": 128, "price2": 128}, 0),
    ({"priceType": 3, "price": 99.5, "price2": 128}, 300003),
    ({"priceType": 3, "price": 128}, 300003),
    ({"priceType": 3, "price": 128, "price2": 0}, 300003),
    # the type itself
    ({"priceType": 0, "price": 1}, 200002),
    ({"priceType": 4, "price": 1}, 200002),
    ({"priceType": None, "price": 1}, 200002),
    ({"priceType": "one", "price": 1}, 200002),
    ({"priceType": 1.5, "price": 1}, 200002),
    ({"priceType": [1], "price": 1}, 200002),
]
URLS = [
    ("pages/goods/detail", 0),
    ("pages/goods/detail?id=1&from=live", 0),
    ("pages/goods/detail?next=https%3A%2F%2Fshop.example%2Fa%3Fb%3D1", 0),
    ("pages/goods/detail?name=茶盏", 0),
    ("pages/goods/detail?next=https://shop.example/a?b=1", 200002),
    ("https://shop.example/", 200002),
    ("/pages/goods/detail", 200002),
    ("pages/goods/detail?id=1#top", 200002),
    ("pages/goods/detail?id=%zz", 200002),
    ("javascript:alert(1)", 200002),
    ("pages/" + "a" * 2000, 200002),
    ("", 200002),
]


@pytest.fixture
async def cover(wire: Wire) -> str:
    return await wire.upload()


@pytest.mark.feature("A-201")
@pytest.mark.feature("A-214")
@pytest.mark.feature("A-215")
async def test_adding_answers_both_ids_and_submits(wire: Wire):
    answer = await wire.add()
    assert answer == {
        "errcode": 0,
        "errmsg": "ok",
        "goodsId": answer["goodsId"],
        "auditId": answer["auditId"],
    }
    assert 0 < answer["goodsId"] <= INT32_MAX
    assert 0 < answer["auditId"] < 2**63
    assert await wire.status(answer["goodsId"]) == 1


@pytest.mark.feature("A-205")
@pytest.mark.feature("A-206")
@pytest.mark.feature("A-906", half=True)
async def test_a_name_has_up_to_28_units(wire: Wire, cover: str):
    codes = [(name, (await wire.add(name=name, coverImgUrl=cover))["errcode"]) for name, _ in NAMES]
    assert codes == NAMES


@pytest.mark.feature("A-207")
@pytest.mark.feature("A-208")
@pytest.mark.feature("A-209")
@pytest.mark.feature("A-210")
@pytest.mark.feature("A-211")
@pytest.mark.feature("A-212")
@pytest.mark.feature("A-907")
async def test_prices_follow_the_price_type(wire: Wire, cover: str):
    body = {"coverImgUrl": cover, "name": "茶盏", "url": "pages/a"}
    codes = [(prices, await wire.code(ADD, {"goodsInfo": {**body, **prices}})) for prices, _ in PRICES]
    assert codes == PRICES


@pytest.mark.feature("A-211")
async def test_a_bare_nan_is_no_price_and_a_decimal_stays_exact(wire: Wire, cover: str):
    text = '{"goodsInfo":{"coverImgUrl":"%s","name":"a","priceType":1,"price":%s,"url":"pages/a"}}'
    for price, errcode in (
        ("NaN", 300003),
        ("Infinity", 300003),
        ("-Infinity", 300003),
        ("99.50", 0),
        ("1e9999999", 300003),
    ):
        assert await wire.code(ADD, content=(text % (cover, price)).encode()) == errcode, price
    assert '"price":99.5,' in wire_text(await wire.get(LIST, {"status": 1}), wire)


def wire_text(_answer: object, wire: Wire) -> str:
    assert wire.last is not None
    return wire.last.text


@pytest.mark.feature("A-213")
@pytest.mark.feature("A-904")
async def test_a_link_is_a_page_path_whose_values_are_encoded(wire: Wire, cover: str):
    codes = [(url, (await wire.add(url=url, coverImgUrl=cover))["errcode"]) for url, _ in URLS]
    assert codes == URLS
    listed = {one["url"] for one in (await wire.get(LIST, {"status": 1}))["goods"]}
    assert listed == {url for url, errcode in URLS if not errcode}


@pytest.mark.feature("A-203")
@pytest.mark.feature("A-904")
@pytest.mark.parametrize("field", ["coverImgUrl", "name", "priceType", "price", "url"])
@pytest.mark.parametrize("value", [None, "", "absent"])
async def test_a_missing_field_is_named(wire: Wire, cover: str, field: str, value: str | None):
    info = {"coverImgUrl": cover, "name": "茶盏", "priceType": 1, "price": 1, "url": "pages/a", field: value}
    if value == "absent":
        del info[field]
    answer = await wire.post(ADD, {"goodsInfo": info})
    assert answer["errcode"] == 200002
    assert answer["errmsg"].startswith(f"{field} must not be empty")


@pytest.mark.feature("A-203")
@pytest.mark.feature("A-910", half=True)
async def test_a_cover_is_known_small_and_legal(wire: Wire, stranger: Wire):
    covers = {
        await wire.upload(): 0,
        "MEDIA-none": 300006,
        "'; SELECT 1 --": 300006,
        await stranger.upload(): 300006,
        await wire.upload(jpeg(301, 300)): 300018,
        await wire.upload(encoded(flagged(), "PNG")): 300005,
    }
    assert {media_id: (await wire.add(coverImgUrl=media_id))["errcode"] for media_id in covers} == covers


@pytest.mark.feature("A-204")
async def test_a_media_id_lives_three_days_to_the_second(wire: Wire, clock, admin_dsn: str):
    media_id = await wire.upload()
    admin = connect(admin_dsn, clock)
    await admin.advance_clock(timedelta(days=3, seconds=-5))
    assert (await wire.add(coverImgUrl=media_id))["errcode"] == 0
    await admin.advance_clock(timedelta(seconds=6))
    assert (await wire.add(coverImgUrl=media_id))["errcode"] == 300006
    assert (await wire.get("/cgi-bin/media/get", {"media_id": media_id}))["errcode"] == 40007
    await admin.dispose()


@pytest.mark.feature("A-908", half=True)
@pytest.mark.feature("A-909")
async def test_illegal_names_and_pictures_have_their_own_codes(wire: Wire, cover: str):
    assert (await wire.add(name="代开发票", coverImgUrl=cover))["errcode"] == 300004
    assert (await wire.add(coverImgUrl=await wire.upload(encoded(flagged(), "PNG"))))["errcode"] == 300005
    assert (await wire.get(LIST, {"status": 1}))["total"] == 0


async def test_optional_fields_may_be_empty_and_unknown_ones_are_ignored(wire: Wire, cover: str):
    for more in (
        {"thirdPartyAppid": "", "goodsKey": ""},
        {"thirdPartyAppid": None, "goodsKey": None, "price2": 0},
        {"thirdPartyAppid": 0, "goodsKey": [], "screenType": 1, "type": {"x": [1]}},
        {"thirdPartyAppid": "wx0123456789abcdef", "goodsKey": ["productId", "sid"]},
    ):
        assert (await wire.add(coverImgUrl=cover, **more))["errcode"] == 0
    assert (await wire.add(coverImgUrl=cover, thirdPartyAppid="<script>"))["errcode"] == 200002
    assert (await wire.add(coverImgUrl=cover, goodsKey="productId"))["errcode"] == 200002


@pytest.mark.feature("A-601")
@pytest.mark.feature("A-603")
@pytest.mark.feature("A-606")
async def test_an_update_changes_what_is_sent_and_keeps_the_rest(wire: Wire):
    goods_id, _ = await wire.in_state(AuditState.UNAUDITED)
    (before,) = await wire.stored(goods_id)
    nothing = {
        "name": "",
        "url": None,
        "price": 0,
        "price2": 0,
        "priceType": 0,
        "coverImgUrl": "",
        "thirdPartyAppid": "",
    }
    assert await wire.code(UPDATE, {"goodsInfo": {"goodsId": goods_id, **nothing}}) == 0
    assert await wire.stored(goods_id) == [before]
    cover = await wire.upload(jpeg(seed=5))
    changes = {
        "name": "白瓷茶盏",
        "priceType": 3,
        "price": "200",
        "price2": 150.5,
        "url": "pages/b?x=1",
        "coverImgUrl": cover,
    }
    assert await wire.code(UPDATE, {"goodsInfo": {"goodsId": str(goods_id), **changes}}) == 0
    (after,) = await wire.stored(goods_id)
    assert after.pop("cover_img_url") != before.pop("cover_img_url")
    assert after == {
        **before,
        "name": "白瓷茶盏",
        "price_type": 3,
        "priceType": 3,
        "price": 200,
        "price2": 150.5,
        "url": "pages/b?x=1",
    }


@pytest.mark.feature("A-607")
async def test_an_update_obeys_the_rules_of_adding(wire: Wire):
    goods_id, _ = await wire.in_state(AuditState.UNAUDITED)
    (before,) = await wire.stored(goods_id)
    for changes, errcode in (
        ({"name": "瓷" * 15}, 300002),
        ({"name": "代开发票"}, 300004),
        ({"price": "abc"}, 300003),
        ({"price": 1.555}, 300003),
        ({"url": "https://a"}, 200002),
        ({"coverImgUrl": "MEDIA-none"}, 300006),
        ({"priceType": 4}, 200002),
        ({"name": 5}, 200002),
    ):
        assert await wire.code(UPDATE, {"goodsInfo": {"goodsId": goods_id, **changes}}) == errcode, changes
    assert await wire.stored(goods_id) == [before]


@pytest.mark.feature("A-608")
async def test_type_and_prices_must_fit_together_after_an_update(wire: Wire):
    goods_id, _ = await wire.in_state(AuditState.UNAUDITED)
    for changes, errcode in (
        ({"priceType": 3}, 300003),
        ({"priceType": 2, "price2": 100}, 300003),
        ({"priceType": 2, "price2": 200}, 0),
        ({"price": 300}, 300003),
        ({"price2": 100}, 300003),
        ({"priceType": 3, "price": 300, "price2": 200}, 0),
        ({"priceType": 1}, 0),
    ):
        assert await wire.code(UPDATE, {"goodsInfo": {"goodsId": goods_id, **changes}}) == errcode, changes
    (after,) = await wire.stored(goods_id)
    assert (after["price_type"], after["price"], after["price2"]) == (1, 300, 0)


async def test_an_update_without_goods_info_or_id_is_told_so(wire: Wire):
    for body, text in (({}, "goodsInfo"), ({"goodsInfo": {"name": "x"}}, "goodsId"), ({"goodsInfo": 5}, "goodsInfo")):
        answer = await wire.post(UPDATE, body)
        assert answer["errcode"] == 200002
        assert answer["errmsg"].startswith(f"{text} must not be empty")
