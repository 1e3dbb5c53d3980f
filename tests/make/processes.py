"""Processes of the product, each alone, on a test's database: to be raced and killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator

import httpx

from liveshelf.platform.settings import Settings

START_LIMIT_S = 30
KEYS_HEX = bytes(range(32)).hex()  # the keys of the `keys` fixture


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """One process: `http` or `worker`. Started, killed, started again; the port stays."""

    def __init__(self, kind: str, settings: Settings, port: int) -> None:
        self.kind = kind
        self.port = port  # of a worker: that of the HTTP process it belongs to
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ,
            **settings.environment(),
            "LIVESHELF_PORT": str(self.port),
            "LIVESHELF_SECRET_KEY": KEYS_HEX,
            "LIVESHELF_TRUSTED_PROXIES": "127.0.0.1",  # each buyer of a test comes from an address of their own
            "LIVESHELF_LOG_LEVEL": "error",
        }
        self.start()

    def start(self) -> None:
        """Start it (again)."""
        program = f"from liveshelf.entry.{self.kind} import main; main()"
        self._running = subprocess.Popen([sys.executable, "-c", program], env=self._environment)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._running.send_signal(signal.SIGKILL)
        self._running.wait()

    async def ready(self) -> None:
        """Wait until it answers."""
        async with asyncio.timeout(START_LIMIT_S), httpx.AsyncClient() as client:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"{self.url}/readyz")).status_code == httpx.codes.OK:
                        return
                await asyncio.sleep(0.1)


async def until(true: Callable[[], Awaitable[bool]], *, within_s: float = START_LIMIT_S, every_s: float = 0.1) -> None:
    """Wait until a question is answered with yes."""
    async with asyncio.timeout(within_s):
        while not await true():  # noqa: ASYNC110 - the answer is in another process
            await asyncio.sleep(every_s)


@contextlib.contextmanager
def running(settings: Settings, *kinds: str) -> Iterator[list[Process]]:
    """These processes, killed at the end; a worker belongs to the HTTP process named before it."""
    processes: list[Process] = []
    for kind in kinds:
        port = processes[-1].port if kind == "worker" else free_port()
        processes.append(Process(kind, settings, port))
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
