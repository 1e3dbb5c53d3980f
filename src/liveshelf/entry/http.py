"""The HTTP process: one port, in front of the wire, the native API and the pages.

A plain ASGI router decides by the path's beginning. It is also where every public door gets its rate limit, its
origin check and its security headers, so no handler can forget them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, MutableMapping
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec

from liveshelf.adapters.payments.simulator_keys import SIMULATOR_PATH
from liveshelf.adapters.wecom.simulator import WECOM_PATH, SimulatedWecom
from liveshelf.entry import registry, server
from liveshelf.entry.asgi import App, Receive, Scope, Send, header, last_header, plain_answer
from liveshelf.entry.compose import runtime_from_environment
from liveshelf.entry.demo.seeder import DemoSeeder
from liveshelf.entry.pages import Pages
from liveshelf.facades.native.app import RUNTIME, native_app
from liveshelf.facades.native.order_door import OrderDoor
from liveshelf.facades.native.regulars import FILE_COST, regulars_of
from liveshelf.facades.video import hls
from liveshelf.facades.video.hls import VideoApp
from liveshelf.facades.wechat.router import WireApp
from liveshelf.flows.checkout import provide_lanes
from liveshelf.platform import metrics, rounds
from liveshelf.platform.board import Board
from liveshelf.platform.clock import wall_now
from liveshelf.platform.hotpath import HotPath
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import read_settings
from liveshelf.shops.seeding import Seeder

_SIMULATOR_CALLS = f"{SIMULATOR_PATH}/v3/"
_SWITCHES = frozenset({f"{SIMULATOR_PATH}/faults", f"{WECOM_PATH}/employees"})
_WECOM_CALLS = f"{WECOM_PATH}/cgi-bin/"
_WIRE = ("/wxaapi", "/wxa/", "/cgi-bin", "/sns")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PAGES = ("/console", "/shop", "/assets", "/favicon")
_FILES = (*_PAGES, "/media/")  # what is sent as it lies there
_PROXIED = (b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"forwarded", b"via")
BODY_S = 120.0  # for a whole body: 10 MB over a slow line, but not a byte a minute


class HttpApp:
    """The whole HTTP process as one ASGI application, on a given runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._wire = WireApp(runtime)
        self._native = cast("App", native_app())  # Litestar has its own names for ASGI's types
        self._pages = Pages(runtime.settings)
        self._video = VideoApp(runtime)
        self._simulator = _simulator(runtime)
        self._wecom = SimulatedWecom(runtime) if runtime.settings.demo else None
        self._regulars = regulars_of(runtime)
        self._trusted = frozenset(part.strip() for part in runtime.settings.trusted_proxies.split(",") if part.strip())
        self._headers = _security_headers(runtime)
        self._orders = OrderDoor(runtime, self._long_way, self._headers)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[HttpApp]:
        """Run what goes on beside requests: lanes and the log of wire calls."""
        async with self._wire.running():
            try:
                yield self
            finally:
                await self._orders.close()
                await self._runtime.need(HotPath).close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        address = self._address(scope)
        scope["client"] = (address, 0)
        orders = scope["method"] == "POST" and path.endswith("/orders")  # which looks after its own bodies
        if scope["method"] not in _SAFE and not orders:
            receive = _bounded(receive)
        if path[:4].lower() in {"/wxa", "/cgi", "/sns"} and path.lower().startswith(_WIRE):
            await self._wire(scope, receive, send)
        elif path.startswith(_SIMULATOR_CALLS) and self._simulator is not None:
            # Our own calls, all from one address: they have signatures instead of limits.
            await self._simulator(scope, receive, send)
        elif path.startswith(_WECOM_CALLS) and self._wecom is not None:
            await self._wecom(scope, receive, send)
        elif path.startswith(hls.PATH):
            # Three requests a second of each viewer, and a carrier has thousands of them behind one address.
            await self._video(scope, send)
        elif wait_s := self._regulars.wait_s(scope["headers"], address, FILE_COST if path.startswith(_FILES) else 1.0):
            body = _refusal("request.too_often", 429, "Too many requests.", {"retry_after_s": wait_s})
            await plain_answer(send, 429, body, "application/problem+json", (b"retry-after", b"%d" % wait_s))
        elif scope["method"] not in _SAFE and not self._own_origin(scope):
            await plain_answer(
                send,
                403,
                _refusal("request.foreign_origin", 403, "This came from another site."),
                "application/problem+json",
            )
        elif orders:
            await self._orders(scope, receive, send)
        else:
            await self._inside(scope, receive, send)

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that passed the door."""
        path: str = scope["path"]
        if path in {"/healthz", "/readyz", "/metrics"}:
            await self._probe(scope, scope["client"][0], send)
        elif path in _SWITCHES and any(header(scope, name) for name in _PROXIED):
            await plain_answer(send, 403, b"")  # a proxy's visitors are not this machine's operator
        elif path.startswith(f"{WECOM_PATH}/") and self._wecom is not None:
            await self._wecom(scope, receive, self._guarded(send))
        elif path.startswith(f"{SIMULATOR_PATH}/") and self._simulator is not None:
            await self._simulator(scope, receive, self._guarded(send))
        elif path == "/" or path.startswith(_PAGES):
            await self._pages(scope, receive, self._guarded(send))
        else:
            await self._framework(scope, receive, send)

    async def _framework(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[RUNTIME] = self._runtime
        await self._native(scope, receive, self._guarded(send))

    async def _long_way(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What the door for orders leaves to the framework."""
        await self._framework(scope, _bounded(receive), send)

    def _guarded(self, send: Send) -> Send:
        async def guarded(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in self._headers if pair[0] not in present)]
            await send(message)

        return guarded

    def _address(self, scope: Scope) -> str:
        address = scope["client"][0] if scope.get("client") else ""
        forwarded = last_header(scope, b"x-forwarded-for") if address in self._trusted else ""
        # The nearest proxy appends, some of them a line of their own; what stands before it is the client's own word.
        return forwarded.rsplit(",", 1)[-1].strip() or address

    def _own_origin(self, scope: Scope) -> bool:
        origin = header(scope, b"origin")
        if not origin:
            return header(scope, b"sec-fetch-site") in {"", "same-origin", "none"}
        try:
            page = urlsplit(origin).netloc
        except ValueError:  # half an IPv6 address
            return False
        return page in {header(scope, b"host"), urlsplit(self._runtime.settings.public_url).netloc}

    async def _probe(self, scope: Scope, address: str, send: Send) -> None:
        path = scope["path"]
        if path == "/healthz":
            await plain_answer(send, 200, b"ok")
        elif path == "/metrics":
            # Figures of the business are the operator's: only this machine reads them, and not for somebody else, as a
            # proxy on it would.
            allowed = address in {"127.0.0.1", "::1"} and not any(header(scope, name) for name in _PROXIED)
            await plain_answer(send, 200 if allowed else 403, await self._figures() if allowed else b"")
        else:
            try:
                async with self._runtime.db.read():
                    await plain_answer(send, 200, b"ready")
            except Exception:  # noqa: BLE001 - whatever the reason, the answer is the same
                await plain_answer(send, 503, b"the database does not answer")

    async def _figures(self) -> bytes:
        async with self._runtime.db.read() as tx:
            every = await rounds.rounds(tx)
        for one in every:
            metrics.FIRED.labels(one.clock).set(one.fired)
            metrics.FAILED.labels(one.clock).set(one.failed)
            metrics.UNSEEN.labels(one.clock).set((wall_now() - one.looked_at).total_seconds())
        return metrics.exposition()


