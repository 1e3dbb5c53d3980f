"""Where tests put what nobody keeps."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ENOUGH_BYTES = 3 * 10**9  # two workers' clusters, a drill and a product's folder beside them


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder of one's own, gone afterwards, that also the user may enter whom PostgreSQL runs as.

    In memory where there is enough: a database of its own for a test is a thousand files, which take fifteen
    milliseconds there and six hundred on a disk. Not pytest's own folder: root's is closed to others.
    """
    with tempfile.TemporaryDirectory(prefix="liveshelf-", dir=_MEMORY if _memory_will_do() else None) as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


def shared() -> Path:
    """A folder, made anew by each run of the tests, that all its workers share. `forget_shared` removes it."""
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    folder = Path(tempfile.gettempdir()) / f"liveshelf-run-{run}"
    folder.mkdir(mode=0o711, exist_ok=True)
    return folder


def forget_shared() -> None:
    """The run is over, and this is the process that began it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(shared())


def _memory_will_do() -> bool:
    # Containers often have 64 MB there, and none of it for programs, of which a product's folder has a copy.
    return (
        os.access(_MEMORY, os.W_OK)
        and not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC
        and shutil.disk_usage(_MEMORY).free >= _ENOUGH_BYTES
    )
