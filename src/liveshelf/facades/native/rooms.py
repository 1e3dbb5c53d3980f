"""Rooms for the console: plan them, run them, and the live desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import delete, get, patch, post, put
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator
from liveshelf.facades.native.broadcasts import DeskView, RoomView, desk_view, room_views
from liveshelf.facades.native.shell import Cursor, Limit, RequestId, SmallId, once, staff
from liveshelf.flows import go_live, replay_review, room_talk
from liveshelf.kernel.ids import INT63_MAX, GoodsId, RoomId
from liveshelf.kernel.paging import clamp_limit
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import queries, service, tickets
from liveshelf.rooms.errors import CommentMissing, RoomMissing, RoomTimesInvalid
from liveshelf.rooms.messages import Comment
from liveshelf.rooms.types import SHELF_MAX, RoomChanges, RoomDraft, RoomState

Name = Annotated[str, msgspec.Meta(max_length=100)]
WechatId = Annotated[str, msgspec.Meta(max_length=100)]
MediaName = Annotated[str, msgspec.Meta(max_length=64)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
GoodsIds = Annotated[list[SmallId], msgspec.Meta(min_length=1, max_length=SHELF_MAX)]

# `state` itself is a name that the framework keeps for its own.
InState = Annotated[RoomState | None, QueryParameter(name="state", description="Only rooms in this state.")]

_ROOM = "/shops/{shop_id:int}/rooms/{room_id:int}"


class RoomPage(msgspec.Struct, frozen=True):
    """A page of rooms, latest planned start first."""

    items: list[RoomView]
    next: str | None
    total: int | None


class NewRoom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A room to be planned. It may start now; it lasts 30 minutes to 24 hours. `is_ad` marks it as advertising."""

    request_id: RequestId
    name: Name
    starts_at: Moment
    ends_at: Moment
    anchor_name: Name
    anchor_wechat: WechatId = ""
    cover_media_id: MediaName | None = None
    share_media_id: MediaName | None = None
    feeds_media_id: MediaName | None = None
    is_ad: bool = False


class RoomEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes of a plan; what is absent or null stays. What buyers see of an approved room changes after its review."""

    name: Name | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    anchor_name: Name | None = None
    anchor_wechat: WechatId | None = None
    cover_media_id: MediaName | None = None
    share_media_id: MediaName | None = None
    feeds_media_id: MediaName | None = None
    is_ad: bool | None = None


class ShelfGoods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Goods of a shelf, in order."""

    goods_ids: GoodsIds


class ShelfOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Goods of a shelf, in order. `seq` is the room's number that the order was made from; then somebody else's order
    that came since is not overruled.
    """

    goods_ids: GoodsIds
    seq: Annotated[int, msgspec.Meta(ge=0, le=INT63_MAX)] | None = None


class OnSale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a goods can be bought in the room."""

    on_sale: bool


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to say."""

    request_id: RequestId
    text: Annotated[str, msgspec.Meta(max_length=1000)]


class Made(msgspec.Struct, frozen=True):
    """What is kept of a creation, to answer its repetition."""

    room_id: int


@get("/shops/{shop_id:int}/rooms", dependencies=staff("rooms.read"), tags=["rooms"])
async def list_rooms(
    operator: Operator,
    runtime: Runtime,
    *,
    state_: InState = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> RoomPage:
    """The shop's rooms."""
    states = (state_,) if state_ else ()
    async with runtime.db.read(operator.shop) as tx:
        page = await queries.cards(tx, states=states, cursor=cursor, limit=clamp_limit(limit))
        return RoomPage(await room_views(tx, runtime.settings, page.items), page.next, None)


@post("/shops/{shop_id:int}/rooms", dependencies=staff("rooms.write"), tags=["rooms"])
async def create_room(data: NewRoom, operator: Operator, runtime: Runtime) -> RoomView:
    """Plan a room. It waits for its review before buyers see it and it can start."""
    draft = RoomDraft(
        name=data.name,
        starts_at=_utc(data.starts_at, "starts_at"),
        ends_at=_utc(data.ends_at, "ends_at"),
        anchor_name=data.anchor_name,
        anchor_wechat=data.anchor_wechat,
        cover_media_id=data.cover_media_id,
        share_media_id=data.share_media_id,
        feeds_media_id=data.feeds_media_id,
        is_ad=data.is_ad,
    )

    async def work(tx: Tx) -> Made:
        return Made((await service.create(tx, draft)).room_id)

    made = await runtime.db.write(
        operator.actor, operator.shop, work, once=once("rooms.create", data.request_id, data, Made)
    )
    return await _room(runtime, operator, made.room_id)


