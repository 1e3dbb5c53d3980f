"""What holds for every call: paths, methods, tokens, the order of checks, bodies as SDKs send them, and bad input."""

from __future__ import annotations

import json
import re
import urllib.parse
from typing import Any

import httpx
import pytest

from liveshelf.facades.wechat.router import ROUTES
from liveshelf.platform.clock import wall_now
from liveshelf.shops.tokens import TokenClaims, write_token
from liveshelf.shops.types import TokenKind
from tests.make.pictures import encoded, huge_png, image, jpeg
from tests.make.wire import ADD, DELETE, GET_KEY, LIST, SET_KEY, STORED, SUBMIT, UPDATE, WITHDRAW, Wire

RID = re.compile(r" rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$")
TOKEN = "/cgi-bin/token"
STABLE = "/cgi-bin/stable_token"
UPLOAD = "/cgi-bin/media/upload"


@pytest.mark.feature("A-106")
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
async def test_a_wrong_method_is_a_code_and_http_200_on_every_path(wire: Wire, route):
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - route.methods:
        answer = await wire.client.request(method, route.path)
        assert answer.status_code == 200
        told = answer.json()
        assert told["errcode"] == (43002 if "POST" in route.methods else 43001)
        assert next(iter(told)) == "errmsg"
        assert RID.search(told["errmsg"])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
