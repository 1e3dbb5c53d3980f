"""Rooms for buyers: the page, the ticket for its stream, comments and likes; and the pictures that lead to it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter

from liveshelf.adapters.footage.folder import Footage
from liveshelf.customers.types import Buyer
from liveshelf.facades.native.broadcasts import picture_url
from liveshelf.facades.native.buyers import buyer
from liveshelf.facades.native.claim_views import ClaimView, claim_views, heard_view
from liveshelf.facades.native.rooms import Said
from liveshelf.facades.native.shell import SmallId, instant, once
from liveshelf.facades.native.video import SeenReplay, mark_views
from liveshelf.flows import claim, replay, room_talk, share_code, video
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.penalties import queries as penalties
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import claims, contact, queries, tickets
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.messages import Comment, ShelfItem
from liveshelf.rooms.types import LIKES_MAX, RoomState
from liveshelf.video.errors import PictureMissing

Custom = Annotated[
    str, QueryParameter(max_length=share_code.CUSTOM_MAX, description="Parameters that the page hands on.")
]

_ROOM = "/storefront/{shop_id:int}/rooms/{room_id:int}"
_PICTURE_HEADERS = {"cache-control": "public, max-age=300", "cross-origin-resource-policy": "cross-origin"}


class StoreRoomHead(msgspec.Struct, frozen=True):
    """The room as buyers see it. `is_ad` says that it is advertising, which the page must show."""

    room_id: int
    name: str
    state: RoomState
    starts_at: str
    cover_url: str | None
    viewers: int
    anchor_name: str
    share_url: str | None
    muted: bool
    close_kf: bool
    is_ad: bool


class ContactView(msgspec.Struct, frozen=True):
    """Where buyers reach somebody: an address, a phone number, or both."""

    url: str
    phone: str
    hours: str


class StoreRoom(msgspec.Struct, frozen=True):
    """What a buyer's page begins with; its stream goes on from `seq`. The shelf has only what is on sale; the quick bar
    also names what will be shown in it when it is on sale again.

    `video_url` is where the moving picture is, while there is one (`has_picture`) and the room is on air.
    `has_replay`: it is over, and may be seen again.
    """

    room: StoreRoomHead
    seq: int
    pushed_goods_id: int | None
    pushed_goods_ids: list[int]
    quick_goods_ids: list[int]
    notice: str
    has_picture: bool
    video_url: str
    has_replay: bool
    shelf: list[ShelfItem]
    comments: list[Comment]
    viewers: int
    contact: ContactView | None


class StoreComment(Comment, frozen=True):
    """What a buyer said, and what it claimed; nothing when it is talk."""

    claim: ClaimView | None


class MyClaims(msgspec.Struct, frozen=True):
    """What can be claimed in the room now, by what word, and what I claimed, the latest first."""

    words: dict[str, int]
    items: list[ClaimView]


class Likes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Likes that a page gathered."""

    count: Annotated[int, msgspec.Meta(ge=1, le=LIKES_MAX)]


@get(_ROOM, tags=["storefront"])
async def store_room(shop_id: SmallId, room_id: SmallId, runtime: Runtime) -> StoreRoom:
    """The room's page, all of one instant. Open to everybody, once the room has passed its review."""
    async with runtime.db.read(ShopId(shop_id)) as tx:
        found = await queries.public_snapshot(tx, RoomId(room_id))
        known = await contact.read(tx)
        is_over = found is not None and found.card.room.state is RoomState.ENDED
        viewing = await video.viewing(tx, RoomId(room_id)) if is_over else None
    if found is None:
        raise RoomMissing(room_id=room_id)
    room, viewers = found.card.room, found.card.viewers
    head = StoreRoomHead(
        room.room_id,
        room.name,
        room.state,
        instant(room.starts_at),
        picture_url(room.cover_media_id),
        viewers,
        room.anchor_name,
        picture_url(room.share_media_id),
        muted=room.muted_at is not None,
        close_kf=room.switches.close_kf,
        is_ad=room.is_ad,
    )
    reached = None if known is None else ContactView(known.url, known.phone, known.hours)
    shelf = [item for item in found.shelf if item.on_sale]
    pushed, quick = [int(one) for one in found.pinned], [int(one) for one in found.quick_bar]
    return StoreRoom(
        head,
        room.seq,
        room.pushed_goods_id,
        pushed,
        quick,
        room.notice,
        room.has_picture,
        runtime.settings.live_playlist(shop_id, room_id),
        viewing is not None and viewing.is_replay_open,
        shelf,
        found.comments,
        viewers,
        reached,
    )


