"""Who wants to hear when the shop goes on air (长期订阅), and telling them (群发开播).

A follower hears at most once a day, and a shop announces one room a day. What follows from a notice is counted, and
told to whoever asked for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from liveshelf.customers import queries as customers
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import CustomerId, RoomId, ShopId, new_number
from liveshelf.kernel.time import china_day
from liveshelf.penalties import queries as penalties
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import _followers_sql, queries
from liveshelf.rooms._line import locked
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.events import (
    BuyerFollowed,
    BuyerUnfollowed,
    MassNoticeAsked,
    MassNoticeDone,
    StartNoticed,
    stream_of,
)
from liveshelf.rooms.people_errors import NoticeEmpty, NoticeNotLive, NoticeOfAnother
from liveshelf.rooms.types import RoomState
from liveshelf.trail import service as trail

READERS_MAX = 2_000  # of one notice
PAGE_MAX = 2_000
ALL_MAX = 100  # notices that one press may make: 200,000 followers
_LOCK_SPACE = 0x6C73_22  # first key of the advisory locks of a shop's notices


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody who wants to hear. `state` is the room's when they said so."""

    customer_id: CustomerId
    openid: str
    follow_no: int
    room_id: RoomId
    state: RoomState
    followed_at: datetime


@dataclass(frozen=True, slots=True)
class MassNotice:
    """A notice to many, and what became of it; the counts are empty until it is sent."""

    message_id: int
    asked_by: str
    asked_at: datetime
    total: int
    success: int | None
    openid_errors: int | None
    relation_errors: int | None
    over_limit: int | None
    done_at: datetime | None


async def follow(tx: Tx, customer_id: CustomerId, room_id: RoomId) -> None:
    """A buyer wants to hear when the shop goes on air. A second time changes nothing. Raises `RoomMissing`."""
    room = await queries.public_room(tx, room_id)
    if room is None:
        raise RoomMissing(room_id=room_id)
    if await follows(tx, customer_id):
        return
    made = await tx.scalar(
        _followers_sql.FOLLOW.values(
            shop_id=tx.shop,
            customer_id=customer_id,
            follow_no=await tx.next_number("follower"),
            room_id=room_id,
            room_state=room.state,
            followed_at=tx.now,
        )
    )
    if made is not None:
        told = BuyerFollowed(customer_id=customer_id, room_id=room_id, state=room.state.value)
        tx.emit(told, stream=f"follower:{customer_id}")


async def unfollow(tx: Tx, customer_id: CustomerId) -> None:
    """A buyer wants to hear no more. Never having followed is no error."""
    room_id = await tx.scalar(_followers_sql.UNFOLLOW, customer=customer_id)
    if room_id is None:
        return
    room = await queries.room(tx, RoomId(room_id))
    state = RoomState.ENDED if room is None else room.state  # a room that was deleted since is over
    told = BuyerUnfollowed(customer_id=customer_id, room_id=room_id, state=state.value)
    tx.emit(told, stream=f"follower:{customer_id}")


async def follows(tx: ReadTx, customer_id: CustomerId) -> bool:
    """Whether a buyer wants to hear."""
    return await tx.one(_followers_sql.FOLLOWER, customer=customer_id) is not None


async def move(tx: Tx, *, guest: CustomerId, member: CustomerId) -> None:
    """What a guest follows, the member they signed in as follows."""
    if await follows(tx, member):
        await forget(tx, guest)
    else:
        await tx.execute(_followers_sql.MOVE, customer=guest, becomes=member)


async def forget(tx: Tx, customer_id: CustomerId) -> None:
    """A buyer was erased: nobody is told that they follow no more."""
    await tx.execute(_followers_sql.UNFOLLOW, customer=customer_id)


async def listed(tx: ReadTx, *, after: int, limit: int) -> list[Follower]:
    """Followers in the order in which they came, after a number of theirs."""
    rows = await tx.all(_followers_sql.PAGE, after=after, most=min(limit, PAGE_MAX))
    known = await customers.customers(tx, [CustomerId(row.customer_id) for row in rows])
    return [
        Follower(
            CustomerId(row.customer_id),
            known[CustomerId(row.customer_id)].openid,
            row.follow_no,
            RoomId(row.room_id),
            RoomState(row.room_state),
            row.followed_at,
        )
        for row in rows
    ]


async def count(tx: ReadTx) -> int:
    """How many follow."""
    return int(await tx.scalar(_followers_sql.COUNT))