async def test_paths_match_in_any_case_and_answer_in_their_clusters_type(wire: Wire, route):
    for path in (route.path, route.path.upper(), route.path.lower(), *route.aliases):
        method = "POST" if "POST" in route.methods else "GET"
        answer = await wire.client.request(method, path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/json")
        charset = "charset" if route.path.startswith("/wxaapi/") else "encoding"
        assert answer.headers["content-type"] == f"application/json; {charset}=utf-8"


async def test_an_unknown_path_is_not_found(wire: Wire):
    for path in ("/wxaapi/broadcast/goods/nothing", "/wxaapi/broadcast/goods/add/", "/cgi-bin/", "/sns/x"):
        assert (await wire.client.post(path)).status_code == 404


@pytest.mark.feature("A-105")
@pytest.mark.parametrize("route", [route for route in ROUTES if route.token], ids=lambda route: route.name)
async def test_every_call_asks_for_a_token_before_it_looks_at_its_body(wire: Wire, keys, route):
    method = "POST" if "POST" in route.methods else "GET"
    claims = TokenClaims(wire.made.appid, TokenKind.PLAIN, 1, int(wall_now().timestamp()) - 86_400)
    for token, errcode in (
        (None, 41001),
        ("", 41001),
        ("abc", 40014),
        ("x" * 60, 40001),
        (wire.token[:-1] + "~", 40014),
        (write_token(keys, claims), 42001),
    ):
        query = {} if token is None else {"access_token": token}
        content = b"{broken" if method == "POST" else None
        answer = (await wire.client.request(method, route.path, params=query, content=content)).json()
        assert answer["errcode"] == errcode
        assert {key: answer[key] for key in route.beside_errors} == route.beside_errors


@pytest.mark.feature("A-106")
@pytest.mark.feature("A-903", half=True)
@pytest.mark.parametrize("path", [ADD, WITHDRAW, SUBMIT, DELETE, UPDATE, STORED, SET_KEY])
async def test_bodies_that_can_not_be_read_are_47001(wire: Wire, path: str):
    for body in (
        b"",
        b"{",
        b'{"goodsId": 1',
        b'{"goodsId": 1} x',
        b"[1, 2]",
        b'"text"',
        b"\xff\xfe\x00",
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b"{" + b'"a":{' * 200_000,
        b'{"a": ' + b"[" * 200_000,
        b'{"a": ' + b"9" * 10_000 + b"}",
        b"nonsense",
        b"%",
        b"a[b]c=1&&=",
    ):
        how: dict[str, Any] = {"content": body, "headers": {"content-type": "application/json"}}
        if body.startswith(b'{"a": 999'):
            assert (await wire.post(path, **how))["errcode"] in {47001, 200002}
            continue
        answer = await wire.post(path, **how)
        assert answer["errcode"] == 47001, body[:40]
        assert answer["errmsg"].startswith("data format error")


@pytest.mark.parametrize("path", [ADD, DELETE, STORED, UPLOAD])
async def test_a_huge_body_is_refused(wire: Wire, path: str):
    read = 0

    async def endless():
        nonlocal read
        for _ in range(100):
            read += 1
            yield b"x" * (1 << 20)

    how = {"content": endless(), "headers": {"content-type": "multipart/form-data; boundary=x"}}
    errcode = 40009 if path == UPLOAD else 47001
    assert (await wire.post(path, **how))["errcode"] == errcode
    assert read == 100
    announced = {
        "content": endless(),
        "headers": {"content-length": str(100 << 20), "content-type": "application/json"},
    }
    read = 0
    answer = await wire.client.send(
        httpx.Request("POST", f"http://wire{path}", **announced, params={"access_token": wire.token})
    )
    assert answer.json()["errcode"] == errcode


CONTENT_TYPES = [
    None,
    "application/json",
    "application/json; charset=utf-8",
    "text/plain",
    "application/x-www-form-urlencoded",
]


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
async def test_json_is_json_whatever_it_claims_to_be(wire: Wire, content_type: str | None):
    goods_id = (await wire.add())["goodsId"]
    for body in (
        f'{{"goods_ids": [{goods_id}]}}'.encode(),
        f'\ufeff  {{"goods_ids":["{goods_id}"]}}\n'.encode(),
        f'{{"goods_ids":[{goods_id}],"extra":"pages\\/index","茶":"盏"}}'.encode(),
    ):
        headers = {"content-type": content_type} if content_type else {}
        answer = await wire.post(STORED, content=body, headers=headers)
        assert answer["total"] == 1, (content_type, body)


async def test_php_forms_are_understood_with_their_brackets(wire: Wire):
    goods_id = (await wire.add())["goodsId"]
    for form in (
        f"goods_ids[0]={goods_id}&goods_ids[1]=999",
        f"goods_ids[]={goods_id}",
        f"goods_ids%5B0%5D={goods_id}",
    ):
        answer = await wire.post(
            STORED, content=form.encode(), headers={"content-type": "application/x-www-form-urlencoded"}
        )
        assert [one["goods_id"] for one in answer["goods"]] == [goods_id], form
    fields = urllib.parse.urlencode(
        {f"goodsInfo[{key}]": value for key, value in (await wire.info(name="青 瓷")).items()}
    )
    answer = await wire.post(
        ADD, content=fields.encode(), headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer["errcode"] == 0
    (stored,) = await wire.stored(answer["goodsId"])
    assert stored["name"] == "青 瓷"
    assert await wire.code(SET_KEY, content=b"goodsKey[]=productId&goodsKey[]=sid") == 0
    assert (await wire.get(GET_KEY))["vendorGoodsKey"] == ["productId", "sid"]
    deep = "a" + "[b]" * 50 + "=1"
    assert await wire.code(SET_KEY, content=deep.encode()) == 47001


async def test_the_token_may_stand_anywhere_in_the_query(wire: Wire):
    for query in (
        f"access_token={wire.token}&status=2",
        f"status=2&access_token={wire.token}",
        f"status=2&&access_token={wire.token}&",
    ):
        assert (await wire.client.get(f"{LIST}?{query}")).json()["errcode"] == 0
    assert (await wire.client.get(f"{LIST}?status=2&access_token={wire.token}&x=%00%ff")).json()["errcode"] == 0


@pytest.mark.feature("A-105")
async def test_tokens_are_fetched_both_ways_and_wrong_credentials_have_their_codes(wire: Wire):
    right = {"grant_type": "client_credential", "appid": wire.made.appid, "secret": wire.made.secret}
    for changes, errcode in (
        ({}, 0),
        ({"grant_type": "password"}, 40002),
        ({"grant_type": ""}, 40002),
        ({"appid": ""}, 41002),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"appid": "' OR 1=1 --"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "0" * 32}, 40125),
    ):
        plain = await wire.get(TOKEN, {**right, **changes}, token=None)
        stable = await wire.post(STABLE, {**right, **changes}, token=None)
        assert (plain["errcode"], stable["errcode"]) == (errcode, errcode), changes
        if not errcode:
            assert 0 < plain["expires_in"] <= 7200
            assert plain["access_token"] != stable["access_token"]
            for token in (plain["access_token"], stable["access_token"]):
                assert (await wire.get(LIST, {"status": 2}, token=token))["errcode"] == 0
    again = await wire.post(STABLE, right, token=None)
    assert again["access_token"] == stable_of(again)
    forced = await wire.post(STABLE, {**right, "force_refresh": True}, token=None)
    assert forced["access_token"] != again["access_token"]
    assert (await wire.get(LIST, {"status": 2}, token=again["access_token"]))["errcode"] == 40001
    assert (await wire.post(STABLE, {**right, "force_refresh": "perhaps"}, token=None))["errcode"] == 200002


