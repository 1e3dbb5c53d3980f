"""What has happened in a room.

Those that change what a page shows are numbered in the room's stream (`room:33`) and are, with their number and type,
exactly what the gateway sends; the part of the name after the dot is the message's `type`.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from liveshelf.kernel.ids import RoomId
from liveshelf.platform.events import Event
from liveshelf.rooms.messages import ShelfItem


def stream_of(room_id: RoomId) -> str:
    """The stream of a room's numbered events."""
    return f"room:{room_id}"


class RoomCreated(Event, frozen=True):
    """A room was made; not numbered, since nobody can have been watching."""

    name: ClassVar[str] = "rooms.created"
    room_id: int


class CommentReleased(Event, frozen=True):
    """A comment that waited for a person may be shown; not numbered, since comments are no part of the room's line."""

    name: ClassVar[str] = "rooms.comment_released"
    room_id: int


class LegalGone(Event, frozen=True):
    """An important broadcast runs and nobody of the legal role has been at its desk for too long."""

    name: ClassVar[str] = "rooms.legal_gone"
    room_id: int
    since_at: str


class BuyerFollowed(Event, frozen=True):
    """A buyer wants to hear when the shop goes on air. `room_id` is where they said so, `state` the room's then."""

    name: ClassVar[str] = "rooms.followed"
    customer_id: int
    room_id: int
    state: str


class BuyerUnfollowed(Event, frozen=True):
    """A buyer wants to hear of it no more. `room_id` is where they had said that they do, `state` the room's now."""

    name: ClassVar[str] = "rooms.unfollowed"
    customer_id: int
    room_id: int
    state: str


class MassNoticeAsked(Event, frozen=True):
    """A start notice to many was accepted, and is to be sent."""

    name: ClassVar[str] = "rooms.mass_notice_asked"
    message_id: int


class StartNoticed(Event, frozen=True):
    """A follower is told that a broadcast is on air."""

    name: ClassVar[str] = "rooms.start_noticed"
    customer_id: int
    room_id: int
    room_name: str


class MassNoticeDone(Event, frozen=True):
    """A start notice to many was sent: to how many of how many, and why not to the others."""

    name: ClassVar[str] = "rooms.mass_notice_done"
    message_id: str
    room_id: int
    total_count: int
    success_count: int
    openid_error_count: int
    relation_error_count: int
    user_recv_limit_count: int
    internal_error_count: int


class ClaimMovedUp(Event, frozen=True):
    """Somebody who waited is next: what they claimed is held for them until `expires_at`."""

    name: ClassVar[str] = "rooms.claim_moved_up"
    room_id: int
    order_id: int
    customer_id: int
    expires_at: str


class RoomEvent(Event, frozen=True):
    """Base of the numbered events."""


class RoomChanged(RoomEvent, frozen=True):
    """What a room shows has changed: its name, its anchor, its mark as advertising."""

    name: ClassVar[str] = "rooms.room_changed"
    room_name: str = msgspec.field(name="name")  # `name` is the event's own
    anchor_name: str
    is_ad: bool = False


class StateChanged(RoomEvent, frozen=True):
    """The room went live, paused, ended …"""

    name: ClassVar[str] = "rooms.state_changed"
    state: str


class PictureChanged(RoomEvent, frozen=True):
    """A moving picture is sent in this broadcast, from the first second of it on."""

    name: ClassVar[str] = "rooms.picture_changed"
    has_picture: bool


class RoomDeleted(RoomEvent, frozen=True):
    """The room is gone; its streams end after this."""

    name: ClassVar[str] = "rooms.room_deleted"


class ShelfAdded(RoomEvent, frozen=True):
    """Goods came onto the shelf, or what a page shows of goods there changed as a whole."""

    name: ClassVar[str] = "rooms.shelf_added"
    items: list[ShelfItem]


class ShelfRemoved(RoomEvent, frozen=True):
    """Goods left the shelf; what was pushed of them is pushed no more."""

    name: ClassVar[str] = "rooms.shelf_removed"
    goods_ids: list[int]


class ShelfSorted(RoomEvent, frozen=True):
    """The shelf has a new order: every goods on it, from the first place on, and the number that the host says."""

    name: ClassVar[str] = "rooms.shelf_sorted"
    goods_ids: list[int]
    numbers: list[int]


class OnSaleChanged(RoomEvent, frozen=True):
    """A goods can be bought in the room again (then with its item), or not any more."""

    name: ClassVar[str] = "rooms.on_sale_changed"
    goods_id: int
    on_sale: bool
    item: ShelfItem | None


class GoodsPushed(RoomEvent, frozen=True):
    """What is shown on top of the broadcast: `goods_id` in front, or nothing, and all of it, the newest first. A page
    that knows only one reads `goods_id`.
    """

    name: ClassVar[str] = "rooms.goods_pushed"
    goods_id: int | None
    goods_ids: list[int]


class QuickBarChanged(RoomEvent, frozen=True):
    """The quick bar as it is now, in order."""

    name: ClassVar[str] = "rooms.quick_bar_changed"
    goods_ids: list[int]


class NoticeChanged(RoomEvent, frozen=True):
    """The pinned comment is another one, or, empty, there is none any more."""

    name: ClassVar[str] = "rooms.notice_changed"
    text: str


class PriceChanged(RoomEvent, frozen=True):
    """A goods on the shelf has a new price tag."""

    name: ClassVar[str] = "rooms.price_changed"
    goods_id: int
    price_type: int
    price_fen: int
    price2_fen: int | None


class SwitchesChanged(RoomEvent, frozen=True):
    """What the room lets its viewers do has changed. `muted`: they may not comment for now."""

    name: ClassVar[str] = "rooms.switches_changed"
    muted: bool
    close_kf: bool
    close_replay: bool
    is_feeds_public: bool


NUMBERED: tuple[type[RoomEvent], ...] = (
    RoomChanged,
    StateChanged,
    PictureChanged,
    RoomDeleted,
    ShelfAdded,
    ShelfRemoved,
    ShelfSorted,
    OnSaleChanged,
    GoodsPushed,
    QuickBarChanged,
    NoticeChanged,
    PriceChanged,
    SwitchesChanged,
)