async def announce(tx: Tx, room_id: RoomId, openids: Sequence[str]) -> int:
    """Accept a start notice to these people; it is sent by a job, and then counted. Returns its number.

    Raises `NoticeEmpty`, `TrafficLimited`, `RoomMissing`, `NoticeNotLive`, `NoticeOfAnother`.
    """
    if not 1 <= len(openids) <= READERS_MAX:
        raise NoticeEmpty(most=READERS_MAX)
    await _may_announce(tx, room_id)
    message_id = new_number()
    await tx.execute(
        _followers_sql.INSERT_NOTICE.values(
            shop_id=tx.shop,
            message_id=message_id,
            room_id=room_id,
            day=china_day(tx.now),
            openids=list(openids),
            asked_by=str(tx.actor),
            asked_at=tx.now,
            total=len(openids),
        )
    )
    tx.emit(MassNoticeAsked(message_id=message_id), stream=f"notice:{message_id}")
    trail.record(tx, "rooms.announce", f"room:{room_id}", readers=len(openids))
    return message_id


async def announce_to_all(tx: Tx, room_id: RoomId) -> int:
    """The same to everybody who follows, in as many notices as it takes; how many people. Raises as `announce`."""
    await _may_announce(tx, room_id)
    told, after = 0, 0
    for _ in range(ALL_MAX):
        page = await listed(tx, after=after, limit=READERS_MAX)
        if not page:
            break
        await announce(tx, room_id, [one.openid for one in page])
        told, after = told + len(page), page[-1].follow_no
    if not told:
        raise NoticeEmpty(most=READERS_MAX)
    return told


async def send(runtime: Runtime, shop: ShopId, message_id: int) -> None:
    """The job: tell the followers among those who were named, each once a day. Done again it changes nothing."""
    await runtime.db.write(SYSTEM, shop, lambda tx: _send(tx, message_id))


async def notices_of(tx: ReadTx, room_id: RoomId, *, most: int = 20) -> list[MassNotice]:
    """The latest notices of a room."""
    return [
        MassNotice(
            row.message_id,
            row.asked_by,
            row.asked_at,
            row.total,
            row.success,
            row.openid_errors,
            row.relation_errors,
            row.over_limit,
            row.done_at,
        )
        for row in await tx.all(_followers_sql.NOTICES_OF, room=room_id, most=most)
    ]


async def _may_announce(tx: Tx, room_id: RoomId) -> None:
    await penalties.must_not_be_limited(tx)
    room = await locked(tx, room_id)
    if room.state is not RoomState.LIVE:
        raise NoticeNotLive(state=room.state.value)
    await tx.execute(_followers_sql.LOCK_NOTICES, space=_LOCK_SPACE, key=tx.shop % 2**31)
    if await tx.scalar(_followers_sql.OTHER_ROOM, day=china_day(tx.now), room=room_id):
        raise NoticeOfAnother


async def _send(tx: Tx, message_id: int) -> None:
    row = await tx.one(_followers_sql.LOCK_NOTICE, message=message_id)
    if row is None or row.done_at is not None:
        return
    room = await queries.room(tx, RoomId(row.room_id))
    name = "" if room is None else room.name
    asked: Sequence[str] = row.openids
    known = await customers.by_openids(tx, set(asked))
    named = [known[openid] for openid in asked if openid in known]
    following = {one.customer_id for one in await tx.all(_followers_sql.AMONG, ids=sorted(set(named)))}
    told = {one.customer_id for one in await tx.all(_followers_sql.TELL, ids=sorted(following), day=row.day)}
    tx.emit_many(
        [
            (StartNoticed(customer_id=one, room_id=row.room_id, room_name=name), stream_of(row.room_id), str(tx.actor))
            for one in sorted(told)
        ]
    )
    relation_errors = sum(one not in following for one in named)
    counts = {
        "success": len(told),
        "openid_errors": len(asked) - len(named),
        "relation_errors": relation_errors,
        "over_limit": len(named) - relation_errors - len(told),
    }
    statement = _followers_sql.END_NOTICE.values(**counts, openids=None, done_at=tx.now)
    await tx.execute(statement, b_shop=tx.shop, b_message=message_id)
    done = MassNoticeDone(
        message_id=str(message_id),
        room_id=row.room_id,
        total_count=len(asked),
        success_count=counts["success"],
        openid_error_count=counts["openid_errors"],
        relation_error_count=relation_errors,
        user_recv_limit_count=counts["over_limit"],
        internal_error_count=0,
    )
    tx.emit(done, stream=f"notice:{message_id}")
