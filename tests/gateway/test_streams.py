"""Pages on real sockets: what happens in a room reaches them in time, in order, once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import websockets

from liveshelf.facades.live import gateway as gateways
from liveshelf.flows import go_live, listing, room_talk
from liveshelf.goods import queries as goods
from liveshelf.goods.types import AuditState
from liveshelf.platform.idempotency import Once
from liveshelf.rooms import queries, service, talk
from liveshelf.rooms.messages import RING, Comment
from liveshelf.stock import service as stock
from tests.integration.test_room_talk import buyer
from tests.make.gateways import eventually, relaying, served
from tests.make.goods import goods_in
from tests.make.rooms import ANCHOR, live_room, reduce, view_now
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db):
    return (await a_shop(db)).shop


@pytest.fixture
async def served_gateway(runtime):
    async with relaying(runtime), served(runtime, streams_per_address=2_000) as gateway:
        yield gateway


async def approved(db, shop, count=1):
    return [(await goods_in(db, shop, AuditState.APPROVED, name=f"青瓷茶盏{n}")).goods_id for n in range(count)]


async def test_what_happens_on_the_shelf_reaches_every_page_within_a_second(db, shop, served_gateway):
    first, second = await approved(db, shop, 2)
    room_id = await live_room(db, shop, [first])
    view = await view_now(db, shop, room_id)
    async with (
        served_gateway.page(shop, room_id, since=view["seq"]) as one,
        served_gateway.page(shop, room_id, viewer="c2") as two,
    ):
        for work in (
            lambda tx: service.put_on_shelf(tx, room_id, [second]),
            lambda tx: service.push(tx, room_id, second),
            lambda tx: go_live.pause(tx, room_id),
        ):
            await db.write(ANCHOR, shop, work)
            seen = len(one.of("room")) + 1
            await asyncio.gather(one.until("room", seen, within_s=1), two.until("room", seen, within_s=1))
        for message in one.of("room"):
            view = reduce(view, message)
        assert view == await view_now(db, shop, room_id)
        assert one.of("hello") == [{"seq": 3 - 1, "resumed": True}]
        assert two.of("hello")[0]["resumed"] is False


@pytest.mark.feature("L-302")
async def test_goods_that_are_added_while_live_are_on_a_thousand_pages_within_a_second(db, shop, served_gateway):
    many, added = 1000, await approved(db, shop, 4)
    room_id = await live_room(db, shop)
    address = urlsplit(served_gateway.url(shop, room_id)).path

    async def one(number: int) -> asyncio.StreamReader:
        reader, writer = await asyncio.open_connection("127.0.0.1", served_gateway.port)
        writers.append(writer)
        ticket = served_gateway.ticket(shop, room_id, f"c{number}")
        writer.write(f"GET {address}?ticket={ticket} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        await reader.readuntil(b"event: hello\n")
        return reader

    async def heard(reader: asyncio.StreamReader) -> float:
        await reader.readuntil(b'"type":"shelf_added"')
        return time.monotonic()

    writers: list[asyncio.StreamWriter] = []
    pages = [
        page for first in range(0, many, 100) for page in await asyncio.gather(*map(one, range(first, first + 100)))
    ]
    took: list[float] = []  # of each goods, until 99 of 100 pages had it
    for goods_id in added:
        began = time.monotonic()
        hearing = [asyncio.create_task(heard(page)) for page in pages]
        await db.write(ANCHOR, shop, lambda tx, goods_id=goods_id: service.put_on_shelf(tx, room_id, [goods_id]))
        times = sorted(at - began for at in await asyncio.wait_for(asyncio.gather(*hearing), 30))
        took.append(times[many * 99 // 100])
    for writer in writers:
        writer.transport.abort()
    # The pages are this process's too, and others may use the machine: one or two of the four may meet that.
    assert sorted(took)[1] <= 1, took


@pytest.mark.feature("A-503")
async def test_deleted_goods_are_gone_from_open_pages_within_a_second(db, shop, served_gateway):
    (goods_id,) = await approved(db, shop)
    room_id = await live_room(db, shop, [goods_id])
    async with served_gateway.page(shop, room_id) as page:
        begin = time.monotonic()
        await db.write(ANCHOR, shop, lambda tx: listing.delete(tx, goods_id, door=None))
        (told,) = await page.until("room", within_s=1)
        assert time.monotonic() - begin < 1
        assert (told["type"], told["goods_ids"]) == ("shelf_removed", [goods_id])


async def test_a_page_that_comes_back_gets_what_it_missed_and_nothing_twice(db, shop, served_gateway):
    (goods_id,) = await approved(db, shop)
    room_id = await live_room(db, shop, [goods_id])
    was = (await view_now(db, shop, room_id))["seq"]
    for _ in range(3):
        await db.write(ANCHOR, shop, lambda tx: service.push(tx, room_id, goods_id))
    async with served_gateway.page(shop, room_id, since=was + 1) as page:
        await page.until("room", 2)
        await db.write(ANCHOR, shop, lambda tx: service.unpush(tx, room_id))
        told = await page.until("room", 3)
        assert [one["seq"] for one in told] == [was + 2, was + 3, was + 4]
        assert page.of("hello") == [{"seq": was + 3, "resumed": True}]


async def test_a_page_that_missed_more_than_the_ring_is_told_to_take_a_snapshot(db, shop, served_gateway):
    (goods_id,) = await approved(db, shop)
    room_id = await live_room(db, shop, [goods_id])

    async def many(tx):
        for _ in range(RING + 5):
            await service.push(tx, room_id, goods_id)

    await db.write(ANCHOR, shop, many)
    last = (await view_now(db, shop, room_id))["seq"]
    for since, resumed in ((last - RING, True), (last - RING - 1, False), (last + 1, False), (last, True)):
        async with served_gateway.page(shop, room_id, since=since) as page:
            assert page.of("hello") == [{"seq": last, "resumed": resumed}]
            await page.until("viewers")
            assert [one["seq"] for one in page.of("room")] == (list(range(since + 1, last + 1)) if resumed else [])


async def test_two_gateways_tell_the_same_and_count_their_viewers_together(runtime, db, shop):
    (goods_id,) = await approved(db, shop)
    room_id = await live_room(db, shop, [goods_id])
    async with relaying(runtime), served(runtime) as left, served(runtime) as right:
        async with (
            left.page(shop, room_id, viewer="c1") as one,
            left.page(shop, room_id, viewer="c1"),
            right.page(shop, room_id, viewer="c2") as two,
        ):
            await db.write(ANCHOR, shop, lambda tx: service.push(tx, room_id, goods_id))
            assert await one.until("room", within_s=1) == await two.until("room", within_s=1)
            await eventually(lambda: {"count": 2} in one.of("viewers") and {"count": 2} in two.of("viewers"))
        await asyncio.sleep(2.2)  # the next count of each gateway
        assert await _watching(db, shop, room_id) == 0


async def _watching(db, shop, room_id) -> int:
    async with db.read(shop) as tx:
        card = await queries.card(tx, room_id)
    assert card is not None
    return card.viewers


async def test_stock_reaches_pages_as_the_latest_value_with_a_growing_version(db, shop, served_gateway):
    (goods_id,) = await approved(db, shop)
    room_id = await live_room(db, shop, [goods_id])
    async with db.read(shop) as tx:
        (one,) = await goods.live_goods(tx, [goods_id])
        (sku,) = (await goods.skus(tx, [one.product_id]))[one.product_id]
    async with served_gateway.page(shop, room_id) as page:
        (first,) = await page.until("stock")
        for on_hand in (50, 49, 48, 47, 46, 45):
            await db.write(
                ANCHOR, shop, lambda tx, n=on_hand: stock.set_on_hand(tx, sku.sku_id, on_hand=n, reason="count")
            )
        await eventually(lambda: page.of("stock")[-1]["items"][0]["available"] == 45, within_s=2)
        items = [message["items"][0] for message in page.of("stock")]
        assert first["items"][0] == items[0]
        assert [one["version"] for one in items] == sorted({one["version"] for one in items})
        assert len(items) < 1 + 6, "what changes quickly is told together"


async def test_comments_and_likes_reach_pages_and_hidden_ones_go(runtime, db, shop, served_gateway):
    room_id, who = await live_room(db, shop), await buyer(db, shop)

    def once(key: str) -> Once[Comment]:
        return Once("rooms.comment", key, key, Comment)

    early = await room_talk.comment(runtime, who, room_id, text="在吗", once=once("0"))
    async with served_gateway.page(shop, room_id) as page:
        said = await room_talk.comment(runtime, await buyer(db, shop), room_id, text="多少钱", once=once("1"))
        told = await page.until("comments", 2, within_s=1)
        assert [[item["comment_id"] for item in one["items"]] for one in told] == [
            [early.comment_id],
            [said.comment_id],
        ]
        await db.write(ANCHOR, shop, lambda tx: talk.hide_comment(tx, room_id, int(said.comment_id)))
        await runtime.bus.publish([(f"comments_{shop}_{room_id}", "")])
        told = await page.until("comments", 3, within_s=1)
        assert told[-1] == {"items": [], "hidden": [said.comment_id]}
        await room_talk.likes_of(runtime).add(shop, room_id, 7)
        await eventually(lambda: page.of("likes")[-1] == {"count": 7}, within_s=3)
    async with served_gateway.page(shop, room_id) as page:
        assert [item["text"] for one in await page.until("comments") for item in one["items"]] == ["在吗"]


async def test_a_lost_hint_is_noticed(db, shop, runtime):
    (goods_id,) = await approved(db, shop)
    room_id = await live_room(db, shop, [goods_id])
    async with served(runtime) as gateway, gateway.page(shop, room_id) as page:  # no relay: nobody hints
        await db.write(ANCHOR, shop, lambda tx: service.push(tx, room_id, goods_id))
        await page.until("room", within_s=3)


async def test_a_websocket_hears_the_same(db, shop, served_gateway):
    (goods_id,) = await approved(db, shop)
    room_id = await live_room(db, shop, [goods_id])
    url = f"ws://127.0.0.1:{served_gateway.port}/live/{shop}/{room_id}/ws?ticket="
    async with (
        served_gateway.page(shop, room_id, viewer="c1") as page,
        websockets.connect(
            url + served_gateway.ticket(shop, room_id, "c2"), origin=served_gateway.origin, proxy=None
        ) as sock,
    ):
        await db.write(ANCHOR, shop, lambda tx: service.push(tx, room_id, goods_id))
        (told,) = await page.until("room")
        heard: list[dict[str, Any]] = []
        while not any(one["event"] == "room" for one in heard):
            heard.append(json.loads(await asyncio.wait_for(sock.recv(), 2)))
        assert heard[0]["event"] == "hello"
        assert heard[-1] == {"event": "room", "data": told}


async def test_streams_end_when_the_gateway_goes_and_no_new_one_begins(db, shop, served_gateway):
    room_id = await live_room(db, shop)
    ticket = served_gateway.ticket(shop, room_id)
    async with served_gateway.page(shop, room_id) as page:
        served_gateway.app.end_streams()
        await page.until_end(1)
    async with httpx.AsyncClient() as client:
        assert (await client.get(served_gateway.url(shop, room_id), params={"ticket": ticket})).status_code == 503


async def test_a_deleted_room_ends_its_streams_after_the_last_word(db, shop, served_gateway):
    room_id = await live_room(db, shop)
    await db.write(ANCHOR, shop, lambda tx: go_live.end(tx, room_id))
    async with served_gateway.page(shop, room_id) as page:
        await db.write(ANCHOR, shop, lambda tx: service.delete(tx, room_id))
        await page.until_end(2)
        assert page.of("room")[-1]["type"] == "room_deleted"


async def test_quiet_streams_are_pinged(db, shop, runtime, monkeypatch):
    monkeypatch.setattr(gateways, "PING_S", 0.2)
    room_id = await live_room(db, shop)
    async with served(runtime) as gateway, httpx.AsyncClient() as client:
        params = {"ticket": gateway.ticket(shop, room_id)}
        async with client.stream("GET", gateway.url(shop, room_id), params=params) as answer, asyncio.timeout(3):
            async for line in answer.aiter_lines():
                if line == ": ping":
                    break


async def test_nobody_waits_for_a_page_that_does_not_read(db, shop, served_gateway):
    (goods_id,) = await approved(db, shop)
    room_id = await live_room(db, shop, [goods_id])
    reader, writer = await asyncio.open_connection("127.0.0.1", served_gateway.port, limit=1024)
    query = f"/live/{shop}/{room_id}?ticket={served_gateway.ticket(shop, room_id, 'slow')}"
    writer.write(f"GET {query} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    await writer.drain()
    async with served_gateway.page(shop, room_id) as page:
        for _ in range(20):
            await db.write(ANCHOR, shop, lambda tx: service.push(tx, room_id, goods_id))
        await page.until("room", 20, within_s=3)
    writer.close()
    assert reader is not None


async def test_an_empty_hall_is_closed_and_opened_again(db, shop, served_gateway, monkeypatch):
    monkeypatch.setattr(gateways, "LINGER_S", 0.0)
    (goods_id,) = await approved(db, shop)
    room_id = await live_room(db, shop, [goods_id])
    async with served_gateway.page(shop, room_id):
        pass
    halls = served_gateway.app._gateway._halls
    await eventually(lambda: not halls)
    async with served_gateway.page(shop, room_id) as page:
        await db.write(ANCHOR, shop, lambda tx: service.push(tx, room_id, goods_id))
        await page.until("room", within_s=1)


async def test_many_rooms_open_at_the_same_moment(db, shop, served_gateway):
    rooms = [await live_room(db, shop) for _ in range(12)]
    async with contextlib.AsyncExitStack() as stack:
        pages = await asyncio.gather(
            *(stack.enter_async_context(served_gateway.page(shop, one, viewer=f"c{one}")) for one in rooms)
        )
        for room_id in rooms:
            await db.write(ANCHOR, shop, lambda tx, one=room_id: go_live.pause(tx, one))
        await asyncio.gather(*(page.until("room", within_s=2) for page in pages))


async def test_a_lost_listening_connection_is_found_again_and_nothing_is_missed(db, shop, served_gateway, admin_dsn):
    room_id = await live_room(db, shop)
    admin = await asyncpg.connect(admin_dsn)
    async with served_gateway.page(shop, room_id) as page:
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        for verb, count in ((go_live.pause, 1), (go_live.resume, 2)):
            await db.write(ANCHOR, shop, lambda tx, verb=verb: verb(tx, room_id))
            await page.until("room", count, within_s=4)
    await admin.close()
