"""Following a shop's broadcasts: the buyer's switch, and telling everybody who follows."""

from __future__ import annotations

import msgspec
from litestar import delete, get, post, put

from liveshelf.accounts.types import Operator
from liveshelf.customers.types import Buyer
from liveshelf.facades.native.buyers import buyer
from liveshelf.facades.native.shell import RequestId, SmallId, instant, once, staff
from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import followers, queries
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.followers import MassNotice

_STORE = "/storefront/{shop_id:int}"
_ROOM = "/shops/{shop_id:int}/rooms/{room_id:int}"


class Following(msgspec.Struct, frozen=True):
    """Whether the buyer hears when the shop goes on air."""

    following: bool


class StartNoticeView(msgspec.Struct, frozen=True):
    """A start notice to many, and what became of it; the counts are null until it is sent."""

    message_id: str
    asked_at: str
    total: int
    success: int | None
    openid_errors: int | None
    relation_errors: int | None
    over_limit: int | None
    done_at: str | None


class StartNotices(msgspec.Struct, frozen=True):
    """How many follow, and the latest notices of the room."""

    followers: int
    items: list[StartNoticeView]


class Announce(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tell everybody who follows."""

    request_id: RequestId


class Announced(msgspec.Struct, frozen=True):
    """How many people it goes to."""

    readers: int


@get(f"{_STORE}/following", dependencies=buyer(), tags=["storefront"])
async def read_following(buyer: Buyer, runtime: Runtime) -> Following:
    """Whether you hear when the shop goes on air."""
    async with runtime.db.read(buyer.shop) as tx:
        return Following(await followers.follows(tx, buyer.customer_id))


@put(f"{_STORE}/rooms/{{room_id:int}}/following", dependencies=buyer(), tags=["storefront"])
async def follow(room_id: SmallId, buyer: Buyer, runtime: Runtime) -> Following:
    """Hear from now on when the shop goes on air."""
    await runtime.db.write(buyer.actor, buyer.shop, lambda tx: followers.follow(tx, buyer.customer_id, RoomId(room_id)))
    return Following(following=True)


@delete(f"{_STORE}/following", dependencies=buyer(), tags=["storefront"], status_code=200)
async def unfollow(buyer: Buyer, runtime: Runtime) -> Following:
    """Hear of it no more."""
    await runtime.db.write(buyer.actor, buyer.shop, lambda tx: followers.unfollow(tx, buyer.customer_id))
    return Following(following=False)


@get(f"{_ROOM}/start-notices", dependencies=staff("rooms.read"), tags=["rooms"])
async def list_start_notices(room_id: SmallId, operator: Operator, runtime: Runtime) -> StartNotices:
    """How many follow, and what became of the room's notices."""
    return await _notices(runtime, operator, room_id)


@post(f"{_ROOM}/start-notices", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def announce(room_id: SmallId, data: Announce, operator: Operator, runtime: Runtime) -> StartNotices:
    """Tell everybody who follows that the room is on air: one room a day, and each follower once a day."""

    async def work(tx: Tx) -> Announced:
        return Announced(await followers.announce_to_all(tx, RoomId(room_id)))

    await runtime.db.write(
        operator.actor,
        operator.shop,
        work,
        once=once(f"rooms.{room_id}.announce", data.request_id, data, Announced),
    )
    return await _notices(runtime, operator, room_id)


async def _notices(runtime: Runtime, operator: Operator, room_id: int) -> StartNotices:
    async with runtime.db.read(operator.shop) as tx:
        if await queries.room(tx, RoomId(room_id)) is None:
            raise RoomMissing(room_id=room_id)
        items = await followers.notices_of(tx, RoomId(room_id))
        return StartNotices(await followers.count(tx), [_view(one) for one in items])


def _view(one: MassNotice) -> StartNoticeView:
    return StartNoticeView(
        str(one.message_id),
        instant(one.asked_at),
        one.total,
        one.success,
        one.openid_errors,
        one.relation_errors,
        one.over_limit,
        instant(one.done_at),
    )


ROUTES = [read_following, follow, unfollow, list_start_notices, announce]
