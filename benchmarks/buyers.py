"""Buyers for the checkout benchmark: keep-alive connections, each request another buyer's and with an id of its own.

A loop of its own over epoll, in a process of its own: it has to make requests that differ, and must cost less than what
it measures. It says what it cost. Nothing of the product is imported, so it starts at once and stays small.
"""

from __future__ import annotations

import json
import random
import resource
import select
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

WARM_S = 0.4  # not counted
_clock = time.perf_counter


@dataclass(frozen=True)
class Plan:
    """What is bought, and how hard. `head` and `body` are %-formats for a buyer's number, an address, a request id and
    a SKU.
    """

    port: int
    connections: int
    seconds: float
    head: str
    body: str
    buyers: int
    skus: tuple[int, int]  # first, last
    expected: int = 201
    seed: int = 7


@dataclass(frozen=True)
class Result:
    """Answers of the right status a second, how long they took, what else came, and the generator's own cost."""

    rate: float
    answered: int  # in all, warming up included
    p50_ms: float
    p99_ms: float
    cpu_us: float  # of this process, an answer
    others: dict[str, int]
    http_us: float = 0  # CPU of the HTTP process, an answer
    postgres_us: float = 0  # and of PostgreSQL


def drive(plan: Plan) -> Result:
    """Run a plan in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__], input=json.dumps(asdict(plan)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return Result(**json.loads(done.stdout))


class _Buyers:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._rng = random.Random(plan.seed)
        self._run = self._rng.getrandbits(64)
        self._number = self._rng.randrange(plan.buyers)
        self._expected = b"HTTP/1.1 %d" % plan.expected
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._sent_at: dict[int, float] = {}
        self._kept: dict[int, bytes] = {}
        self._took: list[float] = []
        self._good = 0
        self._others: Counter[str] = Counter()

    def request(self) -> bytes:
        plan, self._number = self._plan, self._number + 1
        buyer = self._number % plan.buyers
        sku_id = self._rng.randint(*plan.skus)
        body = plan.body % {"id": f"{self._run:016x}{self._number:016x}", "sku": sku_id}
        head = plan.head % {
            "buyer": buyer,
            "address": f"10.{buyer >> 16 & 255}.{buyer >> 8 & 255}.{buyer & 255}",
            "length": len(body),
        }
        return (head + body).encode()

    def run(self) -> Result:
        plan = self._plan
        for _ in range(plan.connections):
            one = socket.create_connection(("127.0.0.1", plan.port))
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[one.fileno()] = one
            self._poll.register(one, select.EPOLLIN)
        for number in self._sockets:
            self._send(number)
        end = _clock() + WARM_S
        while _clock() < end:
            for number in self._answered():
                self._send(number)
        self._took.clear()
        cpu, end = _cpu(), _clock() + plan.seconds
        while _clock() < end:
            for number in self._answered():
                self._send(number)
        cpu, times = _cpu() - cpu, sorted(self._took)
        # What is under way is answered too, so that afterwards the books can be compared with what was told.
        waiting = set(self._sockets)
        while waiting and _clock() < end + 30:
            waiting.difference_update(self._answered())
        assert times, dict(self._others)
        return Result(
            len(times) / plan.seconds,
            self._good,
            times[len(times) // 2] * 1000,
            times[len(times) * 99 // 100] * 1000,
            cpu / len(times) * 1e6,
            dict(self._others.most_common(5)),
        )

    def _send(self, number: int) -> None:
        self._sent_at[number] = _clock()
        self._sockets[number].sendall(self.request())

    def _answered(self) -> list[int]:
        """Connections whose answer is whole."""
        done = []
        for number, _ in self._poll.poll(1):
            data = self._kept.pop(number, b"") + self._sockets[number].recv(65536)
            assert data, "the server closed a connection"
            if not _whole(data):
                self._kept[number] = data
                continue
            done.append(number)
            if data.startswith(self._expected):
                self._good += 1
                self._took.append(_clock() - self._sent_at[number])
            else:
                self._others[data.split(b"\r\n", 1)[0].decode() + " " + data[-160:].decode(errors="replace")] += 1
        return done


def _whole(data: bytes) -> bool:
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return False
    at = data.find(b"content-length: ", 0, end) + 16
    return len(data) >= end + 4 + int(data[at : data.find(b"\r\n", at)])


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    given: dict[str, Any] = json.loads(Path("/dev/stdin").read_text())
    sys.stdout.write(json.dumps(asdict(_Buyers(Plan(**{**given, "skus": tuple(given["skus"])})).run())))
