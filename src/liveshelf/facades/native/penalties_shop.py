"""A shop's penalties: what is in force, what they rest on, and what the shop can do."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post

from liveshelf.accounts.types import Operator, Permission
from liveshelf.facades.native.penalty_views import (
    PenaltyVerb,
    PenaltyView,
    StandingView,
    penalty_views,
    standing_view,
)
from liveshelf.facades.native.shell import Cursor, Limit, LongId, Plain, RequestId, once, staff
from liveshelf.penalties import queries, service
from liveshelf.penalties.rules import REASON_MAX
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime


class PenaltyAppeal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the penalty is wrong."""

    request_id: RequestId
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_MAX)]


class OwnPenalties(msgspec.Struct, frozen=True):
    """What is in force, and a page of the shop's penalties."""

    standing: StandingView
    items: list[PenaltyView]
    next: str | None


@get("/shops/{shop_id:int}/penalties", dependencies=staff("cases.read"), tags=["penalties"])
async def list_own_penalties(
    operator: Operator, runtime: Runtime, *, cursor: Cursor = None, limit: Limit = None
) -> OwnPenalties:
    """The shop's penalties, the latest first."""
    async with runtime.db.read(operator.shop) as tx:
        page = await queries.of_shop(tx, cursor=cursor, limit=limit)
        items = await penalty_views(tx, page.items, offered=_offered(operator))
        return OwnPenalties(standing_view(await queries.in_force(tx)), items, page.next)


@post(
    "/shops/{shop_id:int}/penalties/{penalty_id:int}/acknowledge",
    dependencies=staff("cases.write"),
    tags=["penalties"],
    status_code=200,
)
async def acknowledge(penalty_id: LongId, data: Plain, operator: Operator, runtime: Runtime) -> PenaltyView:
    """Say that the shop has read it; a warning ends by that."""

    async def work(tx: Tx) -> bool:
        await service.acknowledge(tx, penalty_id)
        return True

    await runtime.db.write(
        operator.actor, operator.shop, work, once=once("penalties.acknowledge", data.request_id, [penalty_id], bool)
    )
    return await _shown(runtime, operator, penalty_id)


@post(
    "/shops/{shop_id:int}/penalties/{penalty_id:int}/appeal",
    dependencies=staff("cases.write"),
    tags=["penalties"],
    status_code=200,
)
async def appeal_penalty(penalty_id: LongId, data: PenaltyAppeal, operator: Operator, runtime: Runtime) -> PenaltyView:
    """Ask somebody else to look at a penalty; once, within 15 days."""

    async def work(tx: Tx) -> bool:
        await service.appeal(tx, penalty_id, data.text)
        return True

    await runtime.db.write(
        operator.actor, operator.shop, work, once=once("penalties.appeal", data.request_id, [penalty_id, data], bool)
    )
    return await _shown(runtime, operator, penalty_id)


async def _shown(runtime: Runtime, operator: Operator, penalty_id: int) -> PenaltyView:
    async with runtime.db.read(operator.shop) as tx:
        (view,) = await penalty_views(tx, [await queries.penalty(tx, penalty_id)], offered=_offered(operator))
    return view


def _offered(operator: Operator) -> list[PenaltyVerb]:
    return ["acknowledge", "appeal"] if Permission.CASES_WRITE in operator.permissions else []


ROUTES = [list_own_penalties, acknowledge, appeal_penalty]
