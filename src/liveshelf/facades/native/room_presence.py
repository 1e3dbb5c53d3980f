"""Who is at the desk of a room, and how an important broadcast was watched by the legal role."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post, put

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator, Role
from liveshelf.facades.native.shell import SmallId, instant, staff
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import AccountId, RoomId
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import presence
from liveshelf.rooms.presence import BEAT_S

_ROOM = "/shops/{shop_id:int}/rooms/{room_id:int}"


class Beat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The desk is open. `place` is the part of it where somebody works."""

    place: Annotated[str, msgspec.Meta(max_length=20, pattern="^[a-z]*$")] = ""


class Colleague(msgspec.Struct, frozen=True):
    """Somebody else at the desk."""

    name: str
    place: str


class DeskPeople(msgspec.Struct, frozen=True):
    """Who else is at the desk. Say again in `beat_s` seconds that the page is open."""

    others: list[Colleague]
    beat_s: int


class GapView(msgspec.Struct, frozen=True):
    """From when to when nobody of the legal role watched."""

    from_at: str
    to_at: str
    seconds: int


class WatchView(msgspec.Struct, frozen=True):
    """How the broadcast was watched. `permille` is 1,000 when it was without any gap longer than `gap_s`, and nothing
    before the start.
    """

    important: bool
    present: bool
    people: list[str]
    gaps: list[GapView]
    permille: int | None
    gap_s: int


class Important(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the legal role has to watch the whole broadcast."""

    important: bool


@post(f"{_ROOM}/desk/presence", dependencies=staff("rooms.read"), tags=["rooms"], status_code=200)
async def be_at_desk(room_id: SmallId, data: Beat, operator: Operator, runtime: Runtime) -> DeskPeople:
    """Say that the desk is open here. Of the legal role it counts as watching."""
    others = await runtime.db.write(
        operator.actor,
        operator.shop,
        lambda tx: presence.beat(
            tx, RoomId(room_id), operator.account_id, place=data.place, is_legal=operator.role is Role.LEGAL
        ),
    )
    async with runtime.db.read(operator.shop) as tx:
        names = await _names(tx, [one.account_id for one in others])
    return DeskPeople([Colleague(names[one.account_id], one.place) for one in others], BEAT_S)


@get(f"{_ROOM}/watch", dependencies=staff("rooms.read"), tags=["rooms"])
async def get_watch(room_id: SmallId, operator: Operator, runtime: Runtime) -> WatchView:
    """How the legal role watches, or watched, this broadcast."""
    return await _shown(runtime, operator, RoomId(room_id))


@put(f"{_ROOM}/important", dependencies=staff("rooms.write"), tags=["rooms"])
async def set_important(room_id: SmallId, data: Important, operator: Operator, runtime: Runtime) -> WatchView:
    """Let the legal role have to watch this broadcast, or not; only before it begins."""
    command = presence.mark if data.important else presence.unmark
    await runtime.db.write(operator.actor, operator.shop, lambda tx: command(tx, RoomId(room_id)))
    return await _shown(runtime, operator, RoomId(room_id))


async def _shown(runtime: Runtime, operator: Operator, room_id: RoomId) -> WatchView:
    async with runtime.db.read(operator.shop) as tx:
        found = await presence.coverage(tx, room_id)
        names = await _names(tx, list(found.people))
    gaps = [
        GapView(instant(one.began_at), instant(one.ended_at), round(one.length.total_seconds())) for one in found.gaps
    ]
    people = [names[one] for one in found.people]
    return WatchView(found.important, found.present, people, gaps, found.permille, found.gap_s)


async def _names(tx: ReadTx, people: list[AccountId]) -> dict[AccountId, str]:
    actors = {one: str(Actor(ActorKind.STAFF, str(one))) for one in people}
    found = await accounts.names(tx, list(actors.values()))
    return {one: found.get(actor, "") for one, actor in actors.items()}


ROUTES = [be_at_desk, get_watch, set_important]
