"""Lanes: concurrent requests for one shop are gathered and committed together in a single transaction.

One hot row is then one lock and one fsync for hundreds of requests. A lane takes requests in arrival order; while a
batch is being committed the next one gathers, so the batch size follows the load and a lone request waits for nobody.
As soon as a batch has locked what it changes, the next one may look up what it needs to know: its own lock waits for
the first one's commit, so order of arrival stays, and neither the database nor we sit idle.

Lanes take turns: a few batches are committed at once, and a lane that has committed one stands behind the lanes that
have not. So a shop that is being stormed slows down itself and not its neighbours.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from liveshelf.kernel.errors import Busy
from liveshelf.kernel.ids import ShopId

Request = TypeVar("Request")
Outcome = TypeVar("Outcome")


class LaneFull(Busy):
    """Too many are waiting before this request. `place` is its place in line, `retry_after_s` when to come back."""

    code = "checkout.queueing"
    title = "Many are buying right now. You are in line."


Commit: TypeAlias = Callable[[ShopId, Sequence[Request], Callable[[], None]], Awaitable[Sequence[Outcome]]]


@dataclass
class _Lane(Generic[Request, Outcome]):
    waiting: deque[tuple[Request, asyncio.Future[Outcome]]] = field(default_factory=deque)
    running: asyncio.Task[None] | None = None
    pace_s: float = 0.0  # that a request of the last batch took, all in all


class Lanes(Generic[Request, Outcome]):
    """One lane a shop (a batch never mixes shops: on a spread database it would become a two-phase commit).

    `commit(shop, requests, locked)` runs one transaction and returns one outcome a request, in order; it calls `locked`
    when nobody who comes later can be before it any more. Raising fails the whole batch, and then each request is tried
    once more alone, so that one poisoned request can't harm its neighbours.

    `waiting_max` bounds one lane, `all_max` all of them together; `at_once` is how many batches are under way side by
    side, `DEPTH` how many of one lane.
    """

    DEPTH = 2

    def __init__(
        self,
        commit: Commit[Request, Outcome],
        *,
        batch_max: int = 256,
        waiting_max: int = 2_000,
        all_max: int = 10_000,
        at_once: int = 4,
    ) -> None:
        self._commit = commit
        self._batch_max = batch_max
        self._waiting_max = waiting_max
        self._all_max = all_max
        self._all = 0
        self._turns = asyncio.Semaphore(at_once)  # in order of asking
        self._lanes: dict[ShopId, _Lane[Request, Outcome]] = {}

    async def submit(self, shop: ShopId, request: Request) -> Outcome:
        """Wait for the request's own outcome. Raises `LaneFull` at once when the line is too long."""
        lane = self._lanes.get(shop)
        if lane is None:
            lane = self._lanes[shop] = _Lane()
        before = len(lane.waiting)
        if before >= self._waiting_max or self._all >= self._all_max:
            # What is waited for elsewhere takes its time too, but not in this line.
            raise LaneFull(place=before + 1, retry_after_s=1 + int(before * lane.pace_s))
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        lane.waiting.append((request, answer))
        self._all += 1
        if lane.running is None:
            lane.running = asyncio.create_task(self._drain(shop, lane))
        return await answer

    async def _drain(self, shop: ShopId, lane: _Lane[Request, Outcome]) -> None:
        under_way: set[asyncio.Task[None]] = set()
        try:
            while lane.waiting:
                if len(under_way) >= self.DEPTH:
                    await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                await self._turns.acquire()
                batch = self._taken(lane)
                if not batch:
                    self._turns.release()
                    continue
                locked = asyncio.get_running_loop().create_future()
                task = asyncio.create_task(self._run_in_turn(shop, lane, batch, locked))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
                await locked
        finally:
            lane.running = None
            del self._lanes[shop]

    async def _run_in_turn(
        self,
        shop: ShopId,
        lane: _Lane[Request, Outcome],
        batch: Sequence[tuple[Request, asyncio.Future[Outcome]]],
        locked: asyncio.Future[None],
    ) -> None:
        def pass_on() -> None:
            if not locked.done():
                locked.set_result(None)

        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            await self._run(shop, batch, pass_on)
        finally:
            pass_on()
            self._turns.release()
            lane.pace_s = (clock() - began) / len(batch)

    def _taken(self, lane: _Lane[Request, Outcome]) -> list[tuple[Request, asyncio.Future[Outcome]]]:
        """The next batch. A caller that went away before its turn must not buy."""
        batch = [lane.waiting.popleft() for _ in range(min(len(lane.waiting), self._batch_max))]
        self._all -= len(batch)
        return [(request, answer) for request, answer in batch if not answer.done()]

    async def _run(
        self, shop: ShopId, batch: Sequence[tuple[Request, asyncio.Future[Outcome]]], locked: Callable[[], None]
    ) -> None:
        try:
            outcomes = await self._commit(shop, [request for request, _ in batch], locked)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer of the request that met it
            if len(batch) == 1:
                _settle(batch[0][1], error)
                return
            for one in batch:
                await self._run(shop, [one], locked)
            return
        for (_, answer), outcome in zip(batch, outcomes, strict=True):
            if not answer.done():
                answer.set_result(outcome)


def _settle(answer: asyncio.Future[Outcome], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
