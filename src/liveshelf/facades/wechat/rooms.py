"""Rooms: create, edit, delete, list, and the code to share one."""

from __future__ import annotations

import json
import re
from datetime import datetime
from urllib.parse import quote, unquote, urlsplit

from liveshelf.facades.wechat import picture
from liveshelf.facades.wechat.calls import GET, Call, call
from liveshelf.facades.wechat.envelope import Answer
from liveshelf.facades.wechat.errors import ParameterWrong, Refusal, text_of
from liveshelf.facades.wechat.params import Params
from liveshelf.facades.wechat.picture import NO_ROOMS
from liveshelf.flows import replay_review
from liveshelf.goods.types import LiveGoods
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.kernel.time import from_unix, unix
from liveshelf.media.types import media_path
from liveshelf.penalties import queries as penalties
from liveshelf.rooms import links, queries, service
from liveshelf.rooms.errors import RoomMissing, RoomStateRefuses, RoomTimesInvalid
from liveshelf.rooms.rules import WIRE_LEAD
from liveshelf.rooms.types import LIVE_STATUS, Room, RoomChanges, RoomDraft, RoomState, Switches

PAGE_MAX = 100
LIST_EMPTY, CODE_REFUSED = 9410000, 1001
LIVE_PLUGIN = "wx2b03c6e691cd7370"  # the appid of WeChat's live plugin, whose page shows a room
_PARAMS_MAX = 1_024  # characters of custom parameters in a shared code
_NUMBER = re.compile(r"[0-9]{1,18}")


@call("room.create", "/wxaapi/broadcast/room/create", anchor="R1")
async def create(call: Call) -> Answer:
    """Plan a room."""
    params = call.params
    starts_at, ends_at = _instant(params, "startTime"), _instant(params, "endTime")
    draft = RoomDraft(
        name=_needed(params, "name"),
        starts_at=starts_at,
        ends_at=ends_at,
        anchor_name=_needed(params, "anchorName"),
        anchor_wechat=_needed(params, "anchorWechat"),
        sub_anchor_wechat=params.optional_text("subAnchorWechat") or "",
        creator_wechat=params.optional_text("createrWechat") or "",
        cover_media_id=_picture(_needed(params, "coverImg")),
        share_media_id=_picture(_needed(params, "shareImg")),
        feeds_media_id=_picture(params.optional_text("feedsImg")),
        live_type=int(params.flag("type")),
        switches=_switches(params),
    )
    room = await call.write(lambda tx: service.create(tx, draft, lead=WIRE_LEAD))
    return {"roomId": room.room_id}


@call("room.editroom", "/wxaapi/broadcast/room/editroom", anchor="R4")
async def edit(call: Call) -> Answer:
    """Change the plan of a room that has not begun."""
    params = call.params
    room_id = RoomId(params.identifier("id"))
    changes = RoomChanges(
        starts_at=_instant(params, "startTime"),
        ends_at=_instant(params, "endTime"),
        name=_needed(params, "name"),
        anchor_name=_needed(params, "anchorName"),
        anchor_wechat=_needed(params, "anchorWechat"),
        cover_media_id=_picture(_needed(params, "coverImg")),
        share_media_id=_picture(_needed(params, "shareImg")),
        feeds_media_id=_picture(params.optional_text("feedsImg")),
        switches=_switches(params),
    )
    await call.write(lambda tx: service.edit(tx, room_id, changes, lead=WIRE_LEAD))
    return {}


@call("room.deleteroom", "/wxaapi/broadcast/room/deleteroom", anchor="R3")
async def delete(call: Call) -> Answer:
    """Delete a room that is not on air."""
    room_id = RoomId(call.params.identifier("id"))
    await call.write(lambda tx: replay_review.delete_room(tx, room_id))
    return {}


@call(
    "room.getliveinfo",
    "/wxa/business/getliveinfo",
    anchor="R2",
    beside_errors=NO_ROOMS,
)
async def list_rooms(call: Call) -> Answer:
    """The rooms by their index, latest start first; or, asked for, the replays of one room."""
    params = call.params
    if params.optional_text("action") == "get_replay":
        return await picture.replays(call)
    first, limit = params.number("start"), params.number("limit")
    if limit < 1:
        raise ParameterWrong("limit must be 1 to 100", field="limit")
    async with call.read() as tx:
        rooms, total = await queries.rooms_at(tx, first=first, limit=min(limit, PAGE_MAX))
        shelves = await queries.shelves(tx, [room.room_id for room in rooms])
        public = (await penalties.in_force(tx)).public
    if not rooms:
        return Refusal(LIST_EMPTY, text_of(LIST_EMPTY), NO_ROOMS)
    public_url = call.runtime.settings.public_url
    info = [_room_info(room, shelves.get(room.room_id, []), public_url, public=public) for room in rooms]
    return {"total": total, "room_info": info, "live_replay": []}


