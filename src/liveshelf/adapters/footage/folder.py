"""Footage as files: a folder a room, in it one a run with its segments, and one list of all of them.

The list is text, a line a segment, and only ever grows: whoever reads it goes on where they stopped, and a line that
was not written to its end, because its writer was killed, is no line. There is one writer a room, the process that has
the sender; any process of the machine, or of others that share the folder, reads.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from liveshelf.adapters.footage.types import Reel, Segment, Summary
from liveshelf.kernel.ids import RoomId, ShopId

HEAD = "init.mp4"  # of a run: what every segment of it needs before itself
LIST = "list"
_ROOMS_READ = 256  # lists that a reader keeps in memory: a line is some 100 bytes there, a whole day's list 10 MB
_HOT_BYTES = 64 << 20  # of segments that were asked for lately: all viewers ask for the same few
_HOT_ONE = 16 << 20


@dataclass
class _Read:
    """A list as far as it was read."""

    all: Reel = field(default_factory=Reel)
    shown: Reel = field(default_factory=Reel)
    offset: int = 0
    places: dict[tuple[int, int], Segment] = field(default_factory=dict)


class Footage:
    """The footage of one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: OrderedDict[tuple[int, int], _Read] = OrderedDict()
        self._summaries: dict[tuple[int, int], tuple[int, Summary]] = {}
        self._hot: OrderedDict[Path, bytes] = OrderedDict()
        self._hot_bytes = 0

    def room(self, shop: ShopId, room_id: RoomId) -> Path:
        """The folder of a room."""
        return self.folder / str(int(shop)) / str(int(room_id))

    def run(self, shop: ShopId, room_id: RoomId, run: int) -> Path:
        """The folder of a run."""
        return self.room(shop, room_id) / str(int(run))

    def add(self, shop: ShopId, room_id: RoomId, segments: Sequence[Segment]) -> None:
        """Put finished segments on the room's list."""
        lines = "".join(
            f"{one.run} {one.number} {one.at_ms} {one.length_ms} {one.bytes} {int(one.is_shown)} {int(one.is_kept)}\n"
            for one in segments
        )
        path = self.room(shop, room_id) / LIST
        # Behind half a line that a killed writer left, ours would be lost with it.
        torn = path.exists() and path.stat().st_size > 0 and _last_byte(path) != b"\n"
        with path.open("ab") as file:
            file.write((b"\n" if torn else b"") + lines.encode())

    def reel(self, shop: ShopId, room_id: RoomId) -> Reel:
        """Every segment of a room in order. It grows by itself: look, and change nothing."""
        return self._known(shop, room_id).all

    def shown(self, shop: ShopId, room_id: RoomId) -> Reel:
        """The segments that came while the room was live."""
        return self._known(shop, room_id).shown

    def segment(self, shop: ShopId, room_id: RoomId, *, run: int, number: int) -> Segment | None:
        """One segment, or `None`."""
        return self._known(shop, room_id).places.get((run, number))

    def summary(self, shop: ShopId, room_id: RoomId) -> Summary:
        """How much of a room is kept and until when, without its list in memory once it grows no more."""
        try:
            size = (self.room(shop, room_id) / LIST).stat().st_size
        except OSError:
            return Summary(0, 0)
        known = self._summaries.get((shop, room_id))
        if known is None or known[0] != size:
            reel = self.reel(shop, room_id)
            made = Summary(reel.kept_bytes, reel.segments[-1].end_ms if reel.segments else 0)
            known = self._summaries[shop, room_id] = (size, made)
        return known[1]

    async def read(self, path: Path) -> bytes | None:
        """A file of a run. `None` when it is not there, or not any more."""
        if (data := self._hot.get(path)) is not None:
            self._hot.move_to_end(path)
            return data
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except OSError:
            return None
        if len(data) <= _HOT_ONE and path not in self._hot:
            self._hot[path] = data
            self._hot_bytes += len(data)
            while self._hot_bytes > _HOT_BYTES:
                _, old = self._hot.popitem(last=False)
                self._hot_bytes -= len(old)
        return data

    def rooms(self) -> Iterator[tuple[ShopId, RoomId]]:
        """Every room that has files."""
        for shop in _numbers(self.folder):
            for room in _numbers(self.folder / str(shop)):
                yield ShopId(shop), RoomId(room)

    def free(self) -> int:
        """Bytes that are free on the disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.folder).free

    def drop(self, shop: ShopId, room_id: RoomId, segments: Sequence[Segment]) -> None:
        """Delete the files of segments. Their lines stay: numbers in playlists must not move."""
        for one in segments:
            (self.room(shop, room_id) / one.name).unlink(missing_ok=True)

    def remove(self, shop: ShopId, room_id: RoomId) -> None:
        """Delete everything of a room."""
        shutil.rmtree(self.room(shop, room_id), ignore_errors=True)
        self._read.pop((shop, room_id), None)
        self._summaries.pop((shop, room_id), None)

    def _known(self, shop: ShopId, room_id: RoomId) -> _Read:
        known = self._read.get((shop, room_id))
        if known is None:
            known = self._read[shop, room_id] = _Read()
            if len(self._read) > _ROOMS_READ:
                self._read.popitem(last=False)
        self._read.move_to_end((shop, room_id))
        try:
            with (self.room(shop, room_id) / LIST).open("rb") as file:
                file.seek(known.offset)
                new = file.read()
        except OSError:  # nothing yet, or removed
            self._read.pop((shop, room_id), None)
            return _Read()
        whole = new[: new.rfind(b"\n") + 1]
        known.offset += len(whole)
        for line in whole.split(b"\n"):
            if (one := _of_line(line)) is not None and (one.run, one.number) not in known.places:
                known.places[one.run, one.number] = one
                known.all.add(one)
                if one.is_shown:
                    known.shown.add(one)
        return known


def _of_line(line: bytes) -> Segment | None:
    try:
        run, number, at_ms, length_ms, size, shown, kept = (int(part) for part in line.split())
    except ValueError:
        return None
    return Segment(run, number, at_ms, length_ms, size, bool(shown), bool(kept))


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1)


def _numbers(folder: Path) -> list[int]:
    try:
        return sorted(int(one.name) for one in folder.iterdir() if one.name.isdigit() and one.is_dir())
    except OSError:
        return []
