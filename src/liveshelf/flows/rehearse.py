"""Rehearsing a room: whether one may be, how the room itself stands, and the process that plays it.

The player is a process of its own, so that neither its memory nor its mistakes are the worker's. It says itself how far
it is; this here begins it, ends it when a broadcast needs the machine, and tells when it is gone without a report.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from datetime import timedelta
from types import MappingProxyType

from liveshelf.adapters.ffmpeg import found as programs
from liveshelf.checklists import queries as checklists
from liveshelf.flows import preflight, readiness
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.rehearsals import queries, service
from liveshelf.rehearsals.errors import RehearsalRuns, RehearsalsOff, RehearsalTooLate, SomebodyOnAir
from liveshelf.rehearsals.types import (
    Area,
    Check,
    Code,
    Failure,
    Outcome,
    Reason,
    Rehearsal,
    RehearsalId,
    RehearsalState,
    Wish,
)
from liveshelf.rooms import presence
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.types import Room, RoomAudit, RoomState
from liveshelf.video import queries as video

PLAYER = (sys.executable, "-m", "liveshelf.entry.rehearsal")  # followed by the shop and the rehearsal
PLAY_LIMIT_S = 15 * 60.0  # below the clock's, so that who plays one tells of its end
KEYFRAMES_MAX_MS = 4_000  # further apart, a viewer waits for the picture, and a cut waits for its segment
FRAMES_MIN_PER_10_S = 100
_LOOK_S = 2.0  # between two looks at whether somebody went on air
_TIDY_S = 10.0  # that a player has to remove its copy

_log = logger("rehearsals")


async def ask(tx: Tx, settings: Settings, room_id: RoomId, wish: Wish, *, played: bool = False) -> Rehearsal:
    """A rehearsal of a room; one that is `played` is played by whoever asks. Raises `RehearsalsOff`, `RoomMissing`,
    `RehearsalTooLate`, `RehearsalRuns`, `SomebodyOnAir` and `RehearsalInvalid`.
    """
    await _must_be_possible(tx, settings, room_id)
    return await service.ask(tx, room_id, wish, viewers_max=settings.rehearsal_viewers_max, played=played)


async def refused(tx: ReadTx, settings: Settings, room_id: RoomId) -> DomainError | None:
    """Why none can be asked for now, or `None`. Raises `RoomMissing`."""
    try:
        await _must_be_possible(tx, settings, room_id)
    except RoomMissing:
        raise
    except DomainError as error:
        return error
    return None


async def standing(tx: ReadTx, settings: Settings, room_id: RoomId) -> tuple[Check, ...]:
    """What of a room can be judged without playing it. Raises `RoomMissing`."""
    room = await rooms.room(tx, room_id)
    if room is None:
        raise RoomMissing(room_id=room_id)
    found = await preflight.look(tx, room_id)
    signed = await checklists.of_room(tx, room_id, await readiness.sold_categories(tx, room_id))
    left = sum(one.signed_by is None for one in signed)
    watched = await presence.coverage(tx, room_id)
    shelf = await rooms.shelf(tx, room_id)
    on_sale = sum(item.on_sale for item in shelf)
    passed = room.audit_state is RoomAudit.APPROVED
    blocking, warning = len(found.blocking), sum(not one.blocks for one in found.findings)
    fits = watched.present or not watched.important
    return (
        _of_room(Code.REVIEW, fits=passed, passed=int(passed)),
        _of_room(Code.PREFLIGHT, fits=not blocking, blocking=blocking, warning=warning),
        _of_room(Code.CHECKLIST, fits=not left, left=left),
        _of_room(Code.LEGAL, fits=fits, required=int(watched.important), present=int(watched.present)),
        _of_room(Code.GOODS, fits=on_sale > 0, goods=len(shelf), on_sale=on_sale),
        await _picture(tx, settings, room_id),
    )


async def play(runtime: Runtime, shop: ShopId, rehearsal_id: RehearsalId) -> None:
    """Play a rehearsal that waits, once no other plays. One that does not wait any more is left alone."""
    try:
        async with asyncio.timeout(PLAY_LIMIT_S):
            failure = await _played(runtime, shop, rehearsal_id)
    except TimeoutError:
        failure = Failure.BROKEN_OFF
    except asyncio.CancelledError:  # the worker stops
        with contextlib.suppress(Exception):
            await _fail(runtime, shop, rehearsal_id, Failure.BROKEN_OFF)
        raise
    if failure is not None:
        await _fail(runtime, shop, rehearsal_id, failure)


async def _must_be_possible(tx: ReadTx, settings: Settings, room_id: RoomId) -> None:
    room: Room | None = await rooms.room(tx, room_id)
    if room is None:
        raise RoomMissing(room_id=room_id)
    if settings.rehearsal_viewers_max <= 0:
        raise RehearsalsOff
    if room.state is not RoomState.SCHEDULED:
        raise RehearsalTooLate(state=room.state.value)
    if (runs := await queries.open_one(tx)) is not None:
        raise RehearsalRuns(room_id=runs.room_id)
    if await rooms.anybody_watched(tx):
        raise SomebodyOnAir


def _of_room(code: Code, *, fits: bool, **facts: int) -> Check:
    return Check(Area.ROOM, code, Outcome.GO if fits else Outcome.NO_GO, MappingProxyType(facts))


async def _picture(tx: ReadTx, settings: Settings, room_id: RoomId) -> Check:
    """How the picture is that is sent to the room at the moment."""
    stream = await video.stream(tx, room_id)
    takes = settings.video and programs.ffmpeg(settings) is not None and not settings.outside_playback
    if not takes:
        return _no_picture(Reason.VIDEO_OFF)
    if not stream.sending or not stream.frames_per_10_s:
        return _no_picture(Reason.NO_PICTURE)
    # Before the second key frame nobody knows how far apart they are, only that it is at least so far.
    so_far = timedelta() if stream.began_at is None else tx.now - stream.began_at
    apart_ms = stream.keyframe_every_ms or so_far // timedelta(milliseconds=1)
    fits = apart_ms <= KEYFRAMES_MAX_MS and stream.frames_per_10_s >= FRAMES_MIN_PER_10_S
    facts = {"kbps": stream.kbps, "frames_per_10_s": stream.frames_per_10_s, "keyframe_every_ms": apart_ms}
    return Check(Area.PICTURE, Code.PICTURE, Outcome.GO if fits else Outcome.NO_GO, MappingProxyType(facts))


def _no_picture(reason: Reason) -> Check:
    return Check(Area.PICTURE, Code.PICTURE, Outcome.NOT_TRIED, MappingProxyType({"reason": reason.value}))


async def _played(runtime: Runtime, shop: ShopId, rehearsal_id: RehearsalId) -> Failure | None:
    """Run players until one has played it. Returns why it failed, if that is not told already."""
    while True:
        async with runtime.db.read(shop) as tx:
            found = await queries.rehearsal(tx, rehearsal_id)
            others = await queries.anybody_plays(tx)
            on_air = await rooms.anybody_watched(tx)
        if found is None or found.state is not RehearsalState.WAITING:
            return None
        if on_air:
            return Failure.SOMEBODY_ON_AIR
        if others:
            await asyncio.sleep(_LOOK_S)
            continue
        await _run(runtime, shop, rehearsal_id)
        async with runtime.db.read(shop) as tx:
            after = await queries.rehearsal(tx, rehearsal_id)
            others = await queries.anybody_plays(tx)
        if after is None or after.ended_at is not None:
            return None
        if after.state is RehearsalState.PLAYING or not others:  # else another shop's was quicker
            return Failure.BROKEN_OFF


async def _run(runtime: Runtime, shop: ShopId, rehearsal_id: RehearsalId) -> None:
    """One player, to its end, or until somebody goes on air. Nothing of it runs afterwards."""
    player = await asyncio.create_subprocess_exec(
        *PLAYER,
        str(shop),
        str(rehearsal_id),
        env={**os.environ, **runtime.settings.environment()},
        stdin=DEVNULL,
        start_new_session=True,
    )
    try:
        while True:
            with contextlib.suppress(TimeoutError):
                code = await asyncio.wait_for(player.wait(), _LOOK_S)
                _log.info("rehearsal_played", shop_id=shop, rehearsal_id=rehearsal_id, code=code)
                return
            async with runtime.db.read() as tx:
                on_air = await rooms.anybody_watched(tx)
            if on_air:  # said before the player is ended, which would only say that it was broken off
                await _fail(runtime, shop, rehearsal_id, Failure.SOMEBODY_ON_AIR)
                return
    finally:
        await _end(player)


async def _end(player: Process) -> None:
    """Let a player tidy up, and kill what is left of it and of those it began."""
    if player.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            player.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(player.wait(), _TIDY_S)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(player.pid, signal.SIGKILL)
    await player.wait()


async def _fail(runtime: Runtime, shop: ShopId, rehearsal_id: RehearsalId, failure: Failure) -> None:
    await runtime.db.write(SYSTEM, shop, lambda tx: service.fail(tx, rehearsal_id, failure))
