"""Values of the rooms capability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from liveshelf.kernel.ids import AuditId, GoodsId, RoomId
from liveshelf.kernel.states import Transitions


class RoomState(StrEnum):
    """The life of a room."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    PAUSED = "paused"
    ABNORMAL = "abnormal"
    ENDED = "ended"
    EXPIRED = "expired"
    BANNED = "banned"


# How software outside writes them: on the wire, and in what its server is told.
LIVE_STATUS: Mapping[RoomState, int] = {
    RoomState.LIVE: 101,
    RoomState.SCHEDULED: 102,
    RoomState.ENDED: 103,
    RoomState.BANNED: 104,
    RoomState.PAUSED: 105,
    RoomState.ABNORMAL: 106,
    RoomState.EXPIRED: 107,
}

ROOM = Transitions(
    name="room",
    initial={RoomState.SCHEDULED},
    edges={
        RoomState.SCHEDULED: {RoomState.LIVE, RoomState.EXPIRED, RoomState.BANNED},
        RoomState.LIVE: {RoomState.PAUSED, RoomState.ABNORMAL, RoomState.ENDED, RoomState.BANNED},
        RoomState.PAUSED: {RoomState.LIVE, RoomState.ENDED, RoomState.BANNED},
        RoomState.ABNORMAL: {RoomState.LIVE, RoomState.ENDED, RoomState.BANNED},
        RoomState.ENDED: {RoomState.BANNED},
        RoomState.EXPIRED: {RoomState.BANNED},
        RoomState.BANNED: set(),
    },
)


class RoomAudit(StrEnum):
    """Whether what a room shows has passed its review; only an approved one is shown to buyers and starts."""

    IN_AUDIT = "in_audit"
    APPROVED = "approved"
    REJECTED = "rejected"


ROOM_AUDIT = Transitions(
    name="room audit",
    initial={RoomAudit.IN_AUDIT},
    edges={
        RoomAudit.IN_AUDIT: {RoomAudit.APPROVED, RoomAudit.REJECTED},
        RoomAudit.APPROVED: {RoomAudit.IN_AUDIT},  # a development verdict made void
        RoomAudit.REJECTED: {RoomAudit.IN_AUDIT},  # changed and submitted anew, or appealed
    },
)

ON_AIR = frozenset({RoomState.LIVE, RoomState.PAUSED, RoomState.ABNORMAL})  # deletion is refused while in one of these
OPEN = ON_AIR | {RoomState.SCHEDULED}  # the shelf may still change
SHELF_MAX = 200  # goods in one room; the console's number, the API documents name none
PINNED_MAX = 3  # goods that are pushed at once
QUICK_BAR_MAX = 20  # goods or SKUs of a quick bar, as the shop counts (`settings`)
COMMENT_MAX = 100  # characters
COMMENTS_SHOWN = 50  # the newest comments that a snapshot carries
LIKES_MAX = 50  # likes that one request may bring: a page gathers taps

PUSH_RUNS = timedelta(seconds=5)  # how long a push keeps the next caller of the wire waiting (300047)
OVERRUN = timedelta(hours=1)  # a broadcast may run over its planned end by this much, then it is ended
PRESENCE_FRESH = timedelta(seconds=5)  # a gateway's count that is older counts no more


class Picture(StrEnum):
    """The three pictures of a room."""

    COVER = "cover"
    SHARE = "share"
    FEEDS = "feeds"


# Bytes; the limits of WeChat's room pages.
PICTURE_MAX = {Picture.COVER: 2 << 20, Picture.SHARE: 1 << 20, Picture.FEEDS: 100 << 10}


@dataclass(frozen=True, slots=True)
class Switches:
    """What a room shows or hides. Named as on the wire: `close_…` true means hidden."""

    is_feeds_public: bool = True
    close_like: bool = False
    close_goods: bool = False
    close_comment: bool = False
    close_replay: bool = True
    close_share: bool = False
    close_kf: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a room is public only after two looks. `is_ad` shows the word 广告 (advertisement) to everybody."""

    name: str
    anchor_name: str
    cover_media_id: str | None
    share_media_id: str | None
    feeds_media_id: str | None
    is_ad: bool


@dataclass(frozen=True, slots=True)
class RoomVersion:
    """A change of an approved room that waits for its review, or was rejected and stays to be corrected."""

    room_id: RoomId
    audit_id: AuditId
    rejected: bool
    shown: Shown
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class RoomDraft:
    """A room to be made. Pictures are media ids, temporary or permanent. `live_type`: 1 push stream, 0 phone."""

    name: str
    starts_at: datetime
    ends_at: datetime
    anchor_name: str
    anchor_wechat: str = ""
    sub_anchor_wechat: str = ""
    creator_wechat: str = ""
    cover_media_id: str | None = None
    share_media_id: str | None = None
    feeds_media_id: str | None = None
    live_type: int = 0
    switches: Switches = Switches()
    is_ad: bool = False


@dataclass(frozen=True, slots=True)
class RoomChanges:
    """What to change of a room; `None` leaves a thing as it is."""

    name: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    anchor_name: str | None = None
    anchor_wechat: str | None = None
    cover_media_id: str | None = None
    share_media_id: str | None = None
    feeds_media_id: str | None = None
    switches: Switches | None = None
    is_ad: bool | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A room as it stands. `seq` is the number of its last event, `audit_id` the submission that it shows; rooms that
    are older than their review have none.
    """

    room_id: RoomId
    name: str
    state: RoomState
    seq: int
    starts_at: datetime
    ends_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    anchor_name: str
    anchor_wechat: str
    sub_anchor_wechat: str
    creator_wechat: str
    cover_media_id: str | None
    share_media_id: str | None
    feeds_media_id: str | None
    live_type: int
    has_picture: bool
    is_paused_by_picture: bool
    switches: Switches
    pushed_goods_id: GoodsId | None
    pushed_at: datetime | None
    likes: int
    notice: str
    created_at: datetime
    muted_at: datetime | None
    is_ad: bool
    audit_state: RoomAudit
    audit_id: AuditId | None


@dataclass(frozen=True, slots=True)
class RoomCard:
    """A room in a list: with how much is on its shelf and how many distinct viewers watch now."""

    room: Room
    shelf_count: int
    viewers: int
