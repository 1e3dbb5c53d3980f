"""How rooms look in answers: whole, in brief, as a desk. Shared by the modules that show rooms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from liveshelf.facades.native.shell import instant
from liveshelf.kernel.ids import AuditId, ShopId
from liveshelf.media.types import media_path
from liveshelf.platform.db import ReadTx
from liveshelf.platform.settings import Settings
from liveshelf.reviews import queries as reviews
from liveshelf.rooms import approval, links, rules
from liveshelf.rooms.messages import Comment, ShelfItem
from liveshelf.rooms.queries import Desk
from liveshelf.rooms.types import RoomAudit, RoomCard, RoomState, RoomVersion


class RoomPending(msgspec.Struct, frozen=True):
    """A change of a room that waits for its review, or was rejected for these reasons. Buyers see what was approved."""

    audit_id: str
    rejected: bool
    reasons: list[str]
    submitted_at: str
    name: str
    anchor_name: str
    cover_url: str | None
    share_url: str | None
    feeds_url: str | None
    is_ad: bool


class RoomView(msgspec.Struct, frozen=True):
    """A room as staff see it. `may` is what its state allows now. Only an approved one is shown to buyers and starts;
    `reject_reasons` say why one was not. `is_ad` marks it as advertising.
    """

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
    is_ad: bool
    audit_state: RoomAudit
    reject_reasons: list[str]
    pending: RoomPending | None


class RoomBrief(msgspec.Struct, frozen=True):
    """A room in brief."""

    room_id: int
    name: str
    state: RoomState
    starts_at: str
    cover_url: str | None
    viewers: int
    is_ad: bool


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


async def room_views(tx: ReadTx, settings: Settings, cards: Sequence[RoomCard]) -> list[RoomView]:
    """The rooms as they are sent to staff: two statements for however many."""
    pending = await approval.pending(tx, [card.room.room_id for card in cards])
    rejected = [card.room.audit_id for card in cards if card.room.audit_state is RoomAudit.REJECTED]
    asked = [*filter(None, rejected), *(one.audit_id for one in pending.values())]
    reasons = await reviews.reject_reasons(tx, asked)
    return [_room_view(settings, tx.shop, card, pending.get(card.room.room_id), reasons=reasons) for card in cards]


def _room_view(
    settings: Settings,
    shop: ShopId,
    card: RoomCard,
    version: RoomVersion | None,
    *,
    reasons: Mapping[AuditId, tuple[str, ...]],
) -> RoomView:
    room = card.room
    why = reasons.get(room.audit_id, ()) if room.audit_id and room.audit_state is RoomAudit.REJECTED else ()
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
        is_ad=room.is_ad,
        audit_state=room.audit_state,
        reject_reasons=list(why),
        pending=None if version is None else _pending(version, reasons),
    )


def _pending(version: RoomVersion, reasons: Mapping[AuditId, tuple[str, ...]]) -> RoomPending:
    one = version.shown
    return RoomPending(
        str(version.audit_id),
        version.rejected,
        list(reasons.get(version.audit_id, ())) if version.rejected else [],
        instant(version.submitted_at),
        one.name,
        one.anchor_name,
        picture_url(one.cover_media_id),
        picture_url(one.share_media_id),
        picture_url(one.feeds_media_id),
        one.is_ad,
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
        room.is_ad,
    )


async def desk_view(tx: ReadTx, settings: Settings, desk: Desk) -> DeskView:
    """The desk as it is sent."""
    card, figures = desk.snapshot.card, desk.figures
    (room,) = await room_views(tx, settings, [card])
    return DeskView(
        room,
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