def _simulator(runtime: Runtime) -> App | None:
    if not runtime.settings.simulated_payment:
        return None
    # Only where it is wanted: with real payments not even its code is here.
    from liveshelf.adapters.payments.simulator_app import SimulatorApp  # noqa: PLC0415 - as said

    return SimulatorApp(runtime)


def create_app(runtime: Runtime) -> HttpApp:
    """The HTTP application on a runtime that the caller keeps open."""
    provide_lanes(runtime)
    runtime.provide(Seeder, DemoSeeder(runtime))
    runtime.provide(Board, Board(registry.timers()))
    return HttpApp(runtime)


def main() -> None:
    """Serve until told to stop. The process takes its settings from the environment."""
    settings = read_settings()
    server.run(_opened, settings.host, settings.port)


@contextlib.asynccontextmanager
async def _opened(_stop: asyncio.Event) -> AsyncIterator[App]:
    async with runtime_from_environment("http") as runtime, create_app(runtime).running() as app:
        yield app


def _bounded(receive: Receive) -> Receive:
    """The request's messages; a body that is not whole after `BODY_S` fails. Raises `TimeoutError`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + BODY_S
    whole = False

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal whole
        if whole:  # what comes now is the client's going away, and it may stay as long as the answer takes
            return await receive()
        message = await _until(loop, end, receive)
        whole = not message.get("more_body")
        return message

    return bounded


async def _until(loop: asyncio.AbstractEventLoop, end: float, receive: Receive) -> MutableMapping[str, Any]:
    # What asyncio.timeout does, at a third of its cost: every wire call with a body comes through here.
    task = asyncio.current_task(loop)
    assert task is not None  # noqa: S101 - a handler always runs in one
    is_late = False

    def give_up() -> None:
        nonlocal is_late
        is_late = True
        task.cancel()

    timer = loop.call_at(end, give_up)
    try:
        return await receive()
    except asyncio.CancelledError:
        # Not by the clock: uvloop's timers come up to a millisecond early.
        if not is_late or task.uncancel():
            raise  # somebody else's doing
        raise TimeoutError from None
    finally:
        timer.cancel()


def _refusal(code: str, status: int, title: str, context: Mapping[str, int] | None = None) -> bytes:
    return msgspec.json.encode(
        {"type": f"/problems/{code}", "title": title, "status": status, "detail": title, "code": code}
        | ({"context": context} if context else {})
    )


def _security_headers(runtime: Runtime) -> list[tuple[bytes, bytes]]:
    gateway = runtime.settings.public_gateway_url
    socket = gateway.replace("http", "ws", 1)
    playback = runtime.settings.playback_origins
    policy = "; ".join(
        (
            "default-src 'self'",
            "img-src 'self' data: blob:",
            # The UI library positions its pop-ups with style attributes.
            "style-src 'self' 'unsafe-inline'",
            f"connect-src 'self' {gateway} {socket} {playback}".rstrip(),
            f"media-src 'self' blob: {playback}".rstrip(),  # a player hands the browser its segments itself
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]
