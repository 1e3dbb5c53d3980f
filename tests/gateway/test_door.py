"""Who is let in, and who is not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
import websockets
from websockets.typing import Origin

from liveshelf.facades.live.door import PER_VIEWER_MAX, Door
from liveshelf.facades.live.gateway import Gateway
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.signing import Keys
from liveshelf.rooms import tickets
from tests.make.gateways import eventually, served
from tests.make.rooms import live_room
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db):
    return (await a_shop(db)).shop


async def knock(gateway, shop, room_id, ticket, **headers):
    """The status of a stream's beginning."""
    async with httpx.AsyncClient() as client:
        request = client.stream("GET", gateway.url(shop, room_id), params={"ticket": ticket}, headers=headers)
        async with request as answer:
            if answer.status_code != 200:
                await answer.aread()
                assert answer.json()["status"] == answer.status_code
            return answer.status_code


async def test_only_this_rooms_fresh_ticket_opens_it(runtime, db, shop, monkeypatch):
    room_id, other_room = await live_room(db, shop), await live_room(db, shop)
    async with served(runtime) as gateway:
        ticket = gateway.ticket(shop, room_id)
        payload, mac = ticket.split(".")
        foreign = tickets.issue(
            Keys(bytes(32)), runtime.settings, shop=shop, room_id=room_id, viewer="c1", role="buyer"
        ).ticket
        wrong = ["", "x", "a.b", payload, f"{payload}.{mac[:-4]}AAAA", f"{payload}x.{mac}", foreign, "票.票"]
        for text in (*wrong, gateway.ticket(shop, other_room), gateway.ticket(ShopId(shop + 1), room_id)):
            assert await knock(gateway, shop, room_id, text) == 403
        assert await knock(gateway, shop, room_id, ticket) == 200
        later = wall_now() + tickets.LIFE + timedelta(seconds=1)
        monkeypatch.setattr(tickets, "wall_now", lambda: later)
        assert await knock(gateway, shop, room_id, ticket) == 403


async def test_a_ticket_for_a_room_that_is_not_there_is_told_so(runtime, shop):
    async with served(runtime) as gateway:
        assert await knock(gateway, shop, RoomId(99), gateway.ticket(shop, RoomId(99))) == 404
        assert gateway.app._gateway._halls == {}
        assert gateway.app._gateway.connections("127.0.0.1") == 0


async def test_pages_of_other_sites_are_refused_also_on_websockets(runtime, db, shop):
    room_id = await live_room(db, shop)
    async with served(runtime, base_url="https://shop.example") as gateway:
        foreign = (
            "https://evil.example",
            "null",
            "http://shop.example.evil.example",
            "http://127.0.0.1:1",
            "https://[",
        )
        for origin in foreign:
            assert await knock(gateway, shop, room_id, gateway.ticket(shop, room_id), origin=origin) == 403
        own = (
            "https://shop.example",
            "http://127.0.0.1:8000",
            "http://localhost:8000",
            f"http://127.0.0.1:{gateway.port}",
        )
        for origin in own:
            assert await knock(gateway, shop, room_id, gateway.ticket(shop, room_id), origin=origin) == 200
        url = f"ws://127.0.0.1:{gateway.port}/live/{shop}/{room_id}/ws?ticket={gateway.ticket(shop, room_id)}"
        with pytest.raises(websockets.InvalidStatus, match="403"):
            async with websockets.connect(url, origin=Origin("https://evil.example"), proxy=None):
                pass
        with pytest.raises(websockets.InvalidStatus, match="403"):
            async with websockets.connect(url + "x", origin=Origin("https://shop.example"), proxy=None):
                pass


async def test_one_viewer_and_one_address_hold_a_bounded_number_of_streams(runtime, db, shop):
    room_id = await live_room(db, shop)
    async with served(runtime, streams_per_address=PER_VIEWER_MAX + 2) as gateway, asyncio.timeout(20):
        pages = [gateway.page(shop, room_id) for _ in range(PER_VIEWER_MAX)]
        for page in pages:
            await page.__aenter__()
        assert await knock(gateway, shop, room_id, gateway.ticket(shop, room_id)) == 429
        others = [gateway.page(shop, room_id, viewer=f"d{n}") for n in range(2)]
        for page in others:
            await page.__aenter__()
        assert await knock(gateway, shop, room_id, gateway.ticket(shop, room_id, "e")) == 429
        for page in [*pages, *others]:
            await page.__aexit__(None, None, None)
        await eventually(lambda: not gateway.app._gateway.connections("127.0.0.1"))
        assert await knock(gateway, shop, room_id, gateway.ticket(shop, room_id)) == 200


async def test_unknown_paths_and_methods_are_refused_plainly(runtime):
    async with served(runtime) as gateway, httpx.AsyncClient(base_url=f"http://127.0.0.1:{gateway.port}") as client:
        assert (await client.get("/live/1")).status_code == 404
        assert (await client.get("/live/1/0")).status_code == 404
        assert (await client.get("/live/1/99999999999999999999")).status_code == 404
        assert (await client.get("/live/1/1/ws")).status_code == 404
        assert (await client.post("/live/1/1")).status_code == 405
        assert (await client.get("/readyz")).text == "ready"
        many = await asyncio.gather(*[client.get("/readyz") for _ in range(80)])
        assert {one.status_code for one in many} == {200, 429}
        assert (await client.get("/healthz")).status_code == 200


async def test_the_address_is_the_one_that_the_nearest_proxy_saw(runtime):
    door = Door(replace(runtime.settings, trusted_proxies="10.0.0.1"), runtime.keys, Gateway(runtime))

    def seen(peer: str, *lines: str) -> str:
        headers = [(b"x-forwarded-for", line.encode()) for line in lines]
        return door.address({"client": (peer, 1), "headers": headers})

    assert seen("10.0.0.1", "6.6.6.6, 203.0.113.9") == "203.0.113.9"
    assert seen("10.0.0.1", "6.6.6.6", "203.0.113.9") == "203.0.113.9"
    assert seen("198.51.100.7", "203.0.113.9") == "198.51.100.7"
