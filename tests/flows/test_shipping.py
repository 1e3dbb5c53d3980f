"""Parcels: by line and quantity, corrected until handed over, received by the buyer or by the clock."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from liveshelf.fulfilment import queries as parcels
from liveshelf.fulfilment.errors import ParcelGone, ParcelUnknown, PiecesTooMany, TrackingInvalid
from liveshelf.fulfilment.types import ParcelState
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import OrderId, ShopId
from liveshelf.orders import queries as order_queries
from liveshelf.orders import service as orders
from liveshelf.orders import shipping
from liveshelf.orders.errors import (
    NothingToShip,
    OrderNotToReceive,
    OrderNotToShip,
    OrderUnknown,
    ReceiptExtended,
)
from liveshelf.orders.types import CloseReason, OrderState, Why
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from tests.make.goods import STAFF
from tests.make.order_work import paid_order
from tests.make.paying import Till, till_of
from tests.make.selling import Sold, bought, fire, guest, level, order, something, wish
from tests.make.shops import a_shop

SF: dict[str, Any] = {"carrier": "SF", "tracking_no": "SF1234567890123"}
ZTO: dict[str, Any] = {"carrier": "ZTO", "tracking_no": "730000000001"}


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return till_of(runtime)


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=9)


@pytest.fixture
async def paid(db: Database, shop: ShopId, till: Till, sold: Sold):
    return await paid_order(db, shop, till, sold, 3)


async def ship(db: Database, shop: ShopId, order_id: OrderId, **how):
    return await db.write(STAFF, shop, lambda tx: shipping.ship(tx, order_id, **{**SF, **how}))


async def whys(db: Database, shop: ShopId, order_id: OrderId) -> list[Why]:
    async with db.read(shop) as tx:
        return [entry.why for entry in (await order_queries.timelines(tx, [order_id]))[order_id]]


async def test_parts_of_an_order_leave_one_by_one(db, shop, sold, paid):
    await ship(db, shop, paid.order_id, lines=[(sold.sku_id, 1)])
    assert (await order(db, shop, paid.order_id)).state is OrderState.PARTLY_SHIPPED
    await ship(db, shop, paid.order_id, **ZTO, lines=[(sold.sku_id, 1)])
    assert (await order(db, shop, paid.order_id)).state is OrderState.PARTLY_SHIPPED
    await ship(db, shop, paid.order_id)  # what is left
    whole = await order(db, shop, paid.order_id)
    assert (whole.state, whole.shipped_at is not None) == (OrderState.TO_RECEIVE, True)
    assert whole.shipped_at is not None
    assert whole.receive_due_at == whole.shipped_at + timedelta(days=10)
    with pytest.raises(OrderNotToShip):
        await ship(db, shop, paid.order_id)
    assert (await whys(db, shop, paid.order_id))[2:] == [
        Why.PACKED,
        Why.SHIPPED_PART,
        Why.PACKED,
        Why.SHIPPED_PART,
        Why.PACKED,
        Why.SHIPPED,
    ]
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.sold) == (6, 3)


@pytest.mark.parametrize("quantity", [0, -1, 4, 10**12])
async def test_no_more_pieces_leave_than_were_bought(db, shop, sold, paid, quantity):
    with pytest.raises(PiecesTooMany):
        await ship(db, shop, paid.order_id, lines=[(sold.sku_id, quantity)])
    with pytest.raises(PiecesTooMany):
        await ship(db, shop, paid.order_id, lines=[(sold.sku_id, 2), (sold.sku_id, 2)])
    other = await something(db, shop)
    with pytest.raises(PiecesTooMany):
        await ship(db, shop, paid.order_id, lines=[(other.sku_id, 1)])
    with pytest.raises(TrackingInvalid):
        await ship(db, shop, paid.order_id, tracking_no="123")
    assert (await order(db, shop, paid.order_id)).state is OrderState.TO_SHIP


async def test_only_what_is_paid_is_shipped_and_only_by_its_own_shop(db, shop, sold, paid):
    unpaid = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    with pytest.raises(OrderNotToShip):
        await ship(db, shop, unpaid.order_id)
    stranger = (await a_shop(db, "别家")).shop
    with pytest.raises(OrderUnknown):
        await ship(db, stranger, paid.order_id)


async def test_two_who_ship_the_rest_at_once_send_one_parcel(db, shop, sold, paid):
    done = await asyncio.gather(*(ship(db, shop, paid.order_id) for _ in range(4)), return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in done) == 1
    assert all(isinstance(one, OrderNotToShip) for one in done if isinstance(one, Exception))


async def test_a_packed_parcel_is_corrected_until_it_is_handed_over(db, shop, sold, paid):
    parcel = await db.write(STAFF, shop, lambda tx: shipping.pack(tx, paid.order_id, **SF))
    assert (await order(db, shop, paid.order_id)).state is OrderState.TO_SHIP
    with pytest.raises(NothingToShip):
        await ship(db, shop, paid.order_id)
    number = parcel.parcel_id
    await db.write(STAFF, shop, lambda tx: shipping.correct(tx, paid.order_id, parcel_id=number, **ZTO))
    async with db.read(shop) as tx:
        (there,) = (await parcels.of_orders(tx, [paid.order_id]))[paid.order_id]
    assert (there.carrier, there.tracking_no, there.state) == ("ZTO", "730000000001", ParcelState.PACKED)
    await db.write(STAFF, shop, lambda tx: shipping.hand_over(tx, paid.order_id, parcel_id=number))
    assert (await order(db, shop, paid.order_id)).state is OrderState.TO_RECEIVE
    with pytest.raises(OrderNotToShip):
        await db.write(STAFF, shop, lambda tx: shipping.correct(tx, paid.order_id, parcel_id=number, **SF))


async def test_a_parcel_that_left_is_not_touched_while_others_wait(db, shop, sold, paid):
    gone = await ship(db, shop, paid.order_id, lines=[(sold.sku_id, 1)])
    for verb in (shipping.unpack, shipping.hand_over):
        with pytest.raises(ParcelGone):
            await db.write(STAFF, shop, lambda tx, verb=verb: verb(tx, paid.order_id, parcel_id=gone.parcel_id))
    with pytest.raises(ParcelGone):
        await db.write(STAFF, shop, lambda tx: shipping.correct(tx, paid.order_id, parcel_id=gone.parcel_id, **ZTO))
    with pytest.raises(ParcelUnknown):
        await db.write(STAFF, shop, lambda tx: shipping.hand_over(tx, paid.order_id, parcel_id=7))


async def test_an_unpacked_parcel_gives_its_pieces_back_to_pack(db, shop, sold, paid):
    parcel = await db.write(STAFF, shop, lambda tx: shipping.pack(tx, paid.order_id, **SF))
    await db.write(STAFF, shop, lambda tx: shipping.unpack(tx, paid.order_id, parcel_id=parcel.parcel_id))
    await ship(db, shop, paid.order_id, **ZTO)
    assert (await order(db, shop, paid.order_id)).state is OrderState.TO_RECEIVE


async def test_an_order_counts_as_received_at_the_second(db, shop, sold, paid, clock):
    await ship(db, shop, paid.order_id)
    due = (await order(db, shop, paid.order_id)).receive_due_at
    assert due is not None
    for seconds, state in ((-1, OrderState.TO_RECEIVE), (0, OrderState.DONE)):
        clock.set_offset(due - wall_now() + timedelta(seconds=seconds, milliseconds=500))
        fired = await fire(db, "orders.receive")
        assert (fired, (await order(db, shop, paid.order_id)).state) == (int(state is OrderState.DONE), state)
    assert (await whys(db, shop, paid.order_id))[-1] is Why.RECEIVED_IN_TIME
    assert await fire(db, "orders.receive") == 0


async def test_the_buyer_confirms_or_takes_more_time_once(db, shop, sold, paid, clock):
    mine = {"customer_id": paid.customer_id}
    with pytest.raises(OrderNotToReceive):
        await db.write(SYSTEM, shop, lambda tx: shipping.receive(tx, paid.order_id, **mine))
    await ship(db, shop, paid.order_id)
    due = (await order(db, shop, paid.order_id)).receive_due_at
    assert due is not None
    await db.write(SYSTEM, shop, lambda tx: shipping.extend_receive(tx, paid.order_id, **mine))
    with pytest.raises(ReceiptExtended):
        await db.write(SYSTEM, shop, lambda tx: shipping.extend_receive(tx, paid.order_id, **mine))
    assert (await order(db, shop, paid.order_id)).receive_due_at == due + shipping.RECEIVE_LATER
    clock.set_offset(due - wall_now() + timedelta(minutes=1))
    assert await fire(db, "orders.receive") == 0
    stranger = await guest(db, shop)
    with pytest.raises(OrderUnknown):
        await db.write(SYSTEM, shop, lambda tx: shipping.receive(tx, paid.order_id, customer_id=stranger))
    for _ in range(2):
        await db.write(SYSTEM, shop, lambda tx: shipping.receive(tx, paid.order_id, **mine))
    assert (await order(db, shop, paid.order_id)).state is OrderState.DONE
    assert (await whys(db, shop, paid.order_id)).count(Why.RECEIVED) == 1


async def test_what_was_shipped_is_closed_only_when_all_of_it_was_refunded(db, shop, sold, paid):
    await ship(db, shop, paid.order_id)

    async def work(tx):
        locked = await orders.lock(tx, paid.order_id)
        return await orders.close_paid(tx, locked, reason=CloseReason.ABNORMAL)

    assert await db.write(SYSTEM, shop, work) is False
    assert await db.write(SYSTEM, shop, lambda tx: orders.close_refunded(tx, paid)) is True
    closed = await order(db, shop, paid.order_id)
    assert (closed.state, closed.receive_due_at) == (OrderState.CLOSED, None)
    assert (await level(db, shop, sold.sku_id)).on_hand == 6


async def withdraw(db: Database, shop: ShopId, order_id: OrderId, *lines) -> None:
    async def work(tx: Tx) -> None:
        await shipping.withdraw(tx, await orders.lock(tx, order_id), lines=lines)

    await db.write(STAFF, shop, work)


async def test_what_was_refunded_before_it_left_is_not_sent_any_more(db, shop, sold, paid):
    await db.write(STAFF, shop, lambda tx: shipping.pack(tx, paid.order_id, **SF))  # all three in one box
    await withdraw(db, shop, paid.order_id, (sold.sku_id, 1))
    with pytest.raises(PiecesTooMany):
        await ship(db, shop, paid.order_id, lines=[(sold.sku_id, 3)])
    await ship(db, shop, paid.order_id, lines=[(sold.sku_id, 1)])
    assert (await order(db, shop, paid.order_id)).state is OrderState.PARTLY_SHIPPED
    for pieces in (2, 3):  # only one is still here
        with pytest.raises(PiecesTooMany):
            await withdraw(db, shop, paid.order_id, (sold.sku_id, pieces))
    await withdraw(db, shop, paid.order_id, (sold.sku_id, 1))
    done = await order(db, shop, paid.order_id)
    assert (done.state, done.receive_due_at is not None) == (OrderState.TO_RECEIVE, True)
    assert (await whys(db, shop, paid.order_id))[-1] is Why.REST_WITHDRAWN


async def test_the_rest_of_an_order_is_whole_without_what_was_withdrawn(db, shop, sold, paid):
    await withdraw(db, shop, paid.order_id, (sold.sku_id, 1))
    assert (await order(db, shop, paid.order_id)).state is OrderState.TO_SHIP
    await ship(db, shop, paid.order_id)
    assert (await order(db, shop, paid.order_id)).state is OrderState.TO_RECEIVE
