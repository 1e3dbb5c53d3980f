"""The picture of a room over the wire: where to send it, what there is of it afterwards, and the clip of each goods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from liveshelf.adapters.footage.folder import Footage
from liveshelf.facades.wechat.calls import GET, Call, call
from liveshelf.facades.wechat.envelope import Answer
from liveshelf.facades.wechat.errors import Refusal, text_of
from liveshelf.flows import replay, video
from liveshelf.flows.replay import ClipState
from liveshelf.goods import queries as goods
from liveshelf.kernel.ids import GoodsId, RoomId
from liveshelf.kernel.time import CHINA
from liveshelf.rooms import queries
from liveshelf.rooms.errors import GoodsUnknown, RoomStateRefuses
from liveshelf.rooms.types import RoomState
from liveshelf.video import keys
from liveshelf.video import queries as pictures

REPLAY_FAILED = 9410003
NO_ROOMS: Mapping[str, object] = {"room_info": [], "live_replay": []}
_NO_CLIP: Mapping[ClipState, int] = {ClipState.NONE: 300044, ClipState.PENDING: 300045, ClipState.FAILED: 300046}


@call("room.getpushurl", "/wxaapi/broadcast/room/getpushurl", GET, anchor="R5", reads_body=True)
async def push_url(call: Call) -> Answer:
    """Where the room's picture is sent to. Asking again gives the same address."""
    room_id, runtime = RoomId(call.params.identifier("roomId")), call.runtime
    async with call.read() as tx:
        address = await video.push_address(tx, runtime.keys, runtime.settings, room_id)
    return {"pushAddr": address.url}


@call("goods.getVideo", "/wxaapi/broadcast/goods/getVideo", anchor="RG6")
async def clip(call: Call) -> Answer:
    """The clip of a goods' last explanation: a link that is good for some hours, for the shop's own use."""
    params, runtime = call.params, call.runtime
    room_id, goods_id = RoomId(params.identifier("roomId")), GoodsId(params.identifier("goodsId"))
    async with call.read() as tx:
        found = await replay.clip(tx, runtime.need(Footage), room_id, goods_id)
        room = await queries.room(tx, room_id)
        known = await goods.live_goods(tx, [goods_id])
    if room is not None and room.state is RoomState.BANNED:
        raise RoomStateRefuses(state=room.state.value)
    if not known:
        raise GoodsUnknown(goods_id=goods_id)
    if found.state is not ClipState.READY:
        errcode = _NO_CLIP[found.state]
        return Refusal(errcode, text_of(errcode))
    passed = keys.watch_pass(runtime.keys, shop=call.shop, room_id=room_id)
    return {"url": f"{runtime.settings.public_url}/video/{call.shop}/{room_id}/k/{passed}/clip-{goods_id}.m3u8"}


async def replays(call: Call) -> Answer:
    """The replay of a room, once it may be seen by everybody; until then there is none."""
    room_id, settings = RoomId(call.params.identifier("room_id")), call.runtime.settings
    async with call.read() as tx:
        viewing = await video.viewing(tx, room_id)
        stream = await pictures.stream(tx, room_id)
    if viewing is None:
        return Refusal(REPLAY_FAILED, text_of(REPLAY_FAILED), NO_ROOMS)
    shown: list[Mapping[str, object]] = []
    if viewing.is_replay_open and viewing.ended_at is not None and stream.recorded_ms:
        kept_until = viewing.ended_at + timedelta(days=settings.video_days)
        url = f"{settings.public_playback_url}/video/{call.shop}/{room_id}/replay.m3u8"
        shown = [{"create_time": _text(viewing.ended_at), "expire_time": _text(kept_until), "media_url": url}]
    return {"total": len(shown), "room_info": [], "live_replay": shown}


def _text(at: datetime) -> str:
    """An instant as the real server writes it: without a zone, in China's."""
    return at.astimezone(CHINA).strftime("%Y-%m-%dT%H:%M:%S")


ROUTES = (push_url, clip)
