"""RTMP's chunk stream, without any input or output: bytes in, whole messages out, and the other way.

Written from the public specification (RTMP 1.0, chapter 5). What a peer can make us hold is bounded: the size of a
message, the number of chunk streams, and all unfinished messages together.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MESSAGE_MAX = 4 << 20  # a keyframe of 4K at a high bitrate is below two MB
CHUNK_SIZE_MAX = 1 << 20
STREAMS_MAX = 64
HELD_MAX = 8 << 20  # unfinished messages of all chunk streams
SIZE_AT_FIRST = 128  # the specification's

_EXTENDED = 0xFFFFFF
_HEADER_BYTES = {0: 11, 1: 7, 2: 3, 3: 0}
_TIME_MOD = 1 << 32


class ChunksBrokenError(ValueError):
    """Bytes that are no chunk stream, or one beyond the bounds."""


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message. `at_ms` is the sender's own time, modulo 2**32."""

    kind: int
    stream: int
    at_ms: int
    body: bytes


@dataclass(slots=True)
class _Stream:
    """What the headers of a chunk stream leave out because it is as before."""

    at_ms: int = 0
    step_ms: int = 0
    length: int = 0
    kind: int = 0
    stream: int = 0
    is_extended: bool = False
    body: bytearray = field(default_factory=bytearray)


class ChunkReader:
    """Takes bytes as they come and gives back the messages that are whole, one at a time: a message may change how what
    follows it is read.
    """

    def __init__(self) -> None:
        self.chunk_size = SIZE_AT_FIRST
        self._data = bytearray()
        self._streams: dict[int, _Stream] = {}
        self._held = 0

    def push(self, data: bytes) -> None:
        """Take bytes, to be asked for messages with `next`."""
        self._data += data

    def next(self) -> Message | None:
        """The next whole message, or `None` when more bytes are needed. Raises `ChunksBrokenError`."""
        at, data = 0, self._data
        message: Message | None = None
        while message is None:
            taken = self._chunk(at)
            if taken is None:
                break
            at, message = taken
        del data[:at]
        return message

    def size(self, chunk_size: int) -> None:
        """The peer changes its chunk size. Raises `ChunksBrokenError`."""
        if not 1 <= chunk_size <= CHUNK_SIZE_MAX:
            raise ChunksBrokenError(f"a chunk size of {chunk_size}")
        self.chunk_size = chunk_size

    def abort(self, chunk_stream: int) -> None:
        """The peer gives up a message in its middle."""
        if (known := self._streams.get(chunk_stream)) is not None:
            self._held -= len(known.body)
            known.body.clear()

    def _chunk(self, at: int) -> tuple[int, Message | None] | None:  # noqa: C901, PLR0911 - one header, read in order
        """One chunk from a place on: where it ends and the message it completes. `None`: it is not all there yet."""
        data, end = self._data, len(self._data)
        if at >= end:
            return None
        form, number = data[at] >> 6, data[at] & 0x3F
        begin = at + 1
        if number < 2:  # noqa: PLR2004 - one or two more bytes of the number
            begin += number + 1
            if begin > end:
                return None
            number = 64 + int.from_bytes(data[at + 1 : begin], "little")
        head = begin + _HEADER_BYTES[form]
        if head > end:
            return None
        known = self._known(number, form)
        step = int.from_bytes(data[begin : begin + 3], "big") if form < 3 else 0  # noqa: PLR2004
        is_extended = step == _EXTENDED if form < 3 else known.is_extended  # noqa: PLR2004
        if is_extended:
            if head + 4 > end:
                return None
            step = int.from_bytes(data[head : head + 4], "big")
            head += 4
        length = int.from_bytes(data[begin + 3 : begin + 6], "big") if form < 2 else known.length  # noqa: PLR2004
        if length > MESSAGE_MAX:
            raise ChunksBrokenError(f"a message of {length} bytes")
        size = min(self.chunk_size, length - len(known.body))
        if size < 0 or self._held + size > HELD_MAX:
            raise ChunksBrokenError("more than can be held")
        if head + size > end:
            return None
        if form < 2:  # noqa: PLR2004
            known.length, known.kind = length, data[begin + 6]
        if form == 0:
            known.stream = int.from_bytes(data[begin + 7 : begin + 11], "little")
        self._time(known, form, step, is_extended=is_extended)
        known.body += data[head : head + size]
        self._held += size
        if len(known.body) < length:
            return head + size, None
        message = Message(known.kind, known.stream, known.at_ms, bytes(known.body))
        self._held -= len(known.body)
        known.body.clear()
        return head + size, message

    def _known(self, number: int, form: int) -> _Stream:
        known = self._streams.get(number)
        if known is None:
            if form != 0 and form != 1:  # noqa: PLR1714 - some senders begin with the second form
                raise ChunksBrokenError("a chunk stream that begins in its middle")
            if len(self._streams) >= STREAMS_MAX:
                raise ChunksBrokenError("too many chunk streams")
            known = self._streams[number] = _Stream()
        return known

    @staticmethod
    def _time(known: _Stream, form: int, step: int, *, is_extended: bool) -> None:
        if known.body:  # in the middle of a message, a header only repeats
            return
        known.is_extended = is_extended
        if form == 0:
            known.at_ms, known.step_ms = step, 0
        else:
            if form < 3:  # noqa: PLR2004
                known.step_ms = step
            known.at_ms = (known.at_ms + known.step_ms) % _TIME_MOD


def written(
    kind: int, body: bytes, *, chunk_stream: int = 3, stream: int = 0, chunk_size: int = SIZE_AT_FIRST
) -> bytes:
    """A message as chunks."""
    out = bytearray([chunk_stream])
    out += (0).to_bytes(3, "big") + len(body).to_bytes(3, "big") + bytes([kind]) + stream.to_bytes(4, "little")
    out += body[:chunk_size]
    for at in range(chunk_size, len(body), chunk_size):
        out += bytes([0xC0 | chunk_stream]) + body[at : at + chunk_size]
    return bytes(out)