def stable_of(answer: dict[str, Any]) -> str:
    return str(answer["access_token"])


@pytest.mark.parametrize(
    ("how", "type_in_form"),
    [
        ({"files": {"media": ("茶.jpg", jpeg(), "application/octet-stream")}}, False),
        ({"files": {"media": ("media", jpeg())}}, False),
        ({"files": {"media": ("a.txt", jpeg(), "text/plain")}}, True),
        ({"files": {"media": ("a", encoded(image(), "PNG"), "image/jpeg")}}, False),
        ({"files": {"media": ("a", encoded(image(), "GIF"), "")}}, True),
    ],
)
async def test_uploads_come_in_as_every_sdk_sends_them(wire: Wire, how: dict[str, Any], type_in_form: bool):
    if type_in_form:
        answer = await wire.post(UPLOAD, **how, data={"type": "image"})
    else:
        answer = await wire.post(UPLOAD, query={"type": "image"}, **how)
    assert (answer["errcode"], answer["type"], type(answer["created_at"])) == (0, "image", int)
    got = await wire.client.get(
        "/cgi-bin/media/get", params={"access_token": wire.token, "media_id": answer["media_id"]}
    )
    assert got.headers["content-type"] in {"image/jpeg", "image/png"}
    assert got.headers["content-disposition"].startswith(f'attachment; filename="{answer["media_id"]}.')
    assert got.content[:2] in {b"\xff\xd8", b"\x89P"}


async def test_an_upload_without_its_boundary_named_is_understood(wire: Wire):
    body = (
        b'--zz\r\nContent-Disposition: form-data; name="media"; filename="a.jpg"\r\n\r\n' + jpeg() + b"\r\n--zz--\r\n"
    )
    answer = await wire.post(
        UPLOAD, query={"type": "image"}, content=body, headers={"content-type": "multipart/form-data"}
    )
    assert answer["errcode"] == 0


async def test_bad_uploads_have_their_codes_and_leave_nothing(wire: Wire):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for data, kind, errcode in (
        (b"", "image", 41005),
        (b"not a picture", "image", 40005),
        (svg, "image", 40005),
        (huge_png(), "image", 40009),
        (jpeg()[:400], "image", 40005),
        (jpeg(), "voice", 40004),
        (jpeg(), "", 40004),
        (encoded(image(200, 200), "BMP"), "image", 40005),
        (b"\xff\xd8\xff" + b"x" * (10 << 20), "image", 40009),
        (jpeg() + b"x" * (70 << 10), "thumb", 40009),
        (jpeg(), "thumb", 0),
    ):
        answer = await wire.post(UPLOAD, query={"type": kind}, files={"media": ("a.jpg", data)})
        assert answer["errcode"] == errcode, (data[:20], kind)
    assert (await wire.post(UPLOAD, query={"type": "image"}, files={"file": ("a.jpg", jpeg())}))["errcode"] == 41005
    for content_type in ("multipart/form-data; boundary=x", "application/json", ""):
        how: dict[str, Any] = {"content": b"nonsense", "headers": {"content-type": content_type}}
        assert (await wire.post(UPLOAD, query={"type": "image"}, **how))["errcode"] in {47001, 41005}


