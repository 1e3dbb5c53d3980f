"""Serves an ASGI application in this very process: Granian's embedded server on uvloop.

One process a worker, each a direct child of `serve` (or of the operator's own supervisor); several share a port
through SO_REUSEPORT. There is no master in between, so nothing is orphaned when a parent is killed, and streams can
be told to end before the server stops.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from liveshelf.entry.asgi import App
from liveshelf.entry.stopping import stop_signal
from liveshelf.platform.log import logger

BACKLOG = 2048  # connections that wait in the kernel while a burst is being accepted
_STREAMS_END_S = 0.3  # for open streams to say goodbye

Opened = Callable[[asyncio.Event], contextlib.AbstractAsyncContextManager[App]]

_log = logger("server")


def run(opened: Opened, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT.

    `opened(stop)` yields the application; `stop` is set before the server goes, so that streams can end.
    """
    uvloop.run(_run(opened, host, port))


async def _run(opened: Opened, host: str, port: int) -> None:
    stop = stop_signal()
    async with opened(stop) as app:
        server = Server(
            _without_lifespan(app),
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            # Raw UTF-8 in a request line is refused below us; a slow client has as long as a proxy would give it.
            http1_settings=HTTP1Settings(header_read_timeout=15_000),
            backlog=BACKLOG,
            log_enabled=False,
        )
        serving = asyncio.create_task(server.serve())
        _log.debug("listening", host=host, port=port)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving  # it failed to bind: say why
        await asyncio.sleep(_STREAMS_END_S)
        server.stop()  # type: ignore[no-untyped-call] # Granian's
        await serving


def _without_lifespan(app: App) -> App:
    # What the application needs was opened around it; the server's own lifespan messages only want an answer.
    async def serve(scope, receive, send):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - an App
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        while (message := await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": message["type"] + ".complete"})

    return serve
