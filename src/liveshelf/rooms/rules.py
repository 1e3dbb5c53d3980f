"""Pure decisions about rooms: field rules, what may be done in which state, and orders of a shelf."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Literal

from liveshelf.goods.errors import GoodsExpired
from liveshelf.goods.types import LiveGoods
from liveshelf.kernel.ids import GoodsId
from liveshelf.kernel.text import is_plain, units
from liveshelf.rooms.errors import (
    AnchorNameInvalid,
    AnchorWechatInvalid,
    CommentInvalid,
    CreatorWechatInvalid,
    GoodsNotInRoom,
    RoomNameInvalid,
    RoomTextNotPlain,
    RoomTimesInvalid,
    SortEmpty,
    SubAnchorWechatInvalid,
)
from liveshelf.rooms.types import COMMENT_MAX, ON_AIR, OPEN, PUSH_RUNS, ROOM, SHELF_MAX, Room, RoomAudit, RoomState

Verb = Literal["start", "pause", "resume", "end", "edit", "delete", "shelf", "mute", "unmute", "switch"]

NAME_UNITS = (6, 34)
ANCHOR_UNITS = (4, 30)
LENGTH = (timedelta(minutes=30), timedelta(hours=24))
AHEAD_MAX = timedelta(days=183)  # 6 months
WIRE_LEAD = timedelta(minutes=10)  # over the wire a room starts later than this
_WECHAT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_name(name: str) -> None:
    """The rules of a room's name. Raises `RoomNameInvalid`, `RoomTextNotPlain`."""
    if not is_plain(name):
        raise RoomTextNotPlain(field="name")
    if not NAME_UNITS[0] <= units(name.strip()) <= NAME_UNITS[1]:
        raise RoomNameInvalid(field="name")


def check_anchor_name(name: str) -> None:
    """The rules of an anchor's name. Raises `AnchorNameInvalid`, `RoomTextNotPlain`."""
    if not is_plain(name):
        raise RoomTextNotPlain(field="anchor_name")
    if not ANCHOR_UNITS[0] <= units(name.strip()) <= ANCHOR_UNITS[1]:
        raise AnchorNameInvalid(field="anchor_name")


def check_wechat_ids(anchor: str, sub_anchor: str = "", creator: str = "") -> None:
    """The form of WeChat ids; empty means none. Whether they exist is not ours to know.

    Raises `AnchorWechatInvalid`, `SubAnchorWechatInvalid`, `CreatorWechatInvalid`.
    """
    if anchor and not _WECHAT_ID.fullmatch(anchor):
        raise AnchorWechatInvalid(field="anchor_wechat")
    if sub_anchor and not _WECHAT_ID.fullmatch(sub_anchor):
        raise SubAnchorWechatInvalid(field="sub_anchor_wechat")
    if creator and not _WECHAT_ID.fullmatch(creator):
        raise CreatorWechatInvalid(field="creator_wechat")


def is_wechat_id(text: str) -> bool:
    """Whether a text has the form of a WeChat id."""
    return _WECHAT_ID.fullmatch(text) is not None


def masked_id(wechat_id: str) -> str:
    """A WeChat id as lists show it: "wx****ng". Of a short one only the first character is shown."""
    return f"{wechat_id[:2]}****{wechat_id[-2:]}" if len(wechat_id) > 4 else f"{wechat_id[:1]}****"  # noqa: PLR2004


def check_length(starts_at: datetime, ends_at: datetime) -> None:
    """How long a broadcast may be planned. Raises `RoomTimesInvalid`."""
    if not LENGTH[0] <= ends_at - starts_at <= LENGTH[1]:
        raise RoomTimesInvalid(field="ends_at")


def check_start(starts_at: datetime, *, now: datetime, lead: timedelta) -> None:
    """When a broadcast may be planned to start: later than `lead` from now, within 6 months. Raises
    `RoomTimesInvalid`.
    """
    if not now + lead < starts_at <= now + AHEAD_MAX:
        raise RoomTimesInvalid(field="starts_at")


def check_comment(text: str) -> str:
    """The comment as it is kept, without white space at its ends. Raises `CommentInvalid`."""
    kept = text.strip()
    if not 1 <= len(kept) <= COMMENT_MAX or not is_plain(kept):
        raise CommentInvalid(field="text")
    return kept


def check_valid(card: LiveGoods, *, now: datetime) -> None:
    """Whether a goods may still be put on sale. Raises `GoodsExpired`."""
    if card.expired_at is not None or (card.valid_until is not None and card.valid_until <= now):
        raise GoodsExpired(goods_id=card.goods_id)


def push_runs_for(room: Room, now: datetime) -> timedelta:
    """How long the present push still runs; zero or less when none does."""
    if room.pushed_goods_id is None or room.pushed_at is None:
        return timedelta()
    return room.pushed_at + PUSH_RUNS - now


def may(room: Room) -> list[Verb]:
    """What may be done with a room now, in the API's words. The pages build their buttons from it."""
    able: dict[Verb, bool] = {
        "start": room.state is RoomState.SCHEDULED and room.audit_state is RoomAudit.APPROVED,
        "pause": ROOM.allows(room.state, RoomState.PAUSED),
        "resume": ROOM.allows(room.state, RoomState.LIVE) and room.state in ON_AIR,
        "end": ROOM.allows(room.state, RoomState.ENDED),
        "edit": room.state is RoomState.SCHEDULED,
        "delete": room.state not in ON_AIR,
        "shelf": room.state in OPEN,
        "mute": room.state in OPEN and room.muted_at is None,
        "unmute": room.state in OPEN and room.muted_at is not None,
        "switch": room.state is not RoomState.BANNED,
    }
    return [verb for verb, allowed in able.items() if allowed]


def sorted_shelf(present: Sequence[GoodsId], first: Sequence[GoodsId]) -> list[GoodsId]:
    """The shelf in a new order: those named first, the others after them as they stood.

    A goods named twice counts where it stands first. Raises `SortEmpty`, `GoodsNotInRoom`.
    """
    if not first:
        raise SortEmpty(field="goods_ids")
    on_shelf = set(present)
    for goods_id in first:
        if goods_id not in on_shelf:
            raise GoodsNotInRoom(goods_id=goods_id)
    named = list(dict.fromkeys(first))
    return [*named, *(goods_id for goods_id in present if goods_id not in set(named))]


def next_numbers(taken: Collection[int], count: int) -> list[int]:
    """By which numbers the host calls goods that come onto a shelf: those after the highest, so that nothing already
    said means something else; the free ones below only when these run out.
    """
    highest = max(taken, default=0)
    free = (number for number in range(1, highest) if number not in set(taken))
    return list(islice(chain(range(highest + 1, SHELF_MAX + 1), free), count))
