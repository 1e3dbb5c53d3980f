"""The real reader: one child process, started when first needed, one picture at a time, with bounded time and memory.

A child that takes too long or dies is ended, and the next picture gets a new one. It also ends by itself when its
parent is gone, since its input is at its end then, and after a while without work: it holds some 300 MB.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from importlib.util import find_spec
from typing import Final

from liveshelf.adapters.reading.port import Reader
from liveshelf.platform.log import logger

START_MAX_S: Final = 60.0  # a loaded machine starts the engine slowly; it is two seconds on a quiet one
READ_MAX_S: Final = 20.0  # a picture takes half a second of a core
IDLE_MAX_S: Final = 300.0
_ANSWER_MAX: Final = 1 << 20
_HEAD = 4  # bytes of a length

_log = logger("reading")


def is_installed() -> bool:
    """Whether the extra `safety` is there."""
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


class ProcessReader(Reader):
    """Reads with the engine of the extra `safety`; without it, nothing."""

    def __init__(self, command: tuple[str, ...] | None = None, *, read_max_s: float = READ_MAX_S) -> None:
        self._command = command or (sys.executable, "-m", "liveshelf.adapters.reading.child")
        self._is_there = command is not None or is_installed()
        self._read_max_s = read_max_s
        self._child: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

    async def read(self, data: bytes) -> tuple[str, ...] | None:
        """As the port says."""
        if not self._is_there:
            return None
        async with self._turn:
            if self._idle is not None:
                self._idle.cancel()
            try:
                child = await self._started()
                return await asyncio.wait_for(_asked(child, data), self._read_max_s)
            # The last is uvloop's, when its pipe to a child that died is closed already.
            except (TimeoutError, OSError, EOFError, ValueError, RuntimeError) as error:
                _log.warning("picture_not_read", why=repr(error))
                await self._end()
                return None
            finally:
                self._idle = asyncio.get_running_loop().call_later(IDLE_MAX_S, self._let_go)

    async def close(self) -> None:
        """End the child."""
        if self._idle is not None:
            self._idle.cancel()
        await self._end()

    async def _started(self) -> asyncio.subprocess.Process:
        child = self._child
        if child is None or child.returncode is not None:
            pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
            child = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, stderr=nothing)
            self._child = child
            await asyncio.wait_for(_answer(child), START_MAX_S)  # it says that it is ready
        return child

    def _let_go(self) -> None:
        """Let an idle child end: the end of its input is its sign."""
        child, self._child = self._child, None
        if child is not None and child.stdin is not None:
            child.stdin.close()

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


async def _asked(child: asyncio.subprocess.Process, data: bytes) -> tuple[str, ...]:
    if child.stdin is None:
        raise EOFError
    child.stdin.write(len(data).to_bytes(_HEAD, "big") + data)
    await child.stdin.drain()
    lines = await _answer(child)
    return tuple(str(line) for line in lines)


async def _answer(child: asyncio.subprocess.Process) -> list[object]:
    if child.stdout is None:
        raise EOFError
    size = int.from_bytes(await child.stdout.readexactly(_HEAD), "big")
    if size > _ANSWER_MAX:
        raise ValueError("an answer that long is none")
    lines = json.loads(await child.stdout.readexactly(size))
    if not isinstance(lines, list):
        raise ValueError("the child failed on this picture")  # noqa: TRY004 - what the child says, not a wrong call
    return lines
