"""Following a shop, telling followers, and the developer's desk for message push, over the native API."""

from __future__ import annotations

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.customers import service as customers
from liveshelf.entry.compose import provide_adapters
from liveshelf.entry.http import create_app
from liveshelf.flows import go_live
from liveshelf.kernel.actors import SYSTEM
from tests.make.accounts import bearer, staff_session
from tests.make.receiving import AES_KEY, TOKEN, reaching, receiving, work_off
from tests.make.rooms import ANCHOR, live_room
from tests.make.selling import guest
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db):
    return (await a_shop(db)).shop


async def a_buyer(db, shop) -> dict[str, str]:
    who = await guest(db, shop)
    token = await db.write(SYSTEM, shop, lambda tx: customers.start_session(tx, who))
    return {"cookie": f"liveshelf_buyer_{shop}={token}", "origin": "http://127.0.0.1:8000"}


async def test_a_buyer_follows_and_is_told_once_a_day(runtime, db, client, shop):
    owner = bearer(await staff_session(runtime, shop, Role.OWNER))
    room_id = await live_room(db, shop)
    store, notices = f"/v1/storefront/{shop}", f"/v1/shops/{shop}/rooms/{room_id}/start-notices"
    asked = {"request_id": "a"}
    assert (await client.post(notices, json=asked, headers=owner)).json()["code"] == "rooms.notice_readers_invalid"
    buyer = await a_buyer(db, shop)
    assert (await client.get(f"{store}/following", headers=buyer)).json() == {"following": False}
    for _ in range(2):
        followed = await client.put(f"{store}/rooms/{room_id}/following", headers=buyer, json={})
        assert followed.json() == {"following": True}, followed.text
    assert (await client.put(f"{store}/rooms/99/following", headers=buyer, json={})).status_code == 404
    told = await client.post(notices, json={"request_id": "b"}, headers=owner)
    assert told.json()["followers"] == 1, told.text
    await client.post(notices, json={"request_id": "b"}, headers=owner)  # the same wish again
    await work_off(runtime)
    (one,) = (await client.get(notices, headers=owner)).json()["items"]
    assert (one["total"], one["success"], one["over_limit"]) == (1, 1, 0)
    read = (await client.get(f"{store}/notices", headers=buyer)).json()["items"]
    assert [notice["kind"] for notice in read] == ["live_started"]
    await client.post(notices, json={"request_id": "c"}, headers=owner)
    await work_off(runtime)
    again = (await client.get(notices, headers=owner)).json()["items"][0]
    assert (again["success"], again["over_limit"]) == (0, 1)
    assert (await client.request("DELETE", f"{store}/following", headers=buyer)).json() == {"following": False}
    await db.write(ANCHOR, shop, lambda tx: go_live.end(tx, room_id))
    assert (await client.post(notices, json={"request_id": "d"}, headers=owner)).json()[
        "code"
    ] == "rooms.notice_not_live"


async def test_a_developer_sets_an_address_and_sends_a_message_again(runtime, db, shop):
    provide_adapters(runtime)
    headers = bearer(await staff_session(runtime, shop, Role.DEVELOPER))
    place = f"/v1/shops/{shop}/developer/webhook"
    async with receiving() as server, reaching(runtime, server) as reached, create_app(reached).running() as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            draft = {"request_id": "a", "url": server.url, "mode": "safe", "form": "json"}
            secrets = {"token": TOKEN, "aes_key": AES_KEY}
            assert (await client.get(place, headers=headers)).json()["endpoint"] is None
            for wrong, code in (
                ({}, "webhooks.token_invalid"),
                ({**secrets, "aes_key": "x"}, "webhooks.aes_key_invalid"),
                ({**secrets, "url": "http://127.0.0.1:9/"}, "webhooks.endpoint_unverified"),
            ):
                refused = await client.put(place, json={**draft, **wrong}, headers=headers)
                assert refused.json()["code"] == code
            kept = await client.put(place, json={**draft, **secrets}, headers=headers)
            assert kept.status_code == 200, kept.text
            assert TOKEN not in kept.text
            assert AES_KEY not in kept.text
            assert kept.json()["endpoint"]["key_hint"] == AES_KEY[-4:]
            # What is not sent stays: the address is verified with the token that is there.
            assert (await client.put(place, json={**draft, "form": "xml"}, headers=headers)).status_code == 200
            server.status = 500
            room_id = await live_room(db, shop)
            buyer = await a_buyer(db, shop)
            await client.put(f"/v1/storefront/{shop}/rooms/{room_id}/following", headers=buyer, json={})
            await work_off(reached)
            (waiting,) = (await client.get(f"{place}/deliveries?state=waiting", headers=headers)).json()["items"]
            one = f"{place}/deliveries/{waiting['delivery_id']}"
            assert [t["status"] for t in (await client.get(one, headers=headers)).json()["tries"]] == [500] * 3
            server.status = 200
            sent = await client.post(f"{one}/send-again", json={"request_id": "b"}, headers=headers)
            assert sent.json()["delivery"]["state"] == "delivered"
            assert sent.json()["tries"][-1]["by_hand"] is True
            view = (await client.get(place, headers=headers)).json()
            assert (view["waiting"], view["delivered"], view["given_up"]) == (0, 1, 0)
            assert (await client.get(f"{place}/deliveries/1", headers=headers)).json()["code"] == (
                "webhooks.delivery_missing"
            )
            assert (await client.delete(place, headers=headers)).json()["endpoint"] is None
            assert (await client.delete(place, headers=headers)).json()["code"] == "webhooks.endpoint_missing"
