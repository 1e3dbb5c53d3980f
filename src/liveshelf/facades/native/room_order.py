"""Keeping order in a room: the pinned comment, and buyers who may not comment."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import delete, get, post, put

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.customers import queries as customers
from liveshelf.facades.native.broadcasts import DeskView
from liveshelf.facades.native.rooms import changed, comment_number
from liveshelf.facades.native.shell import LongId, SmallId, instant, staff
from liveshelf.kernel.ids import CustomerId, RoomId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import mutes, notice

_ROOM = "/shops/{shop_id:int}/rooms/{room_id:int}"


class NoticeIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to pin; empty takes the present one away."""

    text: Annotated[str, msgspec.Meta(max_length=1000)]


class MuteIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the author may not comment any more: in this room, or everywhere in the shop."""

    everywhere: bool = False


class MuteView(msgspec.Struct, frozen=True):
    """A buyer who may not comment."""

    customer_id: str
    name: str
    everywhere: bool
    by: str
    at: str


@put(f"{_ROOM}/notice", dependencies=staff("rooms.live"), tags=["rooms"])
async def pin_notice(room_id: SmallId, data: NoticeIn, operator: Operator, runtime: Runtime) -> DeskView:
    """Pin a comment over the others, or take it away."""

    async def work(tx: Tx, room: RoomId) -> None:
        await (notice.pin(tx, room, data.text) if data.text.strip() else notice.unpin(tx, room))

    return await changed(runtime, operator, room_id, work)


@post(f"{_ROOM}/comments/{{comment_id:str}}/mute", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def mute_author(
    room_id: SmallId, comment_id: str, data: MuteIn, *, operator: Operator, runtime: Runtime
) -> list[MuteView]:
    """Whoever said this may not comment any more."""
    number = comment_number(comment_id)
    command = mutes.ban_author if data.everywhere else mutes.mute_author
    await runtime.db.write(operator.actor, operator.shop, lambda tx: command(tx, RoomId(room_id), number))
    return await _shown(runtime, operator, RoomId(room_id))


@get(f"{_ROOM}/mutes", dependencies=staff("rooms.live"), tags=["rooms"])
async def list_mutes(room_id: SmallId, operator: Operator, runtime: Runtime) -> list[MuteView]:
    """Who may not comment in this room, the latest 200."""
    return await _shown(runtime, operator, RoomId(room_id))


@delete(f"{_ROOM}/mutes/{{customer_id:int}}", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def unmute(room_id: SmallId, customer_id: LongId, operator: Operator, runtime: Runtime) -> list[MuteView]:
    """Let a buyer comment again, here and everywhere."""
    await runtime.db.write(
        operator.actor, operator.shop, lambda tx: mutes.unmute(tx, RoomId(room_id), CustomerId(customer_id))
    )
    return await _shown(runtime, operator, RoomId(room_id))


async def _shown(runtime: Runtime, operator: Operator, room_id: RoomId) -> list[MuteView]:
    async with runtime.db.read(operator.shop) as tx:
        found = await mutes.muted(tx, room_id)
        people = await customers.customers(tx, sorted({one.customer_id for one in found}))
        names = await accounts.names(tx, [one.actor for one in found])
    return [
        MuteView(
            str(one.customer_id),
            people[one.customer_id].name if one.customer_id in people else "",
            one.everywhere,
            names.get(one.actor, one.actor),
            instant(one.at),
        )
        for one in found
    ]


ROUTES = [pin_notice, mute_author, list_mutes, unmute]
