"""Load for the benchmarks: keep-alive connections that send one request after the other.

`wrk` when the machine has it, else a generator of our own over raw sockets. Either runs in a process of its own, so it
takes no time from the server's event loop; on two cores both still share them, for every target alike.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 32


@dataclass(frozen=True)
class Request:
    """One request of a target."""

    method: str
    path: str
    body: str = ""

    def raw(self, host: str) -> bytes:
        """As it goes over the wire."""
        content = self.body.encode()
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: {host}\r\n"
        if content:
            head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        return head.encode() + b"\r\n" + content


def rate(host: str, port: int, requests: Sequence[Request], *, seconds: float, own: bool = False) -> float:
    """Answers per second over `CONNECTIONS` connections. Every answer must be HTTP 200."""
    if shutil.which("wrk") and not own:
        return _wrk(host, port, requests, seconds)
    plan = {"host": host, "port": port, "seconds": seconds, "requests": [one.raw(host).decode() for one in requests]}
    done = subprocess.run(
        [sys.executable, __file__], input=json.dumps(plan), capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def tool(*, own: bool = False) -> str:
    """What makes the load here."""
    return "wrk" if shutil.which("wrk") and not own else "own"


def _wrk(host: str, port: int, requests: Sequence[Request], seconds: float) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        lines = [
            f"  wrk.format({json.dumps(one.method)}, {json.dumps(one.path)}, nil, {json.dumps(one.body)}),"
            for one in requests
        ]
        script.write("local made = nil\nfunction make() made = {\n" + "\n".join(lines) + "\n} end\n")
        script.write("local at = 0\nfunction init() make(); at = math.random(#made) end\n")
        script.write("function request() at = at % #made + 1; return made[at] end\n")
        script.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "-s", script.name, f"http://{host}:{port}/"]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in output, output
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    assert found is not None, output
    return float(found.group(1))


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as an answer is whole."""

    def __init__(self, requests: Sequence[bytes], at: int) -> None:
        self._requests = requests
        self._at = at
        self._buffer = bytearray()
        self._missing = -1  # bytes of the body still to come; -1 while the head is incomplete
        self.answers = 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._missing < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._buffer[:end]).lower()
            assert head.startswith(b"http/1.1 200"), head
            at = head.index(b"content-length:") + 15
            self._missing = end + 4 + int(head[at : head.find(b"\r\n", at) if head.find(b"\r\n", at) > 0 else None])
        if len(self._buffer) >= self._missing:
            self.answers += 1
            self._buffer.clear()
            self._missing = -1
            self._send()

    def _send(self) -> None:
        assert self.transport is not None
        self.transport.write(self._requests[self._at % len(self._requests)])
        self._at += 1


async def _drive(plan: dict[str, object]) -> float:
    loop = asyncio.get_running_loop()
    requests = [str(one).encode() for one in plan["requests"]]  # type: ignore[attr-defined]
    step = max(1, len(requests) // CONNECTIONS)
    connections = []
    for number in range(CONNECTIONS):
        _, one = await loop.create_connection(
            lambda number=number: _Connection(requests, number * step),  # type: ignore[misc]
            str(plan["host"]),
            int(str(plan["port"])),
        )
        connections.append(one)
    await asyncio.sleep(0.3)
    began, before = time.perf_counter(), sum(one.answers for one in connections)
    await asyncio.sleep(float(str(plan["seconds"])))
    return (sum(one.answers for one in connections) - before) / (time.perf_counter() - began)


if __name__ == "__main__":
    import uvloop

    sys.stdout.write(str(uvloop.run(_drive(json.loads(Path("/dev/stdin").read_text())))))
