"""The few words of ASGI that the composition roots speak themselves."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from liveshelf.platform.log import logger

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_log = logger("asgi")


def header(scope: Scope, name: bytes) -> str:
    """A request header's value, or an empty text."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def plain_answer(send: Send, status: int, body: bytes, content_type: str = "text/plain; charset=utf-8", *more: tuple[bytes, bytes]) -> None:
    """A whole answer at once."""
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def serve_lifespan(opened: Callable[[], contextlib.AbstractAsyncContextManager[App]]) -> App:
    """An application that opens `opened` at start-up, answers with what it yields, and closes it at shutdown."""
    inner: App | None = None

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal inner
        if scope["type"] != "lifespan":
            assert inner is not None, "the server did not run the lifespan"
            await inner(scope, receive, send)
            return
        await receive()
        async with contextlib.AsyncExitStack() as stack:
            try:
                inner = await stack.enter_async_context(opened())
            except Exception as error:
                _log.exception("start_failed")
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    return serve
