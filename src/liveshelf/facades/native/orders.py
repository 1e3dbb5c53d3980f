"""The shop's orders, for staff."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator
from liveshelf.facades.native.order_views import OrderView, order_page, order_views
from liveshelf.facades.native.shell import Cursor, Limit, LongId, staff
from liveshelf.kernel.ids import OrderId
from liveshelf.orders import queries
from liveshelf.orders.types import OrderState
from liveshelf.platform.runtime import Runtime

State = Annotated[OrderState | None, QueryParameter(name="state")]  # the bare name means another thing to Litestar
Query = Annotated[str, QueryParameter(max_length=100, description="An order's number, or part of what was bought.")]


class ShopOrderPage(msgspec.Struct, frozen=True):
    """A page of the shop's orders; `counts` says how many are in each state, whatever was asked for."""

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
    cursor: Cursor = None,
    limit: Limit = None,
) -> ShopOrderPage:
    """Orders, newest first."""
    async with runtime.db.read(operator.shop) as tx:
        found = await queries.page(tx, state=wanted, text=q, cursor=cursor, limit=limit)
        page = await order_page(tx, found, as_buyer=False)
        counts = dict(await queries.counts(tx))
    return ShopOrderPage(page.items, page.next, None, counts)


@get("/shops/{shop_id:int}/orders/{order_id:int}", dependencies=staff("orders.read"), tags=["orders"])
async def one_order(order_id: LongId, operator: Operator, runtime: Runtime) -> OrderView:
    """One order."""
    async with runtime.db.read(operator.shop) as tx:
        (view,) = await order_views(tx, [await queries.order(tx, OrderId(order_id))], as_buyer=False)
    return view


ROUTES = [list_orders, one_order]
