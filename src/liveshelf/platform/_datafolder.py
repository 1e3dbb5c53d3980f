"""For the embedded PostgreSQL: its data folder, with the lock of its owner, the password, the port and the cluster."""

import contextlib
import fcntl
import os
import random
import secrets
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from liveshelf.platform._engine import EmbeddedPostgresError, Identity, major_version

SUPERUSER: Final = "postgres"
HOST: Final = "127.0.0.1"

# Below the range that kernels give to outgoing connections, so that the port is still ours tomorrow.
PORTS: Final = range(20_000, 32_000)
INITDB_LIMIT_S: Final = 120.0
LOG_LIMIT_BYTES: Final = 10_000_000

_BUILTIN_LOCALE_SINCE: Final = 17


class DataFolder:
    """The folder that one cluster and everything about it lie in. Every method may raise EmbeddedPostgresError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cluster = path / "cluster"
        self.log = path / "server.log"
        self._lock: int | None = None

    @property
    def is_locked(self) -> bool:
        """Whether this object holds the lock that makes its holder the owner."""
        return self._lock is not None

    def prepare(self, who: Identity) -> None:
        """Make the folder, closed to others, when it is missing. Raises when ``who`` may not enter it."""
        try:
            self.path.mkdir(mode=0o755, parents=True, exist_ok=True)
            # The service user passes through to the cluster and reads nothing else here.
            self.path.chmod(0o711 if who.switch else 0o700)
        except OSError as error:
            raise EmbeddedPostgresError(f"the data folder {self.path} cannot be used: {error}") from error
        if not who.can_enter(self.path):
            closed = next(folder for folder in [*reversed(self.path.parents), self.path] if not who.can_enter(folder))
            raise EmbeddedPostgresError(
                f"PostgreSQL runs as the user {who.name}, who may not enter {closed}: "
                f"choose a data folder elsewhere, or allow it with: chmod o+x {closed}"
            )

    def take_lock(self) -> bool:
        """Become the owner; False when another process is."""
        if self._lock is not None:
            return True
        handle = os.open(self.path / "owner.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
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

    def release_lock(self) -> None:
        """Be the owner no longer."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def password(self) -> str:
        """The superuser's password. Raises when it is not ours to read, or not made yet."""
        path = self.path / "superuser.password"
        try:
            return path.read_text(encoding="ascii").strip()
        except OSError as error:
            raise EmbeddedPostgresError(f"the superuser's password cannot be read: {error}") from error

    def _made_password(self) -> str:
        # Written before the cluster is made: a cluster never exists without its password.
        path = self.path / "superuser.password"
        if not path.exists():
            _write_durably(path, secrets.token_urlsafe(32), mode=0o600)
        return self.password()

    def make_cluster(self, who: Identity, bin_dir: Path, *, fsync: bool) -> None:
        """Make the cluster when there is none. Raises when there is one of another version."""
        major = major_version(who, bin_dir)
        version = self.cluster / "PG_VERSION"
        if version.exists():
            made_by = int(version.read_text(encoding="ascii"))
            if made_by != major:
                raise EmbeddedPostgresError(
                    f"the cluster in {self.cluster} is of PostgreSQL {made_by}, the programs are {major}: "
                    f"dump it with the old release of liveshelf and restore it with this one"
                )
            return
        # initdb that was killed leaves half a cluster: it works under another name, and the whole gets the real one.
        half = self.path / "cluster.new"
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
                    bin_dir / "initdb",
                    *("-D", half, "-U", SUPERUSER, "-E", "UTF8", "--data-checksums"),
                    *locale,
                    *("--auth-local=reject", "--auth-host=scram-sha-256", f"--pwfile={password_file}"),
                    *(() if fsync else ("--no-sync",)),
                ],
                limit_s=INITDB_LIMIT_S,
            )
        if made.returncode != 0:
            raise EmbeddedPostgresError(f"initdb failed: {(made.stderr or made.stdout).strip()}")
        half.rename(self.cluster)
        _sync_folder(self.path)

    @contextlib.contextmanager
    def _password_for(self, who: Identity) -> Iterator[Path]:
        """The password in a file that the service user may read, for as long as initdb runs."""
        path = self.path / "initdb.password"
        path.unlink(missing_ok=True)
        _write_durably(path, self._made_password(), mode=0o600)
        try:
            who.own(path)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def choose_port(self) -> int:
        """The port kept here, or a free one, kept from now on, when that is taken."""
        kept = self.path / "port"
        with contextlib.suppress(OSError, ValueError):
            port = int(kept.read_text(encoding="ascii"))
            if _is_free(port):
                return port
        for port in random.SystemRandom().sample(PORTS, 200):
            if _is_free(port):
                _write_durably(kept, str(port), mode=0o644)
                return port
        raise EmbeddedPostgresError(f"no free port on {HOST} between {PORTS.start} and {PORTS.stop}")

    def forget_port(self) -> None:
        """Choose another port next time."""
        (self.path / "port").unlink(missing_ok=True)

    def rotate_log(self) -> None:
        """Put the log aside when it is long; one older file is kept."""
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > LOG_LIMIT_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))

    def log_tail(self) -> str:
        """The last words of the server."""
        try:
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
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
