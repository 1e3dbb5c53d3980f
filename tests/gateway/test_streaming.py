"""The server of open pages: requests that never come, or never end, hold nothing; thousands of pages are held."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
import websockets
from websockets.frames import Frame, Opcode

from liveshelf.entry import server, streaming
from liveshelf.facades.live.app import WIRE
from liveshelf.facades.live.frames import on_the_wire
from tests.make.gateways import ServedGateway, served
from tests.make.rooms import live_room
from tests.make.shops import a_shop

MANY = server.BACKLOG + 100  # more than the kernel lets wait, which was all that a process held once


async def answer_of(gateway: ServedGateway, text: bytes, *, within_s: float = 5.0) -> bytes:
    """All that is answered until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(text)
    try:
        async with asyncio.timeout(within_s):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_a_request_that_does_not_come_is_not_waited_for(runtime, monkeypatch):
    monkeypatch.setattr(streaming, "HEAD_WITHIN_S", 0.2)
    async with served(runtime) as gateway:
        for beginning in (b"", b"GET /readyz HTTP/1.1\r\n", b"GET /readyz HTTP/1.1\r\nHost: a\r\nX: "):
            assert await answer_of(gateway, beginning) == b""


async def test_a_request_line_or_headers_without_an_end_are_not_kept(runtime):
    async with served(runtime) as gateway:
        endless = b"x" * (streaming.HEAD_MAX + 1)
        for head in (
            b"GET /" + endless,
            b"GET /readyz HTTP/1.1\r\nX: " + endless,
            b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 4000,
        ):
            assert await answer_of(gateway, head) == b""
        whole = b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        assert (await answer_of(gateway, whole)).startswith(b"HTTP/1.1 200")


async def test_nonsense_is_refused(runtime):
    async with served(runtime) as gateway:
        assert (await answer_of(gateway, b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")).startswith(b"HTTP/1.1 400")


async def test_one_process_holds_thousands_of_pages(runtime, db):
    shop = (await a_shop(db)).shop
    room_id = await live_room(db, shop)
    async with served(runtime, streams_per_address=2 * MANY) as gateway:

        async def open_page(number: int) -> asyncio.StreamWriter:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            ticket = gateway.ticket(shop, room_id, f"c{number}")
            writer.write(f"GET /live/{shop}/{room_id}?ticket={ticket} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            async with asyncio.timeout(60):
                await reader.readuntil(b"event: hello\n")
            return writer

        pages = []
        for first in range(0, MANY, 100):
            pages += await asyncio.gather(*[open_page(number) for number in range(first, first + 100)])
        assert len(pages) >= MANY
        for page in pages:
            page.transport.abort()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 1 << 15, (1 << 16) - 1, 1 << 16, 70_000])
def test_a_frame_is_what_the_library_would_send(size):
    text = b"x" * size
    assert on_the_wire(text) == Frame(Opcode.TEXT, text).serialize(mask=False)


@contextlib.asynccontextmanager
async def sockets(application):
    """An application behind the engine, and its address."""
    engine = streaming.Streams(application, "127.0.0.1", 0)
    serving = asyncio.create_task(engine.serve())
    try:
        async with asyncio.timeout(5):
            while not engine.started:  # noqa: ASYNC110 - the engine has no event for it
                await asyncio.sleep(0.01)
        yield f"ws://127.0.0.1:{engine.servers[0].sockets[0].getsockname()[1]}/"
    finally:
        engine.stop()
        await serving


async def test_frames_that_are_written_at_once_arrive_one_by_one_beside_usual_ones_and_pongs():
    async def application(scope, receive, send):
        assert WIRE in scope["extensions"]
        await receive()
        await send({"type": "websocket.accept"})
        for number in range(20):
            pair = on_the_wire(b"a%d" % number) + on_the_wire("茶".encode() * 100)
            await send({"type": "websocket.send", "wire": pair})
            await send({"type": "websocket.send", "text": f"b{number}"})
            await asyncio.sleep(0)
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async with sockets(application) as url, websockets.connect(url, proxy=None) as page:
        pongs = [await page.ping() for _ in range(5)]
        heard = [await asyncio.wait_for(page.recv(), 2) for _ in range(60)]
        assert heard == [one for n in range(20) for one in (f"a{n}", "茶" * 100, f"b{n}")]
        await asyncio.wait_for(asyncio.gather(*pongs), 2)


async def test_a_page_that_does_not_read_holds_up_its_writer_and_nobody_writes_to_one_that_left():
    written, ended = 0, asyncio.Event()

    async def application(_scope, receive, send):
        nonlocal written
        await receive()
        await send({"type": "websocket.accept"})
        try:
            while True:
                await send({"type": "websocket.send", "wire": on_the_wire(b"x" * 65_000)})
                written += 1
        finally:
            ended.set()

    async with sockets(application) as url:
        page = await websockets.connect(url, proxy=None, max_queue=1)
        was = -1
        async with asyncio.timeout(5):
            while was != written or not written:
                was = written
                await asyncio.sleep(0.2)
        assert written < 500, "what one page may have under way is the transport's and the kernel's buffers"
        assert not ended.is_set()
        page.transport.abort()
        await asyncio.wait_for(ended.wait(), 5)
