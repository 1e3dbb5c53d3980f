"""The wire over real sockets, on the server that the product uses: large bodies, odd transfers, lost answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import psutil
import pytest

from liveshelf.facades.wechat.router import WireApp
from liveshelf.kernel.actors import SYSTEM
from liveshelf.platform.runtime import Runtime
from liveshelf.shops import service
from liveshelf.shops.types import FaultDraft, FaultKind
from tests.make.server import served
from tests.make.shops import a_shop
from tests.make.wire import ADD, DELETE, GET_KEY, SET_KEY, Wire

MIB = 1 << 20


@pytest.fixture
async def wire(runtime: Runtime) -> AsyncIterator[Wire]:
    async with (
        WireApp(runtime).running() as app,
        served(app) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        yield await Wire(client, runtime, await a_shop(runtime.db)).sign_in()


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_of_100_mb_is_answered_clearly_and_never_held(wire: Wire, announced: bool):
    chunk = b"x" * MIB

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield chunk

    memory = psutil.Process().memory_info().rss
    began = time.monotonic()
    headers = {"content-length": str(100 * MIB)} if announced else {}
    assert await wire.code(ADD, content=endless(), headers=headers) == 47001
    assert time.monotonic() - began < 10
    assert psutil.Process().memory_info().rss - memory < 60 * MIB
    assert (await wire.get(GET_KEY))["errcode"] == 0


async def test_bodies_come_in_pieces_and_after_a_100_continue(wire: Wire):
    host, port = wire.client.base_url.host, wire.client.base_url.port
    reader, writer = await asyncio.open_connection(host, port)
    path = f"{SET_KEY}?access_token={wire.token}"
    writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    for piece in (b'{"goods', b'Key":["a"', b"]}"):
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await writer.drain()
        await asyncio.sleep(0.01)
    writer.write(b"0\r\n\r\n")
    assert b'"errcode":0' in await answer(reader)
    body = b'{"goodsKey":["b"]}'
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode())
    assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).startswith(b"HTTP/1.1 100")
    writer.write(body)
    assert b'"errcode":0' in await answer(reader)
    assert (await wire.get(GET_KEY))["vendorGoodsKey"] == ["b"]
    writer.close()


async def answer(reader: asyncio.StreamReader) -> bytes:
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert head.startswith(b"HTTP/1.1 200")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    return await reader.readexactly(length)


async def test_a_lost_answer_breaks_the_connection_after_the_work(wire: Wire):
    draft = FaultDraft("goods.setkey", FaultKind.LOST, remaining=1)
    await wire.runtime.db.write(SYSTEM, wire.made.shop, lambda tx: service.add_fault(tx, wire.made.appid, draft))
    await asyncio.sleep(1.1)
    with pytest.raises(httpx.RemoteProtocolError):
        await wire.post(SET_KEY, {"goodsKey": ["lost"]})
    assert (await wire.get(GET_KEY))["vendorGoodsKey"] == ["lost"]
    assert await wire.code(DELETE, {"goodsId": 5}) == 1003


async def test_many_callers_at_once_each_get_their_own_answer(wire: Wire):
    answers = await asyncio.gather(*(wire.code(DELETE, {"goodsId": 1_000 + number}) for number in range(60)))
    assert answers == [1003] * 60
