"""Reads that are shared and never stale.

Requests for the same kind of thing that come while a read is under way wait for the next one, which then reads for all
of them at once. So each read starts after every request that it answers, as if each had asked alone, and the database
sees one statement where it would have seen one a request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class _Batch(Generic[Key, Value]):
    """What one read is to fetch, and what it found."""

    __slots__ = ("keys", "waiting")

    def __init__(self) -> None:
        self.keys: set[Key] = set()
        self.waiting: list[asyncio.Future[Mapping[Key, Value]]] = []

    def settle(self, found: Mapping[Key, Value], error: BaseException | None = None) -> None:
        """Tell everybody who still waits."""
        for answer in self.waiting:
            if answer.done():
                continue
            if error is None:
                answer.set_result(found)
            else:
                answer.set_exception(error)


class GroupRead(Generic[Key, Value]):
    """Gathers keys while `read` is busy with the ones before. `read(keys)` returns what it found; a missing key
    is no error.
    """

    def __init__(self, read: Callable[[list[Key]], Awaitable[Mapping[Key, Value]]]) -> None:
        self._read = read
        self._next: _Batch[Key, Value] | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether nobody waits."""
        return self._running is None

    async def get(self, keys: Iterable[Key]) -> Mapping[Key, Value]:
        """What a read that starts from now on finds under these keys (and perhaps others'). Raises what the
        read raises.
        """
        batch = self._next
        if batch is None:
            batch = self._next = _Batch()
        batch.keys.update(keys)
        if self._running is None:
            self._running = asyncio.create_task(self._serve())
        # One future each: a request that goes away takes nobody along.
        answer: asyncio.Future[Mapping[Key, Value]] = self._running.get_loop().create_future()
        batch.waiting.append(answer)
        return await answer

    async def _serve(self) -> None:
        try:
            while (batch := self._next) is not None:
                self._next = None
                try:
                    batch.settle(await self._read(list(batch.keys)))
                except BaseException as error:
                    batch.settle({}, error)
                    if not isinstance(error, Exception):
                        raise
        finally:
            self._running = None
