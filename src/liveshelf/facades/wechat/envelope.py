"""Answers as bytes: the envelope of errcode and errmsg, and the headers that SDKs look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from liveshelf.facades.wechat.errors import OK, Refusal
from liveshelf.kernel.fen import yuan_text

_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(slots=True)  # not frozen: made for every read, and that would take longer
class Encoded:
    """A success that is bytes already."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Binary:
    """A file. SDKs know it from an error by its Content-Type, which is never JSON."""

    body: bytes
    content_type: str
    filename: str


Answer = Mapping[str, object] | Encoded | Binary | Refusal


@lru_cache(maxsize=65_536)  # shops use few prices, and a page of goods has sixty
def yuan(fen: int) -> msgspec.Raw:
    """An amount as the shortest exact JSON number of yuan: 9950 is sent as 99.5."""
    return msgspec.Raw(yuan_text(fen).encode())


def success(fields: Mapping[str, object]) -> bytes:
    """A success: errcode 0 is always there, since a typed SDK reads it without asking."""
    return _encode({"errcode": OK, "errmsg": "ok", **fields})


def refused(refusal: Refusal, rid: str) -> bytes:
    """A refusal, errmsg first and ending in the request's id."""
    return _encode({"errmsg": f"{refusal.text} rid: {rid}", "errcode": refusal.errcode, **refusal.more})


def content_type(path: str) -> bytes:
    """The Content-Type of JSON on a path: the two clusters of the real server write it differently."""
    return b"application/json; charset=utf-8" if path.startswith("/wxaapi/") else b"application/json; encoding=utf-8"
