"""Many at one line, and two sides at one case: exactly what is possible happens."""

from __future__ import annotations

import asyncio

import pytest

from liveshelf.aftersales import queries
from liveshelf.aftersales.errors import CaseStateRefuses, NothingLeft
from liveshelf.aftersales.types import CaseKind, CaseState
from liveshelf.kernel.ids import ShopId
from liveshelf.orders import shipping
from liveshelf.orders.errors import NothingToShip
from liveshelf.payments import queries as payments
from liveshelf.platform.clock import Clock, wall_now
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import service as stock
from tests.make.aftersales import Desk, outcomes
from tests.make.paying import till_of
from tests.make.selling import PRICE_FEN, Sold, fire, level, something
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=10)


@pytest.fixture
async def desk(db: Database, runtime: Runtime, shop: ShopId) -> Desk:
    return Desk(db, shop, till_of(runtime), runtime.keys)


async def test_a_hundred_applications_for_one_line_are_as_many_as_it_has_pieces(desk: Desk, sold: Sold):
    sent = await desk.sent(sold, 7)
    answers = await outcomes(*(desk.apply(sent, quantity=2) for _ in range(100)))
    opened = [one for one in answers if not isinstance(one, BaseException)]
    assert len(opened) == 3  # of seven pieces, two at a time
    assert {type(one) for one in answers if isinstance(one, BaseException)} == {NothingLeft}
    (last,) = await asyncio.gather(desk.apply(sent, quantity=1))
    assert sum(one.amount_fen for one in [*opened, last]) == 7 * PRICE_FEN
    await asyncio.gather(*(desk.approve(one) for one in [*opened, last]))
    async with desk.db.read(desk.shop) as tx:
        assert (await payments.paid_of(tx, sent.order_id)).refunded_fen == 7 * PRICE_FEN


async def test_a_case_is_granted_once_however_many_press(desk: Desk, sold: Sold):
    case = await desk.apply(await desk.paid(sold))
    answers = await outcomes(*(desk.approve(case) for _ in range(20)))
    assert sum(not isinstance(one, BaseException) for one in answers) == 1
    assert {type(one) for one in answers if isinstance(one, BaseException)} == {CaseStateRefuses}
    assert (await level(desk.db, desk.shop, sold.sku_id)).on_hand == 10


async def test_a_withdrawal_that_meets_an_approval_is_one_or_the_other(desk: Desk, sold: Sold):
    for _ in range(8):
        case = await desk.apply(await desk.sent(sold))
        withdrawn, approved = await outcomes(desk.withdraw(case), desk.approve(case))
        now = await desk.case(case.case_id)
        assert isinstance(withdrawn, CaseStateRefuses) != isinstance(approved, CaseStateRefuses)
        assert now.state is (CaseState.REFUNDING if isinstance(withdrawn, CaseStateRefuses) else CaseState.WITHDRAWN)


async def test_a_clock_that_fires_while_somebody_acts_fires_once(desk: Desk, sold: Sold, clock: Clock):
    await desk.address()
    cases = [
        await desk.send_back(await desk.approve(await desk.apply(await desk.sent(sold), CaseKind.RETURN)))
        for _ in range(4)
    ]
    clock.set_offset(cases[-1].due_at - wall_now())
    await outcomes(*(fire(desk.db, "aftersales.inspect") for _ in range(4)), *(desk.inspect(case) for case in cases))
    await fire(desk.db, "aftersales.inspect")
    async with desk.db.read(desk.shop) as tx:
        for case in cases:
            assert (await queries.case(tx, case.case_id)).state is CaseState.REFUNDING
            assert (await payments.paid_of(tx, case.order_id)).refunded_fen == PRICE_FEN


async def test_shipping_that_meets_an_application_sends_or_keeps_each_piece(desk: Desk, sold: Sold):
    for _ in range(6):
        paid = await desk.paid(sold)
        work = desk.as_staff(
            lambda tx, one=paid: shipping.ship(tx, one.order_id, carrier="SF", tracking_no="SF1234567890123")
        )
        applied, sent = await outcomes(desk.apply(paid), work)
        assert applied.shipped != isinstance(sent, NothingToShip)
        await desk.approve(applied)
        now = await level(desk.db, desk.shop, sold.sku_id)
        assert now.on_hand == (10 if not applied.shipped else now.on_hand)
        await desk.as_staff(lambda tx: stock.set_on_hand(tx, sold.sku_id, 10, "again"))
