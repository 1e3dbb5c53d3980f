"""A call as the log keeps it: without secrets, cut short, with nothing a text column refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from liveshelf.facades.wechat.calls import BodyKind, Call
from liveshelf.kernel.ids import new_number
from liveshelf.platform.clock import wall_now
from liveshelf.shops.types import WireCall

CUT = 2_048  # characters kept of a request and of a response
SECRET = frozenset({"access_token", "secret", "appsecret", "session_key", "js_code", "password", "ticket"})
_IN_TEXT = re.compile(
    r'((?:"|\b)(?:access_token|(?:app)?secret|session_key|js_code|password|ticket)"?\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|[^&\s,}]*)',
    re.IGNORECASE,
)


class Seen(Protocol):
    """What is logged of a request."""

    method: str
    path: str
    query: bytes
    body: bytes


def logged(call: Call, request: Seen, *, errcode: int, ms: int, response: bytes) -> WireCall:
    """The row of a call."""
    return WireCall(
        call_id=new_number(),
        rid=call.rid,
        appid=call.appid,
        api=call.route.name,
        method=request.method,
        path=request.path,
        errcode=errcode,
        ms=ms,
        request=_request_text(call, request),
        response=_response_text(call, response),
        at=wall_now(),
    )


def _response_text(call: Call, response: bytes) -> str:
    if response[:1] != b"{":
        return f"<{len(response)} bytes>"
    text = response[:CUT].decode("utf-8", "replace")
    # Only calls that need no token answer with secrets of their own.
    return text if call.route.token else masked_text(text)


def _request_text(call: Call, request: Seen) -> str:
    if call.route.body is BodyKind.UPLOAD and request.body:
        return f"<{len(request.body)} bytes> {_params_text(call.params)}"[:CUT]
    if len(call.params):
        return _params_text(call.params)
    # What could not be read is kept as it came: that is when one wants to see it.
    return masked_text(_head(request.query) + (" " + _head(request.body) if request.body else ""))


def _params_text(params: Mapping[str, Any]) -> str:
    return msgspec.json.encode(masked(dict(params)), enc_hook=str).decode()[:CUT]


def masked(value: Any) -> Any:  # noqa: ANN401 - parsed JSON
    """The value with every secret in it replaced, whatever it is inside."""
    if isinstance(value, Mapping):
        return {key: "***" if key.lower() in SECRET else masked(one) for key, one in value.items()}
    if isinstance(value, list):
        return [masked(one) for one in value]
    return str(value) if isinstance(value, Decimal) else value


def masked_text(text: str) -> str:
    """A text with what looks like a secret replaced."""
    return _IN_TEXT.sub(r'\1"***"', text)[:CUT]


def _head(data: bytes) -> str:
    return data[:CUT].decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
