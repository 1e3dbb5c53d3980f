"""All halls of one process: opened for the first page, hinted at over the bus, counted once a second."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import TypeVar

from liveshelf.accounts import presence
from liveshelf.facades.live.hall import Hall
from liveshelf.facades.live.viewer import Viewer
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform import metrics
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import queries, talk, tickets
from liveshelf.rooms.channels import comments_channel, room_channel, stock_channel

BEAT_S = 1.0
PING_S = 15.0
LINGER_S = 30.0  # an empty hall stays open this long: pages come back
STALL_S = 30.0  # a connection that takes nothing for this long is cut

_log = logger("gateway")
K = TypeVar("K")


class Gateway:
    """The halls of a process. Use it inside `running`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._name = secrets.token_hex(8)
        self._halls: dict[tuple[ShopId, RoomId], asyncio.Task[Hall]] = {}
        self._viewers: set[Viewer] = set()
        self._by_address: Counter[str] = Counter()
        self._by_name: Counter[tuple[ShopId, str]] = Counter()
        self._shut_out = presence.ShutOut(tickets.LIFE.total_seconds())

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Gateway]:
        """Count, ping and clear up while inside; at the end every stream is ended."""
        self._runtime.bus.on_gap(self._read_all)
        self._runtime.bus.on_gap(self._cut_staff)
        await self._runtime.bus.subscribe(presence.CHANNEL, self._cut)
        tasks = [
            asyncio.create_task(self._forever(self._beat, BEAT_S)),
            asyncio.create_task(self._forever(self._ping, PING_S)),
        ]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            await self._runtime.bus.unsubscribe(presence.CHANNEL, self._cut)
            self.end_streams()
            for key in list(self._halls):
                await self._shut(*key)

    def end_streams(self) -> None:
        """End every stream now; pages come back by themselves, to another gateway or to this one's successor."""
        for viewer in list(self._viewers):
            viewer.close()

    def is_shut_out(self, viewer_name: str) -> bool:
        """Whether this viewer's tickets are void."""
        return viewer_name in self._shut_out

    def _cut(self, payload: str) -> None:
        actor, gone = presence.heard(payload)
        if gone:
            self._shut_out.add(actor)
        for viewer in list(self._viewers):
            if viewer.name == actor:
                viewer.close()

    def _cut_staff(self) -> None:
        # Who left while nothing was heard is not known: all staff come back with a fresh ticket, if they may.
        for viewer in list(self._viewers):
            if viewer.role == "staff":
                viewer.close()

    def connections(self, address: str) -> int:
        """How many connections an address holds here."""
        return self._by_address[address]

    def pages(self, shop: ShopId, viewer_name: str) -> int:
        """How many connections a viewer holds here."""
        return self._by_name[shop, viewer_name]

    async def enter(self, shop: ShopId, room_id: RoomId, viewer: Viewer, since: int | None) -> Hall:
        """Let a page into a room's hall. Raises `RoomMissing`."""
        key = (shop, room_id)
        self._viewers.add(viewer)
        self._by_address[viewer.address] += 1
        self._by_name[shop, viewer.name] += 1
        metrics.VIEWERS.inc()
        try:
            if key not in self._halls:
                self._halls[key] = asyncio.create_task(self._opened(shop, room_id))
            hall = await asyncio.shield(self._halls[key])
            hall.enter(viewer, since)
        except BaseException:
            self.leave(shop, None, viewer)
            raise
        return hall

    def leave(self, shop: ShopId, hall: Hall | None, viewer: Viewer) -> None:
        """A page is gone."""
        if viewer not in self._viewers:
            return
        self._viewers.remove(viewer)
        metrics.VIEWERS.dec()
        _less(self._by_address, viewer.address)
        _less(self._by_name, (shop, viewer.name))
        if hall is not None:
            hall.leave(viewer)

    async def _opened(self, shop: ShopId, room_id: RoomId) -> Hall:
        hall = Hall(self._runtime.db, shop, room_id)
        bus = self._runtime.bus
        try:
            # Listen first, read then: what happens in between is read twice rather than never.
            await bus.subscribe(room_channel(shop, room_id), hall.hear_events)
            await bus.subscribe(comments_channel(shop, room_id), hall.hear_talk)
            await bus.subscribe(stock_channel(shop), hall.hear_stock)
            await hall.open()
        except BaseException:
            # Forgotten, or every later page would get this failure too.
            del self._halls[shop, room_id]
            await self._unsubscribe(hall)
            raise
        return hall

    async def _shut(self, shop: ShopId, room_id: RoomId) -> None:
        with contextlib.suppress(Exception):
            hall = await self._halls.pop((shop, room_id))
            hall.close()
            await self._unsubscribe(hall)

    async def _unsubscribe(self, hall: Hall) -> None:
        bus, shop = self._runtime.bus, hall.shop
        await bus.unsubscribe(room_channel(shop, hall.room_id), hall.hear_events)
        await bus.unsubscribe(comments_channel(shop, hall.room_id), hall.hear_talk)
        await bus.unsubscribe(stock_channel(shop), hall.hear_stock)

    def _open_halls(self) -> list[Hall]:
        done = (task for task in self._halls.values() if task.done() and not task.cancelled())
        return [task.result() for task in done if task.exception() is None]

    def _read_all(self) -> None:
        for hall in self._open_halls():
            hall.read_all()

    async def _beat(self) -> None:
        """Tell the others how many watch here, read how many watch everywhere, close what has long been empty."""
        if not self._runtime.bus.is_up:
            self._read_all()  # no hint arrives: pages are told once a second, not never
        by_shop: defaultdict[ShopId, list[Hall]] = defaultdict(list)
        for hall in self._open_halls():
            by_shop[hall.shop].append(hall)
        for shop, halls in by_shop.items():
            present = {hall.room_id: hall.distinct for hall in halls}
            await self._runtime.db.write(SYSTEM, shop, partial(talk.be_present, gateway=self._name, viewers=present))
            async with self._runtime.db.read(shop) as tx:
                pulses = {pulse.room_id: pulse for pulse in await queries.pulses(tx, list(present))}
            for hall in halls:
                if (pulse := pulses.get(hall.room_id)) is not None:
                    hall.beat(pulse)
        for hall in self._open_halls():
            if not hall.viewers and time.monotonic() - hall.empty_since > LINGER_S:
                await self._shut(hall.shop, hall.room_id)

    async def _ping(self) -> None:
        for viewer in list(self._viewers):
            viewer.ping()
            if viewer.stalled_s() > STALL_S and viewer.task is not None:
                viewer.task.cancel()

    @staticmethod
    async def _forever(work: Callable[[], Awaitable[None]], every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            try:
                await work()
            except Exception:  # noqa: BLE001 - the round is tried again; the loop must not end
                _log.exception("round_failed", work=work.__qualname__)


def _less(counts: Counter[K], key: K) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
