"""Values of the video capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from liveshelf.kernel.ids import RoomId, ShopId

DELAY_MAX_S = 30
LOST_AFTER = timedelta(seconds=5)  # without a picture for so long, a broadcast is abnormal
BEAT_S = 1.0  # how often a sender's process says that the picture is there
STALE_AFTER = timedelta(seconds=3)  # a process that said nothing for so long has died: another sender may come


@dataclass(frozen=True, slots=True)
class Stream:
    """A room's picture as it stands. `run` counts the times a sender began; `sending` while one is there."""

    room_id: RoomId
    generation: int = 0
    delay_s: int = 0
    run: int = 0
    sending: bool = False
    began_at: datetime | None = None
    kbps: int = 0
    frames_per_10_s: int = 0
    keyframe_every_ms: int = 0
    recorded_ms: int = 0
    recorded_bytes: int = 0
    halted_at: datetime | None = None  # since when nothing is recorded, because the disk is full
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PushAddress:
    """Where a sender sends to. OBS takes `server` and `key`, others the whole `url`."""

    server: str
    key: str
    expires_at: datetime

    @property
    def url(self) -> str:
        """Both in one."""
        return f"{self.server}/{self.key}"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a sender shows at the door: the room it means, and what proves that it may."""

    shop: ShopId
    room_id: RoomId
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """That a process has the sender of a room: which run it is, by which key, and whose."""

    run: int
    generation: int
    ingest: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What a sender's picture is like at the moment."""

    kbps: int
    frames_per_10_s: int
    keyframe_every_ms: int
    recorded_ms: int
    recorded_bytes: int
    is_halted: bool
    is_seen: bool  # there is a first segment
