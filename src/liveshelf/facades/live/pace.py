"""Work that many ask for and that is done at most so often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from liveshelf.platform.log import logger

_RETRY_S = 1.0
_log = logger("live")


class Paced:
    """Runs `work` soon after a `nudge`, at most once in `every_s` and never twice at the same time.

    A nudge while it runs makes it run again afterwards. A failure is logged, and the work is done again a second later.
    """

    def __init__(self, work: Callable[[], Awaitable[None]], *, every_s: float) -> None:
        self._work = work
        self._every_s = every_s
        self._asked = False
        self._not_before = 0.0
        self._task: asyncio.Task[None] | None = None

    def nudge(self) -> None:
        """Ask for the work."""
        self._asked = True
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """Do it no more."""
        self._asked = False
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while self._asked:
                if (wait_s := self._not_before - clock()) > 0:
                    await asyncio.sleep(wait_s)
                self._asked = False
                self._not_before = clock() + self._every_s
                try:
                    await self._work()
                except Exception:  # noqa: BLE001 - logged, and the work is tried again
                    _log.exception("paced_work_failed", work=self._work.__qualname__)
                    self._asked, self._not_before = True, clock() + _RETRY_S
        finally:
            self._task = None
