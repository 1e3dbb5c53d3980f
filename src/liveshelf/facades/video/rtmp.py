"""One sender's connection: handshake, commands, and then media, as RTMP 1.0 has them.

Only publishing is spoken here; whoever wants to play is sent away. Until a sender has shown a valid key they have a few
seconds and a few kilobytes; afterwards they may be silent for as long as a picture may be missing.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Protocol, cast
from urllib.parse import urlsplit

from liveshelf.facades.video import amf
from liveshelf.facades.video.amf import Value
from liveshelf.facades.video.chunks import ChunkReader, Message, written
from liveshelf.facades.video.flv import AUDIO, DATA, VIDEO
from liveshelf.kernel.errors import DomainError
from liveshelf.platform.log import logger

ENTRY_S = 10.0  # from the connection to a valid key
ENTRY_BYTES = 64 << 10
SILENCE_S = 5.0  # of a sender
_READ = 64 << 10
_WINDOW = 2_500_000  # bytes between two acknowledgements, both ways
_CHUNK_OUT = 4096
_VERSION = 3
_PART = 1536  # of a handshake

_SET_CHUNK_SIZE, _ABORT, _ACK, _USER, _ACK_SIZE, _BANDWIDTH = 1, 2, 3, 4, 5, 6
_DATA_3, _COMMAND_3, _COMMAND = 15, 17, 20
_PING, _PONG, _BEGIN = 6, 7, 0
_MEDIA = frozenset({AUDIO, VIDEO, DATA})
_STREAM = 1  # the only one that a connection gets

_log = logger("rtmp")


class Sending(Protocol):
    """A picture that is being taken in."""

    async def take(self, message: Message) -> None:
        """Take a media message. Raises `DomainError` for what can't be taken, `OSError` when the end is near."""

    async def end(self, *, deliberately: bool) -> None:
        """The sender is gone."""


Admit = Callable[[str, str, asyncio.Task[None]], Awaitable[Sending]]


class LeftError(Exception):
    """The sender said goodbye."""


class StrangerError(Exception):
    """What comes is not RTMP, or not what a sender says."""


