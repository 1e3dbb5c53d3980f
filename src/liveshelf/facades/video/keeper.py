"""The disk: how much recordings may take, what goes first, and that orders never wait for a picture.

What is older than it must be kept goes when the room is needed, the oldest first, and never what is being sent. When
nothing more may go, the pictures stay live and are recorded no more: the free bytes of the disk are the database's.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from liveshelf.facades.video import replays
from liveshelf.facades.video.replays import Handed
from liveshelf.facades.video.studio import Studio
from liveshelf.flows import replay_review, video
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.db import Tx
from liveshelf.platform.log import logger
from liveshelf.video import service
from liveshelf.video.types import DELAY_MAX_S

ROUND_S = 10.0
_HANDING_S = 5.0  # of a round
_CLOSED_S = 300.0  # until a shop that shows no replay of a broadcast is asked again
_SETTLED_MS = 5_000  # after its last segment: a recording that was cut off is whole by then
_WATCHED_MS = (DELAY_MAX_S + 60) * 1000  # after this nobody can be watching a segment live

_log = logger("keeper")


class Keeper:
    """Looks at the disk every few seconds."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._settings = studio.runtime.settings
        self._handed: dict[tuple[int, int], int] = {}
        self._tried: dict[tuple[int, int], float] = {}
        self._asked_again: dict[tuple[int, int], float] = {}
        self._dropped: dict[tuple[int, int], int] = {}

    async def rounds(self) -> None:
        """For as long as the process runs."""
        while True:
            try:
                await self.round()
            except Exception:  # noqa: BLE001 - the next round tries again
                _log.exception("keeper_round_failed")
            await asyncio.sleep(ROUND_S)

    async def round(self) -> None:
        """Make room where that is allowed, and stop recording where it is not enough."""
        footage = self._studio.footage
        rooms = [one for one in footage.rooms() if footage.summary(*one).end_ms]
        used = sum(footage.summary(*one).kept_bytes for one in rooms)
        over = sorted((one for one in rooms if self._is_over(*one)), key=lambda one: self._ended_ms(*one))
        while over and self._lacks(used):
            shop, room_id = over.pop(0)
            used -= footage.summary(shop, room_id).kept_bytes
            await self._remove(shop, room_id)
        was, self._studio.is_full = self._studio.is_full, self._lacks(used)
        if was != self._studio.is_full:
            _log.warning("recording_stops" if self._studio.is_full else "recording_goes_on", used=used)
        self._drop()
        await self._hand_all_in(rooms)

    async def _hand_all_in(self, rooms: list[tuple[ShopId, RoomId]]) -> None:
        """Give to the review what is finished, for some seconds: the disk is looked at again in between. What was tried
        longest ago comes first, the newest of what never was; so one that can't be handed in holds up no other.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + _HANDING_S
        for shop, room_id in sorted(rooms, key=lambda one: (self._tried.get(one, 0.0), -self._ended_ms(*one))):
            self._tried[shop, room_id] = loop.time()
            await self._hand_in(shop, room_id)
            if loop.time() > until:
                return

    async def _hand_in(self, shop: ShopId, room_id: RoomId) -> None:
        """Give the recording of a broadcast that is over to the review, unless that was done."""
        end_ms = self._ended_ms(shop, room_id)
        is_new = end_ms and self._handed.get((shop, room_id)) != end_ms
        if not is_new or (shop, room_id) in self._studio.rooms or end_ms > self._now_ms() - _SETTLED_MS:
            return
        if asyncio.get_running_loop().time() < self._asked_again.get((shop, room_id), 0.0):
            return
        try:
            handed = await replays.hand_in(self._studio, shop, room_id)
            if handed is Handed.DONE:
                self._handed[shop, room_id] = end_ms
            elif handed is Handed.CLOSED:
                self._asked_again[shop, room_id] = asyncio.get_running_loop().time() + _CLOSED_S
        except Exception:  # noqa: BLE001 - the next round tries again; other rooms do not wait for this one
            _log.exception("recording_not_handed_in", shop_id=shop, room_id=room_id)

    def _lacks(self, used: int) -> bool:
        return used > self._settings.video_bytes or self._studio.footage.free() < self._settings.video_free_bytes

    def _ended_ms(self, shop: ShopId, room_id: RoomId) -> int:
        return self._studio.footage.summary(shop, room_id).end_ms

    def _is_over(self, shop: ShopId, room_id: RoomId) -> bool:
        """Whether the time is over for which a recording must be kept."""
        if (shop, room_id) in self._studio.rooms:
            return False
        until = self._ended_ms(shop, room_id) / 1000 + timedelta(days=self._settings.video_days).total_seconds()
        return until <= self._studio.runtime.clock.now().timestamp()

    async def _remove(self, shop: ShopId, room_id: RoomId) -> None:
        await asyncio.to_thread(self._studio.footage.remove, shop, room_id)
        await self._studio.runtime.db.write(video.INGEST, shop, lambda tx: _removed(tx, room_id))
        _log.info("recording_removed", shop_id=shop, room_id=room_id)

    def _drop(self) -> None:
        """Delete what was only live."""
        now_ms = self._now_ms()
        sending = self._studio.rooms
        for key in {*self._dropped, *sending}:
            shop, room_id = ShopId(key[0]), RoomId(key[1])
            segments = self._studio.footage.reel(shop, room_id).segments
            first = at = self._dropped.get(key, 0)
            while at < len(segments) and segments[at].end_ms < now_ms - _WATCHED_MS:
                at += 1
            self._studio.footage.drop(shop, room_id, [one for one in segments[first:at] if not one.is_kept])
            self._dropped[key] = at
            if at == len(segments) and key not in sending:
                del self._dropped[key]

    def _now_ms(self) -> float:
        return self._studio.runtime.clock.now().timestamp() * 1000


async def _removed(tx: Tx, room_id: RoomId) -> None:
    """A recording is gone, and its case with it."""
    await service.removed(tx, room_id)
    await replay_review.withdraw_replay(tx, room_id)
