"""The signed timeline of a broadcast: its links, what was shown at a second, the check, and the file for others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.params import QueryParameter
from litestar.response import Stream

from liveshelf.accounts.types import Operator
from liveshelf.facades.native.shell import Cursor, Limit, SmallId, instant, staff
from liveshelf.kernel.ids import RoomId
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime
from liveshelf.timeline import export, queries
from liveshelf.timeline.queries import Group, Timeline
from liveshelf.timeline.types import Breach, Link

_PATH = "/shops/{shop_id:int}/rooms/{room_id:int}/timeline"
_SECONDS_MAX = 7 * 24 * 3600
_OFFSET_MAX = 3_600_000

Second = Annotated[
    int | None,
    QueryParameter(ge=0, le=_SECONDS_MAX, description="Seconds of the video; absent for the end of the broadcast."),
]
Offset = Annotated[
    int,
    QueryParameter(ge=-_OFFSET_MAX, le=_OFFSET_MAX, description="By how much later than the room the video began."),
]


class TimelineLink(msgspec.Struct, frozen=True):
    """A link. `second` is counted from the start of the broadcast, below zero for what came before; `subject` is the
    number of the order, comment, penalty or event; `body` is absent where only the commitment is kept.
    """

    number: int
    kind: str
    subject: str | None
    at: str
    second: float
    body: dict[str, Any] | None
    hash: str


class TimelinePage(msgspec.Struct, frozen=True):
    """A page of links, in their order, with what they belong to. `closed`: all of the broadcast is written down."""

    items: list[TimelineLink]
    next: str | None
    total: int | None
    name: str
    started_at: str
    ended_at: str | None
    seconds: int
    links: int
    closed: bool


class ShownGoods(msgspec.Struct, frozen=True):
    """A goods as it was shown."""

    goods_id: int
    number: int
    name: str
    cover_url: str
    price_type: int
    price_fen: int
    price2_fen: int | None
    on_sale: bool
    pushed: bool
    available: int
    sold: int


class ShownMoment(msgspec.Struct, frozen=True):
    """What was shown at a second. Stock is as sampled at `stock_at`, at most a few seconds earlier; `in_front` is the
    pushed goods that stood in front. `legal` of the legal role watched then.
    """

    second: float
    at: str
    state: str
    seq: int
    notice: str
    in_front: int | None
    items: list[ShownGoods]
    stock_at: str | None
    viewers: int
    likes: int
    at_desk: int
    legal: int


class TimelineBent(msgspec.Struct, frozen=True):
    """The first link that is not as it was written, and what is wrong with it."""

    number: int
    kind: str
    breach: Breach


class TimelineVerdict(msgspec.Struct, frozen=True):
    """What the check found. `public_key` in hex checks an exported timeline anywhere."""

    links: int
    seals: int
    bent: TimelineBent | None
    public_key: str


@get(_PATH, dependencies=staff("trail.read"), tags=["timeline"])
async def list_timeline(
    room_id: SmallId,
    operator: Operator,
    runtime: Runtime,
    *,
    group: Group | None = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> TimelinePage:
    """The links of a broadcast's timeline; only those of one group when it is named."""
    async with runtime.db.read(operator.shop) as tx:
        of = await queries.timeline(tx, RoomId(room_id))
        page = await queries.page(tx, RoomId(room_id), group=group, cursor=cursor, limit=limit)
        seconds = _length(of, tx)
    return TimelinePage(
        [_link(of, one) for one in page.items],
        page.next,
        page.total,
        of.name,
        instant(of.started_at),
        instant(of.ended_at),
        seconds,
        of.links,
        of.closed_at is not None,
    )


@get(f"{_PATH}/at", dependencies=staff("trail.read"), tags=["timeline"])
async def show_timeline_at(
    room_id: SmallId, operator: Operator, runtime: Runtime, *, second: Second = None, offset_ms: Offset = 0
) -> ShownMoment:
    """Shelf, prices, pushed goods and stock at a second, made again from the timeline alone."""
    offset = timedelta(milliseconds=offset_ms)
    async with runtime.db.read(operator.shop) as tx:
        of = await queries.timeline(tx, RoomId(room_id))
        at = None if second is None else of.started_at + offset + timedelta(seconds=second)
        moment = await queries.shown_at(tx, RoomId(room_id), at)
    shown = moment.shown
    return ShownMoment(
        of.second_of(moment.at, offset=offset),
        instant(moment.at),
        shown.state,
        shown.seq,
        shown.notice,
        shown.pushed[0] if shown.pushed else None,
        [
            ShownGoods(
                item["goods_id"],
                item.get("number", item["position"]),
                item["name"],
                item["cover_url"],
                item["price_type"],
                item["price_fen"],
                item["price2_fen"],
                item["on_sale"],
                item["goods_id"] in shown.pushed,
                *shown.of(item),
            )
            for item in shown.items
        ],
        instant(shown.stock_at),
        shown.viewers,
        shown.likes,
        shown.at_desk,
        shown.legal,
    )


@get(f"{_PATH}/check", dependencies=staff("trail.read"), tags=["timeline"])
async def check_timeline(room_id: SmallId, operator: Operator, runtime: Runtime) -> TimelineVerdict:
    """Walk the chain: whether every link is as it was written and signed, and the first that is not."""
    async with runtime.db.read(operator.shop) as tx:
        verdict = await queries.verify(tx, runtime.keys, RoomId(room_id))
    bent = verdict.bent
    return TimelineVerdict(
        verdict.links,
        verdict.seals,
        None if bent is None else TimelineBent(bent.number, bent.kind, bent.breach),
        queries.public_key(runtime.keys).public_bytes_raw().hex(),
    )


@get(f"{_PATH}/export", dependencies=staff("trail.read"), tags=["timeline"], media_type="application/x-ndjson")
async def export_timeline(room_id: SmallId, operator: Operator, runtime: Runtime) -> Stream:
    """The timeline as JSON lines with the public key: `liveshelf timeline check` needs nothing else."""
    async with runtime.db.read(operator.shop) as tx:
        await queries.timeline(tx, RoomId(room_id))  # what is missing is said before the first line
    name = f"timeline-{operator.shop}-{room_id}.jsonl"
    return Stream(
        _lines(runtime, operator, RoomId(room_id)),
        media_type="application/x-ndjson",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


async def _lines(runtime: Runtime, operator: Operator, room_id: RoomId) -> AsyncIterator[bytes]:
    async with runtime.db.read(operator.shop) as tx:
        async for line in export.lines(tx, runtime.keys, room_id):
            yield line


def _length(of: Timeline, tx: ReadTx) -> int:
    return max(0, int(of.second_of(of.ended_at or tx.now)))


def _link(of: Timeline, one: Link) -> TimelineLink:
    body = None if one.body is None else dict(one.body)
    subject = None if one.subject is None else str(one.subject)
    return TimelineLink(one.number, one.kind, subject, instant(one.at), of.second_of(one.at), body, one.hash.hex())


ROUTES = [list_timeline, show_timeline_at, check_timeline, export_timeline]
