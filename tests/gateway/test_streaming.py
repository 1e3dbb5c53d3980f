"""The server of open pages: requests that never come, or never end, hold nothing; thousands of pages are held."""

from __future__ import annotations

import asyncio

from liveshelf.entry import server, streaming
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
