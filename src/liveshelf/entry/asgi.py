"""The few words of ASGI that the composition roots speak themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def header(scope: Scope, name: bytes) -> str:
    """A request header's value, or an empty text."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


def last_header(scope: Scope, name: bytes) -> str:
    """The value of a request header's last line, or an empty text: proxies may add a line of their own below ours."""
    for key, value in reversed(scope["headers"]):
        if key == name:
            return str(value, "latin-1")
    return ""


async def plain_answer(
    send: Send, status: int, body: bytes, content_type: str = "text/plain; charset=utf-8", *more: tuple[bytes, bytes]
) -> None:
    """A whole answer at once."""
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
