"""AMF0, the notation of RTMP's commands, as far as commands need it. Reading is bounded in depth and in number."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "bool | float | str | list[Value] | dict[str, Value] | None"

DEPTH_MAX = 8
VALUES_MAX = 512  # in one message
_NUMBER, _BOOLEAN, _STRING, _OBJECT, _NULL, _UNDEFINED, _ECMA, _END, _STRICT, _DATE, _LONG = (
    *(0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x08, 0x09, 0x0A, 0x0B),
    0x0C,
)
_SHORT_MAX = 0xFFFF


class AmfBrokenError(ValueError):
    """Bytes that are no AMF0, or more of it than a command can be."""


def read(data: bytes) -> list[Value]:
    """Every value of a message. Raises `AmfBrokenError`."""
    reader = _Reader(data)
    values = []
    try:
        while reader.at < len(data):
            values.append(reader.value(0))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise AmfBrokenError("cut off") from error
    return values


def write(*values: object) -> bytes:
    """Values as they go into a message: numbers, truth values, texts, mappings, `None`."""
    return b"".join(_written(value) for value in values)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0
        self._values = 0

    def value(self, depth: int) -> Value:  # noqa: C901, PLR0911 - one case a type
        self._values += 1
        if depth > DEPTH_MAX or self._values > VALUES_MAX:
            raise AmfBrokenError("too deep or too much")
        kind = self._take(1)[0]
        match kind:
            case 0x00:
                return float(struct.unpack(">d", self._take(8))[0])
            case 0x01:
                return self._take(1)[0] != 0
            case 0x02:
                return self._text(2)
            case 0x0C:
                return self._text(4)
            case 0x03:
                return self._pairs(depth)
            case 0x08:
                self._take(4)  # a count that nobody keeps to
                return self._pairs(depth)
            case 0x0A:
                return [self.value(depth + 1) for _ in range(min(self._count(), VALUES_MAX + 1))]
            case 0x0B:
                return float(struct.unpack(">d2x", self._take(10))[0])
            case 0x05 | 0x06:
                return None
        raise AmfBrokenError(f"type {kind}")

    def _pairs(self, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while True:
            name = self._text(2)
            if not name and self._data[self.at] == _END:
                self.at += 1
                return found
            found[name] = self.value(depth + 1)

    def _count(self) -> int:
        return int(struct.unpack(">I", self._take(4))[0])

    def _text(self, width: int) -> str:
        size = int.from_bytes(self._take(width), "big")
        return self._take(size).decode()

    def _take(self, size: int) -> bytes:
        taken = self._data[self.at : self.at + size]
        if len(taken) < size:
            raise AmfBrokenError("cut off")
        self.at += size
        return taken


def _written(value: object) -> bytes:
    match value:
        case None:
            return bytes([_NULL])
        case bool():
            return bytes([_BOOLEAN, value])
        case int() | float():
            return struct.pack(">Bd", _NUMBER, value)
        case str():
            return bytes([_STRING]) + _short(value)
        case Mapping():
            pairs = b"".join(_short(str(name)) + _written(one) for name, one in value.items())
            return bytes([_OBJECT]) + pairs + b"\x00\x00" + bytes([_END])
        case Sequence():
            return struct.pack(">BI", _STRICT, len(value)) + b"".join(_written(one) for one in value)
    raise TypeError(f"AMF has no {type(value).__name__}")


def _short(text: str) -> bytes:
    data = text.encode()[:_SHORT_MAX]
    return len(data).to_bytes(2, "big") + data
