"""The gateway process: what viewers' pages hold open, on a port of its own.

It ends every stream before it goes: pages come back by themselves, with the number they saw last.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from liveshelf.entry import server
from liveshelf.entry.asgi import App
from liveshelf.entry.compose import runtime_from_environment
from liveshelf.entry.streaming import Streams
from liveshelf.facades.live.app import LiveApp
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import read_settings


def main() -> None:
    """Serve until SIGTERM."""
    settings = read_settings()
    server.run(_opened, settings.host, settings.gateway_port_used, engine=Streams)


def create_app(runtime: Runtime) -> LiveApp:
    """The gateway's application on a runtime that the caller keeps open; serve it inside its `running`."""
    return LiveApp(runtime)


@contextlib.asynccontextmanager
async def _opened(stop: asyncio.Event) -> AsyncIterator[App]:
    async with runtime_from_environment("gateway") as runtime, create_app(runtime).running() as app:
        ending = asyncio.create_task(_end_streams(app, stop))
        try:
            yield app
        finally:
            ending.cancel()


async def _end_streams(app: LiveApp, stop: asyncio.Event) -> None:
    await stop.wait()
    app.end_streams()
