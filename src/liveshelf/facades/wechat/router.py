"""The wire's door: an ASGI application for every path below /wxaapi, /wxa, /cgi-bin and /sns.

Plain ASGI, since these paths carry the most calls. HTTP status is 200 for every call that exists, whatever it says; 404
only for paths that do not. The checks stand in the contract's order: method, token, quota, body, parameters, business.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import Any

from liveshelf.facades.wechat import (
    crew,
    goods,
    library,
    login,
    media,
    picture,
    quota,
    room_switches,
    rooms,
    shelf,
    subscribers,
    token,
)
from liveshelf.facades.wechat.bodies import JSON_MAX, UPLOAD_MAX, parse_body, parse_query, parse_upload, read_body
from liveshelf.facades.wechat.calls import BodyKind, Call, FaultMet, Route
from liveshelf.facades.wechat.envelope import Answer, Binary, Encoded, refused, success
from liveshelf.facades.wechat.errors import CODES, OK, SYSTEM_ERROR, BodyTooLarge, Refusal, refusal_of
from liveshelf.facades.wechat.library import LibraryReader
from liveshelf.facades.wechat.masks import logged
from liveshelf.facades.wechat.params import Params
from liveshelf.kernel.errors import DomainError, Invalid
from liveshelf.kernel.ids import PLATFORM, new_rid
from liveshelf.media.errors import MediaTooLarge
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import links
from liveshelf.shops.desk import WireDesk

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

ROUTES: tuple[Route, ...] = (
    *token.ROUTES,
    *media.ROUTES,
    *login.ROUTES,
    *quota.ROUTES,
    *goods.ROUTES,
    *library.ROUTES,
    *rooms.ROUTES,
    *picture.ROUTES,
    *room_switches.ROUTES,
    *crew.ROUTES,
    *subscribers.ROUTES,
    *shelf.ROUTES,
)
UPLOADS_MAX = 8  # bodies of uploads in memory at a time: some 80 MB

_NEEDS_GET = Refusal(43001, "require GET method")
_NEEDS_POST = Refusal(43002, "require POST method")
_SYSTEM = Refusal(SYSTEM_ERROR, "system error")
_NO_PARAMS = Params({})

_log = logger("wire")


class WireApp:
    """The wire as an ASGI application. Serve it while `running()` is open."""

    def __init__(self, runtime: Runtime, routes: Sequence[Route] = ROUTES) -> None:
        self._runtime = runtime
        self._desk = WireDesk(runtime)
        self._reader = LibraryReader(runtime)
        runtime.provide(WireDesk, self._desk)
        runtime.provide(LibraryReader, self._reader)
        self._routes = table(routes)
        self._uploads = asyncio.Semaphore(UPLOADS_MAX)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[WireApp]:
        """Keep what calls need while inside: the desk, its log, and the connections of the library's reads."""
        try:
            async with self._desk.running():
                yield self
        finally:
            await self._reader.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        route = self._routes.get(scope["path"].lower())
        if route is None:
            await _send(send, 404, b"Not Found", (b"content-type", b"text/plain"))
            return
        began = time.perf_counter()
        request = _Request(scope, receive)
        call = Call(self._runtime, self._desk, route, self._routes, new_rid(), _NO_PARAMS)
        answer = await self._answer(call, request)
        errcode, body, headers = _rendered(call, answer)
        route.count(errcode, time.perf_counter() - began)
        self._log_call(call, request, errcode=errcode, body=body, began=began)
        if call.answer_lost:
            await _lose(send, headers)
        else:
            await _send(send, 200, body, *headers)

    async def _answer(self, call: Call, request: _Request) -> Answer:
        try:
            return await self._attempt(call, request)
        except FaultMet as met:
            refusal = met.refusal
        except DomainError as error:
            refusal = self._refusal(call, error)
            if refusal.errcode == SYSTEM_ERROR:
                _log.error("unmapped_error", rid=call.rid, api=call.route.name, code=error.code)
        except Exception:  # noqa: BLE001 - whatever it is, the caller gets a system error and we get the trace
            _log.exception("call_failed", rid=call.rid, api=call.route.name)
            refusal = _SYSTEM
        return Refusal(refusal.errcode, refusal.text, {**call.route.beside_errors, **refusal.more})

    def _refusal(self, call: Call, error: DomainError) -> Refusal:
        refusal = refusal_of(error)
        if (name := CODES.get(error.code)) is None:
            return refusal
        address = self._runtime.settings.public_url + links.identity_code_path(call.shop)
        return replace(refusal, more={name: address})

    async def _attempt(self, call: Call, request: _Request) -> Answer:
        route = call.route
        if request.method not in route.methods:
            return _NEEDS_POST if "POST" in route.methods else _NEEDS_GET
        query = parse_query(request.query)
        if route.token:
            bearer = await self._desk.bearers.bearer(query.get("access_token", ""))
            await call.identified(bearer.shop_id, bearer.appid)
        else:
            call.address = request.address
        if request.method == "GET":
            sent = await request.read() if route.reads_body else b""
            call.query = request.query
            call.params = Params({**query, **self._fields(sent, request, route)} if sent else query)
            return await route.handler(call)
        if route.body is BodyKind.UPLOAD:
            async with self._uploads:
                fields, call.media = parse_upload(await request.read(UPLOAD_MAX, MediaTooLarge), request.content_type)
                call.params = Params({**query, **fields})
                return await route.handler(call)
        call.params = Params({**query, **self._fields(await request.read(), request, route)})
        return await route.handler(call)

    def _fields(self, body: bytes, request: _Request, route: Route) -> Mapping[str, Any]:
        if not body and route.body is BodyKind.OPTIONAL:
            return {}
        strict = self._runtime.settings.wire_strict and route.path.startswith("/wxaapi/")
        return parse_body(body, request.content_type, strict=strict)

    def _log_call(self, call: Call, request: _Request, *, errcode: int, body: bytes, began: float) -> None:
        if call.shop != PLATFORM and self._desk.calls.wants(errcode):
            ms = int((time.perf_counter() - began) * 1000)
            self._desk.calls.add(call.shop, logged(call, request, errcode=errcode, ms=ms, response=body))


