"""Moving pictures for the console: where to send them, how they are, what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import get, post, put

from liveshelf.accounts.types import Operator
from liveshelf.adapters.ffmpeg import found as programs
from liveshelf.adapters.footage.folder import Footage
from liveshelf.facades.native.shell import Cursor, Limit, Plain, SmallId, instant, once, staff
from liveshelf.flows import replay, replay_review, video
from liveshelf.flows.replay import Seen
from liveshelf.flows.replay_review import Standing
from liveshelf.goods import queries as goods
from liveshelf.kernel.ids import RoomId
from liveshelf.kernel.paging import clamp_limit
from liveshelf.media.types import media_path
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.types import RoomState
from liveshelf.video import keys, queries
from liveshelf.video.types import PushAddress

_VIDEO = "/shops/{shop_id:int}/rooms/{room_id:int}/video"


class VideoView(msgspec.Struct, frozen=True):
    """A room's picture as it is now. `is_on`: this installation takes pictures. `watch_url` shows it before buyers see
    it, for twelve hours; who has the link has the picture.
    """

    is_on: bool
    is_sending: bool
    began_at: str | None
    kbps: int
    frames_per_s: float
    keyframe_every_s: float
    delay_s: int
    recorded_s: int
    recorded_bytes: int
    is_recording: bool
    watch_url: str


class PushView(msgspec.Struct, frozen=True):
    """Where a picture is sent to. OBS takes `server` and `key` apart, others take `url`. Whoever has it can send."""

    server: str
    key: str
    url: str
    expires_at: str


class Delay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How late the picture is shown."""

    delay_s: int


class RecordingView(msgspec.Struct, frozen=True):
    """A recording. `is_removed`: its files are gone."""

    room_id: int
    name: str
    state: RoomState | None
    started_at: str | None
    recorded_s: int
    recorded_bytes: int
    is_removed: bool


class MarkView(msgspec.Struct, frozen=True):
    """When a goods was in front, in seconds of the replay. `clip_url` shows its last explanation alone."""

    goods_id: int
    name: str
    cover_url: str
    from_s: float
    to_s: float | None
    clip_url: str | None


class SeenReplay(msgspec.Struct, frozen=True):
    """A recording as everybody sees it once it has passed, with what was explained when."""

    url: str
    length_s: float
    marks: list[MarkView]


class ChangeView(msgspec.Struct, frozen=True):
    """A change of the room, as its stream told it, at a second of the replay."""

    second: float
    seq: int
    type: str
    body: dict[str, Any]


class ReplayView(msgspec.Struct, frozen=True):
    """A broadcast to be seen again. `changes` in order give the shelf at each second; those before the start are at 0.
    The links show it to whoever has them, for twelve hours. `standing`: whether buyers see it; `audit_id` is the case
    that decides.
    """

    url: str
    length_s: float
    marks: list[MarkView]
    changes: list[ChangeView]
    standing: Standing
    audit_id: str | None


class RecordingPage(msgspec.Struct, frozen=True):
    """A page of recordings, the latest first, the bytes of all of them, and for how many days each is kept at least."""

    items: list[RecordingView]
    next: str | None
    total: int
    bytes: int
    kept_days: int


@get(_VIDEO, dependencies=staff("rooms.read"), tags=["video"])
async def room_video(room_id: SmallId, operator: Operator, runtime: Runtime) -> VideoView:
    """The room's picture: whether it is there, what it is like, and what of it is recorded."""
    async with runtime.db.read(operator.shop) as tx:
        if await rooms.room(tx, RoomId(room_id)) is None:
            raise RoomMissing(room_id=room_id)
        stream = await queries.stream(tx, RoomId(room_id))
    return VideoView(
        is_on=runtime.settings.video and programs.ffmpeg(runtime.settings) is not None,
        is_sending=stream.sending,
        began_at=instant(stream.began_at) if stream.sending else None,
        kbps=stream.kbps,
        frames_per_s=stream.frames_per_10_s / 10,
        keyframe_every_s=stream.keyframe_every_ms / 1000,
        delay_s=stream.delay_s,
        recorded_s=stream.recorded_ms // 1000,
        recorded_bytes=stream.recorded_bytes,
        is_recording=stream.sending and stream.halted_at is None,
        watch_url=_link(runtime, operator, RoomId(room_id), "live.m3u8"),
    )


