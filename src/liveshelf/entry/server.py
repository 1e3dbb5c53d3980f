"""Serves an ASGI application in this very process, on uvloop: Granian's embedded server, or another engine.

One process a worker, each a direct child of `serve` (or of the operator's own supervisor); several share a port
through SO_REUSEPORT. There is no master in between, so nothing is orphaned when a parent is killed, and streams can
be told to end before the server stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Callable
from typing import Protocol, cast

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from liveshelf.entry.asgi import App
from liveshelf.entry.stopping import stop_signal
from liveshelf.platform.log import logger

OPEN_MAX = 65_536  # connections of one process; unless it is told, Granian accepts only as many as its backlog holds
BACKLOG = 2048  # connections that wait in the kernel while a burst is being accepted
_NEW_OBJECTS = 20_000  # before the youngest are looked through for cycles; a request makes some hundred
_ROUNDS = (20, 50)  # of that, before older ones are
_STREAMS_END_S = 0.3  # for open streams to say goodbye

Opened = Callable[[asyncio.Event], contextlib.AbstractAsyncContextManager[App]]

_log = logger("server")


class Engine(Protocol):
    """A server of one application on one port."""

    async def serve(self) -> None:
        """Serve until `stop`. Raises `OSError` when the port is taken by somebody else."""

    def stop(self) -> None:
        """Serve no more."""


def requests(app: App, host: str, port: int) -> Engine:
    """Granian, for answers that end soon; `streaming` has the engine for those that stay open."""
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,  # without lifespan: what the application needs was opened around it
        http=HTTPModes.http1,
        # Raw UTF-8 in a request line is refused below us; a slow client has as long as a proxy would give it.
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        backlog=BACKLOG,
        backpressure=OPEN_MAX,
        log_enabled=False,
    )
    return cast("Engine", server)


def run(opened: Opened, host: str, port: int, *, engine: Callable[[App, str, int], Engine] = requests) -> None:
    """Serve until SIGTERM or SIGINT.

    `opened(stop)` yields the application; `stop` is set before the server goes, so that streams can end.
    """
    uvloop.run(_run(opened, host, port, engine))


async def _run(opened: Opened, host: str, port: int, engine: Callable[[App, str, int], Engine]) -> None:
    stop = stop_signal()
    async with opened(stop) as app:
        _look_at_new_objects_only()
        server = engine(app, host, port)
        serving = asyncio.create_task(server.serve())
        _log.debug("listening", host=host, port=port)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving  # it failed to bind: say why
        await asyncio.sleep(_STREAMS_END_S)
        server.stop()
        await serving


def _look_at_new_objects_only() -> None:
    # What was made until now stays as long as the process. Looking through all of it for cycles took an eighth of a
    # second each time, in which nobody was answered.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *_ROUNDS)
