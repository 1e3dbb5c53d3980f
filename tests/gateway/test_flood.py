"""One viewer says far more than anybody may: it is refused clearly, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from liveshelf.customers import service as customers
from liveshelf.entry.http import HttpApp
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import service
from tests.make.gateways import eventually, relaying, served
from tests.make.rooms import ANCHOR, live_room
from tests.make.selling import Sold, something
from tests.make.server import served as serving
from tests.make.shops import a_shop

HERE = "127.0.0.1"
REFUSED = 429
LINES = 6  # connections of the loud one
AT_ONCE = 32  # requests that each sends before it reads an answer
FLOOD = 3_000  # answers to the loud one while the others speak
NEIGHBOURS = 10  # on the loud one's own address
_CODE = re.compile(rb'"code":"([a-z_.]+)"')


class Caller:
    """A buyer on an address of their own."""

    def __init__(self, app: HttpApp, shop: ShopId, room_id: RoomId, token: str, address: str) -> None:
        transport = httpx.ASGITransport(app=app, client=(address, 1))
        headers = {"cookie": f"liveshelf_buyer_{shop}={token}"}
        self.http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers)
        self.token = token
        self._room = f"/v1/storefront/{shop}/rooms/{room_id}"
        self._said = 0

    async def look(self) -> httpx.Response:
        return await self.http.get(f"{self._room}/claims")

    async def say(self, text: str) -> httpx.Response:
        self._said += 1
        return await self.http.post(f"{self._room}/comments", json={"request_id": f"s{self._said}", "text": text})


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop)


async def caller(http_app: HttpApp, db: Database, shop: ShopId, room_id: RoomId, address: str) -> Caller:
    _, token = await db.write(SYSTEM, shop, customers.make_guest)
    return Caller(http_app, shop, room_id, token, address)


class Flood:
    """What one loud client sends down several connections, without waiting for one answer before the next request."""

    def __init__(self, url: str, request: Callable[[int], bytes]) -> None:
        self._port = int(url.rpartition(":")[2])
        self._request = request
        self._sent = 0
        self._over = False
        self.answers: Counter[tuple[int, str]] = Counter()
        self.waits: Counter[bool] = Counter()

    @contextlib.asynccontextmanager
    async def pouring(self) -> AsyncIterator[None]:
        """Send while inside, and until there are `FLOOD` answers."""
        lines = [asyncio.create_task(self._line()) for _ in range(LINES)]
        await eventually(lambda: self.answers.total() > FLOOD / 10, within_s=20)
        yield
        await eventually(lambda: self.answers.total() >= FLOOD, within_s=20)
        self._over = True
        await asyncio.gather(*lines)

    async def _line(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        while not self._over:
            self._sent += AT_ONCE
            writer.write(b"".join(self._request(self._sent - one) for one in range(AT_ONCE)))
            for _ in range(AT_ONCE):
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                found = _CODE.search(await reader.readexactly(length))
                self._count(head, found[1].decode() if found else "")
        writer.close()

    def _count(self, head: bytes, code: str) -> None:
        status = int(head[9:12])
        self.answers[status, code] += 1
        if status == REFUSED:
            self.waits[b"\r\nretry-after: " in head] += 1


def comment_request(shop: ShopId, room_id: RoomId, number: int, *, token: str) -> bytes:
    body = b'{"request_id":"f%d","text":"buy"}' % number
    head = f"""POST /v1/storefront/{shop}/rooms/{room_id}/comments HTTP/1.1\r
host: 127.0.0.1:8000\r
cookie: liveshelf_buyer_{shop}={token}\r
content-type: application/json\r
content-length: {len(body)}\r
\r
"""
    return head.encode() + body


async def test_a_flood_from_one_viewer_leaves_those_behind_the_same_address_alone(
    runtime: Runtime, http_app: HttpApp, db: Database, shop: ShopId, sold: Sold
):
    room_id = await live_room(db, shop, [sold.goods_id])
    loud = await caller(http_app, db, shop, room_id, HERE)
    neighbours = [await caller(http_app, db, shop, room_id, HERE) for _ in range(NEIGHBOURS)]
    for one in (loud, *neighbours):
        assert (await one.look()).status_code == 200
    async with (
        relaying(runtime),
        served(runtime) as gateway,
        serving(http_app) as url,
        gateway.page(shop, room_id, viewer="c9") as page,
    ):
        own = Flood(url, lambda number: comment_request(shop, room_id, number, token=loud.token))
        made_up = Flood(url, lambda number: comment_request(shop, room_id, number, token=f"made-up-{number}"))
        for flood, speakers in ((own, neighbours[::2]), (made_up, neighbours[1::2])):
            async with flood.pouring():
                for one in neighbours:
                    assert (await one.look()).status_code == 200
                for one in speakers:
                    assert (await one.say("茶盏多大")).status_code == 201
        await db.write(ANCHOR, shop, lambda tx: service.push(tx, room_id, sold.goods_id))
        await page.until("room")
        await eventually(lambda: sum(str(one).count("茶盏多大") for one in page.of("comments")) == NEIGHBOURS)
    said = own.answers.pop((201, ""))
    assert set(own.answers) == {(429, "rooms.comment_too_soon"), (429, "request.too_often")}, own.answers
    assert said < 20
    assert own.answers[429, "request.too_often"] > FLOOD * 0.8
    assert set(made_up.answers) == {(401, "customers.unknown"), (429, "request.too_often")}, made_up.answers
    for flood in (own, made_up):
        assert set(flood.waits) == {True}, "each is told when to come again"


async def test_a_comment_of_a_megabyte_is_refused_before_it_is_read(
    http_app: HttpApp, db: Database, shop: ShopId, sold: Sold
):
    room_id = await live_room(db, shop, [sold.goods_id])
    who = await caller(http_app, db, shop, room_id, "10.0.0.1")
    refused = await who.say("长" * (1 << 20))
    assert (refused.status_code, refused.json()["code"]) == (413, "request.too_large")
    assert (await who.say("多大")).status_code == 201
