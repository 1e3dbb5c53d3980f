"""Abnormal orders: a closed list, 24 hours, and an outcome that never refunds what was shipped."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from liveshelf.kernel.ids import OrderId, ShopId
from liveshelf.orders import abnormal, shipping
from liveshelf.orders import queries as order_queries
from liveshelf.orders.abnormal import AbnormalState
from liveshelf.orders.abnormal_kinds import KINDS, AbnormalKind, Outcome
from liveshelf.orders.errors import AbnormalKindUnfit, AbnormalOver, AbnormalTwice, CaseUnknown, ReasonInvalid
from liveshelf.orders.types import CloseReason, OrderState, Why
from liveshelf.payments import queries as payments
from liveshelf.payments.types import RefundReason
from liveshelf.platform.clock import Clock, wall_now
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from tests.make.goods import STAFF
from tests.make.order_work import paid_order
from tests.make.paying import Till, till_of
from tests.make.selling import PRICE_FEN, Sold, bought, fire, guest, level, order, something, wish
from tests.make.shops import a_shop

SF: dict[str, Any] = {"carrier": "SF", "tracking_no": "SF1234567890123"}


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
    return await paid_order(db, shop, till, sold, 2)


async def flag(db: Database, shop: ShopId, order_id: OrderId, kind=AbnormalKind.STOCK_MISSING, note="架上没有了"):
    return await db.write(STAFF, shop, lambda tx: abnormal.flag(tx, order_id, kind=kind, note=note))


async def case(db: Database, shop: ShopId, order_id: OrderId) -> abnormal.Case:
    async with db.read(shop) as tx:
        (found,) = (await abnormal.cases_of(tx, [order_id]))[order_id]
    return found


async def settle(db: Database, shop: ShopId, order_id: OrderId, case_id: int, answer="找到了"):
    await db.write(STAFF, shop, lambda tx: abnormal.settle(tx, order_id, case_id=case_id, answer=answer))


def until(clock: Clock, at: datetime, **more: float) -> None:
    clock.set_offset(at - wall_now() + timedelta(**more))


async def events(db: Database, name: str) -> int:
    async with db.engine.connect() as conn:
        found = await conn.execute(text("SELECT count(*) FROM events WHERE name = :name"), {"name": name})
        return int(found.scalar_one())


def test_every_kind_has_its_states_and_its_outcome():
    assert set(KINDS) == set(AbnormalKind)
    for rule in KINDS.values():
        assert rule.states
        # Money goes back only where an unshipped order is possible.
        assert rule.outcome is Outcome.KEEP or OrderState.TO_SHIP in rule.states


@pytest.mark.feature("L-503")
@pytest.mark.feature("L-504")
async def test_a_second_before_it_stays_open_and_at_24_hours_it_closes_once(db, shop, till, sold, paid, clock):
    await flag(db, shop, paid.order_id)
    due = (await case(db, shop, paid.order_id)).due_at
    until(clock, due, seconds=-1)
    assert await fire(db, "orders.abnormal") == 0
    assert (await order(db, shop, paid.order_id)).state is OrderState.TO_SHIP
    until(clock, due, milliseconds=1)
    assert sum(await asyncio.gather(*(fire(db, "orders.abnormal") for _ in range(4)))) >= 1
    assert await fire(db, "orders.abnormal") == 0
    closed = await order(db, shop, paid.order_id)
    assert (closed.state, closed.close_reason) == (OrderState.CLOSED, CloseReason.ABNORMAL)
    async with db.read(shop) as tx:
        (refund,) = (await payments.refunds_of(tx, [paid.order_id]))[paid.order_id]
        whys = [entry.why for entry in (await order_queries.timelines(tx, [paid.order_id]))[paid.order_id]]
    assert (refund.amount_fen, refund.reason) == (2 * PRICE_FEN, RefundReason.ABNORMAL)
    assert whys == [Why.PLACED, Why.PAID, Why.FLAGGED, Why.ABNORMAL]
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.sold) == (9, 0, 0)
    assert (await case(db, shop, paid.order_id)).outcome is Outcome.REFUND
    assert await events(db, "order.abnormal_overdue") == 1  # the buyer is told once


@pytest.mark.feature("L-503")
async def test_settled_a_second_before_24_hours_the_order_stays_open(db, shop, till, sold, paid, clock):
    case_id = await flag(db, shop, paid.order_id)
    due = (await case(db, shop, paid.order_id)).due_at
    until(clock, due, seconds=-1)
    await settle(db, shop, paid.order_id, case_id)
    until(clock, due, seconds=5)
    assert await fire(db, "orders.abnormal") == 0
    assert (await order(db, shop, paid.order_id)).state is OrderState.TO_SHIP
    assert (await case(db, shop, paid.order_id)).state is AbnormalState.SETTLED
    with pytest.raises(AbnormalOver):
        await settle(db, shop, paid.order_id, case_id)


async def test_at_24_hours_nobody_settles_it_any_more_swept_or_not(db, shop, paid, clock):
    case_id = await flag(db, shop, paid.order_id)
    until(clock, (await case(db, shop, paid.order_id)).due_at, milliseconds=1)
    with pytest.raises(AbnormalOver):
        await settle(db, shop, paid.order_id, case_id)


@pytest.mark.feature("L-504")
@pytest.mark.parametrize("pieces", [1, 2])
async def test_what_was_shipped_is_never_refunded_by_this_clock(db, shop, till, sold, paid, clock, pieces):
    await flag(db, shop, paid.order_id, AbnormalKind.ADDRESS_UNDELIVERABLE)
    lines = [(sold.sku_id, pieces)]
    await db.write(STAFF, shop, lambda tx: shipping.ship(tx, paid.order_id, **SF, lines=lines))
    state = (await order(db, shop, paid.order_id)).state
    until(clock, (await case(db, shop, paid.order_id)).due_at, seconds=1)
    assert await fire(db, "orders.abnormal") == 1
    assert (await order(db, shop, paid.order_id)).state is state
    assert (await case(db, shop, paid.order_id)).outcome is Outcome.KEEP
    async with db.read(shop) as tx:
        assert await payments.refunds_of(tx, [paid.order_id]) == {}


async def test_shipping_and_the_clock_at_the_same_moment_end_in_one_of_both(db, shop, till, clock):
    lot = await something(db, shop, on_hand=8)
    many = [await paid_order(db, shop, till, lot, 1) for _ in range(8)]
    for one in many:
        await flag(db, shop, one.order_id)
    until(clock, (await case(db, shop, many[-1].order_id)).due_at, seconds=1)
    ships = (db.write(STAFF, shop, lambda tx, o=o: shipping.ship(tx, o.order_id, **SF)) for o in many)
    await asyncio.gather(*(fire(db, "orders.abnormal") for _ in range(2)), *ships, return_exceptions=True)
    await fire(db, "orders.abnormal")
    async with db.read(shop) as tx:
        refunds = await payments.refunds_of(tx, [one.order_id for one in many])
    closed = 0
    for one in many:
        state = (await order(db, shop, one.order_id)).state
        assert state in {OrderState.CLOSED, OrderState.TO_RECEIVE}
        assert (state is OrderState.CLOSED) == (one.order_id in refunds)
        closed += state is OrderState.CLOSED
    now = await level(db, shop, lot.sku_id)
    assert (now.on_hand, now.held) == (closed, 0)


@pytest.mark.feature("L-503")
async def test_staff_are_reminded_after_12_and_22_hours_and_no_more(db, shop, paid, clock):
    await flag(db, shop, paid.order_id)
    flagged = (await case(db, shop, paid.order_id)).flagged_at
    told = []
    for hours in (11, 12.001, 13, 21, 22.001, 23):
        until(clock, flagged, hours=hours)
        told.append(await fire(db, "orders.abnormal_remind"))
    assert told == [0, 1, 0, 0, 1, 0]
    assert await events(db, "order.abnormal_reminder") == 2


@pytest.mark.feature("L-503")
async def test_what_is_not_shipped_in_time_is_flagged_by_itself_and_settled_by_shipping(db, shop, paid, clock):
    until(clock, paid.paid_at, hours=47, minutes=59)
    assert await fire(db, "orders.late_shipment") == 0
    until(clock, paid.paid_at, hours=48, seconds=1)
    assert await fire(db, "orders.late_shipment") == 1
    assert await fire(db, "orders.late_shipment") == 0
    late = await case(db, shop, paid.order_id)
    assert (late.kind, late.state) == (AbnormalKind.LATE_SHIPMENT, AbnormalState.OPEN)
    await db.write(STAFF, shop, lambda tx: shipping.ship(tx, paid.order_id, **SF))
    assert (await case(db, shop, paid.order_id)).state is AbnormalState.SETTLED


async def test_bad_flags_change_nothing(db, shop, till, sold, paid):
    unpaid = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    with pytest.raises(AbnormalKindUnfit):
        await flag(db, shop, unpaid.order_id)
    for kind in (AbnormalKind.LATE_SHIPMENT, AbnormalKind.CODES_MISSING, AbnormalKind.PARCEL_LOST):
        with pytest.raises(AbnormalKindUnfit):
            await flag(db, shop, paid.order_id, kind)
    for note in ("", "   ", "x" * 201, "a\x00b"):
        with pytest.raises(ReasonInvalid):
            await flag(db, shop, paid.order_id, note=note)
    case_id = await flag(db, shop, paid.order_id)
    with pytest.raises(AbnormalTwice):
        await flag(db, shop, paid.order_id)
    other = await paid_order(db, shop, till, sold, 1)
    with pytest.raises(CaseUnknown):
        await settle(db, shop, other.order_id, case_id)


async def test_open_cases_are_listed_by_the_time_they_have_left(db, shop, till, sold, clock):
    many = [await paid_order(db, shop, till, sold, 1) for _ in range(3)]
    for minutes, one in enumerate(many):
        clock.set_offset(timedelta(minutes=minutes))
        await flag(db, shop, one.order_id)
    found, cursor = [], None
    while True:
        async with db.read(shop) as tx:
            page = await abnormal.open_cases(tx, cursor=cursor, limit=2)
            assert await abnormal.count_open(tx) == 3
        found += [one.order_id for one in page.items]
        if (cursor := page.next) is None:
            break
    assert found == [one.order_id for one in many]
