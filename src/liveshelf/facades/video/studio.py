"""Runs: each sender's media goes to a program that cuts it, and what is cut goes on the room's list.

The database is told once a second that the picture is there and says what holds for it. While it does not answer, the
picture goes on: what was cut is on the list all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from liveshelf.adapters.ffmpeg.cutter import Cut, Cutter, frame, left
from liveshelf.adapters.footage.folder import HEAD, Footage
from liveshelf.adapters.footage.types import Segment
from liveshelf.facades.video import flv
from liveshelf.facades.video.chunks import Message
from liveshelf.facades.video.flv import AUDIO, DATA, VIDEO
from liveshelf.flows import review, video
from liveshelf.flows.video import Taken, Terms
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime
from liveshelf.video import keys, queries, service
from liveshelf.video.errors import CodecRefused
from liveshelf.video.types import BEAT_S, Figures

LOOK_S = 0.15  # between two looks for finished segments: what this costs in latency
WAITING_MAX = 4 << 20  # bytes before the first picture
KBPS_MAX = 50_000  # of a sender, over some seconds
FRAME_WIDTH = 540
FOUND_S = 60.0  # after a frame with a finding, before the next is looked at
_JUMP_MS = 10_000  # a sender whose clock jumps by more goes on where it was
_STEP_MS = 40
_KEYFRAME_MAX_MS = 60_000  # between two keyframes; more is a clock that jumped
_BEHIND_MS = 3_000  # a segment that was cut later than this after its end did not come at its sender's pace
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_log = logger("studio")


class Studio:
    """Every run of this process."""

    def __init__(self, runtime: Runtime, program: str) -> None:
        self.runtime = runtime
        self.program = program
        self.footage = runtime.need(Footage)
        # Two processes can't have one port, so whoever has it again is the same one, born again.
        self.name = f"{socket.gethostname()}:{runtime.settings.rtmp_port_used}"
        self.is_full = False
        self._runs: set[Run] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Studio]:
        """Take up what a process before this one left, and end every run at the end."""
        await self._let_go()
        try:
            yield self
        finally:
            for run in list(self._runs):
                await run.end(deliberately=False)

    async def admit(self, name: str, query: str, sender: asyncio.Task[None]) -> Run:
        """A run for a sender. Raises as `flows.video.admit`."""
        taken = await video.admit(self.runtime, keys.shown(name, query), ingest=self.name)
        run = Run(self, taken, sender)
        self._runs.add(run)
        run.begin()
        _log.info("run_began", shop_id=taken.shop, room_id=taken.room_id, run=taken.hold.run)
        return run

    def forget(self, run: Run) -> None:
        """A run has ended."""
        self._runs.discard(run)

    async def still(self, shop: ShopId, room_id: RoomId, segment: Segment) -> bytes | None:
        """The first picture of a segment. `None` when there is none to be had."""
        head = await self.footage.read(self.footage.run(shop, room_id, segment.run) / HEAD)
        body = await self.footage.read(self.footage.room(shop, room_id) / segment.name)
        return None if head is None or body is None else await frame(self.program, head, body, width=FRAME_WIDTH)

    @property
    def rooms(self) -> set[tuple[int, int]]:
        """The rooms that are sent to at the moment."""
        return {(run.taken.shop, run.taken.room_id) for run in self._runs}

    async def _let_go(self) -> None:
        db = self.runtime.db
        async with db.read() as tx:
            held = await queries.held_by(tx, self.name)
        for shop, room_id, run in held:
            self._take_up(shop, room_id, run)
            await db.write(video.INGEST, shop, lambda tx: service.let_all_go(tx, self.name))

    def _take_up(self, shop: ShopId, room_id: RoomId, run: int) -> None:
        """The program of a run ended by itself when the process died; what it still cut goes on the list."""
        last = next(iter(self.footage.reel(shop, room_id).segments[-1:]), None)
        if last is None or last.run != run:
            return  # not one of it is on the list, so nobody knows when it began
        made, end_ms = [], last.end_ms
        for cut in left(self.footage.run(shop, room_id, run), after=last.number):
            length_ms = cut.length_ms
            made.append(replace(last, number=cut.number, at_ms=end_ms, length_ms=length_ms, bytes=cut.bytes))
            end_ms += length_ms
        if made:
            self.footage.add(shop, room_id, made)


class Run:
    """One sender's picture, from its key to its end."""

    def __init__(self, studio: Studio, taken: Taken, sender: asyncio.Task[None]) -> None:
        self.taken = taken
        self._studio = studio
        self._sender = sender
        self._cutter = Cutter(studio.program, studio.footage.run(taken.shop, taken.room_id, taken.hold.run))
        self._has_begun = False
        self._waiting: list[Message] = []
        self._waiting_bytes = 0
        self._sound: int | None = None
        self._base: int | None = None
        self._at_ms = 0
        self._end_ms = 0
        self._terms = Terms(goes_on=True)
        self._is_seen = False
        self._meter = Meter()
        self._tasks: list[asyncio.Task[None]] = []
        self._last: Segment | None = None
        self._has_ended = False

    def begin(self) -> None:
        """Look after it."""
        self._tasks = [asyncio.create_task(self._look()), asyncio.create_task(self._beats())]
        if self._studio.runtime.settings.frame_every_s > 0:
            self._tasks.append(asyncio.create_task(self._frames()))

    async def take(self, message: Message) -> None:
        """Take a media message. Raises `CodecRefused`, `OSError`, `TimeoutError`."""
        self._meter.count(message)
        if not self._has_begun and not await self._begins(message):
            return
        if message.kind != DATA and (tag := self._timed(message)):
            await self._cutter.write(tag)

    async def end(self, *, deliberately: bool) -> None:
        """The sender is gone. What was cut is kept."""
        if self._has_ended:
            return
        self._has_ended = True
        me = asyncio.current_task()
        for task in self._tasks:
            if task is not me:
                task.cancel()
        await asyncio.gather(*(task for task in self._tasks if task is not me), return_exceptions=True)
        self._keep(await self._cutter.end())
        self._studio.forget(self)
        shop, room_id, hold = self.taken.shop, self.taken.room_id, self.taken.hold
        _log.info("run_ended", shop_id=shop, room_id=room_id, run=hold.run, deliberately=deliberately)
        try:
            await self._studio.runtime.db.write(
                video.INGEST, shop, lambda tx: video.ended(tx, room_id, hold=hold, deliberately=deliberately)
            )
        except Exception:  # noqa: BLE001 - the clock finds out by itself
            _log.exception("run_not_let_go", shop_id=shop, room_id=room_id)

    async def _begins(self, message: Message) -> bool:
        """Whether this is the first picture; what came before it is handed on now."""
        if message.kind == AUDIO and self._sound is None:
            self._sound = flv.codec(message)
        if message.kind != VIDEO:
            self._waiting_bytes += len(message.body)
            if message.kind == AUDIO and self._waiting_bytes < WAITING_MAX:
                self._waiting.append(message)
            return False
        if flv.codec(message) != flv.AVC:
            raise CodecRefused
        self._has_begun = True
        self._end_ms = self._now_ms()
        await self._cutter.start(encodes_sound=self._sound not in {None, flv.AAC})
        await self._cutter.write(flv.HEADER)
        for early in self._waiting:
            await self._cutter.write(self._timed(early))
        self._waiting.clear()
        return True

    def _timed(self, message: Message) -> bytes:
        """The message as a tag at its time in the run, which only goes forward and never jumps."""
        if self._base is None:
            self._base = message.at_ms
        at = (message.at_ms - self._base) % (1 << 32)
        at = at - (1 << 32) if at >= 1 << 31 else at
        if abs(at - self._at_ms) > _JUMP_MS:
            self._base = (message.at_ms - self._at_ms - _STEP_MS) % (1 << 32)
            at = self._at_ms + _STEP_MS
        self._at_ms = max(self._at_ms, at)
        return flv.tag(message, max(0, at))

    async def _look(self) -> None:
        """Put on the list what was cut."""
        while True:
            await asyncio.sleep(LOOK_S)
            if cuts := self._cutter.cuts():
                if not self._is_seen:
                    self._is_seen = True
                    await self._try_beat()
                self._keep(cuts)
            if self._cutter.has_ended:
                _log.warning("cutter_ended", room_id=self.taken.room_id)
                self._sender.cancel()

    def _keep(self, cuts: list[Cut]) -> None:
        taken, now_ms = self.taken, self._now_ms()
        made = []
        for cut in cuts:
            # When it ended by its sender's pace, unless that is in the future or long ago.
            self._end_ms = min(max(self._end_ms + cut.length_ms, now_ms - _BEHIND_MS), now_ms)
            made.append(
                Segment(
                    taken.hold.run,
                    cut.number,
                    self._end_ms - cut.length_ms,
                    cut.length_ms,
                    cut.bytes,
                    is_shown=self._terms.is_live,
                    is_kept=not self._studio.is_full,
                )
            )
        if made:
            self._last = made[-1]
            self._studio.footage.add(taken.shop, taken.room_id, made)

    async def _beats(self) -> None:
        while True:
            await self._try_beat()
            await asyncio.sleep(BEAT_S)

    async def _try_beat(self) -> None:
        try:
            await self._beat()
        except Exception:  # noqa: BLE001 - a database that is away for a while does not end the picture
            _log.exception("beat_missed", room_id=self.taken.room_id)

    async def _beat(self) -> None:
        shop, room_id, hold = self.taken.shop, self.taken.room_id, self.taken.hold
        reel = self._studio.footage.reel(shop, room_id)
        figures = replace(
            self._meter.figures(),
            recorded_ms=reel.kept_ms,
            recorded_bytes=reel.kept_bytes,
            is_halted=self._studio.is_full,
            is_seen=self._is_seen,
        )
        self._terms = await self._studio.runtime.db.write(
            video.INGEST, shop, lambda tx: video.beat(tx, room_id, hold=hold, figures=figures)
        )
        if not self._terms.goes_on or figures.kbps > KBPS_MAX:
            _log.info("sender_cut_off", shop_id=shop, room_id=room_id, run=hold.run, kbps=figures.kbps)
            self._sender.cancel()

    async def _frames(self) -> None:
        """Show a frame to the review now and then, while the room is live."""
        shop, room_id = self.taken.shop, self.taken.room_id
        while True:
            await asyncio.sleep(self._studio.runtime.settings.frame_every_s)
            segment, began = self._last, self._terms.started_at
            if segment is None or not segment.is_shown or began is None:
                continue
            try:
                if (data := await self._studio.still(shop, room_id, segment)) is not None:
                    second = max(0, round(segment.at_ms / 1000 - began.timestamp()))
                    found = await review.frame_seen(self._studio.runtime, shop, room_id, data, second=second)
                    # What is on the screen stays there for a while: one case says it.
                    await asyncio.sleep(FOUND_S if found is not None else 0)
            except Exception:  # noqa: BLE001 - a frame that was not looked at does not end the picture
                _log.exception("frame_not_seen", room_id=room_id)

    def _now_ms(self) -> int:
        return (self._studio.runtime.clock.now() - _EPOCH) // timedelta(milliseconds=1)