async def test_a_polyglot_loses_its_second_half(wire: Wire):
    media_id = await wire.upload(jpeg() + b"<?php system($_GET[0]); ?>PK\x03\x04")
    got = await wire.client.get("/cgi-bin/media/get", params={"access_token": wire.token, "media_id": media_id})
    assert b"php" not in got.content
    assert b"PK\x03\x04" not in got.content


async def test_another_shops_media_is_unknown(wire: Wire, stranger: Wire):
    theirs = await stranger.upload()
    for media_id in (theirs, "nothing", "", "../../etc/passwd", "\x00"):
        assert (await wire.get("/cgi-bin/media/get", {"media_id": media_id}))["errcode"] in {40007, 200002}


HOSTILE = [
    "'; DROP TABLE live_goods; --",
    "<script>alert(1)</script>",
    "\x00",
    "${jndi:ldap://x}",
    "../../../etc",
    "🍵" * 3000,
    "\u202e",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_in_any_field_is_a_value_or_a_code_and_never_a_failure(wire: Wire, text: str):
    before = (await wire.get(LIST, {"status": 1}))["total"]
    right = await wire.info()
    for field in ("name", "coverImgUrl", "url", "thirdPartyAppid", "price", "priceType"):
        code = await wire.code(ADD, {"goodsInfo": {**right, field: text}})
        assert code in {0, 200002, 300002, 300003, 300004, 300006, 300007}, (field, text)
    for path in (WITHDRAW, SUBMIT, DELETE):
        assert await wire.code(path, {"goodsId": text, "auditId": text}) == 200002
    assert await wire.code(SET_KEY, {"goodsKey": [text]}) in {0, 200002}
    assert (await wire.get(LIST, {"status": text}))["errcode"] == 200002
    for name in ("appid", "secret"):
        query = {"grant_type": "client_credential", "appid": wire.made.appid, "secret": wire.made.secret, name: text}
        assert (await wire.get(TOKEN, query, token=None))["errcode"] in {40013, 40125, 200002}
    code_query = {
        "appid": wire.made.appid,
        "secret": wire.made.secret,
        "js_code": text,
        "grant_type": "authorization_code",
    }
    assert (await wire.get("/sns/jscode2session", code_query, token=None))["errcode"] in {40029, 200002}
    listed = (await wire.get(LIST, {"status": 1, "limit": 100}))["goods"]
    assert len(listed) - before <= 2
    assert json.dumps(listed)


@pytest.mark.parametrize(
    "names", [None, "productId", [], [1], ["a", 5], [[]], {"a": "b"}, ["x"] * 21, [""], ["a b"], ["\x00"]]
)
async def test_a_widget_key_is_a_list_of_names(wire: Wire, names):
    assert "vendorGoodsKey" not in await wire.get(GET_KEY)
    answer = await wire.post(SET_KEY, {"goodsKey": names})
    assert answer["errcode"] == 200002
    assert answer["errmsg"].startswith("goodsKey must be Array<string>")
    assert "vendorGoodsKey" not in await wire.get(GET_KEY)


async def test_quotas_can_be_asked_for_and_cleared(wire: Wire, limit):
    await limit(goods__getkey=3)
    assert [(await wire.get(GET_KEY))["errcode"] for _ in range(4)] == [0, 0, 0, 45009]
    asked = await wire.post("/cgi-bin/openapi/quota/get", {"cgi_path": GET_KEY.upper()})
    assert asked["quota"] == {"daily_limit": 3, "used": 3, "remain": 0}
    assert await wire.code("/cgi-bin/clear_quota", {"appid": wire.made.appid}) == 0
    assert (await wire.get(GET_KEY))["errcode"] == 0
    assert await wire.code("/cgi-bin/clear_quota", {"appid": "wx0000000000000000"}) == 40013
    assert await wire.code("/cgi-bin/clear_quota", {}) == 41002
    assert await wire.code("/cgi-bin/openapi/quota/get", {"cgi_path": "/nothing"}) == 76021
    assert await wire.code("/cgi-bin/openapi/quota/get", {}) == 200002
    for _ in range(9):
        assert await wire.code("/cgi-bin/clear_quota", {"appid": wire.made.appid}) == 0
    assert await wire.code("/cgi-bin/clear_quota", {"appid": wire.made.appid}) == 48006
