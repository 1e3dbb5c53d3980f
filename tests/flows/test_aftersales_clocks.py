"""The time limits of after-sales, at the second before and the second after."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from liveshelf.aftersales import arbitration, granting, queries, service
from liveshelf.aftersales.types import CaseKind, CaseState
from liveshelf.entry import registry
from liveshelf.kernel.ids import ShopId
from liveshelf.platform import limits
from liveshelf.platform.clock import Clock, wall_now
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import Timer
from tests.make.aftersales import SUPPORT, Desk
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


def stand(clock: Clock, at: datetime, seconds: float) -> None:
    """Business time is so many seconds from an instant; forward only, as the clock is."""
    clock.set_offset(at - wall_now() + timedelta(seconds=seconds))


def timer(name: str) -> Timer:
    return next(one for one in registry.timers() if one.name == name)


async def events(desk: Desk, name: str) -> list[dict]:
    async with desk.db.engine.connect() as conn:
        rows = await conn.execute(text("SELECT body FROM events WHERE name = :name ORDER BY event_id"), {"name": name})
        return [row.body for row in rows]


@pytest.mark.feature("S-909")
async def test_an_answer_is_due_within_six_hours(desk: Desk, sold: Sold, clock: Clock):
    case = await desk.apply(await desk.sent(sold))
    due = case.answer_due_at
    assert due - case.created_at == timedelta(hours=6)
    stand(clock, due, -3_603)
    assert await limits.warn(desk.db, timer("aftersales.answer")) == 0
    stand(clock, due, -3_598)
    assert await limits.warn(desk.db, timer("aftersales.answer")) == 1  # the owner hears of it before it happens
    assert await limits.warn(desk.db, timer("aftersales.answer")) == 0
    (near,) = await events(desk, "clock.limit_near")
    assert near["to"] == "aftersales.setup"
    stand(clock, due, -3)
    assert await fire(desk.db, "aftersales.answer") == 0
    stand(clock, due, 2)
    assert await fire(desk.db, "aftersales.answer") == 1
    assert await fire(desk.db, "aftersales.answer") == 0
    missed = await desk.case(case.case_id)
    assert (missed.state, missed.breached, missed.answer_due_at) == (CaseState.APPLIED, True, None)
    assert (await events(desk, "aftersale.limit_missed"))[0]["clock"] == "answer"
    async with desk.db.read(desk.shop) as tx:
        (breach,) = (await limits.breaches(tx)).items
    assert (breach.clock, breach.due_at, breach.settled_at) == ("aftersales.answer", due, None)
    assert await desk.said(missed) == ["applied", "answer_missed"]
    await desk.approve(missed)
    async with desk.db.read(desk.shop) as tx:
        (breach,) = (await limits.breaches(tx)).items
    assert breach.settled_at is not None


async def test_an_answer_in_time_is_no_miss(desk: Desk, sold: Sold, clock: Clock):
    case = await desk.apply(await desk.sent(sold))
    stand(clock, case.answer_due_at, -2)
    await desk.do(case, lambda tx, one, _o: granting.refuse(tx, one, role=SUPPORT, text="超出范围"))
    stand(clock, case.answer_due_at, 3_600)
    assert await fire(desk.db, "aftersales.answer") == 0


async def test_every_message_of_the_buyer_wants_an_answer(desk: Desk, sold: Sold, clock: Clock):
    await desk.address()
    case = await desk.approve(await desk.apply(await desk.sent(sold), CaseKind.RETURN))
    assert case.answer_due_at is None
    case = await desk.buyer(case, lambda tx, one, _o: service.say(tx, one, "寄到付可以吗", []))
    due = case.answer_due_at
    assert due is not None
    case = await desk.buyer(case, lambda tx, one, _o: service.say(tx, one, "在吗", []))
    assert case.answer_due_at == due  # asking again does not give more time
    case = await desk.say(case, "可以")
    assert case.answer_due_at is None


async def test_a_missed_limit_lets_the_buyer_call_the_platform(desk: Desk, sold: Sold, clock: Clock):
    case = await desk.apply(await desk.sent(sold))
    stand(clock, case.answer_due_at, 2)
    await fire(desk.db, "aftersales.answer")
    case = await desk.buyer(case, lambda tx, one, o: arbitration.call(tx, one, o, "没人理我"))
    assert case.arbitration.due_at - case.arbitration.called_at == timedelta(days=3)
    stand(clock, case.arbitration.due_at, -2)
    assert await fire(desk.db, "aftersales.arbitrate") == 0
    stand(clock, case.arbitration.due_at, 2)
    assert await fire(desk.db, "aftersales.arbitrate") == 1
    assert await fire(desk.db, "aftersales.arbitrate") == 0


async def test_goods_that_are_not_sent_back_end_the_case(desk: Desk, sold: Sold, clock: Clock):
    await desk.address()
    case = await desk.approve(await desk.apply(await desk.sent(sold), CaseKind.EXCHANGE))
    stand(clock, case.due_at, -2)
    assert await fire(desk.db, "aftersales.send_back") == 0
    stand(clock, case.due_at, 2)
    assert await fire(desk.db, "aftersales.send_back") == 1
    assert (await desk.case(case.case_id)).state is CaseState.CLOSED
    assert (await level(desk.db, desk.shop, sold.sku_id)).held == 0


async def test_goods_that_nobody_looks_at_count_as_accepted(desk: Desk, sold: Sold, clock: Clock):
    await desk.address()
    case = await desk.send_back(await desk.approve(await desk.apply(await desk.sent(sold), CaseKind.RETURN)))
    stand(clock, case.due_at, -2)
    assert await fire(desk.db, "aftersales.inspect") == 0
    stand(clock, case.due_at, 2)
    assert await fire(desk.db, "aftersales.inspect") == 1
    case = await desk.case(case.case_id)
    assert (case.state, case.amount_fen) == (CaseState.REFUNDING, PRICE_FEN)
    assert (await level(desk.db, desk.shop, sold.sku_id)).on_hand == 9  # whether it can be sold, nobody has said


async def test_a_replacement_that_is_not_sent_is_a_miss(desk: Desk, sold: Sold, clock: Clock):
    await desk.address()
    case = await desk.apply(await desk.sent(sold), CaseKind.EXCHANGE)
    case = await desk.inspect(await desk.send_back(await desk.approve(case)))
    stand(clock, case.due_at, -2)
    assert await fire(desk.db, "aftersales.resend") == 0
    stand(clock, case.due_at, 2)
    assert await fire(desk.db, "aftersales.resend") == 1
    case = await desk.case(case.case_id)
    assert (case.state, case.breached) == (CaseState.RESENDING, True)


async def test_the_queue_is_in_the_order_of_the_clocks(desk: Desk, sold: Sold, clock: Clock):
    late = await desk.apply(await desk.sent(sold))
    stand(clock, late.answer_due_at, 2)
    await fire(desk.db, "aftersales.answer")
    soon = await desk.apply(await desk.sent(sold))
    parked = await desk.apply(await desk.sent(sold))
    await desk.say(parked, "稍等", until=clock.now() + timedelta(days=2))
    async with desk.db.read(desk.shop) as tx:
        page = await queries.by_clock(tx, [CaseState.APPLIED], limit=2)
        rest = await queries.by_clock(tx, [CaseState.APPLIED], limit=2, cursor=page.next)
    assert [one.case_id for one in [*page.items, *rest.items]] == [late.case_id, soon.case_id, parked.case_id]
