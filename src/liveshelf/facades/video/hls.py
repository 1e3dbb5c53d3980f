"""Pictures out: playlists and segments over HTTP, in a form that caches may keep.

`/video/{shop}/{room}/live.m3u8` is for everybody while the room shows a picture; with a link's pass after the room
there is also what is not public: the picture before the start, the replay, clips. A replay that has passed its review,
and clips of it, are everybody's, without what was hidden; a reviewer's pass shows exactly that and nothing else. A
segment's bytes never change, so caches keep it for good while it is live; a playlist is good for a second. What may not
be seen is not there (404), whoever asks.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar

from liveshelf.adapters.footage.folder import HEAD, Footage
from liveshelf.adapters.footage.types import Segment
from liveshelf.flows import replay, video
from liveshelf.flows.video import Viewing
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import GoodsId, RoomId, ShopId
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime
from liveshelf.video import keys, playlists
from liveshelf.video.errors import PictureMissing, WatchLinkRefused
from liveshelf.video.types import DELAY_MAX_S

Scope = MutableMapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
K = TypeVar("K")
V = TypeVar("V")

PATH = "/video/"
_PATH = re.compile(
    r"/video/([1-9][0-9]{0,9})/([1-9][0-9]{0,9})/(?:k/([A-Za-z0-9_.-]{20,300})/)?"
    r"(?:(live|replay)\.m3u8|clip-([1-9][0-9]{0,9})\.m3u8|([1-9][0-9]{0,6})/(?:(init)\.mp4|([0-9]{1,7})\.m4s))"
)
_FRESH_S = 1.0  # how long what decides is remembered: a ban is seen by everybody within this and a playlist's second
_KEPT_MAX = 2_000  # rooms, and watchers by link
_CUTS_MAX = 100  # replays whose lists are remembered
_PLAYLIST, _SEGMENT = b"application/vnd.apple.mpegurl", b"video/mp4"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FOR_GOOD = b"public, max-age=31536000, immutable"
_REPLAY = b"public, max-age=60"  # a replay can be taken back, and is then gone from caches too
_OPEN = [
    (b"access-control-allow-origin", b"*"),  # players on other hosts, and a CDN in between
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
]
_log = logger("hls")


class Found(NamedTuple):
    """An answer: its bytes, what they are, and who may keep them."""

    body: bytes
    kind: bytes = b"text/plain"
    cache: bytes = b"no-store"


class _Fresh(Generic[K, V]):
    """What decides, at most a second old; many who ask at once ask once."""

    def __init__(self, read: Callable[[K], Awaitable[V]]) -> None:
        self._read = read
        self._tasks: dict[K, asyncio.Task[tuple[float, V]]] = {}

    async def get(self, key: K) -> V:
        loop = asyncio.get_running_loop()
        task = self._tasks.get(key)
        if task is not None and task.done() and (task.exception() or task.result()[0] < loop.time() - _FRESH_S):
            task = None
        if task is None:
            if len(self._tasks) > _KEPT_MAX:
                self._tasks.clear()
            task = self._tasks[key] = asyncio.create_task(self._timed(key))
        return (await asyncio.shield(task))[1]

    async def _timed(self, key: K) -> tuple[float, V]:
        found = await self._read(key)
        return asyncio.get_running_loop().time(), found


class VideoApp:
    """The paths below `/video/`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._cuts: dict[tuple[int, int, str], dict[tuple[int, int], Segment]] = {}
        self._viewings = _Fresh(self._viewing)
        self._watchers = _Fresh(self._may_watch)

    @property
    def _footage(self) -> Footage:
        return self._runtime.need(Footage)

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, Found(b""))
            return
        try:
            found = await self._found(scope["path"])
        except DomainError as error:
            await _answer(send, error.status, Found(error.code.encode()))
        except Exception:  # noqa: BLE001 - whatever it was, the player asks again
            _log.exception("picture_not_answered")
            await _answer(send, 503, Found(b""))
        else:
            await _answer(send, 200, found, is_head=scope["method"] == "HEAD")

    async def _found(self, path: str) -> Found:
        match = _PATH.fullmatch(path)
        if match is None:
            raise PictureMissing
        shop, room_id = ShopId(int(match[1])), RoomId(int(match[2]))
        is_passed = match[3] is not None
        said = keys.check_pass(self._runtime.keys, match[3], shop=shop, room_id=room_id) if is_passed else None
        is_ours = said is not None and not said.recording
        if said is not None and said.session:
            watcher = (int(shop), int(room_id), said.session, bool(said.recording))
            if not await self._watchers.get(watcher):
                raise WatchLinkRefused
        # Rooms that never had a picture are not asked for: whoever counts up numbers costs the database nothing.
        key = (int(shop), int(room_id))
        viewing = await self._viewings.get(key) if self._footage.summary(shop, room_id).end_ms else None
        if viewing is None:
            raise PictureMissing
        if said is not None and said.recording:
            viewing = Viewing(is_seen=False, delay_s=0, started_at=None, ended_at=None, recording=said.recording)
        if match[6] is not None:
            return await self._segment(shop, room_id, viewing, match=match, is_ours=is_ours)
        if match[4] == "live":
            text = self._live(shop, room_id, viewing, is_ours=is_ours)
        else:
            clip = GoodsId(int(match[5])) if match[5] else None
            text = await self._whole(shop, room_id, viewing, clip=clip, is_ours=is_ours)
        return Found(text.encode(), _PLAYLIST, b"private, no-store" if is_passed else b"public, max-age=1")

    def _live(self, shop: ShopId, room_id: RoomId, viewing: Viewing, *, is_ours: bool) -> str:
        reel = self._footage.reel(shop, room_id) if is_ours else self._footage.shown(shop, room_id)
        until = len(reel.segments) if is_ours else playlists.public_until(reel, self._now_ms(), viewing.delay_s)
        if not (is_ours or viewing.is_seen) or until == 0:
            raise PictureMissing
        return playlists.live(reel, until=until)

    async def _whole(
        self, shop: ShopId, room_id: RoomId, viewing: Viewing, *, clip: GoodsId | None, is_ours: bool
    ) -> str:
        if is_ours:
            segments = self._footage.shown(shop, room_id).segments
        else:
            segments = list((await self._cut(shop, room_id, viewing)).values())
        from_ms, to_ms = 0, 1 << 62
        if clip is not None:
            async with self._runtime.db.read(shop) as tx:
                found = await replay.clip(tx, self._footage, room_id, clip)
            from_ms, to_ms = found.from_ms, found.to_ms
        if not playlists.between(segments, from_ms=from_ms, to_ms=to_ms):
            raise PictureMissing
        return playlists.whole(segments, from_ms=from_ms, to_ms=to_ms)

    async def _segment(
        self, shop: ShopId, room_id: RoomId, viewing: Viewing, *, match: re.Match[str], is_ours: bool
    ) -> Found:
        run = int(match[6])
        is_public = viewing.is_seen or viewing.is_replay_open
        if not (is_ours or is_public):
            raise PictureMissing
        if match[7]:
            name = f"{run}/{HEAD}"
        else:
            one = self._footage.segment(shop, room_id, run=run, number=int(match[8]))
            if one is None:
                raise PictureMissing
            # A viewer who guesses numbers sees no more, and no earlier, than the playlists tell.
            if not is_ours and not await self._may_see(shop, room_id, viewing, one):
                raise PictureMissing
            name = one.name
        body = await self._footage.read(self._footage.room(shop, room_id) / name)
        if body is None:
            raise PictureMissing
        return Found(body, _SEGMENT, _cache(viewing, is_passed=match[3] is not None))

    async def _may_see(self, shop: ShopId, room_id: RoomId, viewing: Viewing, one: Segment) -> bool:
        """Whether a segment is in the public replay, or in what was in the live playlist a moment ago."""
        if viewing.is_replay_open:
            return (one.run, one.number) in await self._cut(shop, room_id, viewing)
        now_ms = self._now_ms()
        is_early = one.end_ms > now_ms - viewing.delay_s * 1000
        return one.is_shown and not is_early and one.end_ms >= now_ms - (DELAY_MAX_S + 60) * 1000

    async def _cut(self, shop: ShopId, room_id: RoomId, viewing: Viewing) -> dict[tuple[int, int], Segment]:
        """What everybody may see of a recording. It never changes, so it is worked out once."""
        if viewing.recording is None:
            raise PictureMissing
        key = (int(shop), int(room_id), viewing.recording)
        known = self._cuts.get(key)
        if known is None:
            async with self._runtime.db.read(shop) as tx:
                segments = await replay.cut(tx, self._footage, room_id, viewing.recording)
            known = {(one.run, one.number): one for one in segments}
            if len(self._cuts) >= _CUTS_MAX:
                self._cuts.pop(next(iter(self._cuts)))
            if known:
                self._cuts[key] = known
        return known

    async def _viewing(self, key: tuple[int, int]) -> Viewing | None:
        shop, room_id = key
        async with self._runtime.db.read(ShopId(shop)) as tx:
            return await video.viewing(tx, RoomId(room_id))

    async def _may_watch(self, key: tuple[int, int, int, bool]) -> bool:
        shop, room_id, session_id, reviews = key
        async with self._runtime.db.read(ShopId(shop)) as tx:
            return await video.may_watch(tx, session_id, RoomId(room_id), reviews=reviews)

    def _now_ms(self) -> int:
        return (self._runtime.clock.now() - _EPOCH) // timedelta(milliseconds=1)


def _cache(viewing: Viewing, *, is_passed: bool) -> bytes:
    if is_passed:
        return b"private, max-age=3600"
    return _REPLAY if viewing.is_replay_open else _FOR_GOOD


async def _answer(send: Send, status: int, found: Found, *, is_head: bool = False) -> None:
    headers = [
        (b"content-type", found.kind),
        (b"content-length", b"%d" % len(found.body)),
        (b"cache-control", found.cache),
        *_OPEN,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else found.body})