@get(_ROOM, dependencies=staff("rooms.read"), tags=["rooms"])
async def one_room(room_id: SmallId, operator: Operator, runtime: Runtime) -> RoomView:
    """One room."""
    return await _room(runtime, operator, room_id)


@patch(_ROOM, dependencies=staff("rooms.write"), tags=["rooms"])
async def edit_room(room_id: SmallId, data: RoomEdit, operator: Operator, runtime: Runtime) -> RoomView:
    """Change the plan of a room that has not begun."""
    fields = msgspec.structs.asdict(data)
    times = {key: _utc(fields[key], key) for key in ("starts_at", "ends_at") if fields[key] is not None}
    changes = RoomChanges(**{**fields, **times})
    await runtime.db.write(operator.actor, operator.shop, lambda tx: service.edit(tx, RoomId(room_id), changes))
    return await _room(runtime, operator, room_id)


@delete(_ROOM, dependencies=staff("rooms.write"), tags=["rooms"])
async def delete_room(room_id: SmallId, operator: Operator, runtime: Runtime) -> None:
    """Delete a room that is not on air."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: replay_review.delete_room(tx, RoomId(room_id)))


@post(f"{_ROOM}/start", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def start_room(room_id: SmallId, operator: Operator, runtime: Runtime) -> RoomView:
    """Go on air, also before the planned start."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: go_live.start(tx, RoomId(room_id)))
    return await _room(runtime, operator, room_id)


