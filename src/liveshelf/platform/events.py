"""What has happened, told to whoever must react.

An event is a row written in the transaction of the change (outbox and history in one). Services only emit. The relay
reads unrelayed rows shop by shop and, outside any business transaction, hands each to its reactions: hints on the bus
and deferred jobs. Delivery is at least once, so every reaction is idempotent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from sqlalchemy import bindparam, func, select, update

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform._tables import events

if TYPE_CHECKING:
    from liveshelf.platform.db import Database, ReadTx
    from liveshelf.platform.fanout import Bus

BATCH = 500  # rows a relay carries in one transaction: some tens of milliseconds


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every event. Subclasses are named in the past tense and set `name` ("goods.approved")."""

    name: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as it was stored."""

    shop: ShopId
    event_id: int
    stream: str
    seq: int | None
    name: str
    body: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Hint:
    """Reaction: publish a hint on the bus. `channel` makes the channel's name, `payload` the text."""

    channel: Callable[[Happened], str]
    payload: Callable[[Happened], str]


@dataclass(frozen=True, slots=True)
class Defer:
    """Reaction: run the named job, with arguments made from the event (ids only)."""

    job: str
    args: Callable[[Happened], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Gather:
    """Reaction: run the named job once for all such events that a relay carries together. The job gets `event_ids`."""

    job: str


Reactions = Mapping[str, Sequence[Hint | Defer | Gather]]
DeferJobs = Callable[[Sequence[tuple[str, Mapping[str, object]]]], Awaitable[None]]

_SHOPS_WAITING = select(events.c.shop_id).where(events.c.relayed_at.is_(None)).distinct()
# One relay a shop at a time, or a room's events could overtake each other between two workers.
_ONE_RELAY = select(func.pg_try_advisory_xact_lock(bindparam("space"), bindparam("shop")))
_UNRELAYED = (
    select(events)
    .where(events.c.shop_id == bindparam("shop"), events.c.relayed_at.is_(None))
    .order_by(events.c.event_id)
    .limit(BATCH)
)
_BY_IDS = (
    select(events)
    .where(events.c.shop_id == bindparam("shop"), events.c.event_id == func.any(bindparam("ids")))
    .order_by(events.c.event_id)
)
_MARK = (
    update(events)
    .where(events.c.shop_id == bindparam("shop"), events.c.event_id == func.any(bindparam("ids")))
    .values(relayed_at=bindparam("moment"))
)
_TAIL = (
    select(events)
    .where(
        events.c.shop_id == bindparam("shop"), events.c.stream == bindparam("stream"), events.c.seq > bindparam("since")
    )
    .order_by(events.c.seq)
    .limit(bindparam("most"))
)
_ADVISORY_RELAY = 0x6C73_01  # first key of the advisory locks that relays take


class Relay:
    """Carries unrelayed events to their reactions."""

    def __init__(self, db: Database, bus: Bus, defer: DeferJobs, reactions: Reactions) -> None:
        self._db = db
        self._bus = bus
        self._defer = defer
        self._reactions = reactions

    async def sweep(self) -> int:
        """Carry what waits in every shop, at most `BATCH` a shop. Returns how many were carried.

        One shop's trouble is not the others': it is raised when all have had their turn.
        """
        async with self._db.read() as tx:
            shops = [ShopId(row.shop_id) for row in await tx.all(_SHOPS_WAITING)]
        carried, trouble = 0, None
        for shop in shops:
            try:
                carried += await self._carry(shop)
            except Exception as error:  # noqa: BLE001 - raised below
                trouble = error
        if trouble is not None:
            raise trouble
        return carried

    async def _carry(self, shop: ShopId) -> int:
        async def work(tx: Any) -> int:  # noqa: ANN401 - Tx would be a circular import
            if not await tx.scalar(_ONE_RELAY, space=_ADVISORY_RELAY, shop=shop):
                return 0
            waiting = [happened(row) for row in await tx.all(_UNRELAYED)]
            if not waiting:
                return 0
            reactions = [(one, reaction) for one in waiting for reaction in self._reactions.get(one.name, ())]
            gathered: dict[str, list[int]] = {}
            for one, reaction in reactions:
                if isinstance(reaction, Gather):
                    gathered.setdefault(reaction.job, []).append(one.event_id)
            await self._defer(
                [(r.job, {"shop_id": one.shop, **r.args(one)}) for one, r in reactions if isinstance(r, Defer)]
                + [(job, {"shop_id": shop, "event_ids": ids}) for job, ids in gathered.items()]
            )
            hints = dict.fromkeys((r.channel(one), r.payload(one)) for one, r in reactions if isinstance(r, Hint))
            await self._bus.publish(list(hints))
            await tx.execute(_MARK, ids=[one.event_id for one in waiting], moment=tx.now)
            return len(waiting)

        return await self._db.write(SYSTEM, shop, work)


async def stored(tx: ReadTx, event_ids: Sequence[int]) -> list[Happened]:
    """The events of these ids in the transaction's shop, in order."""
    return [happened(row) for row in await tx.all(_BY_IDS, ids=list(event_ids))]


async def stream_tail(tx: ReadTx, stream: str, *, since: int, most: int) -> list[Happened]:
    """The numbered events of a stream after `since`, in order, at most `most`."""
    return [happened(row) for row in await tx.all(_TAIL, stream=stream, since=since, most=most)]


def happened(row: Any) -> Happened:  # noqa: ANN401 - a database row
    """The stored event of a row of the events table."""
    return Happened(ShopId(row.shop_id), row.event_id, row.stream, row.seq, row.name, row.body, row.at)
