"""One ffmpeg for one run: FLV goes in, finished segments come out of its folder. Nothing is encoded again but sound
that browsers can't play.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path

from liveshelf.adapters.footage.folder import HEAD
from liveshelf.platform.log import logger

WRITE_MAX_S = 5.0  # a program that takes nothing for so long is stuck
END_MAX_S = 5.0  # for the last segment after the input's end
_PLAYLIST = "cut.m3u8"
_LISTED = 30  # segments that its playlist names: a reader that was away for that long loses none
_SAID_MAX = 2_000  # of what it complains of
_FRAME_S = 10.0
_FRAME_BYTES = 4 << 20

_log = logger("ffmpeg")


@dataclass(frozen=True, slots=True)
class Cut:
    """A finished segment: its number in the run, its length, its bytes."""

    number: int
    length_ms: int
    bytes: int


class Cutter:
    """Cuts one run into its folder. Ends with its input, also when we are killed: the pipe is closed then."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._child: asyncio.subprocess.Process | None = None
        self._seen = -1
        self._stamp: tuple[int, int] = (0, 0)
        self._said: asyncio.Task[bytes] | None = None

    async def start(self, *, encodes_sound: bool) -> None:
        """Start the program on an empty folder."""
        self._folder.mkdir(parents=True)
        self._child = await asyncio.create_subprocess_exec(
            self._program,
            *("-hide_banner", "-loglevel", "error", "-fflags", "+nobuffer"),
            *("-probesize", "1000000", "-analyzeduration", "1500000", "-f", "flv", "-i", "pipe:0"),
            *("-map", "0:v:0", "-map", "0:a:0?", "-c:v", "copy", "-c:a", "aac" if encodes_sound else "copy"),
            *("-f", "hls", "-hls_time", "1", "-hls_list_size", str(_LISTED), "-hls_segment_type", "fmp4"),
            *("-hls_fmp4_init_filename", HEAD, "-hls_flags", "independent_segments"),
            *("-hls_segment_filename", "%d.m4s", _PLAYLIST),
            cwd=self._folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for our parent, which ends us in order
        )
        if self._child.stderr is not None:
            self._said = asyncio.create_task(_last_words(self._child.stderr))

    @property
    def has_ended(self) -> bool:
        """Whether the program is gone, though its input is not at its end."""
        return self._child is not None and self._child.returncode is not None

    async def write(self, data: bytes) -> None:
        """Hand it a piece of FLV. Raises `OSError` when the program is gone, `TimeoutError` when it is stuck."""
        if self._child is None or self._child.stdin is None:
            raise BrokenPipeError
        self._child.stdin.write(data)
        await asyncio.wait_for(self._child.stdin.drain(), WRITE_MAX_S)

    def cuts(self) -> list[Cut]:
        """Segments that were finished since the last call."""
        path = self._folder / _PLAYLIST
        try:
            now = path.stat()
            if (now.st_mtime_ns, now.st_ino) == self._stamp:
                return []
            self._stamp = (now.st_mtime_ns, now.st_ino)
            found = [one for one in _listed(path.read_text(), self._folder) if one.number > self._seen]
        except OSError:
            return []
        if found:
            self._seen = found[-1].number
        return found

    async def end(self) -> list[Cut]:
        """End the input, wait for the last segment, and return what was finished since the last call."""
        child = self._child
        if child is None:
            return []
        if child.stdin is not None:
            child.stdin.close()
        try:
            await asyncio.wait_for(child.wait(), END_MAX_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
        if self._said is not None and (said := (await self._said).decode(errors="replace").strip()):
            _log.warning("ffmpeg_said", code=child.returncode, what=said[-_SAID_MAX:])
        return self.cuts()


def left(folder: Path, *, after: int) -> list[Cut]:
    """What a program that nobody looks after any more has cut in a folder, after a number."""
    try:
        return [one for one in _listed((folder / _PLAYLIST).read_text(), folder) if one.number > after]
    except OSError:
        return []


async def frame(program: str, head: bytes, segment: bytes, *, width: int) -> bytes | None:
    """The first picture of a segment as a JPEG. `None` when the program can't make one in time."""
    child = await asyncio.create_subprocess_exec(
        *("nice", "-n", "10", program),  # after everything that somebody waits for
        *("-hide_banner", "-loglevel", "error", "-i", "pipe:0", "-frames:v", "1", "-vf", f"scale={width}:-2"),
        *("-f", "image2pipe", "-c:v", "mjpeg", "-q:v", "4", "pipe:1"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        made, _ = await asyncio.wait_for(child.communicate(head + segment), _FRAME_S)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
        return None
    return made if 0 < len(made) <= _FRAME_BYTES else None


def _listed(text: str, folder: Path) -> list[Cut]:
    """The segments of a playlist. Its last line is whole: the program writes beside and renames."""
    found, length_ms = [], 0
    for line in text.splitlines():
        if line.startswith("#EXTINF:"):
            length_ms = round(float(line[8:].split(",", 1)[0]) * 1000)
        elif line.endswith(".m4s"):
            path = folder / line
            found.append(Cut(int(path.stem), length_ms, path.stat().st_size))
    return found


async def _last_words(pipe: asyncio.StreamReader) -> bytes:
    said = b""
    while more := await pipe.read(4096):
        said = (said + more)[-_SAID_MAX:]
    return said
