"""The life of an order: every move is one of its edges, from every state, and nothing else moves it."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.errors import Conflict
from liveshelf.kernel.ids import OrderId, ShopId
from liveshelf.orders import queries as order_queries
from liveshelf.orders import service as orders
from liveshelf.orders import shipping
from liveshelf.orders.types import ORDER, CloseReason, Order, OrderState, Why
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import service as stock
from tests.make.order_work import paid_order
from tests.make.paying import Till, till_of
from tests.make.selling import PRICE_FEN, Sold, bought, guest, level, order, something, wish
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


async def cancel(tx: Tx, one: Order) -> object:
    await orders.cancel(tx, one.order_id, customer_id=one.customer_id)
    return None


async def expire(tx: Tx, _one: Order) -> object:
    return await orders.close_unpaid(tx, 10) or None


async def pay(tx: Tx, one: Order) -> object:
    return await orders.mark_paid(tx, await orders.lock(tx, one.order_id), paid_at=tx.now) or None


async def ship_part(tx: Tx, one: Order) -> object:
    lines = [(one.lines[0].sku_id, 1)]
    return await shipping.ship(tx, one.order_id, carrier="SF", tracking_no="SF1234567890123", lines=lines)


async def ship_rest(tx: Tx, one: Order) -> object:
    return await shipping.ship(tx, one.order_id, carrier="SF", tracking_no="SF1234567890124")


async def receive(tx: Tx, one: Order) -> object:
    await shipping.receive(tx, one.order_id, customer_id=one.customer_id)
    return None


async def receive_due(tx: Tx, _one: Order) -> object:
    return await shipping.receive_due(tx, 10) or None


async def close_oversold(tx: Tx, one: Order) -> object:
    locked = await orders.lock(tx, one.order_id)
    return await orders.close_paid(tx, locked, reason=CloseReason.OVERSOLD) or None


async def close_refunded(tx: Tx, one: Order) -> object:
    return await orders.close_refunded(tx, await orders.lock(tx, one.order_id)) or None


S = OrderState
WAY = {
    S.TO_PAY: [],
    S.TO_SHIP: [pay],
    S.PARTLY_SHIPPED: [pay, ship_part],
    S.TO_RECEIVE: [pay, ship_rest],
    S.DONE: [pay, ship_rest, receive],
    S.CLOSED: [cancel],
}
# Where each verb leads from each state; from every other state it changes nothing.
LEADS = {
    pay: {S.TO_PAY: S.TO_SHIP, S.CLOSED: S.TO_SHIP},
    cancel: {S.TO_PAY: S.CLOSED},
    expire: {S.TO_PAY: S.CLOSED},
    ship_part: {S.TO_SHIP: S.PARTLY_SHIPPED, S.PARTLY_SHIPPED: S.TO_RECEIVE},
    ship_rest: {S.TO_SHIP: S.TO_RECEIVE, S.PARTLY_SHIPPED: S.TO_RECEIVE},
    receive: {S.TO_RECEIVE: S.DONE},
    receive_due: {S.TO_RECEIVE: S.DONE},
    close_oversold: {S.TO_SHIP: S.CLOSED},
    close_refunded: {S.TO_SHIP: S.CLOSED, S.PARTLY_SHIPPED: S.CLOSED, S.TO_RECEIVE: S.CLOSED},
}


def test_the_table_walks_every_edge_and_no_other():
    walked = {(was, became) for leads in LEADS.values() for was, became in leads.items()}
    assert walked == {(was, became) for was, nexts in ORDER.edges.items() for became in nexts}


@pytest.mark.feature("S-301")
@pytest.mark.parametrize("state", list(OrderState))
@pytest.mark.parametrize("verb", LEADS, ids=lambda verb: verb.__name__)
async def test_every_verb_from_every_state_moves_along_an_edge_or_not_at_all(db, shop, sold, clock, state, verb):
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id, 2))
    for step in WAY[state]:
        await db.write(SYSTEM, shop, lambda tx, step=step: step(tx, placed))
        if step is pay:
            await db.write(SYSTEM, shop, lambda tx: stock.commit(tx, [placed.order_id]))
    before = await order(db, shop, placed.order_id)
    assert before.state is state
    if verb in {expire, receive_due}:
        clock.set_offset(timedelta(days=30))
    steps = len(await history(db, shop, placed.order_id))
    with contextlib.suppress(Conflict):
        await db.write(SYSTEM, shop, lambda tx: verb(tx, placed))
    after = await order(db, shop, placed.order_id)
    assert after.state is LEADS[verb].get(state, state)
    if after.state is state:
        assert after == before
        assert len(await history(db, shop, placed.order_id)) == steps  # nothing is told of what did not happen
    else:
        assert (await history(db, shop, placed.order_id))[-1] is not None


async def test_no_statement_can_write_a_state_that_can_not_be(db, shop, sold):
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id, 2))
    for change in (
        "state = 'lost'",
        "state = 'to_ship'",
        "state = 'done', done_at = created_at",
        "state = 'closed'",
        "state = 'closed', close_reason = 'refunded'",
        "paid_at = created_at",
        "done_at = created_at",
    ):
        with pytest.raises(IntegrityError):
            async with db.engine.begin() as conn:
                await conn.exec_driver_sql(f"UPDATE orders SET {change} WHERE order_id = {placed.order_id}")


async def history(db: Database, shop: ShopId, order_id: OrderId) -> list[Why]:
    async with db.read(shop) as tx:
        return [entry.why for entry in (await order_queries.timelines(tx, [order_id]))[order_id]]


@pytest.mark.parametrize("reason", [CloseReason.OVERSOLD, CloseReason.ABNORMAL, CloseReason.REFUNDED])
async def test_closing_a_paid_order_gives_its_stock_back_once(db, shop, till, sold, reason):
    paid = await paid_order(db, shop, till, sold)

    async def close(tx: Tx) -> bool:
        return await orders.close_paid(tx, await orders.lock(tx, paid.order_id), reason=reason)

    await db.write(SYSTEM, shop, lambda tx: stock.give_back(tx, paid.order_id, [(sold.sku_id, 1)], reason="test"))
    assert [await db.write(SYSTEM, shop, close) for _ in range(2)] == [True, False]
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.sold) == (5, 0, 0)
    # Money that comes once more for it is not a late payment: it can't bring the order back.
    await db.write(SYSTEM, shop, lambda tx: pay(tx, paid))
    assert (await order(db, shop, paid.order_id)).state is OrderState.CLOSED
