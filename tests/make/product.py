"""The product itself, started as a user starts it, on a data folder of its own."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.make.scratch import scratch

START_LIMIT_S = 90.0


def free_port() -> int:
    """A port with free ones above it, for HTTP, gateway and pictures; away from those that kernels hand out."""
    for port in range(18_000 + os.getpid() % 500 * 4, 30_000, 4):
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            for at in range(3):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port + at))
            return port
    raise AssertionError("no free port")


@dataclass
class Product:
    """One installation, running or not. `arguments` are added to `liveshelf serve`."""

    data: Path
    port: int
    arguments: tuple[str, ...]
    process: subprocess.Popen[str] | None = None

    @property
    def demo(self) -> dict[str, Any]:
        """What the installation tells about its demo shop."""
        told: dict[str, Any] = json.loads((self.data / "demo.json").read_text())
        return told

    @property
    def rtmp_port(self) -> int:
        """Where pictures are sent to."""
        return self.port + 2

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def command(self, *words: str) -> list[str]:
        """A `liveshelf` command on this installation."""
        return [sys.executable, "-m", "liveshelf.entry.cli", "--data", str(self.data), *words]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(self.command(*words), capture_output=True, text=True, timeout=120, check=False)

    def start(self) -> None:
        """Start it and wait until it answers."""
        log = (self.data.parent / "product.log").open("a")
        self.process = subprocess.Popen(
            self.command("serve", "--port", str(self.port), *self.arguments),
            stdout=log,
            stderr=log,
            text=True,
            env={**os.environ, "LIVESHELF_RTMP_PORT": str(self.rtmp_port)},
        )
        end = time.monotonic() + START_LIMIT_S
        while not (self._ready(self.port) and self._ready(self.port + 1, "/healthz")):
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError("it did not start:\n" + (self.data.parent / "product.log").read_text()[-4000:])
            time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """End it with a signal; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.process = None
        return code

    @staticmethod
    def _ready(port: int, path: str = "/readyz") -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@contextlib.contextmanager
def installed(*arguments: str) -> Iterator[Product]:
    """A fresh installation, not started; whatever runs of it is ended afterwards."""
    with scratch() as folder:
        product = Product(folder / "data", free_port(), arguments)
        try:
            yield product
        finally:
            if product.process is not None:
                product.stop(signal.SIGTERM)


@contextlib.contextmanager
def demo(original: Path) -> Iterator[Product]:
    """A running product with its whole demo shop and a movable clock, made once and copied for whoever comes next."""
    with installed("--clock", "movable") as product:
        with (original.parent / f"{original.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not original.exists():
                product.start()
                product.stop()
                (product.data / "postgres" / "port").unlink()  # each copy has its own
                _copy(product.data, original)
            else:
                _copy(original, product.data)
        product.start()
        yield product


def _copy(source: Path, target: Path) -> None:
    # With its owners: the database belongs to a user of its own.
    subprocess.run(["cp", "--archive", source, target], check=True)
