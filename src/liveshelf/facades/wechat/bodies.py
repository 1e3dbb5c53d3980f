"""Bodies: read within a bound, and understood whatever their Content-Type claims."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import multipart

from liveshelf.facades.wechat.errors import BodyTooLarge, BodyUnreadable, MediaAbsent
from liveshelf.kernel.errors import Invalid

JSON_MAX = 1 << 20  # bytes; the largest call of the contract is a list of 2000 openids
UPLOAD_MAX = (10 << 20) + (64 << 10)  # a picture of 10 MB and the multipart around it
DROPPED_MAX = 128 << 20  # bytes of a body that is too large, read only to be dropped
DROPPED_S = 10.0
FIELDS_MAX = 2_000  # of a form
_LENGTH = re.compile(r"[0-9]{1,18}")
_DEPTH_MAX = 4  # brackets of a form field: users[0][username]
_BRACKETS = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PARTS_MAX = 16
_QUERY_REMEMBERED = 512  # bytes

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_decoder = msgspec.json.Decoder(float_hook=Decimal)  # 99.5 stays 99.5, and the third decimal of 99.555 is seen
# Python's json module writes these into otherwise good JSON; they are refused as prices and not as bad JSON.
_NOT_NUMBERS = re.compile(rb"(?<=[:\[,])\s*-?(?:NaN|Infinity)\s*(?=[,\]}])")


async def read_body(receive: Receive, length: str, limit: int, *, error: type[Invalid] = BodyTooLarge) -> bytes:
    """The whole body, at most `limit` bytes. Raises `error` for a larger one, of which no more than that is held."""
    chunks: list[bytes] = []
    size = 0
    announced = int(length) if _LENGTH.fullmatch(length) else -1
    if announced > limit:
        await _let_pass(receive, size)
        raise error
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            chunks.clear()
            await _let_pass(receive, size)
            raise error
        chunks.append(chunk)
        # The server tells the end in a message of its own: a turn of the loop that the announced length saves.
        if size == announced or message["type"] == "http.disconnect" or not message.get("more_body"):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _let_pass(receive: Receive, size: int) -> None:
    """Take what still comes and drop it, since most clients read no answer before they have sent everything.

    Bounded: whoever sends more, or too slowly, is answered in the middle and may see a broken connection instead.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DROPPED_S):
            while size < DROPPED_MAX:
                message = await receive()
                size += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return


def parse_query(raw: bytes) -> Mapping[str, str]:
    """The query's parameters; of one that stands twice the first counts.

    Raises `BodyUnreadable` when there are too many.
    """
    return _remembered_query(raw) if len(raw) <= _QUERY_REMEMBERED else _parsed_query(raw)


def _parsed_query(raw: bytes) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError as error:
        raise BodyUnreadable from error
    return dict(reversed(pairs))


# Pollers send the same query again and again. The result is shared: nobody may change it.
_remembered_query = lru_cache(maxsize=4_096)(_parsed_query)


def parse_body(body: bytes, content_type: str, *, strict: bool = False) -> Mapping[str, Any]:
    """A JSON object when it begins like one, else a form in PHP's notation. Raises `BodyUnreadable`.

    `strict` imitates the real server: JSON that is not sent as application/json is seen as empty.
    """
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if text.startswith(b"{"):
        return {} if strict and "application/json" not in content_type.lower() else _json_object(text)
    if not text or "json" in content_type.lower():
        raise BodyUnreadable
    return _form(text)


def parse_upload(body: bytes, content_type: str) -> tuple[dict[str, str], bytes]:
    """The text fields of a multipart body, and the file named `media`. Raises `BodyUnreadable`, `MediaAbsent`."""
    _, options = multipart.parse_options_header(content_type)
    # One SDK announces multipart without naming its boundary: the body's first line is it.
    boundary = options.get("boundary", "") or body[: body.find(b"\r\n")].removeprefix(b"--").decode("latin-1")
    fields: dict[str, str] = {}
    media: bytes | None = None
    try:
        for name, data in _segments(body, boundary):
            if name == "media":
                media = data
            else:
                fields[name] = data.decode("utf-8", "replace")
    except (multipart.MultipartError, ValueError) as error:
        raise BodyUnreadable from error
    if not media:
        raise MediaAbsent
    return fields, media


def _segments(body: bytes, boundary: str) -> Sequence[tuple[str, bytes]]:
    found: list[tuple[str, bytearray]] = []
    with multipart.PushMultipartParser(boundary, max_segment_count=_PARTS_MAX) as parser:
        for event in parser.parse(body):
            if isinstance(event, multipart.MultipartSegment):
                found.append((event.name, bytearray()))
            elif event:
                found[-1][1].extend(event)
    return [(name, bytes(data)) for name, data in found]


def _json_object(text: bytes) -> Mapping[str, Any]:
    try:
        value = _decoded(text)
    # Numbers with thousands of digits and nesting without end raise their own kinds; all of it is bad input.
    except (msgspec.DecodeError, ValueError, ArithmeticError, RecursionError) as error:
        raise BodyUnreadable from error
    if not isinstance(value, Mapping):
        raise BodyUnreadable
    return value


def _decoded(text: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError:
        if _NOT_NUMBERS.search(text) is None:
            raise
        return _decoder.decode(_NOT_NUMBERS.sub(b'"NaN"', text))


def _form(text: bytes) -> Mapping[str, Any]:
    try:
        pairs = parse_qsl(
            text.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX, strict_parsing=True, errors="strict"
        )
    except ValueError as error:
        raise BodyUnreadable from error
    root: dict[str, Any] = {}
    for key, value in pairs:
        match = _BRACKETS.fullmatch(key)
        if match is None:
            root[key] = value
            continue
        _place(root, [match.group(1), *re.findall(r"\[([^\[\]]*)\]", match.group(2))], value)
    return {key: _lists(value) for key, value in root.items()}


def _place(root: dict[str, Any], path: Sequence[str], value: str) -> None:
    if len(path) > _DEPTH_MAX:
        raise BodyUnreadable
    node = root
    for key in path[:-1]:
        inner = node.setdefault(key or str(len(node)), {})
        if not isinstance(inner, dict):
            raise BodyUnreadable
        node = inner
    node[path[-1] or str(len(node))] = value


def _lists(value: Any) -> Any:  # noqa: ANN401 - a parsed form
    if not isinstance(value, dict):
        return value
    inner = {key: _lists(one) for key, one in value.items()}
    if inner and all(key.isascii() and key.isdigit() and len(key) <= len(str(FIELDS_MAX)) for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