@get(f"{_VIDEO}/push-address", dependencies=staff("rooms.live"), tags=["video"])
async def push_address(room_id: SmallId, operator: Operator, runtime: Runtime) -> PushView:
    """Where the room's picture is sent to."""
    return await _address(runtime, operator, RoomId(room_id))


@post(f"{_VIDEO}/push-address/renew", dependencies=staff("rooms.live"), tags=["video"], status_code=200)
async def renew_push_address(room_id: SmallId, data: Plain, operator: Operator, runtime: Runtime) -> PushView:
    """Make a new push key. The old one opens nothing any more, and whoever sends with it is cut off."""

    async def work(tx: Tx) -> None:
        await video.renew_push_key(tx, RoomId(room_id))

    await runtime.db.write(
        operator.actor, operator.shop, work, once=once(f"video.{room_id}.renew", data.request_id, data, type(None))
    )
    return await _address(runtime, operator, RoomId(room_id))


@put(f"{_VIDEO}/delay", dependencies=staff("rooms.live"), tags=["video"])
async def set_delay(room_id: SmallId, data: Delay, operator: Operator, runtime: Runtime) -> Delay:
    """Show the picture up to 30 seconds late, so that there is time to pull the plug."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: video.set_delay(tx, RoomId(room_id), data.delay_s))
    return data


@get(f"{_VIDEO}/replay", dependencies=staff("rooms.read"), tags=["video"])
async def room_replay(room_id: SmallId, operator: Operator, runtime: Runtime) -> ReplayView:
    """The broadcast seen again: its picture, what was explained when, and the shelf as it changed."""
    async with runtime.db.read(operator.shop) as tx:
        footage, session_id = runtime.need(Footage), operator.session_id
        found = await replay.replay(tx, runtime.keys, footage, RoomId(room_id), session_id=session_id)
        standing, audit_id = await replay_review.standing(tx, RoomId(room_id))
        marks = await mark_views(tx, found.marks)
    changes = [ChangeView(one.second, one.seq, one.type, one.body) for one in found.changes]
    case = None if audit_id is None else str(audit_id)
    return ReplayView(found.url, found.length_s, marks, changes, standing, case)


@get("/shops/{shop_id:int}/recordings", dependencies=staff("rooms.read"), tags=["video"])
async def recordings(
    operator: Operator, runtime: Runtime, *, cursor: Cursor = None, limit: Limit = None
) -> RecordingPage:
    """What of the shop's broadcasts is recorded."""
    async with runtime.db.read(operator.shop) as tx:
        page = await queries.recorded(tx, cursor=cursor, limit=clamp_limit(limit))
        total, size = await queries.totals(tx)
        known = [(one, await rooms.room(tx, one.room_id)) for one in page.items]
    items = [
        RecordingView(
            one.room_id,
            room.name if room else "",
            room.state if room else None,
            instant(room.started_at) if room else None,
            one.recorded_ms // 1000,
            one.recorded_bytes,
            one.removed_at is not None,
        )
        for one, room in known
    ]
    return RecordingPage(items, page.next, total, size, runtime.settings.video_days)


async def mark_views(tx: ReadTx, marks: Sequence[Seen]) -> list[MarkView]:
    """Marks with the goods that they are of."""
    cards = {one.goods_id: one for one in await goods.live_goods(tx, sorted({one.goods_id for one in marks}))}
    return [
        MarkView(
            one.goods_id,
            cards[one.goods_id].name if one.goods_id in cards else "",
            media_path(cards[one.goods_id].cover_media_id) if one.goods_id in cards else "",
            one.from_s,
            one.to_s,
            one.clip_url,
        )
        for one in marks
    ]


def _link(runtime: Runtime, operator: Operator, room_id: RoomId, name: str) -> str:
    passed = keys.watch_pass(runtime.keys, shop=operator.shop, room_id=room_id, session_id=operator.session_id)
    # Always our own address: a cache in front must not keep what is not public.
    return f"/video/{operator.shop}/{room_id}/k/{passed}/{name}"


async def _address(runtime: Runtime, operator: Operator, room_id: RoomId) -> PushView:
    async with runtime.db.read(operator.shop) as tx:
        made: PushAddress = await video.push_address(tx, runtime.keys, runtime.settings, room_id)
    return PushView(made.server, made.key, made.url, instant(made.expires_at))


ROUTES = [room_video, push_address, renew_push_address, set_delay, room_replay, recordings]
