"""The reverse-proxy page's example, run as it is written but for the ports and TLS."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from liveshelf.goods.types import AuditState
from liveshelf.rooms import service
from tests.make.gateways import eventually, relaying, served
from tests.make.goods import goods_in
from tests.make.rooms import ANCHOR, live_room
from tests.make.shops import a_shop

PAGE = Path(__file__).parents[2] / "docs/operating/reverse-proxy.md"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def config(folder: Path, port: int, gateway_port: int) -> str:
    match = re.search(r"```nginx\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert match is not None
    example = re.sub(r"(?m)^\s*ssl_certificate.*$", "", match[1])
    example = example.replace("listen 443 ssl http2", f"listen 127.0.0.1:{port}").replace(":8001", f":{gateway_port}")
    paths = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; {paths}\n{example}\n}}"
    )


@contextlib.asynccontextmanager
async def proxied(folder: Path, gateway_port: int) -> AsyncIterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    file = folder / "nginx.conf"
    file.write_text(config(folder, port, gateway_port))
    assert NGINX is not None
    process = await asyncio.create_subprocess_exec(NGINX, "-c", str(file), "-p", str(folder))
    try:
        await eventually(lambda: (folder / "pid").exists() or process.returncode is not None)
        assert process.returncode is None, (folder / "error.log").read_text()
        yield port
    finally:
        process.terminate()
        await process.wait()


async def test_streams_pass_the_proxy_at_once(runtime, db, tmp_path):
    shop = (await a_shop(db)).shop
    goods_id = (await goods_in(db, shop, AuditState.APPROVED)).goods_id
    room_id = await live_room(db, shop, [goods_id])
    public = {"base_url": "http://shop.example.com", "gateway_url": "http://shop.example.com"}
    async with (
        relaying(runtime),
        served(runtime, **public, trusted_proxies="127.0.0.1") as gateway,
        proxied(tmp_path, gateway.port) as port,
        replace(gateway, port=port).page(shop, room_id) as page,
    ):
        await db.write(ANCHOR, shop, lambda tx: service.push(tx, room_id, goods_id))
        await page.until("room", within_s=1)
        async with httpx.AsyncClient() as client:
            refused = await client.get(f"http://127.0.0.1:{port}/live/{shop}/{room_id}")
        assert refused.status_code == 403
