"""Where the drill is played: a throw-away installation of real processes, which can be killed and come back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import asyncpg

from liveshelf.entry import migrate
from liveshelf.entry.compose import runtime_of
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, connect
from liveshelf.platform.embedded import EmbeddedPostgres
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.platform.signing import load_keys

START_LIMIT_S = 30.0
_KINDS = ("http", "http", "worker", "worker")  # two of each: what one leaves undone, the other must not do twice


@dataclass
class Player:
    """One process of the product."""

    kind: str
    settings: Settings
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, again if need be."""
        environ = {**os.environ, **self.settings.environment()}
        command = [sys.executable, "-m", "liveshelf.entry.process", self.kind]
        # What they say while the database is away is no news here; what they did is looked up afterwards.
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, env=environ, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603 - ours

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    async def ready(self) -> None:
        """Wait until it answers. Raises `TimeoutError`."""
        if self.kind != "http":
            return
        async with asyncio.timeout(START_LIMIT_S):
            while not await asyncio.to_thread(_answers, f"http://127.0.0.1:{self.settings.port}/readyz"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # the answer is in another process


@dataclass
class Stage:
    """The installation, while it runs."""

    folder: Path
    postgres: EmbeddedPostgres
    settings: Settings
    runtime: Runtime
    owner: Database  # may move the clock
    admin: asyncpg.Connection
    players: list[Player]

    @property
    def ports(self) -> list[int]:
        """Where buyers can go."""
        return [player.settings.port for player in self.players if player.kind == "http"]

    async def kill(self, kind: str, number: int = 0) -> None:
        """Kill a process of a kind; it is back when this returns."""
        player = [one for one in self.players if one.kind == kind][number]
        player.kill()
        player.start()
        await player.ready()

    async def kill_database(self) -> None:
        """Kill -9 the server, and start it again."""
        pid = int((self.postgres.cluster_dir / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(self._restart)
        with contextlib.suppress(Exception):
            await self.admin.close()
        self.admin = await asyncpg.connect(self.settings.database_url)

    async def advance(self, by: timedelta) -> None:
        """Move business time forward for everybody."""
        await self.owner.advance_clock(by)

    def _restart(self) -> None:
        while self.postgres.is_running:
            time.sleep(0.02)
        self.postgres.start()


@contextlib.asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    """An installation in an empty folder; nothing of it runs afterwards."""
    await asyncio.to_thread(folder.chmod, 0o711)  # the database's user passes through
    with EmbeddedPostgres(folder / "postgres") as postgres:
        admin_dsn = postgres.superuser_dsn("drill")
        keys = load_keys("", folder)
        await migrate.migrate(admin_dsn, keys)
        settings = replace(
            Settings(),
            data_dir=folder,
            database_url=admin_dsn,
            app_database_url=migrate.app_dsn(admin_dsn, keys),
            simulated_payment=True,
            movable_clock=True,
            trusted_proxies="127.0.0.1",  # each buyer comes from an address of their own
            log_level="error",
            pool_size=6,
        )
        ports = [_free_port() for kind in _KINDS if kind == "http"]
        base = f"http://127.0.0.1:{ports[0]}"
        # The simulator, wherever it runs, calls back at either port.
        allowed = ",".join(f"127.0.0.1:{port}" for port in ports)
        settings = replace(settings, base_url=base, gateway_port=_free_port(), outbound_allow=allowed)
        numbers = iter(ports)
        players = [
            # A worker is told of the first port: that is where the simulator calls us.
            Player(kind, replace(settings, database_url="", port=next(numbers) if kind == "http" else ports[0]))
            for kind in _KINDS
        ]
        owner = connect(admin_dsn, Clock(movable=True), pool_size=1, process="liveshelf drill clock")
        admin = await asyncpg.connect(admin_dsn)
        try:
            async with runtime_of(replace(settings, port=ports[0]), "drill") as runtime:
                stage = Stage(folder, postgres, settings, runtime, owner, admin, players)
                for player in players:
                    player.start()
                for player in players:
                    await player.ready()
                yield stage
        finally:
            for player in players:
                player.kill()
            await owner.dispose()
            with contextlib.suppress(Exception):
                await admin.close()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