@post(f"{_ROOM}/pause", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def pause_room(room_id: SmallId, operator: Operator, runtime: Runtime) -> RoomView:
    """Interrupt the broadcast."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: go_live.pause(tx, RoomId(room_id)))
    return await _room(runtime, operator, room_id)


@post(f"{_ROOM}/resume", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def resume_room(room_id: SmallId, operator: Operator, runtime: Runtime) -> RoomView:
    """Go on after a pause."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: go_live.resume(tx, RoomId(room_id)))
    return await _room(runtime, operator, room_id)


@post(f"{_ROOM}/end", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def end_room(room_id: SmallId, operator: Operator, runtime: Runtime) -> RoomView:
    """End the broadcast."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: go_live.end(tx, RoomId(room_id)))
    return await _room(runtime, operator, room_id)


@get(f"{_ROOM}/desk", dependencies=staff("rooms.read"), tags=["rooms"])
async def desk(room_id: SmallId, operator: Operator, runtime: Runtime) -> DeskView:
    """The room with its shelf, comments and figures, all of one instant."""
    return await _desk(runtime, operator, room_id)


@post(f"{_ROOM}/shelf", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def put_on_shelf(room_id: SmallId, data: ShelfGoods, operator: Operator, runtime: Runtime) -> DeskView:
    """Add approved goods at the shelf's end; what is there stays."""
    goods_ids = [GoodsId(one) for one in data.goods_ids]
    return await changed(runtime, operator, room_id, lambda tx, room: service.put_on_shelf(tx, room, goods_ids))


@delete(f"{_ROOM}/shelf/{{goods_id:int}}", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def take_off_shelf(room_id: SmallId, goods_id: SmallId, operator: Operator, runtime: Runtime) -> DeskView:
    """Take a goods off the shelf."""
    return await changed(runtime, operator, room_id, lambda tx, room: service.take_off(tx, room, GoodsId(goods_id)))


@put(f"{_ROOM}/shelf/order", dependencies=staff("rooms.live"), tags=["rooms"])
async def sort_shelf(room_id: SmallId, data: ShelfOrder, operator: Operator, runtime: Runtime) -> DeskView:
    """Put the named goods first, in this order."""
    goods_ids = [GoodsId(one) for one in data.goods_ids]
    return await changed(runtime, operator, room_id, lambda tx, room: service.sort(tx, room, goods_ids, seen=data.seq))


@put(f"{_ROOM}/shelf/{{goods_id:int}}/on-sale", dependencies=staff("rooms.live"), tags=["rooms"])
async def set_on_sale(
    room_id: SmallId, goods_id: SmallId, data: OnSale, *, operator: Operator, runtime: Runtime
) -> DeskView:
    """Put a goods of the shelf on sale, or take it off sale."""
    command = service.put_on_sale if data.on_sale else service.take_off_sale
    return await changed(runtime, operator, room_id, lambda tx, room: command(tx, room, GoodsId(goods_id)))


@post(f"{_ROOM}/shelf/{{goods_id:int}}/push", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def push_goods(room_id: SmallId, goods_id: SmallId, operator: Operator, runtime: Runtime) -> DeskView:
    """Show a goods on top of the broadcast, in front of what is shown there; three at most, then the oldest goes."""
    return await changed(runtime, operator, room_id, lambda tx, room: service.push(tx, room, GoodsId(goods_id)))


@delete(f"{_ROOM}/shelf/{{goods_id:int}}/push", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def take_one_push_back(room_id: SmallId, goods_id: SmallId, operator: Operator, runtime: Runtime) -> DeskView:
    """Take one of the pushed goods off the screen."""
    return await changed(runtime, operator, room_id, lambda tx, room: service.unpin(tx, room, GoodsId(goods_id)))


@delete(f"{_ROOM}/push", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def take_push_back(room_id: SmallId, operator: Operator, runtime: Runtime) -> DeskView:
    """Take all pushed goods off the screen."""
    return await changed(runtime, operator, room_id, service.unpush)


@post(f"{_ROOM}/ticket", dependencies=staff("rooms.read"), tags=["rooms"], status_code=200)
async def staff_ticket(room_id: SmallId, operator: Operator, runtime: Runtime) -> tickets.Issued:
    """A ticket for the room's stream, good for a minute. Staff are not counted as viewers."""
    async with runtime.db.read(operator.shop) as tx:
        return await tickets.issue_known(
            tx, runtime.keys, runtime.settings, room_id=RoomId(room_id), viewer=str(operator.actor), role="staff"
        )


@post(f"{_ROOM}/comments", dependencies=staff("rooms.live"), tags=["rooms"])
async def comment_as_anchor(room_id: SmallId, data: Said, operator: Operator, runtime: Runtime) -> Comment:
    """Say something as the room's anchor."""
    return await room_talk.comment_as_anchor(
        runtime,
        operator,
        RoomId(room_id),
        text=data.text,
        once=once(f"rooms.{room_id}.comment", data.request_id, data, Comment),
    )


@delete(f"{_ROOM}/comments/{{comment_id:str}}", dependencies=staff("rooms.live"), tags=["rooms"])
async def hide_comment(room_id: SmallId, comment_id: str, operator: Operator, runtime: Runtime) -> None:
    """Take a comment off every page."""
    await room_talk.hide_comment(runtime, operator, RoomId(room_id), comment_number(comment_id))


def comment_number(text: str) -> int:
    """The number of a comment. Raises `CommentMissing` for what is none."""
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(INT63_MAX))
    if not digits or int(text) > INT63_MAX:
        raise CommentMissing(comment_id=text[:20])
    return int(text)


def _utc(moment: datetime, field: str) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # the first or the last day of the calendar, in another zone
        raise RoomTimesInvalid(field=field) from error


async def changed(
    runtime: Runtime, operator: Operator, room_id: int, work: Callable[[Tx, RoomId], Awaitable[Any]]
) -> DeskView:
    """Do it, and show the desk as it is then."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: work(tx, RoomId(room_id)))
    return await _desk(runtime, operator, room_id)


async def _desk(runtime: Runtime, operator: Operator, room_id: int) -> DeskView:
    async with runtime.db.read(operator.shop) as tx:
        found = await queries.desk(tx, RoomId(room_id))
        if found is None:
            raise RoomMissing(room_id=room_id)
        return await desk_view(tx, runtime.settings, found)


async def _room(runtime: Runtime, operator: Operator, room_id: int) -> RoomView:
    async with runtime.db.read(operator.shop) as tx:
        card = await queries.card(tx, RoomId(room_id))
        if card is None:
            raise RoomMissing(room_id=room_id)
        (view,) = await room_views(tx, runtime.settings, [card])
    return view


ROUTES = [
    list_rooms,
    create_room,
    one_room,
    edit_room,
    delete_room,
    start_room,
    pause_room,
    resume_room,
    end_room,
    desk,
    put_on_shelf,
    take_off_shelf,
    sort_shelf,
    set_on_sale,
    push_goods,
    take_one_push_back,
    take_push_back,
    staff_ticket,
    comment_as_anchor,
    hide_comment,
]