@call("room.getsharedcode", "/wxaapi/broadcast/room/getsharedcode", GET, anchor="R6", reads_body=True)
async def shared_code(call: Call) -> Answer:
    """Addresses of a room's code and poster, and its page in the live plugin."""
    custom = _custom(call.params)
    number = call.params.get("roomId")
    if custom is None or not _NUMBER.fullmatch(str(number)):
        return Refusal(CODE_REFUSED, text_of(CODE_REFUSED))
    room_id = RoomId(int(number))
    async with call.read() as tx:
        room = await queries.room(tx, room_id)
    if room is None:
        raise RoomMissing(room_id=room_id)
    if room.state is RoomState.BANNED:
        raise RoomStateRefuses(state=room.state.value)
    return _code(call.runtime.settings.public_url, call.shop, room_id, custom)


def _code(public_url: str, shop: ShopId, room_id: RoomId, custom: str) -> Answer:
    page = f"plugin-private://{LIVE_PLUGIN}/pages/live-player-plugin?room_id={room_id}"
    return {
        "cdnUrl": public_url + links.code_path(shop, room_id, custom),
        "pagePath": f"{page}&custom_params={quote(custom, safe='')}" if custom else page,
        "posterUrl": public_url + links.poster_path(shop, room_id, custom),
    }


def _room_info(room: Room, shelf: list[LiveGoods], public_url: str, *, public: bool) -> dict[str, object]:
    switches = room.switches
    return {
        "name": room.name,
        "roomid": room.room_id,
        "cover_img": _url(room.cover_media_id, public_url),
        "share_img": _url(room.share_media_id, public_url),
        "live_status": LIVE_STATUS[room.state],
        "start_time": unix(room.starts_at),
        "end_time": unix(room.ends_at),
        "anchor_name": room.anchor_name,
        "goods": [_shelf_goods(goods, public_url) for goods in shelf],
        "live_type": room.live_type,
        "close_like": int(switches.close_like),
        "close_goods": int(switches.close_goods),
        "close_comment": int(switches.close_comment),
        "close_kf": int(switches.close_kf),
        "close_replay": int(switches.close_replay),
        "is_feeds_public": int(switches.is_feeds_public and public),  # a limited shop is on no public list
        "creater_openid": "",
        "feeds_img": _url(room.feeds_media_id, public_url),
    }


def _shelf_goods(goods: LiveGoods, public_url: str) -> dict[str, object]:
    # Only here are prices whole fen: typed SDKs read integers.
    return {
        "goods_id": goods.goods_id,
        "name": goods.name,
        "cover_img": _url(goods.cover_media_id, public_url),
        "url": goods.url,
        "price": goods.price_fen,
        "price2": goods.price2_fen or 0,
        "price_type": int(goods.price_type),
        "third_party_appid": goods.third_party_appid,
    }


def _url(media_id: str | None, public_url: str) -> str:
    return public_url + media_path(media_id) if media_id else ""


def _needed(params: Params, key: str) -> str:
    text = params.optional_text(key)
    if text is None:
        raise ParameterWrong(f"parameter {key} must no be null", field=key)  # the real server's words
    return text


def _instant(params: Params, key: str) -> datetime:
    try:
        return from_unix(params.number(key))
    except (ParameterWrong, ValueError, OverflowError, OSError) as error:
        raise RoomTimesInvalid(field=key) from error


def _picture(text: str | None) -> str | None:
    """A media id; of an address that an earlier answer named, the media id in it."""
    if text is None or "/" not in text:
        return text
    return unquote(urlsplit(text).path.rsplit("/", 1)[-1])


def _switches(params: Params) -> Switches:
    return Switches(
        is_feeds_public=params.flag("isFeedsPublic", default=True),
        close_like=params.flag("closeLike"),
        close_goods=params.flag("closeGoods"),
        close_comment=params.flag("closeComment"),
        close_replay=params.flag("closeReplay", default=True),
        close_share=params.flag("closeShare", default=False),
        close_kf=params.flag("closeKf", default=True),
    )


def _custom(params: Params) -> str | None:
    """The custom parameters: the text of a JSON object, empty when absent, `None` when it is something else."""
    text = params.get("params") or ""
    if not text:
        return ""
    try:
        value = json.loads(text if text.lstrip().startswith("{") else unquote(text))
    except (AttributeError, TypeError, ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or len(text) > _PARAMS_MAX:
        return None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


ROUTES = (create, edit, delete, list_rooms, shared_code)
