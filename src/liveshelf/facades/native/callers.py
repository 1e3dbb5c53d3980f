"""Callers who wait: one whose body does not come is given up, and one that goes away does not buy.

A timer a request costs more than the rest of the door, so there is one for all of them: twice a second it looks who has
been waiting for long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]

LOOK_S = 0.5  # between two looks; whoever waits longer than one is looked after
BODY_S = 120.0  # for a whole body, as everywhere


class Caller:
    """One request under way. `left` says that nobody is there any more to be answered."""

    __slots__ = ("_late", "_reading", "_task", "_watching", "left", "receive", "since")

    def __init__(self, receive: Receive, since: float) -> None:
        self.receive = receive
        self.since = since
        self.left = False
        self._late = False
        self._reading = True
        self._task = asyncio.current_task()
        self._watching: asyncio.Task[None] | None = None

    async def body(self) -> MutableMapping[str, Any]:
        """The first message. Raises `TimeoutError` when it does not come."""
        try:
            return await self.receive()
        except asyncio.CancelledError:
            if not self._late or self._task is None or self._task.uncancel():
                raise  # somebody else's doing
            raise TimeoutError from None
        finally:
            self._reading = False

    def look(self, now: float) -> None:
        """Give up one whose body does not come; see whether one who waits for an answer is still there."""
        if self._reading:
            if now - self.since > BODY_S and self._task is not None:
                self._late = True
                self._task.cancel()
        elif self._watching is None:
            self._watching = asyncio.create_task(self._watch())

    def end(self) -> None:
        """It needs no looking after any more."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.left = True
        if self._task is not None:
            self._task.cancel()


class Callers:
    """Everybody who is being served by one process at this door, the oldest first."""

    def __init__(self) -> None:
        self._all: dict[Caller, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def came(self, receive: Receive) -> Caller:
        """One more."""
        loop = asyncio.get_running_loop()
        caller = Caller(receive, loop.time())
        self._all[caller] = None
        if self._timer is None:
            self._timer = loop.call_later(LOOK_S, self._look)
        return caller

    def gone(self, caller: Caller) -> None:
        """One is answered, or left to others. A second time changes nothing."""
        if self._all.pop(caller, caller) is None:
            caller.end()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for caller in list(self._all):
            if now - caller.since < LOOK_S:
                break
            caller.look(now)
        self._timer = loop.call_later(LOOK_S, self._look) if self._all else None
