"""Messages as bytes: encoded once, sent to everybody."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import msgspec

from liveshelf.platform.events import Happened
from liveshelf.rooms.messages import RING, Comments, Count, Hello, Resync, StockItem, StockLevels

# In place of a size: it follows in two bytes, in eight.
_SIZE_16, _SIZE_64 = 126, 127


class Frame:
    """One message. `sse` is an event of the stream, `ws` a text message; each is made at most once."""

    __slots__ = ("_seq", "_sse", "_wire", "_ws", "data", "event")

    def __init__(self, event: str, data: bytes, seq: int | None = None) -> None:
        self.event = event
        self.data = data
        self._seq = seq
        self._sse: bytes | None = None
        self._ws: str | None = None
        self._wire: bytes | None = None

    @property
    def sse(self) -> bytes:
        """As a server-sent event; a numbered one carries its number as `id`."""
        if self._sse is None:
            number = b"" if self._seq is None else b"id: %d\n" % self._seq
            self._sse = b"event: %b\n%bdata: %b\n\n" % (self.event.encode(), number, self.data)
        return self._sse

    @property
    def ws(self) -> str:
        """As a WebSocket's text."""
        if self._ws is None:
            self._ws = f'{{"event":"{self.event}","data":{self.data.decode()}}}'
        return self._ws

    @property
    def wire(self) -> bytes:
        """As a WebSocket's text frame, whole, as it goes over the wire from a server."""
        if self._wire is None:
            self._wire = on_the_wire(self.ws.encode())
        return self._wire


def on_the_wire(text: bytes) -> bytes:
    """A text frame of RFC 6455: final, not masked, not compressed."""
    size = len(text)
    if size < _SIZE_16:
        return b"\x81%c%b" % (size, text)
    if size < 1 << 16:
        return b"\x81%c%b%b" % (_SIZE_16, size.to_bytes(2, "big"), text)
    return b"\x81%c%b%b" % (_SIZE_64, size.to_bytes(8, "big"), text)


class _Ping(Frame):
    """Keeps proxies from closing a quiet connection: a comment line, which pages never see."""

    __slots__ = ()

    @property
    def sse(self) -> bytes:
        return b": ping\n\n"


PING = _Ping("ping", b"{}")


class Ring:
    """The last numbered events of a room, up to `RING`."""

    def __init__(self, last: int) -> None:
        self.last = last
        self._frames: deque[tuple[int, Frame]] = deque(maxlen=RING)

    def add(self, seq: int, frame: Frame) -> None:
        """Take in the event after the last one."""
        self.last = seq
        self._frames.append((seq, frame))

    def forget(self, last: int) -> None:
        """Go on after `last` with nothing remembered."""
        self.last = last
        self._frames.clear()

    def since(self, seq: int) -> list[Frame] | None:
        """What came after `seq`; `None` when that is not all here."""
        if seq == self.last:
            return []
        if seq > self.last or not self._frames or seq < self._frames[0][0] - 1:
            return None
        return [frame for number, frame in self._frames if number > seq]


def room_frame(one: Happened) -> Frame:
    """A numbered event as pages get it: its number, its type, and its content."""
    data = {"seq": one.seq, "type": one.name.partition(".")[2], **one.body}
    return Frame("room", msgspec.json.encode(data), one.seq)


def hello(seq: int, *, resumed: bool) -> Frame:
    """The first frame of a stream."""
    return _frame("hello", Hello(seq, resumed))


def comments(content: Comments) -> Frame:
    """New and hidden comments."""
    return _frame("comments", content)


def stock(items: Sequence[StockItem]) -> Frame:
    """Changed stock."""
    return _frame("stock", StockLevels(list(items)))


def likes(count: int) -> Frame:
    """Likes since the beginning."""
    return _frame("likes", Count(count))


def viewers(count: int) -> Frame:
    """Distinct viewers now."""
    return _frame("viewers", Count(count))


def _frame(event: str, content: Any) -> Frame:  # noqa: ANN401 - any message struct
    return Frame(event, msgspec.json.encode(content))


RESYNC = _frame("resync", Resync())
