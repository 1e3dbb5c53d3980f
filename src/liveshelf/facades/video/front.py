"""The RTMP port: who may connect, how many at once, and that nobody stays without a key."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from liveshelf.facades.video.rtmp import Admit, Sender
from liveshelf.platform.log import logger
from liveshelf.platform.ratelimit import RateLimit

CONNECTIONS_MAX = 200  # at once, senders and those who try to be
_TRIES = {"per_s": 1.0, "burst": 20}  # connections of one address: an encoder that lost its line tries again and again
_BUFFER = 256 << 10
_BACKLOG = 100

_log = logger("rtmp")


class Front:
    """Listens, and gives each connection to a `Sender`."""

    def __init__(self, admit: Admit) -> None:
        self._admit = admit
        self._open: set[asyncio.Task[None]] = set()
        self._tries = RateLimit(**_TRIES)

    @contextlib.asynccontextmanager
    async def bound(self, host: str, port: int) -> AsyncIterator[asyncio.Server]:
        """Hold the port while inside; the server yielded takes connections from its `start_serving` on.

        Raises `OSError` when the port is taken.
        """
        server = await asyncio.start_server(
            self._take, host, port, limit=_BUFFER, backlog=_BACKLOG, start_serving=False
        )
        try:
            yield server
        finally:
            server.close()
            for task in list(self._open):
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = str((writer.get_extra_info("peername") or ("",))[0])
        if len(self._open) >= CONNECTIONS_MAX or not self._tries.allows(address):
            _log.warning("sender_not_taken", address=address, connections=len(self._open))
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a connection is served in one
        self._open.add(task)
        try:
            ended = await Sender(reader, writer, self._admit).serve()
            _log.info("sender_ended", address=address, how=ended)
        except asyncio.CancelledError:
            # Cut off by us. asyncio's streams ask a connection's task for its error and are upset by a cancelled one.
            _log.info("sender_cut_off", address=address)
        finally:
            self._open.discard(task)
