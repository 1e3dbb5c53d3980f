"""The gateway's paths as bare ASGI: an idle page costs some 20 kB, a framework's request would cost several times that.

`GET /live/{shop_id}/{room_id}?ticket=…[&since=…]` is the stream, the same address with `/ws` the WebSocket.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import msgspec

from liveshelf.facades.live import door
from liveshelf.facades.live.door import Door
from liveshelf.facades.live.frames import Frame
from liveshelf.facades.live.gateway import Gateway
from liveshelf.facades.live.viewer import Viewer
from liveshelf.flows import inbox
from liveshelf.kernel.errors import Busy, DomainError, Invalid, Missing
from liveshelf.kernel.ids import RoomId, ShopId, new_rid
from liveshelf.platform.log import logger
from liveshelf.platform.ratelimit import RateLimit
from liveshelf.platform.runtime import Runtime

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Write = Callable[[Sequence[Frame]], Awaitable[None]]

_NOTIFY = re.compile(r"/v1/payments/([a-z]{1,32})/notify/([0-9A-Za-z]{1,32})")
_NOTIFY_S = 10.0  # for a whole notification
_PATH = re.compile(r"/live/([1-9][0-9]{0,17})/([1-9][0-9]{0,17})(/ws)?")
_STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx: hand on at once
    (b"vary", b"origin"),
]
WIRE = "liveshelf.wire"  # an engine that says so takes a socket's frames as bytes, encoded once for all pages
_log = logger("gateway")
WS_REFUSED = 4403
WS_GOING_AWAY = 1001


class LiveApp:
    """The whole gateway process as one ASGI application, on a given runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._gateway = Gateway(runtime)
        self._door = Door(runtime.settings, runtime.keys, self._gateway)
        self._probes = RateLimit(per_s=10, burst=50)  # each asks the database
        self._stopping = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[LiveApp]:
        """Keep the halls while inside."""
        async with self._gateway.running():
            yield self

    def end_streams(self) -> None:
        """End every stream and take no more: the process is about to go."""
        self._stopping = True
        self._gateway.end_streams()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] not in {"http", "websocket"}:
            return
        match = _PATH.fullmatch(scope["path"])
        if match is None or (match[3] is not None) != (scope["type"] == "websocket"):
            await self._other(scope, receive, send)
            return
        shop, room_id = ShopId(int(match[1])), RoomId(int(match[2]))
        try:
            if self._stopping:
                raise Busy(retry_after_s=1)
            if scope["type"] == "http" and scope["method"] != "GET":
                await _answer(send, 405, b"", [(b"allow", b"GET")])
                return
            origin = self._door.origin(scope)
            ticket = self._door.ticket(scope, shop, room_id)
            viewer = Viewer(ticket.viewer, ticket.role, self._door.address(scope))
            hall = await self._gateway.enter(shop, room_id, viewer, door.since(scope))
        except DomainError as error:
            await _refuse(scope, send, error)
            return
        viewer.task = asyncio.current_task()
        try:
            if scope["type"] == "http":
                await _stream(receive, send, viewer, origin)
            else:
                await _socket(scope, receive, send, viewer)
        except asyncio.CancelledError:
            # Ours, for a connection that took nothing for too long; anybody else's cancellation ends the process
            # anyway.
            viewer.close()
        finally:
            self._gateway.leave(shop, hall, viewer)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and (match := _NOTIFY.fullmatch(scope["path"])):
            await self._notice(match, scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": WS_REFUSED})
        elif scope["path"] == "/healthz":
            await _answer(send, 200, b"ok", [(b"content-type", b"text/plain")])
        elif scope["path"] == "/readyz":
            if not self._probes.allows(self._door.address(scope)):
                await _answer(send, 429, b"", [(b"retry-after", b"1")])
                return
            try:
                async with self._runtime.db.read():
                    await _answer(send, 200, b"ready", [(b"content-type", b"text/plain")])
            except Exception:  # noqa: BLE001 - whatever the reason, the answer is the same
                await _answer(send, 503, b"the database does not answer", [(b"content-type", b"text/plain")])
        else:
            await _refuse(scope, send, Missing())

    async def _notice(self, match: re.Match[str], scope: Scope, receive: Receive, send: Send) -> None:
        """The second receiver of providers' notifications: this process takes them in while the other one is down."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            body = await _body(receive)
            await inbox.receive(self._runtime, provider=match[1], merchant=match[2], headers=headers, body=body)
        except DomainError as error:
            await _refuse(scope, send, error)
        except TimeoutError:
            await _answer(send, 408, b"", [])
        except Exception:  # noqa: BLE001 - whatever it was, the provider sends it again
            _log.exception("notice_not_kept", merchant=match[2])
            await _answer(send, 500, b"", [])
        else:
            await _answer(send, 204, b"", [])


async def _body(receive: Receive) -> bytes:
    """The whole body. Raises `Invalid` when it is too long, `TimeoutError` when it does not come."""
    chunks = bytearray()
    async with asyncio.timeout(_NOTIFY_S):
        while (message := await receive())["type"] == "http.request":
            chunks += message.get("body", b"")
            if len(chunks) > inbox.NOTICE_MAX:
                raise Invalid(field="body")
            if not message.get("more_body"):
                return bytes(chunks)
    raise Invalid(field="body")


async def _stream(receive: Receive, send: Send, viewer: Viewer, origin: str) -> None:
    headers = [*_STREAM_HEADERS, (b"access-control-allow-origin", origin.encode())] if origin else _STREAM_HEADERS
    await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def write(frames: Sequence[Frame]) -> None:
        body = b"".join([frame.sse for frame in frames])
        await send({"type": "http.response.body", "body": body, "more_body": True})

    if await _serve(receive, viewer, write):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _socket(scope: Scope, receive: Receive, send: Send, viewer: Viewer) -> None:
    await receive()  # websocket.connect
    await send({"type": "websocket.accept"})

    async def write(frames: Sequence[Frame]) -> None:
        for frame in frames:
            await send({"type": "websocket.send", "text": frame.ws})

    async def write_at_once(frames: Sequence[Frame]) -> None:
        await send({"type": "websocket.send", "wire": b"".join([frame.wire for frame in frames])})

    takes_wire = WIRE in scope.get("extensions", {})
    if await _serve(receive, viewer, write_at_once if takes_wire else write):
        await send({"type": "websocket.close", "code": WS_GOING_AWAY})


async def _serve(receive: Receive, viewer: Viewer, write: Write) -> bool:
    """Write what the hall has for the viewer, until either side ends it. Whether the page is still there to be told."""
    gone = False

    async def listen() -> None:
        nonlocal gone
        # What a page says here is not heard: commands go over HTTP.
        while not (await receive())["type"].endswith("disconnect"):
            pass
        gone = True
        viewer.close()

    listener = asyncio.create_task(listen())
    try:
        while (frames := await viewer.next()) is not None:
            await write(frames)
    finally:
        listener.cancel()
    return not gone


async def _refuse(scope: Scope, send: Send, error: DomainError) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": WS_REFUSED, "reason": error.code})
        return
    body = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": new_rid(),
        "code": error.code,
    }
    headers = [(b"content-type", b"application/problem+json")]
    if (wait := error.context.get("retry_after_s")) is not None:
        headers.append((b"retry-after", str(wait).encode()))
    await _answer(send, error.status, msgspec.json.encode(body), headers)


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