class _Request:
    """What is read of the ASGI request, as late as possible."""

    __slots__ = ("_receive", "_scope", "body", "content_type", "method", "path", "query")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.content_type = ""  # what the body claims to be
        self.body = b""

    @property
    def address(self) -> str:
        """Where the request comes from; behind a trusted proxy, what that says (`entry.http`)."""
        client = self._scope.get("client")
        return str(client[0]) if client else ""

    async def read(self, limit: int = JSON_MAX, error: type[Invalid] = BodyTooLarge) -> bytes:
        """The body, kept for the log. Raises `error` when it is too large."""
        length = ""
        for name, value in self._scope["headers"]:
            if name == b"content-type":
                self.content_type = value.decode("latin-1")
            elif name == b"content-length":
                length = value.decode("latin-1")
        self.body = await read_body(self._receive, length, limit, error=error)
        return self.body


def table(routes: Sequence[Route]) -> dict[str, Route]:
    """Every path and alias in lower case, with its call."""
    paths = [(path.lower(), route) for route in routes for path in (route.path, *route.aliases)]
    if len({path for path, _ in paths}) != len(paths):
        raise ValueError("two calls share a path")
    return dict(paths)


def _rendered(call: Call, answer: Answer) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    rid = (b"x-rid", call.rid.encode())
    if isinstance(answer, Encoded):
        return OK, answer.body, [call.route.json_type, rid]
    if isinstance(answer, Binary):
        name = f'attachment; filename="{answer.filename}"'.encode()
        return OK, answer.body, [(b"content-type", answer.content_type.encode()), (b"content-disposition", name), rid]
    headers = [call.route.json_type, rid]
    if isinstance(answer, Refusal):
        return answer.errcode, refused(answer, call.rid), headers
    return OK, success(answer), headers


async def _send(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def _lose(send: Send, headers: list[tuple[bytes, bytes]]) -> None:
    # A length that nothing follows: the server closes the connection, and the client sees an answer break off.
    start = {"type": "http.response.start", "status": 200, "headers": [*headers, (b"content-length", b"100")]}
    await send(start)
    await send({"type": "http.response.body", "body": b"", "more_body": True})
