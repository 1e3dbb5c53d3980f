"""One rehearsal of an installation: alone, in its own folder, of a room that has not begun."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

from liveshelf.adapters.ffmpeg import found
from liveshelf.adapters.footage.folder import Footage
from liveshelf.entry.rehearsal import script
from liveshelf.entry.rehearsal.play import STANDARD, Around, Plan, Say, play
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.rehearsals.types import Check, Code, Outcome, Report, Wish

_FOLDER, _LOCK = "rehearsal", "rehearsal.lock"
_MB = 1_000_000


class AnotherPlaysError(Exception):
    """Another rehearsal of this installation plays."""


class RoomNotPlannedError(Exception):
    """The room is not there, or it has begun or ended."""


async def rehearse(
    runtime: Runtime,
    settings: Settings,
    room: tuple[ShopId, RoomId],
    wish: Wish,
    *,
    say: Say,
    standing: Sequence[Check],
    plan: Plan = STANDARD,
) -> Report:
    """Play one. `settings` are the installation's; `standing` is what the room's own checks said. Raises
    `AnotherPlaysError`, `RoomNotPlannedError`.
    """
    shop, room_id = room
    with _alone(settings.data_dir) as folder:
        async with runtime.db.read(shop) as tx:
            planned = await script.read(tx, room_id)
        if planned is None:
            raise RoomNotPlannedError
        around = Around(settings, _own_database(settings), _sent_kbps(standing), _free_mb(runtime, settings))
        return await play(folder, planned, wish, around=around, say=say, standing=standing, plan=plan)


def end_on_sigterm() -> None:
    """Let the running task be cancelled by SIGTERM, so that what it started is ended in order."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - called from one
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[Path]:
    """The empty folder of the one rehearsal that plays; what a killed one left in it goes first."""
    folder = data / _FOLDER
    with (data / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherPlaysError from error
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _own_database(settings: Settings) -> bool:
    return not settings.database_url and (settings.data_dir / "postgres").exists()


def _sent_kbps(standing: Sequence[Check]) -> int | None:
    """What a sender brings to the room's push address now."""
    sent = [one for one in standing if one.code is Code.PICTURE and one.outcome is not Outcome.NOT_TRIED]
    return int(sent[0].facts["kbps"]) if sent else None


def _free_mb(runtime: Runtime, settings: Settings) -> int | None:
    """Megabytes that recordings may take here; `None` where none are made."""
    if not settings.video or settings.outside_playback or found.ffmpeg(settings) is None:
        return None
    return min(runtime.need(Footage).free() - settings.video_free_bytes, settings.video_bytes) // _MB
