"""The shop's orders, for staff."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator, Permission
from liveshelf.facades.native.order_timeline import whole_timeline
from liveshelf.facades.native.order_views import OrderView, order_page, order_views
from liveshelf.facades.native.shell import Cursor, Limit, LongId, staff
from liveshelf.kernel.ids import INT32_MAX, OrderId, RoomId
from liveshelf.orders import queries
from liveshelf.orders.types import Filter, Flag, OrderState
from liveshelf.platform.runtime import Runtime

State = Annotated[OrderState | None, QueryParameter(name="state")]  # the bare name means another thing to Litestar
Query = Annotated[
    str,
    QueryParameter(
        max_length=100,
        description="An order's or a parcel's number, a buyer's phone or the end of it, or part of what was bought.",
    ),
]
Since = Annotated[datetime | None, QueryParameter(description="Placed at or after this instant.")]
Until = Annotated[datetime | None, QueryParameter(description="Placed before this instant.")]
Room = Annotated[int | None, QueryParameter(name="room_id", ge=1, le=INT32_MAX)]
Colour = Annotated[Flag | None, QueryParameter(name="flag")]


class ShopOrderPage(msgspec.Struct, frozen=True):
    """A page of the shop's orders; `counts` says how many are in each state, whatever was asked for, up to 10,000."""

    items: list[OrderView]
    next: str | None
    total: int | None
    counts: dict[OrderState, int]


@get("/shops/{shop_id:int}/orders", dependencies=staff("orders.read"), tags=["orders"])
async def list_orders(
    operator: Operator,
    runtime: Runtime,
    *,
    wanted: State = None,
    q: Query = "",
    since: Since = None,
    until: Until = None,
    room: Room = None,
    flag: Colour = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> ShopOrderPage:
    """Orders, newest first."""
    asked = Filter(wanted, q, None if room is None else RoomId(room), _aware(since), _aware(until), flag)
    async with runtime.db.read(operator.shop) as tx:
        asked = await queries.resolved(tx, runtime.keys, asked)
        found = await queries.page(tx, asked, cursor=cursor, limit=limit)
        page = await order_page(tx, found, as_buyer=False)
        counts = dict(await queries.counts(tx))
    return ShopOrderPage(page.items, page.next, None, counts)


@get("/shops/{shop_id:int}/orders/{order_id:int}", dependencies=staff("orders.read"), tags=["orders"])
async def one_order(order_id: LongId, operator: Operator, runtime: Runtime) -> OrderView:
    """One order. Its timeline tells of its refunds too, and, to whoever may read after-sales, of its cases."""
    async with runtime.db.read(operator.shop) as tx:
        order = await queries.order(tx, OrderId(order_id))
        (view,) = await order_views(tx, [order], as_buyer=False)
        cases = Permission.AFTERSALES_READ in operator.permissions
        timeline = await whole_timeline(tx, order, view.timeline, with_cases=cases)
    return msgspec.structs.replace(view, timeline=timeline)


def _aware(at: datetime | None) -> datetime | None:
    # An instant without its zone is UTC's, as every instant that we give out.
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)


ROUTES = [list_orders, one_order]
