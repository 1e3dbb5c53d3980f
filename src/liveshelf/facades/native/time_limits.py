"""The time limits that a shop promises its buyers."""

from __future__ import annotations

import msgspec
from litestar import get, put

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.facades.native.shell import RequestId, instant, once, staff
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.shops.time_limits import BOUNDS, STANDARD, TimeLimits, limits_set, set_limits, time_limits_of

_PATH = "/shops/{shop_id:int}/time-limits"


class LimitsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to promise from now on; the days that sales are kept stay when they are absent."""

    request_id: RequestId
    receive_days: int
    ship_hours: int
    answer_hours: int
    sales_days: int | None = None


class LimitView(msgspec.Struct, frozen=True):
    """One limit: what it is, what it is where nobody set it, and between what it may be."""

    now: int
    standard: int
    least: int
    most: int


class LimitsView(msgspec.Struct, frozen=True):
    """All limits. Orders keep those of when they were paid, after-sale cases those of when they were opened."""

    receive_days: LimitView
    ship_hours: LimitView
    answer_hours: LimitView
    sales_days: LimitView
    changed_by: str | None
    changed_at: str | None


@get(_PATH, dependencies=staff("clocks.read"), tags=["clocks"])
async def get_limits(operator: Operator, runtime: Runtime) -> LimitsView:
    """What the shop promises now."""
    return await _shown(runtime, operator)


@put(_PATH, dependencies=staff("shop.write"), tags=["clocks"])
async def put_limits(data: LimitsIn, operator: Operator, runtime: Runtime) -> LimitsView:
    """Promise something else to whoever buys from now on."""

    async def work(tx: Tx) -> None:
        kept = (await time_limits_of(tx)).sales_days if data.sales_days is None else data.sales_days
        await set_limits(tx, TimeLimits(data.receive_days, data.ship_hours, data.answer_hours, kept))

    told = once("shop.time_limits", data.request_id, data, type(None))
    await runtime.db.write(operator.actor, operator.shop, work, once=told)
    return await _shown(runtime, operator)


async def _shown(runtime: Runtime, operator: Operator) -> LimitsView:
    async with runtime.db.read(operator.shop) as tx:
        found = await limits_set(tx)
        names = await accounts.names(tx, [found.changed_by or ""])
    shown = {name: LimitView(getattr(found.limits, name), getattr(STANDARD, name), *BOUNDS[name]) for name in BOUNDS}
    by = None if found.changed_by is None else names.get(found.changed_by, found.changed_by.partition(":")[0])
    return LimitsView(**shown, changed_by=by, changed_at=instant(found.changed_at))


ROUTES = [get_limits, put_limits]
