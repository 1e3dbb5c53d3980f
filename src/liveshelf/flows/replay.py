"""What can be seen again: marks of what was explained when, and the clip of each goods.

A mark is a push: from the moment goods came on top of the picture to the moment they left it. Everything is worked out
from the room's numbered events and the list of segments, so a clip costs no disk and can't disagree with its broadcast.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from liveshelf.adapters.footage.folder import Footage
from liveshelf.adapters.footage.types import Segment
from liveshelf.kernel.ids import GoodsId, RoomId
from liveshelf.platform.db import ReadTx
from liveshelf.platform.events import Happened, stream_tail
from liveshelf.platform.signing import Keys
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.events import GoodsPushed, ShelfRemoved, StateChanged, stream_of
from liveshelf.rooms.types import ON_AIR, RoomState
from liveshelf.video import keys as video_keys
from liveshelf.video import playlists
from liveshelf.video import queries as pictures
from liveshelf.video.errors import PictureMissing

CLIP_MAX = timedelta(minutes=15)  # who forgets to take a push back does not make a clip of an hour
CHANGES_MAX = 10_000  # of one replay: a change a second for three hours
SAFE_MS = 1_000  # after a picture came out of hiding: what was sent before reaches us a little later
_PAGE = 1000
_SEEN = frozenset({RoomState.LIVE, RoomState.ABNORMAL})  # in a pause the picture is hidden
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ClipState(StrEnum):
    """What there is of a goods' explanation."""

    NONE = "none"  # it was never explained, or before no picture
    PENDING = "pending"  # it is being explained, or its last second is not cut yet
    FAILED = "failed"  # its picture was not kept
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Mark:
    """From when to when a goods was on top of the broadcast; `to_at` is `None` while it still is."""

    goods_id: GoodsId
    from_at: datetime
    to_at: datetime | None


