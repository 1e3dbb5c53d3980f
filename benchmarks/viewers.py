"""Viewers for the fan-out benchmark: thousands of open streams in one process, over raw sockets.

A plan comes on standard input as JSON, one line; then one line a command. What they find is printed, one JSON line an
answer. Counting is a search for the marker of a numbered message, so that the load costs as little as it can; `keep`
reads every message whole instead, breaks each connection off again and again, and looks for holes and repetitions.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import re
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import uvloop

WITHIN_S = 180.0  # for everybody to have heard everything
CONNECTING = 200  # connections that are being made at the same moment
MARKS = {"sse": b"event: room\n", "ws": b'{"event":"room"'}
_NUMBER = {"sse": re.compile(rb"id: (\d+)\n"), "ws": re.compile(rb'"seq":(\d+)')}
_HELLO = {"sse": b"event: hello\n", "ws": b'{"event":"hello"'}


@dataclass
class Plan:
    """Which server, which transport, and the path of each viewer."""

    port: int
    transport: str
    paths: list[str]
    addresses: list[str]
    started: int = 0
    heard: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)
    wanted: int = 0

    def request(self, at: int, more: str = "") -> bytes:
        """What viewer number `at` sends first."""
        lines = [
            f"GET {self.paths[at]}{more} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"X-Forwarded-For: {self.addresses[at]}",
        ]
        if self.transport == "ws":
            key = base64.b64encode(os.urandom(16)).decode()
            lines += [
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                f"Sec-WebSocket-Key: {key}",
            ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Viewer(asyncio.Protocol):
    """Counts numbered messages; a marker that is cut in two by the network is found all the same."""

    __slots__ = ("_at", "_plan", "_tail", "count", "lost", "ready", "transport")

    def __init__(self, plan: Plan, at: int) -> None:
        self._plan = plan
        self._at = at
        self._tail = b""
        self.count = 0
        self.lost = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.transport.write(self._plan.request(self._at))

    def data_received(self, data: bytes) -> None:
        mark = MARKS[self._plan.transport]
        text = self._tail + data
        if not self.ready.done():
            if _HELLO[self._plan.transport] not in text:
                self._tail = text
                return
            self.ready.set_result(None)
        found = text.count(mark)
        self._tail = text[-(len(mark) - 1) :]
        if found:
            before, self.count = self.count, self.count + found
            if before < self._plan.wanted <= self.count:
                self._plan.heard += 1
                if self._plan.heard == len(self._plan.paths):
                    self._plan.done.set()

    def connection_lost(self, _error: Exception | None) -> None:
        self.lost = True
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("closed before the greeting"))


async def open_all(plan: Plan) -> list[Viewer]:
    """Every viewer of the plan, each with its greeting heard."""
    slots = asyncio.Semaphore(CONNECTING)
    loop = asyncio.get_running_loop()

    async def one(at: int) -> Viewer:
        async with slots:
            _, viewer = await loop.create_connection(lambda: Viewer(plan, at), "127.0.0.1", plan.port)
            await asyncio.wait_for(viewer.ready, 60)
            return viewer

    return await asyncio.gather(*[one(at) for at in range(len(plan.paths))])


def whole_messages(transport: str, text: bytes) -> tuple[list[bytes], bytes]:
    """The messages that have arrived whole, and what is left."""
    if transport == "sse":
        *whole, rest = text.split(b"\n\n")
        return whole, rest
    whole = []
    while len(text) >= 2:
        length, at = text[1] & 127, 2
        if length == 126:
            length, at = int.from_bytes(text[2:4]), 4
        if len(text) < at + length:
            break
        whole.append(text[at : at + length])
        text = text[at + length :]
    return whole, text


async def keep(plan: Plan, at: int, *, last: int, breaks: int, seen: list[int]) -> None:
    """One viewer that is cut off `breaks` times, comes back with the number it saw last, and notes every number."""
    random_ = random.Random(at)
    mark, number = MARKS[plan.transport].strip(), _NUMBER[plan.transport]
    for round_ in range(breaks + 1):
        reader, writer = await asyncio.open_connection("127.0.0.1", plan.port)
        writer.write(plan.request(at, f"&since={last}"))
        quota = random_.randint(1, 8) if round_ < breaks else 10**9
        text = b""
        try:
            await reader.readuntil(b"\r\n\r\n")
            while quota > 0 and last < plan.wanted:
                data = await reader.read(65536)
                if not data:
                    break
                whole, text = whole_messages(plan.transport, text + data)
                for message in whole:
                    if mark in message and (found := number.search(message)):
                        last = int(found[1])
                        seen.append(last)
                        quota -= 1
        finally:
            writer.transport.abort()
        if last >= plan.wanted:
            return


async def main() -> None:
    """Do what the lines say."""
    lines = asyncio.StreamReader(limit=1 << 26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    said = json.loads(await lines.readline())
    plan = Plan(said["port"], said["transport"], said["paths"], said["addresses"])
    if said.get("breaks"):
        seen: list[list[int]] = [[] for _ in plan.paths]
        plan.wanted = said["last"]
        print(json.dumps({"ready": len(plan.paths)}), flush=True)
        await asyncio.wait_for(
            asyncio.gather(
                *[keep(plan, at, last=said["since"], breaks=said["breaks"], seen=seen[at]) for at in range(len(seen))]
            ),
            WITHIN_S,
        )
        whole = list(range(said["since"] + 1, said["last"] + 1))
        wrong = [at for at, numbers in enumerate(seen) if numbers != whole]
        print(
            json.dumps({"viewers": len(seen), "wrong": len(wrong), "first": seen[wrong[0]][:40] if wrong else []}),
            flush=True,
        )
        return
    viewers = await open_all(plan)
    print(json.dumps({"ready": len(viewers)}), flush=True)
    while line := await lines.readline():
        command = json.loads(line)
        if "wait" in command:  # so many more numbered messages for everybody
            for viewer in viewers:
                viewer.count = 0
            plan.heard, plan.wanted = 0, command["wait"]
            plan.done.clear()
            began = time.perf_counter()
            print(json.dumps({"waiting": True}), flush=True)
            await asyncio.wait_for(plan.done.wait(), WITHIN_S)
            counts = [viewer.count for viewer in viewers]
            print(
                json.dumps(
                    {
                        "seconds": time.perf_counter() - began,
                        "least": min(counts),
                        "most": max(counts),
                        "lost": sum(viewer.lost for viewer in viewers),
                    }
                ),
                flush=True,
            )
    for viewer in viewers:
        viewer.transport.abort()


if __name__ == "__main__":
    uvloop.run(main())
