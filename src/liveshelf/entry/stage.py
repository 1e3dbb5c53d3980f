"""Where drills and rehearsals are played: a throw-away installation of real processes, which can be killed and come
back. Whatever ends the process that opened it ends all of it.
"""

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
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import asyncpg

from liveshelf.entry import migrate
from liveshelf.entry.compose import runtime_of
from liveshelf.entry.process import MORTAL
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, connect
from liveshelf.platform.embedded import EmbeddedPostgres
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.platform.signing import load_keys

START_LIMIT_S = 120.0  # on a machine that does much else; usually three
_PROBES = {"http": "/readyz", "gateway": "/readyz"}  # where a process of a kind says that it is there


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays. `kinds` are the processes; those of HTTP share one port, as an installation's do, unless each is to be
    asked by itself (`own_ports`). `base` are the numbers that they play with.
    """

    name: str
    kinds: Sequence[str]
    base: Settings
    own_ports: bool = False


@dataclass
class Player:
    """One process of the product."""

    kind: str
    settings: Settings
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, again if need be."""
        environ = {**os.environ, **self.settings.environment()}
        command = [sys.executable, "-m", "liveshelf.entry.process", self.kind, f"{MORTAL}{os.getpid()}"]
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
        if self.kind not in _PROBES:
            return
        port = self.settings.port if self.kind == "http" else self.settings.gateway_port_used
        async with asyncio.timeout(START_LIMIT_S):
            while not await asyncio.to_thread(_answers, f"http://127.0.0.1:{port}{_PROBES[self.kind]}"):  # noqa: ASYNC110
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
        return list(dict.fromkeys(player.settings.port for player in self.players if player.kind == "http"))

    async def kill(self, kind: str, number: int = 0) -> None:
        """Kill a process of a kind; it is back when this returns."""
        player = [one for one in self.players if one.kind == kind][number]
        player.kill()
        player.start()
        await player.ready()

    def kill_all(self, kind: str) -> None:
        """Kill every process of a kind and start them again, without waiting for them."""
        of_kind = [one for one in self.players if one.kind == kind]
        for player in of_kind:
            player.kill()
        for player in of_kind:
            player.start()

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
async def staged(folder: Path, cast: Cast) -> AsyncIterator[Stage]:
    """An installation in an empty folder; nothing of it runs afterwards."""
    await asyncio.to_thread(folder.chmod, 0o711)  # the database's user passes through
    with EmbeddedPostgres(folder / "postgres") as postgres:
        admin_dsn = postgres.superuser_dsn(cast.name)
        keys = load_keys("", folder)
        await migrate.migrate(admin_dsn, keys)
        settings = replace(
            cast.base,
            data_dir=folder,
            database_url=admin_dsn,
            app_database_url=migrate.app_dsn(admin_dsn, keys),
            simulated_payment=True,
            movable_clock=True,
            trusted_proxies="127.0.0.1",  # each buyer comes from an address of their own
            log_level="error",
        )
        of_http = cast.kinds.count("http")
        ports = _free_ports(of_http if cast.own_ports else 1)
        base = f"http://127.0.0.1:{ports[0]}"
        # The simulator, wherever it runs, calls back at any of the ports.
        allowed = ",".join(f"127.0.0.1:{port}" for port in ports)
        # A worker, too, is told of the first port: that is where the simulator calls us.
        settings = replace(
            settings, port=ports[0], base_url=base, gateway_port=_free_ports(1)[0], outbound_allow=allowed
        )
        numbers = iter(ports if cast.own_ports else ports * of_http)
        players = [
            Player(kind, replace(settings, database_url="", port=next(numbers) if kind == "http" else ports[0]))
            for kind in cast.kinds
        ]
        owner = connect(admin_dsn, Clock(movable=True), pool_size=1, process=f"liveshelf {cast.name} clock")
        admin = await asyncpg.connect(admin_dsn)
        try:
            async with runtime_of(settings, cast.name) as runtime:
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


def _free_ports(many: int) -> list[int]:
    """So many ports that nobody listens on, each another one."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(many)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