@get(f"{_ROOM}/replay", tags=["storefront"])
async def store_replay(shop_id: SmallId, room_id: SmallId, runtime: Runtime) -> SeenReplay:
    """The replay of a broadcast that is over, with what was explained when. Open to everybody, once it may be seen."""
    place = f"{runtime.settings.public_playback_url}/video/{shop_id}/{room_id}"
    async with runtime.db.read(ShopId(shop_id)) as tx:
        viewing = await video.viewing(tx, RoomId(room_id))
        if viewing is None or viewing.recording is None:
            raise PictureMissing
        footage, recording = runtime.need(Footage), viewing.recording
        found = await replay.public(tx, footage, RoomId(room_id), recording=recording, place=place)
        return SeenReplay(found.url, found.length_s, await mark_views(tx, found.marks))


@post(f"{_ROOM}/ticket", dependencies=buyer(), tags=["storefront"], status_code=200)
async def buyer_ticket(room_id: SmallId, buyer: Buyer, runtime: Runtime) -> tickets.Issued:
    """A ticket for the room's stream, good for a minute."""
    async with runtime.db.read(buyer.shop) as tx:
        return await tickets.issue_known(
            tx, runtime.keys, runtime.settings, room_id=RoomId(room_id), viewer=str(buyer.actor), role="buyer"
        )


@post(f"{_ROOM}/comments", dependencies=buyer(), tags=["storefront"])
async def comment(room_id: SmallId, data: Said, buyer: Buyer, runtime: Runtime) -> StoreComment:
    """Say something in a broadcast. What can be claimed at the moment is claimed by saying its word."""
    said = await room_talk.comment(
        runtime,
        buyer,
        RoomId(room_id),
        text=data.text,
        once=once(f"rooms.{room_id}.comment", data.request_id, data, Comment),
    )
    heard = await claim.claims_of(runtime).hear(buyer, RoomId(room_id), said)
    answer = await heard_view(runtime, buyer, heard)
    return StoreComment(said.comment_id, said.by, said.text, said.at, answer)


@get(f"{_ROOM}/claims", dependencies=buyer(), tags=["storefront"])
async def my_claims(room_id: SmallId, buyer: Buyer, runtime: Runtime) -> MyClaims:
    """What I claimed in this room, and what can be claimed now."""
    async with runtime.db.read(buyer.shop) as tx:
        rounds = await claims.open_rounds(tx, RoomId(room_id))
        mine = await claims.mine(tx, RoomId(room_id), buyer.customer_id)
        return MyClaims({one.keyword: one.goods_id for one in rounds}, await claim_views(tx, mine))


@post(f"{_ROOM}/likes", dependencies=buyer(), tags=["storefront"], status_code=204)
async def like(room_id: SmallId, data: Likes, buyer: Buyer, runtime: Runtime) -> None:
    """Like a broadcast."""
    await room_talk.likes_of(runtime).add(buyer.shop, RoomId(room_id), data.count)


@get("/room-codes/{shop_id:int}/{name:str}", tags=["storefront"], media_type="image/png")
async def room_code(shop_id: SmallId, name: str, runtime: Runtime, custom_params: Custom = "") -> Response[bytes]:
    """The QR code that leads to a room. Public."""
    return _png(await share_code.code(runtime, ShopId(shop_id), _room_of(name), custom_params))


@get("/room-posters/{shop_id:int}/{name:str}", tags=["storefront"], media_type="image/png")
async def room_poster(shop_id: SmallId, name: str, runtime: Runtime, custom_params: Custom = "") -> Response[bytes]:
    """A poster of a room with its code. Public."""
    async with runtime.db.read(ShopId(shop_id)) as tx:
        await penalties.must_not_be_limited(tx)
    return _png(await share_code.poster(runtime, ShopId(shop_id), _room_of(name), custom_params))


@get("/identity-codes/{shop_id:int}/{name:str}", tags=["storefront"], media_type="image/png")
async def identity_code(shop_id: SmallId, name: str, runtime: Runtime) -> Response[bytes]:  # noqa: ARG001 - one picture a shop
    """The QR code that software gets beside "not verified". Public: it leads to a page that asks who is there."""
    return _png(await share_code.identity_code(runtime, ShopId(shop_id)))


def _png(data: bytes) -> Response[bytes]:
    return Response(data, media_type="image/png", headers=_PICTURE_HEADERS)


def _room_of(name: str) -> RoomId:
    number = name.removesuffix(".png")
    if not number.isascii() or not number.isdigit() or len(number) > len(str(2**31)):
        raise RoomMissing
    return RoomId(int(number))


ROUTES = [store_room, store_replay, buyer_ticket, comment, my_claims, like]
ROOT_ROUTES = [room_code, room_poster, identity_code]
