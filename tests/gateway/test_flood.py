"""One viewer says far more than anybody may: it is refused clearly, and nobody else notices."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx
import pytest

from liveshelf.customers import service as customers
from liveshelf.entry.http import HttpApp
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import queries, service
from tests.make.gateways import relaying, served
from tests.make.rooms import ANCHOR, live_room
from tests.make.selling import Sold, something
from tests.make.shops import a_shop

PAGES = 8  # of the loud one
FLOOD = 600  # requests before the others speak


class Caller:
    """A buyer on an address of their own."""

    def __init__(self, app: HttpApp, shop: ShopId, room_id: RoomId, token: str, address: str) -> None:
        transport = httpx.ASGITransport(app=app, client=(address, 1))
        headers = {"cookie": f"liveshelf_buyer_{shop}={token}"}
        self.http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers)
        self._path = f"/v1/storefront/{shop}/rooms/{room_id}/comments"
        self._said = 0

    async def say(self, text: str) -> httpx.Response:
        self._said += 1
        return await self.http.post(self._path, json={"request_id": f"s{self._said}", "text": text})


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop)


async def caller(http_app: HttpApp, db: Database, shop: ShopId, room_id: RoomId, address: str) -> Caller:
    _, token = await db.write(SYSTEM, shop, customers.make_guest)
    return Caller(http_app, shop, room_id, token, address)


async def test_a_flood_of_comments_is_refused_and_the_others_are_heard_meanwhile(
    runtime: Runtime, http_app: HttpApp, db: Database, shop: ShopId, sold: Sold
):
    room_id = await live_room(db, shop, [sold.goods_id])
    loud = await caller(http_app, db, shop, room_id, "10.0.0.1")
    quiet = await caller(http_app, db, shop, room_id, "10.0.0.2")
    answers: Counter[tuple[int, str]] = Counter()
    over = asyncio.Event()

    async def shout() -> None:
        while not over.is_set():
            answer = await loud.say("买买买")
            answers[answer.status_code, answer.json().get("code", "")] += 1

    async with relaying(runtime), served(runtime) as gateway, gateway.page(shop, room_id, viewer="c9") as page:
        shouting = [asyncio.create_task(shout()) for _ in range(PAGES)]
        async with asyncio.timeout(60):
            while answers.total() < FLOOD:  # noqa: ASYNC110 - counted by those who shout
                await asyncio.sleep(0.01)
        assert (await quiet.say("茶盏多大")).status_code == 201
        await db.write(ANCHOR, shop, lambda tx: service.push(tx, room_id, sold.goods_id))
        async with asyncio.timeout(5):  # the loud ones, the server and the pages are all this process
            await page.until("room")
            while not any("茶盏多大" in str(one) for one in page.of("comments")):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        over.set()
        await asyncio.gather(*shouting)
    said = answers.pop((201, ""))
    assert set(answers) <= {(429, "rooms.comment_too_soon"), (429, "request.too_often")}, answers
    assert said < answers.total() / 20
    async with db.read(shop) as tx:
        snapshot = await queries.snapshot(tx, room_id)
    assert snapshot is not None
    assert len(snapshot.comments) <= said + 1


async def test_a_comment_of_a_megabyte_is_refused_before_it_is_read(
    http_app: HttpApp, db: Database, shop: ShopId, sold: Sold
):
    room_id = await live_room(db, shop, [sold.goods_id])
    who = await caller(http_app, db, shop, room_id, "10.0.0.1")
    refused = await who.say("长" * (1 << 20))
    assert (refused.status_code, refused.json()["code"]) == (413, "request.too_large")
    assert (await who.say("多大")).status_code == 201
