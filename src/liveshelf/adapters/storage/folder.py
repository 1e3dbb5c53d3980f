"""Media bytes as files of one folder, which every process of a machine (or a shared mount) sees."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import time
from pathlib import Path

from liveshelf.adapters.storage.port import Storage
from liveshelf.kernel.ids import new_number

KEPT_AT_LEAST_S = 3600  # far above the longest transaction that could still come to point at the bytes
_NAME = re.compile(r"[0-9a-f]{64}")


class FolderStorage(Storage):
    """Files named after their hash, 256 folders wide. Names that are no hash are never turned into paths."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, data: bytes) -> str:
        """Write beside, sync, rename: a reader sees the whole file or none. Known bytes only get a new time."""
        return await asyncio.to_thread(self._put, data)

    async def get(self, sha256: str) -> bytes | None:
        """Read the file."""
        return await asyncio.to_thread(self._get, sha256)

    async def delete(self, sha256: str) -> bool:
        """Remove the file when nobody put it within `KEPT_AT_LEAST_S` of wall time."""
        return await asyncio.to_thread(self._delete, sha256)

    def _path(self, sha256: str) -> Path | None:
        return self._folder / sha256[:2] / sha256 if _NAME.fullmatch(sha256) else None

    def _put(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._folder / sha256[:2] / sha256
        try:
            os.utime(path)
        except FileNotFoundError:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside = path.with_name(f".{sha256}.{new_number():x}")
            with beside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
            _sync_folder(path.parent)
        return sha256

    def _get(self, sha256: str) -> bytes | None:
        path = self._path(sha256)
        try:
            return path.read_bytes() if path else None
        except FileNotFoundError:
            return None

    def _delete(self, sha256: str) -> bool:
        path = self._path(sha256)
        try:
            if path is None:
                return True
            if time.time() - path.stat().st_mtime < KEPT_AT_LEAST_S:
                return False
            path.unlink()
        except FileNotFoundError:
            pass
        return True


def _sync_folder(folder: Path) -> None:
    # A rename is on disk only when its folder is.
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
