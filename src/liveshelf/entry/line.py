"""A buyer's connection: plain HTTP/1.1, kept alive, and honest about not having been answered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

ANSWER_LIMIT_S = 30.0


class NotAnsweredError(Exception):
    """The other side went away before it answered: nobody knows whether it did what was asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> Any:  # noqa: ANN401 - whatever the API says
        """The body, read as JSON."""
        return msgspec.json.decode(self.body) if self.body else {}


class Line:
    """One connection at a time to one port of this machine. `headers` go with every request."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._port = port
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: object | None = None) -> Answer:
        """One request, as JSON unless `body` is bytes. Raises `NotAnsweredError`."""
        content = b"" if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
        kind = "application/x-www-form-urlencoded" if isinstance(body, bytes) else "application/json"
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{self._port}\r\ncontent-type: {kind}\r\n"
            f"content-length: {len(content)}\r\n{self._headers}\r\n"
        )
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                if self._streams is None:
                    self._streams = await asyncio.open_connection("127.0.0.1", self._port)
                reader, writer = self._streams
                writer.write(head.encode() + content)
                return await self._read(reader)
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            self.close()
            raise NotAnsweredError from error

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    @staticmethod
    async def _read(reader: asyncio.StreamReader) -> Answer:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines[1:]) if name}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(lines[0].split(" ")[1]), headers, body)
