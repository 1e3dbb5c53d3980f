"""What a room lets its viewers do: official listing, replay, customer service, comments. And asking to broadcast."""

from __future__ import annotations

from liveshelf.facades.wechat.calls import Call, call
from liveshelf.facades.wechat.envelope import Answer
from liveshelf.facades.wechat.errors import ParameterWrong
from liveshelf.flows import go_live
from liveshelf.kernel.ids import RoomId
from liveshelf.rooms import switches
from liveshelf.rooms.switches import SwitchChanges

_APPLY = "apply"


@call("room.updatefeedpublic", "/wxaapi/broadcast/room/updatefeedpublic", anchor="R7")
async def list_publicly(call: Call) -> Answer:
    """Let the room be listed, or not."""
    return await _switched(call, SwitchChanges(is_feeds_public=call.params.flag("isFeedsPublic")))


@call("room.updatereplay", "/wxaapi/broadcast/room/updatereplay", anchor="R8")
async def close_replay(call: Call) -> Answer:
    """Close the room's replay, or open it."""
    return await _switched(call, SwitchChanges(close_replay=call.params.flag("closeReplay")))


@call("room.updatekf", "/wxaapi/broadcast/room/updatekf", anchor="R9")
async def close_service(call: Call) -> Answer:
    """Close the entrance to customer service, or open it."""
    return await _switched(call, SwitchChanges(close_kf=call.params.flag("closeKf")))


@call("room.updatecomment", "/wxaapi/broadcast/room/updatecomment", anchor="R10")
async def mute(call: Call) -> Answer:
    """Mute all viewers, or let them speak again."""
    params = call.params
    # The newest table of the docs says `id`, its example and every SDK `roomId`.
    room_id = RoomId(params.identifier("roomId" if params.has("roomId") else "id"))
    command = switches.mute if params.flag("banComment") else switches.unmute
    await call.write(lambda tx: command(tx, room_id))
    return {}


@call("applyliveinfo", "/wxa/business/applyliveinfo", anchor="X1")
async def apply_live(call: Call) -> Answer:
    """Hand in the application to broadcast, where it is not granted already."""
    if call.params.text("action") != _APPLY:
        raise ParameterWrong("action must be apply", field="action")
    await call.write(go_live.apply)
    return {"action": _APPLY}


async def _switched(call: Call, changes: SwitchChanges) -> Answer:
    room_id = RoomId(call.params.identifier("roomId"))
    await call.write(lambda tx: switches.change(tx, room_id, changes))
    return {}


ROUTES = (list_publicly, close_replay, close_service, mute, apply_live)
