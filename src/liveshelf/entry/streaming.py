"""The engine for an application whose answers stay open: uvicorn's server.

Requests are served by Granian (`server`); this is for viewers' pages, of which one process holds many thousands. Here
an idle stream costs 16 kB and a WebSocket 25 kB, where the other one keeps a read buffer of 128 kB for each WebSocket.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from liveshelf.entry.asgi import App
from liveshelf.entry.server import BACKLOG, OPEN_MAX
from liveshelf.facades.live.app import WIRE

HEAD_MAX = 16 << 10  # bytes of a request line with its headers; a ticket is a few hundred
HEAD_WITHIN_S = 15.0  # a slow client has as long as a proxy would give it
SAID_MAX = 4 << 10  # bytes of what a page may say on a WebSocket, where nothing is heard
_GOING_S = 2  # for connections that do not end by themselves


class Door(HttpToolsProtocol):
    """A connection whose request must come soon and be short."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connected."""
        super().connection_made(transport)
        self._head_bytes = 0
        self._head_due: asyncio.TimerHandle | None = self.loop.call_later(HEAD_WITHIN_S, transport.close)

    def data_received(self, data: bytes) -> None:
        """Something came."""
        if self._head_due is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_MAX:
                self.transport.close()
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The request is known."""
        self._head_is_there()
        super().on_headers_complete()

    def on_message_begin(self) -> None:
        """A request begins, perhaps another one on this connection."""
        super().on_message_begin()
        if self._head_due is None:
            self._head_due = self.loop.call_later(HEAD_WITHIN_S, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody left."""
        self._head_is_there()
        super().connection_lost(exc)

    def _head_is_there(self) -> None:
        self._head_bytes = 0
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None


class Socket(WebSocketsSansIOProtocol):
    """A WebSocket that also takes frames as they are: what all pages hear is encoded once, and what waits for a page
    is one write.
    """

    def handle_connect(self, event: Request) -> None:
        """A page wants a socket. Its application begins after this."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][WIRE] = {}

    async def send(self, message: Any) -> None:  # noqa: ANN401 - as the engine's own
        """Send what the application says."""
        wire = message.get("wire")
        if wire is None:
            await super().send(message)
            return
        await self.writable.wait()
        if self.disconnected or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        self.transport.write(wire)


class Streams(uvicorn.Server):
    """The server of one application on one port; signals are its process's to heed."""

    def __init__(self, app: App, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Door,
                ws=Socket,
                ws_max_size=SAID_MAX,
                ws_ping_interval=None,  # pages are pinged by the application, over either transport
                ws_per_message_deflate=False,  # it would keep a window of 32 kB for each page
                lifespan="off",
                log_config=None,
                log_level="warning",  # that it is there is ours to say
                access_log=False,
                proxy_headers=False,  # whom to believe is a setting of ours
                server_header=False,
                date_header=False,
                backlog=BACKLOG,
                limit_concurrency=OPEN_MAX,
                timeout_graceful_shutdown=_GOING_S,
            )
        )
        self._at = (host, port)

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until `stop`. Raises `OSError` when the port is taken by somebody else."""
        family, _, _, _, at = socket.getaddrinfo(*self._at, type=socket.SOCK_STREAM)[0]
        # Named as TCP, or asyncio does not know it as such and lets short answers wait for the other side's word.
        with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # several processes may share it
            listening.bind(at)
            await super().serve([*(sockets or ()), listening])

    def stop(self) -> None:
        """Serve no more."""
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield
