"""How rooms look in answers: whole, in brief, as a desk. Shared by the modules that show rooms."""

from __future__ import annotations

import msgspec

from liveshelf.facades.native.shell import instant
from liveshelf.kernel.ids import ShopId
from liveshelf.media.types import media_path
from liveshelf.platform.settings import Settings
from liveshelf.rooms import links, rules
from liveshelf.rooms.messages import Comment, ShelfItem
from liveshelf.rooms.queries import Desk
from liveshelf.rooms.types import RoomCard, RoomState


class RoomView(msgspec.Struct, frozen=True):
    """A room as staff see it. `may` is what its state allows now."""

    room_id: int
    name: str
    state: RoomState
    starts_at: str
    ends_at: str
    started_at: str | None
    ended_at: str | None
    anchor_name: str
    anchor_wechat: str
    cover_url: str | None
    share_url: str | None
    feeds_url: str | None
    shelf_count: int
    viewers: int
    may: list[rules.Verb]
    buyer_url: str
    muted: bool
    is_feeds_public: bool
    close_kf: bool
    close_replay: bool
    sub_anchor_wechat: str


class RoomBrief(msgspec.Struct, frozen=True):
    """A room in brief."""

    room_id: int
    name: str
    state: RoomState
    starts_at: str
    cover_url: str | None
    viewers: int


class FiguresView(msgspec.Struct, frozen=True):
    """What a broadcast brings: distinct viewers now, orders placed, money paid, pieces paid."""

    viewers: int
    orders: int
    paid_fen: int
    units: int


class DeskView(msgspec.Struct, frozen=True):
    """A room with everything that running it needs. `seq` is the number of the last change it contains. Of what is
    pushed the newest comes first, and it is also `pushed_goods_id`.
    """

    room: RoomView
    seq: int
    pushed_goods_id: int | None
    pushed_goods_ids: list[int]
    quick_goods_ids: list[int]
    notice: str
    has_picture: bool
    shelf: list[ShelfItem]
    comments: list[Comment]
    figures: FiguresView


def room_view(settings: Settings, shop: ShopId, card: RoomCard) -> RoomView:
    """The room as it is sent to staff."""
    room = card.room
    return RoomView(
        room.room_id,
        room.name,
        room.state,
        instant(room.starts_at),
        instant(room.ends_at),
        instant(room.started_at),
        instant(room.ended_at),
        room.anchor_name,
        room.anchor_wechat,
        picture_url(room.cover_media_id),
        picture_url(room.share_media_id),
        picture_url(room.feeds_media_id),
        card.shelf_count,
        card.viewers,
        rules.may(room),
        settings.public_url + links.page_path(shop, room.room_id),
        muted=room.muted_at is not None,
        is_feeds_public=room.switches.is_feeds_public,
        close_kf=room.switches.close_kf,
        close_replay=room.switches.close_replay,
        sub_anchor_wechat=room.sub_anchor_wechat,
    )


def room_brief(card: RoomCard) -> RoomBrief:
    """The room in brief."""
    room = card.room
    return RoomBrief(
        room.room_id,
        room.name,
        room.state,
        instant(room.starts_at),
        picture_url(room.cover_media_id),
        card.viewers,
    )


def desk_view(settings: Settings, shop: ShopId, desk: Desk) -> DeskView:
    """The desk as it is sent."""
    card, figures = desk.snapshot.card, desk.figures
    return DeskView(
        room_view(settings, shop, card),
        card.room.seq,
        card.room.pushed_goods_id,
        [int(one) for one in desk.snapshot.pinned],
        [int(one) for one in desk.snapshot.quick_bar],
        card.room.notice,
        card.room.has_picture,
        desk.snapshot.shelf,
        desk.snapshot.comments,
        FiguresView(card.viewers, figures.orders, figures.paid_fen, figures.units),
    )


def picture_url(media_id: str | None) -> str | None:
    """The address of a picture, if there is one."""
    return media_path(media_id) if media_id else None
