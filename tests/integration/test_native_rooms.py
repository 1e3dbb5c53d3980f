"""Rooms over the native API: the console's desk and the buyer's page."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image

from liveshelf.accounts.types import Role
from liveshelf.flows import share_code
from liveshelf.goods.types import AuditState
from liveshelf.kernel.paging import encode_cursor
from liveshelf.rooms import tickets
from tests.make.accounts import bearer, staff_session
from tests.make.goods import goods_in
from tests.make.rooms import live_room, passed
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db):
    return (await a_shop(db)).shop


@pytest.fixture
async def staff(runtime, shop):
    return bearer(await staff_session(runtime, shop))


def at(clock, **offset) -> str:
    return str((clock.now() + timedelta(**offset)).isoformat())


def draft(clock, **changes):
    fields = {
        "request_id": "r1",
        "name": "秋茶专场直播",
        "anchor_name": "阿清姑娘",
        "starts_at": at(clock),
        "ends_at": at(clock, hours=2),
    }
    return {**fields, **changes}


async def test_a_room_is_planned_started_and_ended(client, db, shop, staff, clock):
    base = f"/v1/shops/{shop}/rooms"
    made = [await client.post(base, json=draft(clock), headers=staff) for _ in range(1)]
    assert [one.status_code for one in made] == [201], made[0].text
    room = made[0].json()
    assert (room["state"], room["may"]) == ("scheduled", ["edit", "delete", "shelf", "mute", "switch"])
    assert room["buyer_url"] == f"http://127.0.0.1:8000/shop/{shop}/rooms/{room['room_id']}"
    assert room["starts_at"].endswith("Z")
    url = f"{base}/{room['room_id']}"
    edited = await client.patch(url, json={"name": "冬茶专场直播"}, headers=staff)
    assert edited.json()["name"] == "冬茶专场直播"
    await passed(db, shop, room["room_id"])
    assert "start" in (await client.get(url, headers=staff)).json()["may"]
    states = []
    for verb in ("start", "pause", "resume", "end"):
        answer = await client.post(f"{url}/{verb}", headers=staff)
        assert answer.status_code == 200, answer.text
        states.append(answer.json()["state"])
    assert states == ["live", "paused", "live", "ended"]
    refused = await client.post(f"{url}/start", headers=staff)
    assert (refused.status_code, refused.json()["code"]) == (409, "rooms.state_refuses")
    listed = (await client.get(base, params={"state": "ended"}, headers=staff)).json()
    assert [one["room_id"] for one in listed["items"]] == [room["room_id"]]
    assert (await client.delete(url, headers=staff)).status_code == 204
    assert (await client.get(url, headers=staff)).status_code == 404


async def test_the_same_request_makes_one_room(client, shop, staff, clock):
    body = draft(clock)
    answers = [await client.post(f"/v1/shops/{shop}/rooms", json=body, headers=staff) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    changed = await client.post(f"/v1/shops/{shop}/rooms", json={**body, "name": "冬茶专场直播"}, headers=staff)
    assert changed.json()["code"] == "request.id_reused"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": "茶"}, "rooms.name_invalid", "name"),
        ({"anchor_name": "清"}, "rooms.anchor_name_invalid", "anchor_name"),
        ({"cover_media_id": "x"}, "rooms.cover_refused", "cover_media_id"),
        ({"starts_at": "2020-01-01T00:00:00Z"}, "rooms.times_invalid", "starts_at"),
        ({"starts_at": "2026-11-22T00:00:00"}, "request.invalid", None),
        ({"starts_at": "0001-01-01T00:00:00+10:00"}, "rooms.times_invalid", "starts_at"),
        ({"ends_at": "9999-12-31T23:59:59-10:00"}, "rooms.times_invalid", "ends_at"),
        ({"name": "秋茶\x00专场"}, "rooms.text_not_plain", "name"),
        ({"surprise": 1}, "request.invalid", None),
    ],
)
async def test_bad_plans_name_their_field(client, shop, staff, clock, changes, code, field):
    answer = await client.post(f"/v1/shops/{shop}/rooms", json=draft(clock, **changes), headers=staff)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    if field:
        assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("wrong", [timedelta(days=-1), timedelta(days=400)])
async def test_a_host_whose_clock_is_wrong_is_judged_by_the_servers(client, db, shop, staff, clock, wrong):
    clock.set_offset(timedelta(days=3))
    headers = {**staff, "date": "Thu, 01 Jan 1970 00:00:00 GMT"}
    base, theirs = f"/v1/shops/{shop}/rooms", {"starts_at": at(clock, days=wrong.days)}
    theirs["ends_at"] = at(clock, days=wrong.days, hours=2)
    refused = await client.post(base, json=draft(clock, **theirs), headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "rooms.times_invalid")
    assert refused.json()["errors"][0]["field"] == "starts_at"
    assert (await client.get(base, headers=staff)).json()["items"] == []
    made = await client.post(base, json=draft(clock), headers=headers)
    assert made.status_code == 201, made.text


async def test_the_desk_works_the_shelf(client, db, shop, staff):
    first, second = [(await goods_in(db, shop, AuditState.APPROVED)).goods_id for _ in range(2)]
    room_id = await live_room(db, shop)
    url = f"/v1/shops/{shop}/rooms/{room_id}"
    desk = (await client.post(f"{url}/shelf", json={"goods_ids": [first, second]}, headers=staff)).json()
    assert [(item["goods_id"], item["position"]) for item in desk["shelf"]] == [(first, 1), (second, 2)]
    assert desk["shelf"][0]["available"] > 0
    desk = (await client.put(f"{url}/shelf/order", json={"goods_ids": [second]}, headers=staff)).json()
    assert [item["goods_id"] for item in desk["shelf"]] == [second, first]
    desk = (await client.post(f"{url}/shelf/{first}/push", headers=staff)).json()
    assert desk["pushed_goods_id"] == first
    refused = await client.put(f"{url}/shelf/{first}/on-sale", json={"on_sale": False}, headers=staff)
    assert (refused.status_code, refused.json()["code"]) == (409, "rooms.goods_being_pushed")
    desk = (await client.delete(f"{url}/push", headers=staff)).json()
    assert desk["pushed_goods_id"] is None
    desk = (await client.put(f"{url}/shelf/{first}/on-sale", json={"on_sale": False}, headers=staff)).json()
    assert [item["on_sale"] for item in desk["shelf"]] == [True, False]
    page = (await client.get(f"/v1/storefront/{shop}/rooms/{room_id}")).json()
    assert [item["goods_id"] for item in page["shelf"]] == [second]
    assert page["seq"] == desk["seq"]
    desk = (await client.delete(f"{url}/shelf/{first}", headers=staff)).json()
    assert [item["goods_id"] for item in desk["shelf"]] == [second]
    assert desk["figures"] == {"viewers": 0, "orders": 0, "paid_fen": 0, "units": 0}
    assert desk["room"]["shelf_count"] == 1


async def test_roles_are_kept_apart(client, runtime, db, shop, clock):
    room_id = await live_room(db, shop)
    url = f"/v1/shops/{shop}/rooms"
    anchor = bearer(await staff_session(runtime, shop, Role.ANCHOR))
    support = bearer(await staff_session(runtime, shop, Role.SERVICE))
    assert (await client.post(url, json=draft(clock), headers=anchor)).status_code == 403
    assert (await client.post(f"{url}/{room_id}/pause", headers=anchor)).status_code == 200
    assert (await client.get(f"{url}/{room_id}/desk", headers=support)).status_code == 200
    assert (await client.post(f"{url}/{room_id}/resume", headers=support)).status_code == 403
    assert (await client.get(url)).status_code == 401
    other = (await a_shop(db, "海边咖啡")).shop
    assert (await client.get(f"/v1/shops/{other}/rooms/{room_id}", headers=anchor)).status_code == 404


async def test_buyers_talk_like_and_get_tickets(client, runtime, db, shop, staff):
    room_id = await live_room(db, shop)
    url = f"/v1/storefront/{shop}/rooms/{room_id}"
    assert (await client.post(f"{url}/ticket")).status_code == 401
    await client.get(f"/v1/storefront/{shop}/me")
    ticket = (await client.post(f"{url}/ticket")).json()
    assert ticket["url"] == f"http://127.0.0.1:8001/live/{shop}/{room_id}"
    assert tickets.read(runtime.keys, ticket["ticket"], shop=shop, room_id=room_id).role == "buyer"
    said = await client.post(f"{url}/comments", json={"request_id": "c1", "text": "多少钱？"})
    assert said.status_code == 201, said.text
    again = await client.post(f"{url}/comments", json={"request_id": "c1", "text": "多少钱？"})
    assert again.json() == said.json()
    soon = await client.post(f"{url}/comments", json={"request_id": "c2", "text": "在吗"})
    assert (soon.status_code, soon.json()["code"], soon.headers["retry-after"]) == (429, "rooms.comment_too_soon", "1")
    assert (await client.post(f"{url}/likes", json={"count": 50})).status_code == 204
    assert (await client.post(f"{url}/likes", json={"count": 51})).status_code == 422
    shown = {name: value for name, value in said.json().items() if name != "claim"}
    assert (await client.get(url)).json()["comments"] == [shown]
    hidden = f"/v1/shops/{shop}/rooms/{room_id}/comments/{said.json()['comment_id']}"
    assert (await client.delete(hidden, headers=staff)).status_code == 204
    assert (await client.get(url)).json()["comments"] == []
    for wrong in ("x", "9" * 19, "9" * 40, "0" * 20 + "9" * 5_000, "1"):
        path = f"/v1/shops/{shop}/rooms/{room_id}/comments/{wrong}"
        assert (await client.delete(path, headers=staff)).status_code == 404
    staff_said = await client.post(
        f"/v1/shops/{shop}/rooms/{room_id}/comments", json={"request_id": "s1", "text": "欢迎"}, headers=staff
    )
    assert staff_said.json()["by"] == {"kind": "staff", "name": "阿清姑娘"}


async def test_the_code_and_the_poster_are_public_pictures(client, db, shop):
    room_id = await live_room(db, shop)
    for kind in ("codes", "posters"):
        answer = await client.get(f"/room-{kind}/{shop}/{room_id}.png")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        with Image.open(io.BytesIO(answer.content)) as picture:
            (code,) = zxingcpp.read_barcodes(picture.convert("RGB"))
        assert code.text == f"http://127.0.0.1:8000/shop/{shop}/rooms/{room_id}"
        for wrong in ("99.png", "x.png", "1" * 40):
            assert (await client.get(f"/room-{kind}/{shop}/{wrong}")).status_code == 404


async def test_few_posters_are_painted_at_a_time_and_none_that_no_phone_reads(client, db, shop, monkeypatch):
    room_id = await live_room(db, shop)
    url = f"/room-posters/{shop}/{room_id}.png"
    for path in (url, url.replace("posters", "codes")):
        assert (await client.get(path, params={"custom_params": "群" * 1_024})).status_code == 422
    monkeypatch.setattr(share_code, "_places", asyncio.Semaphore(1))
    answers = await asyncio.gather(*(client.get(url) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200, 503}
    assert (await client.get(url)).status_code == 200


async def test_rooms_are_paged_by_their_start(client, shop, staff, clock):
    url = f"/v1/shops/{shop}/rooms"
    for n in range(5):
        body = draft(clock, request_id=str(n), starts_at=at(clock, hours=n % 3), ends_at=at(clock, hours=5))
        assert (await client.post(url, json=body, headers=staff)).status_code == 201
    seen, cursor = [], None
    while True:
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await client.get(url, params=params, headers=staff)).json()
        seen += [(room["starts_at"], room["room_id"]) for room in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5
    for wrong in ("x", encode_cursor(10**30, 1), encode_cursor(1, 10**30), encode_cursor("a", 1)):
        answer = await client.get(url, params={"cursor": wrong}, headers=staff)
        assert answer.status_code in {200, 422}, answer.text