class Sender:
    """One connection, from its first byte to its end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, admit: Admit) -> None:
        self._reader = reader
        self._writer = writer
        self._admit = admit
        self._chunks = ChunkReader()
        self._sending: Sending | None = None
        self._query = ""
        self._taken = 0
        self._told = 0
        self._window = _WINDOW

    async def serve(self) -> str:
        """Speak until one side ends it; how it ended, in a word or two for the log."""
        deliberately = False
        try:
            async with asyncio.timeout(ENTRY_S):
                await self._handshake()
                while self._sending is None:
                    await self._round()
            while True:
                async with asyncio.timeout(SILENCE_S):
                    await self._round()
        except LeftError:
            deliberately = True
            return "left"
        except DomainError as error:
            return error.code
        except (ValueError, StrangerError) as error:
            return f"broken: {error}"
        except TimeoutError:
            return "silent"
        except (ConnectionError, asyncio.IncompleteReadError):
            return "gone"
        finally:
            if self._sending is not None:
                await self._sending.end(deliberately=deliberately)
            self._writer.close()

    async def _handshake(self) -> None:
        hello = await self._reader.readexactly(1 + _PART)
        if hello[0] != _VERSION:
            raise StrangerError("another protocol")
        self._writer.write(bytes([_VERSION]) + b"\x00" * 8 + os.urandom(_PART - 8) + hello[1:])
        await self._reader.readexactly(_PART)

    async def _round(self) -> None:
        """Read what is there, and answer it."""
        data = await self._reader.read(_READ)
        if not data:
            raise ConnectionResetError
        self._taken += len(data)
        if self._sending is None and self._taken > ENTRY_BYTES:
            raise StrangerError("too much before a key")
        self._chunks.push(data)
        while (message := self._chunks.next()) is not None:
            await self._take(message)
        if self._taken - self._told >= self._window:
            self._told = self._taken
            self._say(_ACK, (self._taken % (1 << 32)).to_bytes(4, "big"), chunk_stream=2)
        await self._writer.drain()

    async def _take(self, message: Message) -> None:
        body = message.body
        if message.kind in _MEDIA:
            if self._sending is not None:
                await self._media(self._sending, message)
        elif message.kind == _COMMAND:
            await self._command(amf.read(body))
        elif message.kind == _COMMAND_3:
            await self._command(amf.read(body[1:]))  # a byte in front, and then the same
        elif message.kind == _SET_CHUNK_SIZE:
            self._chunks.size(int.from_bytes(body[:4], "big"))
        elif message.kind == _ABORT:
            self._chunks.abort(int.from_bytes(body[:4], "big"))
        elif message.kind == _ACK_SIZE:
            self._window = max(1 << 16, min(int.from_bytes(body[:4], "big"), _WINDOW))
        elif message.kind == _USER and body[:2] == _PING.to_bytes(2, "big"):
            self._say(_USER, _PONG.to_bytes(2, "big") + body[2:6], chunk_stream=2)
        # Acknowledgements of what little we say, and kinds that no sender needs, pass unheard.

    async def _media(self, sending: Sending, message: Message) -> None:
        try:
            await sending.take(message)
        except DomainError as error:
            self._status("error", "NetStream.Publish.Failed", f"{error.code}: {error.detail}")
            await self._writer.drain()
            raise

    async def _command(self, values: list[Value]) -> None:
        if len(values) < 2 or not isinstance(values[0], str):  # noqa: PLR2004 - a name and a number
            raise StrangerError("a command without a name")
        name, number, arguments = values[0], values[1], values[3:]
        match name:
            case "connect":
                self._connect(number, values[2] if len(values) > 2 else None)  # noqa: PLR2004
            case "createStream":
                self._answer(number, None, _STREAM)
            case "releaseStream" | "FCPublish":
                self._answer(number, None, None)
            case "publish":
                await self._publish(arguments)
            case "deleteStream" | "closeStream" | "FCUnpublish":
                if self._sending is not None:
                    raise LeftError
            case "play" | "play2":
                self._status("error", "NetStream.Play.Failed", "Pictures are watched over HLS.")
                await self._writer.drain()
                raise StrangerError("wants to play")

    def _connect(self, number: Value, told: Value) -> None:
        facts = told if isinstance(told, dict) else {}
        # Some encoders put what belongs to the key behind the application's name.
        place = str(facts.get("tcUrl") or facts.get("app") or "")
        self._query = urlsplit(place).query or place.partition("?")[2]
        self._say(_ACK_SIZE, _WINDOW.to_bytes(4, "big"), chunk_stream=2)
        self._say(_BANDWIDTH, _WINDOW.to_bytes(4, "big") + b"\x02", chunk_stream=2)
        self._say(_SET_CHUNK_SIZE, _CHUNK_OUT.to_bytes(4, "big"), chunk_stream=2)
        server = {"fmsVer": "FMS/3,5,7,7009", "capabilities": 31}
        status = {"level": "status", "code": "NetConnection.Connect.Success", "description": "ok", "objectEncoding": 0}
        self._answer(number, server, status)

    async def _publish(self, arguments: list[Value]) -> None:
        if self._sending is not None:
            raise StrangerError("publishes twice")
        name = arguments[0] if arguments and isinstance(arguments[0], str) else ""
        try:
            me = cast("asyncio.Task[None]", asyncio.current_task())
            self._sending = await self._admit(name, self._query, me)
        except DomainError as error:
            self._status("error", "NetStream.Publish.BadName", f"{error.code}: {error.detail}")
            await self._writer.drain()
            raise
        self._say(_USER, _BEGIN.to_bytes(2, "big") + _STREAM.to_bytes(4, "big"), chunk_stream=2)
        self._status("status", "NetStream.Publish.Start", "Go on.")

    def _answer(self, number: Value, *values: object) -> None:
        self._say(_COMMAND, amf.write("_result", number, *values))

    def _status(self, level: str, code: str, description: str) -> None:
        facts = {"level": level, "code": code, "description": description}
        self._say(_COMMAND, amf.write("onStatus", 0, None, facts), stream=_STREAM)

    def _say(self, kind: int, body: bytes, *, chunk_stream: int = 3, stream: int = 0) -> None:
        self._writer.write(written(kind, body, chunk_stream=chunk_stream, stream=stream, chunk_size=_CHUNK_OUT))
