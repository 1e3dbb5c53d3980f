"""Compliance: the platform records violations, sees what is in force, and reverses by authority."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator, Permission
from liveshelf.facades.native.penalty_views import PenaltyVerb, PenaltyView, penalty_views
from liveshelf.facades.native.review_views import ShopBrief
from liveshelf.facades.native.shell import Cursor, Limit, LongId, RequestId, SmallId, once, reviewer
from liveshelf.flows import penalise
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.penalties import queries, service
from liveshelf.penalties.rules import REASON_MAX, REPEAT_POLICY, RULES, TEXT_MAX
from liveshelf.penalties.types import Level, Penalty, PenaltyState, Violation
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.errors import RoomMissing
from liveshelf.shops import queries as shops

VIDEO_MAX_S = 86_400  # a broadcast is shorter than a day
_SHOPS_SHOWN = 500

OfLevel = Annotated[Level | None, QueryParameter(name="level")]
InState = Annotated[PenaltyState | None, QueryParameter(name="state")]
OfShop = Annotated[int | None, QueryParameter(name="shop", ge=1, le=2**31 - 1)]


class ViolationIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A violation with its evidence."""

    request_id: RequestId
    shop_id: SmallId
    rule: Annotated[str, msgspec.Meta(max_length=40)]
    what: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]
    happened_at: Annotated[datetime, msgspec.Meta(tz=True)]
    quote: Annotated[str, msgspec.Meta(max_length=TEXT_MAX)] = ""
    room_id: SmallId | None = None
    video_s: Annotated[int, msgspec.Meta(ge=0, le=VIDEO_MAX_S)] | None = None


class Reversal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the penalty is taken back."""

    request_id: RequestId
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_MAX)]


class RuleView(msgspec.Struct, frozen=True):
    """A rule that can be broken."""

    code: str
    level: Level
    zh: str
    en: str
    basis_zh: str
    basis_en: str


class RepeatView(msgspec.Struct, frozen=True):
    """The `count`-th violation of a level within so many days counts as one of another level."""

    level: Level
    count: int
    within_days: int
    becomes: Level


class PenaltySetup(msgspec.Struct, frozen=True):
    """What a violation can be recorded with."""

    rules: list[RuleView]
    repeat: list[RepeatView]
    shops: list[ShopBrief]


class PenaltyPage(msgspec.Struct, frozen=True):
    """A page of penalties."""

    items: list[PenaltyView]
    next: str | None


@get("/penalties", dependencies=reviewer("penalties.read"), tags=["penalties"])
async def list_penalties(
    operator: Operator,
    runtime: Runtime,
    *,
    level: OfLevel = None,
    wanted: InState = None,
    shop: OfShop = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> PenaltyPage:
    """Penalties of all shops, the latest first."""
    of = None if shop is None else ShopId(shop)
    async with runtime.db.read() as tx:
        page = await queries.everywhere(tx, level=level, state=wanted, shop=of, cursor=cursor, limit=limit)
    return PenaltyPage(await _views(runtime, operator, page.items), page.next)


@get("/penalties/setup", dependencies=reviewer("penalties.read"), tags=["penalties"])
async def penalty_setup(operator: Operator, runtime: Runtime) -> PenaltySetup:  # noqa: ARG001 - the check is the point
    """The rules, how repetition raises their level, and the shops."""
    async with runtime.db.read() as tx:
        every = await shops.shops(tx)
    return PenaltySetup(
        [RuleView(one.code, one.level, one.zh, one.en, one.basis_zh, one.basis_en) for one in RULES],
        [RepeatView(one.level, one.count, one.within.days, one.becomes) for one in REPEAT_POLICY],
        [ShopBrief(one.shop_id, one.name) for one in every[:_SHOPS_SHOWN]],
    )


@post("/penalties", dependencies=reviewer("penalties.impose"), tags=["penalties"])
async def impose(data: ViolationIn, operator: Operator, runtime: Runtime) -> PenaltyView:
    """Record a violation; its consequence follows at once."""
    shop = ShopId(data.shop_id)
    room_id = None if data.room_id is None else RoomId(data.room_id)
    violation = Violation(data.rule, data.what, data.happened_at, data.quote, room_id, data.video_s)

    async def work(tx: Tx) -> int:
        await shops.shop(tx)
        if room_id is not None and await rooms.room(tx, room_id) is None:
            raise RoomMissing(field="room_id", room_id=room_id)
        return (await penalise.impose(tx, violation)).penalty_id

    penalty_id = await runtime.db.write(
        operator.actor, shop, work, once=once("penalties.impose", data.request_id, data, int)
    )
    return await _shown(runtime, operator, penalty_id)


@post(
    "/penalties/{penalty_id:int}/reverse",
    dependencies=reviewer("penalties.reverse"),
    tags=["penalties"],
    status_code=200,
)
async def reverse(penalty_id: LongId, data: Reversal, operator: Operator, runtime: Runtime) -> PenaltyView:
    """Take a penalty back by authority."""
    async with runtime.db.read() as tx:
        shop = (await queries.anywhere(tx, penalty_id)).shop

    async def work(tx: Tx) -> bool:
        await service.reverse(tx, penalty_id, data.reason)
        return True

    await runtime.db.write(
        operator.actor, shop, work, once=once("penalties.reverse", data.request_id, [penalty_id, data], bool)
    )
    return await _shown(runtime, operator, penalty_id)


async def _shown(runtime: Runtime, operator: Operator, penalty_id: int) -> PenaltyView:
    async with runtime.db.read() as tx:
        found = await queries.anywhere(tx, penalty_id)
    (view,) = await _views(runtime, operator, [found])
    return view


async def _views(runtime: Runtime, operator: Operator, penalties: Sequence[Penalty]) -> list[PenaltyView]:
    """Read shop by shop: one shop's data may lie on a machine of its own."""
    offered: list[PenaltyVerb] = ["reverse"] if Permission.PENALTIES_REVERSE in operator.permissions else []
    views: dict[str, PenaltyView] = {}
    for shop in dict.fromkeys(one.shop for one in penalties):
        async with runtime.db.read(shop) as tx:
            its = [one for one in penalties if one.shop == shop]
            views |= {view.penalty_id: view for view in await penalty_views(tx, its, offered=offered)}
    return [views[str(one.penalty_id)] for one in penalties]


ROUTES = [list_penalties, penalty_setup, impose, reverse]