@dataclass(frozen=True, slots=True)
class Clip:
    """A cut of the broadcast in milliseconds since 1970."""

    state: ClipState
    from_ms: int = 0
    to_ms: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """A mark in a replay: from which second of it to which, and where its clip is, when there is one."""

    goods_id: GoodsId
    from_s: float
    to_s: float | None
    clip_url: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A numbered event of the room, at a second of the replay: taken in order, they are the shelf as it was."""

    second: float
    seq: int
    type: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Replay:
    """A broadcast to be seen again, for whoever has the link."""

    url: str
    length_s: float
    marks: list[Seen]
    changes: list[Change]


async def marks(tx: ReadTx, room_id: RoomId) -> list[Mark]:
    """Every push of a broadcast in order."""
    found: list[Mark] = []
    open_: tuple[GoodsId, datetime] | None = None
    async for one in _told(tx, room_id):
        if open_ is not None and _ends(one, open_[0]):
            found.append(Mark(open_[0], open_[1], one.at))
            open_ = None
        if open_ is None and one.name == GoodsPushed.name and one.body["goods_id"] is not None:
            open_ = (GoodsId(one.body["goods_id"]), one.at)
    if open_ is not None:
        found.append(Mark(*open_, None))
    return found


async def clip(tx: ReadTx, footage: Footage, room_id: RoomId, goods_id: GoodsId) -> Clip:
    """The clip of a goods: its last explanation that is whole. Raises `RoomMissing`."""
    room = await rooms.room(tx, room_id)
    if room is None:
        raise RoomMissing(room_id=room_id)
    pushes = [one for one in await marks(tx, room_id) if one.goods_id == goods_id]
    whole = [one for one in pushes if one.to_at is not None]
    if not pushes or not room.has_picture:
        return Clip(ClipState.NONE)
    if not whole:
        return Clip(ClipState.PENDING)
    segments = footage.shown(tx.shop, room_id).segments
    from_ms, to_ms = _span(whole[-1])
    if room.state in ON_AIR and segments and segments[-1].end_ms < to_ms:
        return Clip(ClipState.PENDING)
    if not playlists.between(segments, from_ms=from_ms, to_ms=to_ms):
        return Clip(ClipState.FAILED)
    return Clip(ClipState.READY, from_ms, to_ms)


async def cut(tx: ReadTx, footage: Footage, room_id: RoomId, recording: str | None = None) -> list[Segment]:
    """What of a recording is for everybody's eyes: what is kept, up to its last segment, without anything that touches
    a pause or the time before the start. Without a name, of all that there is.
    """
    kept = [one for one in footage.shown(tx.shop, room_id).segments if one.is_kept]
    if recording is not None:
        end = next((at for at, one in enumerate(kept) if _named(one) == recording), -1)
        kept = kept[: end + 1]
    spans = await _seen(tx, room_id)
    return [one for one in kept if any(from_ms <= one.at_ms and one.end_ms <= to_ms for from_ms, to_ms in spans)]


async def finished(tx: ReadTx, footage: Footage, room_id: RoomId) -> tuple[str, list[Segment]] | None:
    """The recording of a broadcast that is over, by its name and what of it would be public; `None` while it may still
    grow, and when there is nothing to see.
    """
    room = await rooms.room(tx, room_id)
    stream = await pictures.stream(tx, room_id)
    if room is None or room.state is not RoomState.ENDED or stream.sending or stream.removed_at is not None:
        return None
    kept = [one for one in footage.shown(tx.shop, room_id).segments if one.is_kept]
    segments = await cut(tx, footage, room_id)
    return (_named(kept[-1]), segments) if segments else None


async def public(tx: ReadTx, footage: Footage, room_id: RoomId, *, recording: str, place: str) -> Replay:
    """What everybody sees of a recording, its lists at a place. Raises `PictureMissing` when nothing is left of it."""
    segments = await cut(tx, footage, room_id, recording)
    if not segments:
        raise PictureMissing
    return await _replay(tx, segments, room_id, place)


async def replay(tx: ReadTx, keys: Keys, footage: Footage, room_id: RoomId, *, session_id: int) -> Replay:
    """What of a broadcast can be seen again by somebody of the shop, while their session lasts. Raises `RoomMissing`,
    `PictureMissing` when nothing was kept.
    """
    if await rooms.room(tx, room_id) is None:
        raise RoomMissing(room_id=room_id)
    segments = [one for one in footage.shown(tx.shop, room_id).segments if one.is_kept]
    if not segments:
        raise PictureMissing
    passed = video_keys.watch_pass(keys, shop=tx.shop, room_id=room_id, session_id=session_id)
    place = f"/video/{tx.shop}/{room_id}/k/{passed}"
    return await _replay(tx, segments, room_id, place)


async def _replay(tx: ReadTx, segments: list[Segment], room_id: RoomId, place: str) -> Replay:
    def second(at: datetime) -> float:
        return playlists.video_ms(segments, ms(at)) / 1000

    every = await marks(tx, room_id)
    last = {one.goods_id: one for one in every if one.to_at is not None}
    seen = []
    for one in every:
        from_ms, to_ms = _span(one)
        is_there = last.get(one.goods_id) is one and playlists.between(segments, from_ms=from_ms, to_ms=to_ms)
        link = f"{place}/clip-{one.goods_id}.m3u8" if is_there else None
        seen.append(Seen(one.goods_id, second(one.from_at), second(one.to_at) if one.to_at else None, link))
    changes = [
        Change(second(one.at), one.seq or 0, one.name.partition(".")[2], one.body) async for one in _told(tx, room_id)
    ]
    return Replay(f"{place}/replay.m3u8", sum(one.length_ms for one in segments) / 1000, seen, changes[-CHANGES_MAX:])


def _named(last: Segment) -> str:
    """A recording is known by its last segment: one that grew is another."""
    return f"{last.run}-{last.number}"


async def _seen(tx: ReadTx, room_id: RoomId) -> list[tuple[int, int]]:
    """From when to when the picture was for everybody's eyes."""
    spans: list[tuple[int, int]] = []
    since: int | None = None
    async for one in _told(tx, room_id):
        if one.name != StateChanged.name:
            continue
        if one.body["state"] in _SEEN:
            since = ms(one.at) + SAFE_MS if since is None else since
        elif since is not None:
            spans.append((since, ms(one.at)))
            since = None
    return spans if since is None else [*spans, (since, 1 << 62)]


def _span(mark: Mark) -> tuple[int, int]:
    to_at = mark.to_at or mark.from_at
    return ms(mark.from_at), ms(min(to_at, mark.from_at + CLIP_MAX))


def ms(at: datetime) -> int:
    """An instant in milliseconds since 1970."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _ends(one: Happened, goods_id: GoodsId) -> bool:
    """Whether an event ends the present push of the goods."""
    if one.name == GoodsPushed.name:  # something else came in front, or nothing is there any more
        return bool(one.body["goods_id"] != goods_id)
    if one.name == ShelfRemoved.name:
        return goods_id in one.body["goods_ids"]
    return one.name == StateChanged.name and one.body["state"] not in ON_AIR


async def _told(tx: ReadTx, room_id: RoomId) -> AsyncIterator[Happened]:
    since = 0
    while page := await stream_tail(tx, stream_of(room_id), since=since, most=_PAGE):
        for one in page:
            yield one
        since = page[-1].seq or since
        if len(page) < _PAGE:
            return
