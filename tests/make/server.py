"""An ASGI application over real sockets, in the test's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server


@contextlib.asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """The address at which the application answers while inside, on the server that the product uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(
        app,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        log_enabled=False,
    )
    task = asyncio.create_task(server.serve())
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(timeout=5) as client:
        for _ in range(100):
            with contextlib.suppress(httpx.TransportError):
                await client.get(f"{url}/nothing")
                break
            await asyncio.sleep(0.02)
    try:
        yield url
    finally:
        server.stop()
        await task