class Meter:
    """How much comes, over the last seconds."""

    _SPAN = 5

    def __init__(self) -> None:
        self._bytes = 0
        self._frames = 0
        self._keyframe: int | None = None
        self._keyframe_every_ms = 0
        self._marks: list[tuple[float, int, int]] = []

    def count(self, message: Message) -> None:
        """A message came."""
        self._bytes += len(message.body)
        if message.kind != VIDEO or not flv.is_picture(message):
            return
        self._frames += 1
        if flv.is_keyframe(message):
            if self._keyframe is not None and 0 < message.at_ms - self._keyframe < _KEYFRAME_MAX_MS:
                self._keyframe_every_ms = message.at_ms - self._keyframe
            self._keyframe = message.at_ms

    def figures(self) -> Figures:
        """What a second has of it now. Asked once a second."""
        now = asyncio.get_running_loop().time()
        self._marks = [*self._marks[-self._SPAN :], (now, self._bytes, self._frames)]
        then, size, frames = self._marks[0]
        spent = max(now - then, 0.001)
        kbps = round((self._bytes - size) * 8 / 1000 / spent) if len(self._marks) > 1 else 0
        per_10_s = round((self._frames - frames) * 10 / spent) if len(self._marks) > 1 else 0
        return Figures(kbps, per_10_s, self._keyframe_every_ms, 0, 0, is_halted=False, is_seen=False)
