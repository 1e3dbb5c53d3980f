"""People of rooms natively: a role of a linked account counts on the desk, an assistant's in their room alone."""

from __future__ import annotations

import pytest

from liveshelf.accounts.types import Role
from liveshelf.kernel.ids import RoomId
from tests.make.accounts import bearer, staff_session
from tests.make.rooms import live_room
from tests.make.selling import something
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db):
    return (await a_shop(db)).shop


async def _who(client, headers) -> dict:
    return (await client.get("/v1/session", headers=headers)).json()


async def test_a_role_lets_a_linked_account_run_every_desk_and_an_assistant_one(runtime, db, client, shop):
    owner = bearer(await staff_session(runtime, shop, Role.OWNER))
    helper = bearer(await staff_session(runtime, shop, Role.GOODS))
    sold = await something(db, shop)
    rooms = [await live_room(db, shop, [sold.goods_id]) for _ in range(2)]
    people = f"/v1/shops/{shop}/room-people"

    async def mute(room_id: RoomId) -> int:
        return (await client.post(f"/v1/shops/{shop}/rooms/{room_id}/mute", headers=helper)).status_code

    assert await mute(rooms[0]) == 403
    account_id = (await _who(client, helper))["account_id"]
    made = await client.post(people, headers=owner, json={"request_id": "a", "wechat_id": "wx_helper"})
    assert made.status_code == 201, made.text
    linked = {"request_id": "b", "account_id": account_id}
    assert (await client.patch(f"{people}/wx_helper", headers=owner, json=linked)).status_code == 200
    assert await mute(rooms[0]) == 403
    crew = f"/v1/shops/{shop}/rooms/{rooms[0]}/crew"
    added = await client.post(
        f"{crew}/assistants", headers=owner, json={"request_id": "c", "wechat_id": "wx_helper", "nickname": "小周"}
    )
    assert [one["nickname"] for one in added.json()["assistants"]] == ["小周"]
    assert (await mute(rooms[0]), await mute(rooms[1])) == (200, 403)
    assert "rooms.live" not in (await _who(client, helper))["shops"][0]["permissions"]
    with_role = {"request_id": "d", "roles": [3]}
    edited = await client.patch(f"{people}/wx_helper", headers=owner, json=with_role)
    assert edited.json()["items"][0]["roles"] == [3]
    assert await mute(rooms[1]) == 200
    assert "rooms.live" in (await _who(client, helper))["shops"][0]["permissions"]
    refused = await client.delete(f"{people}/wx_helper", headers=owner)
    assert refused.json()["code"] == "rooms.member_in_use"
    assert (await client.patch(f"{people}/wx_helper", headers=helper, json=with_role)).status_code == 403
    parted = {"request_id": "e", "account_id": "", "roles": []}
    assert (await client.patch(f"{people}/wx_helper", headers=owner, json=parted)).status_code == 200
    assert await mute(rooms[1]) == 403
    await client.delete(f"{crew}/assistants/wx_helper", headers=owner)
    assert (await client.delete(f"{people}/wx_helper", headers=owner)).json()["items"] == []


async def test_an_account_is_one_person_and_one_of_ours(runtime, client, shop):
    owner = bearer(await staff_session(runtime, shop, Role.OWNER))
    account_id = (await _who(client, owner))["account_id"]
    people = f"/v1/shops/{shop}/room-people"
    for wechat_id in ("wx_a", "wx_b"):
        await client.post(people, headers=owner, json={"request_id": wechat_id, "wechat_id": wechat_id})
    first = await client.patch(f"{people}/wx_a", headers=owner, json={"request_id": "x", "account_id": account_id})
    assert first.status_code == 200
    second = await client.patch(f"{people}/wx_b", headers=owner, json={"request_id": "y", "account_id": account_id})
    assert second.json()["code"] == "rooms.member_linked"
    stranger = await client.patch(f"{people}/wx_b", headers=owner, json={"request_id": "z", "account_id": "12345"})
    assert stranger.status_code == 404
    for body in (
        {"wechat_id": "微信"},
        {"wechat_id": "wx_c", "nickname": "名" * 31},
        {"wechat_id": "wx_c", "roles": [4]},
    ):
        bad = await client.post(people, headers=owner, json={"request_id": "w", **body})
        assert bad.status_code == 422, body
    assert (await client.patch(f"{people}/nobody", headers=owner, json={"request_id": "v"})).status_code == 404


async def test_a_second_anchor_and_customer_service_are_set_in_the_console(runtime, db, client, shop):
    owner = bearer(await staff_session(runtime, shop, Role.OWNER))
    room_id = await live_room(db, shop)
    crew = f"/v1/shops/{shop}/rooms/{room_id}/crew"
    named = await client.put(f"{crew}/sub-anchor", headers=owner, json={"request_id": "a", "wechat_id": "wx_second"})
    assert named.json()["sub_anchor"] == "wx_second"
    gone = await client.put(f"{crew}/sub-anchor", headers=owner, json={"request_id": "b", "wechat_id": ""})
    assert gone.json()["sub_anchor"] == ""
    contact, switches = f"/v1/shops/{shop}/room-contact", f"/v1/shops/{shop}/rooms/{room_id}/switches"
    opened = {"request_id": "c", "close_kf": False}
    refused = await client.put(switches, headers=owner, json=opened)
    assert refused.json()["code"] == "rooms.contact_missing"
    for wrong in (
        {},
        {"url": "http://chat.example.com"},
        {"url": "javascript:alert(1)"},
        {"url": "https://user@chat.example.com"},
        {"phone": "call me"},
        {"phone": "12345678", "hours": "a\nb"},
    ):
        bad = await client.put(contact, headers=owner, json={"request_id": "d", **wrong})
        assert bad.json()["code"] == "rooms.contact_invalid", wrong
    said = {"request_id": "e", "url": "https://chat.example.com/tea", "hours": "9:00–21:00"}
    assert (await client.put(contact, headers=owner, json=said)).status_code == 200
    room = (await client.put(switches, headers=owner, json=opened)).json()
    assert room["close_kf"] is False
    page = (await client.get(f"/v1/storefront/{shop}/rooms/{room_id}")).json()
    assert page["contact"]["url"] == "https://chat.example.com/tea"
    assert page["room"]["close_kf"] is False
    assert page["room"]["muted"] is False
