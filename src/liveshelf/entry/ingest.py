"""The ingest process: pictures come in over RTMP, are cut, and what is kept of them is looked after.

Any number may run, each on a port of its own; all need the data folder, or the same share of it.
"""

from __future__ import annotations

import asyncio
import contextlib

import uvloop

from liveshelf.adapters.ffmpeg import found
from liveshelf.entry.compose import runtime_from_environment
from liveshelf.entry.stopping import stop_signal
from liveshelf.facades.video.front import Front
from liveshelf.facades.video.keeper import Keeper
from liveshelf.facades.video.studio import Studio
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime

_log = logger("ingest")


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    uvloop.run(_main())


async def _main() -> None:
    stop = stop_signal()
    async with runtime_from_environment("ingest") as runtime:
        program = found.ffmpeg(runtime.settings)
        if program is None:
            _log.error("no_ffmpeg", do="install ffmpeg, or the extra liveshelf[video]")
            await stop.wait()
            return
        await run(runtime, program, stop)


async def run(runtime: Runtime, program: str, stop: asyncio.Event) -> None:
    """Take pictures until `stop` is set. Raises `OSError` when the port is taken."""
    settings = runtime.settings
    studio = Studio(runtime, program)
    async with Front(studio.admit).bound(settings.host, settings.rtmp_port_used) as server, studio.running():
        keeping = asyncio.create_task(Keeper(studio).rounds())
        await server.start_serving()
        _log.debug("listening", host=settings.host, port=settings.rtmp_port_used, ffmpeg=program)
        await stop.wait()
        server.close()
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
