"""The life of an order: every move is one of its edges, from every state, and nothing else moves it."""

from __future__ import annotations

import pytest

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import OrderId, ShopId
from liveshelf.orders import queries as order_queries
from liveshelf.orders import service as orders
from liveshelf.orders.types import CloseReason, OrderState, Why
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from tests.make.paying import Till, till_of
from tests.make.selling import PRICE_FEN, Sold, bought, guest, order, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return till_of(runtime)


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=5)


async def paid_order(db: Database, shop: ShopId, till: Till, sold: Sold, quantity: int = 2):
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id, quantity))
    await till.press(await till.start(shop, placed, request_id=f"pay-{placed.order_id}"))
    return await order(db, shop, placed.order_id)


async def refunded(db: Database, shop: ShopId, order_id: OrderId) -> bool:
    async def work(tx: Tx) -> bool:
        return await orders.close_refunded(tx, await orders.lock(tx, order_id))

    return await db.write(SYSTEM, shop, work)


async def test_what_was_refunded_in_full_closes_once_and_is_no_sale_any_more(db, shop, till, sold):
    paid = await paid_order(db, shop, till, sold, 1)
    async with db.read(shop) as tx:
        assert (await order_queries.figures_since(tx, paid.created_at)).paid_fen == PRICE_FEN
    assert [await refunded(db, shop, paid.order_id) for _ in range(2)] == [True, False]
    closed = await order(db, shop, paid.order_id)
    assert (closed.state, closed.close_reason, closed.paid_at) == (
        OrderState.CLOSED,
        CloseReason.REFUNDED,
        paid.paid_at,
    )
    async with db.read(shop) as tx:
        assert (await order_queries.figures_since(tx, paid.created_at)).paid_fen == 0
        timeline = (await order_queries.timelines(tx, [paid.order_id]))[paid.order_id]
    assert [entry.why for entry in timeline] == [Why.PLACED, Why.PAID, Why.REFUNDED]


async def test_an_unpaid_order_is_not_closed_as_a_refunded_one(db, shop, sold):
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    assert await refunded(db, shop, placed.order_id) is False
    assert (await order(db, shop, placed.order_id)).state is OrderState.TO_PAY
