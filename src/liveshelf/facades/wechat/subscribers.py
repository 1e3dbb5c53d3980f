"""Long-term subscribers: who they are, and telling them that a room is on air."""

from __future__ import annotations

from liveshelf.facades.wechat.calls import Call, call
from liveshelf.facades.wechat.envelope import Answer
from liveshelf.facades.wechat.errors import ParameterWrong
from liveshelf.kernel.ids import INT32_MAX, RoomId
from liveshelf.kernel.time import unix
from liveshelf.rooms import followers
from liveshelf.rooms.followers import PAGE_MAX
from liveshelf.rooms.types import LIVE_STATUS

_PAGE = 200


@call("get_wxa_followers", "/wxa/business/get_wxa_followers", anchor="L1")
async def list_followers(call: Call) -> Answer:
    """Subscribers in the order in which they came; `page_break` leads to the next ones, the end is an empty list."""
    limit = call.params.optional_number("limit")
    after = min(call.params.optional_number("page_break") or 0, INT32_MAX)
    async with call.read() as tx:
        found = await followers.listed(tx, after=after, limit=_PAGE if limit is None else min(limit, PAGE_MAX))
    shown = [
        {
            "openid": one.openid,
            "subscribe_time": unix(one.followed_at),
            "room_id": one.room_id,
            "room_status": LIVE_STATUS[one.state],
        }
        for one in found
    ]
    return {"followers": shown, "page_break": found[-1].follow_no if found else after}


@call("push_message", "/wxa/business/push_message", anchor="L2")
async def push_message(call: Call) -> Answer:
    """Tell these subscribers that the room is on air. Accepted only: what became of it comes as an event."""
    room_id = RoomId(call.params.identifier("room_id"))
    openids = call.params.optional_texts("user_openid")
    if openids is None:
        raise ParameterWrong("user_openid must not be empty", field="user_openid")
    message_id = await call.write(lambda tx: followers.announce(tx, room_id, openids))
    return {"message_id": str(message_id)}


ROUTES = (list_followers, push_message)
