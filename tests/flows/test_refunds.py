"""Refunds: owed once, sent until sent, never more than was paid."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from liveshelf.adapters.payments import simulator_faults
from liveshelf.adapters.payments.port import ProviderRefused, ProviderUnavailable, RefundStanding, RefundStatus
from liveshelf.adapters.payments.simulator_faults import Faults
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import OrderId, ShopId
from liveshelf.payments import queries, refunds
from liveshelf.payments.errors import RefundAmountInvalid, RefundKeyReused, RefundTooLarge
from liveshelf.payments.types import Refund, RefundReason, RefundState
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from tests.make.paying import Till, till_of, work_off
from tests.make.selling import PRICE_FEN, bought, fire, guest, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return till_of(runtime)


@pytest.fixture
async def order_id(db: Database, shop: ShopId, till: Till) -> OrderId:
    """An order that was paid."""
    sold = await something(db, shop, on_hand=5)
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    await till.press(await till.start(shop, placed))
    return placed.order_id


async def owe(db: Database, shop: ShopId, order_id: OrderId, amount: int, key: str) -> Refund:
    async def work(tx: Tx) -> Refund:
        return await refunds.owe(tx, order_id, amount_fen=Fen(amount), reason=RefundReason.AFTERSALE, key=key)

    return await db.write(SYSTEM, shop, work)


async def test_it_is_owed_sent_and_settled_in_parts(db, shop, till, order_id):
    first = await owe(db, shop, order_id, 800, "a")
    assert await owe(db, shop, order_id, 999, "a") == first
    await owe(db, shop, order_id, PRICE_FEN - 800, "b")
    async with db.read(shop) as tx:
        assert (await queries.paid_of(tx, order_id)).left_fen == 0
        assert (await queries.paid_of(tx, OrderId(404))).paid_fen == 0
    with pytest.raises(RefundTooLarge):
        await owe(db, shop, order_id, 1, "c")
    assert await fire(db, "payments.refund") == 2
    await work_off(till.runtime)
    both = await till.refunds(shop, order_id)
    assert [(one.state, one.amount_fen) for one in both] == [(RefundState.SETTLED, 800), (RefundState.SETTLED, 12_000)]
    assert await fire(db, "payments.refund") == 0


async def test_bad_requests_change_nothing(db, shop, till, order_id):
    for amount in (0, -1, 10**20):
        with pytest.raises(RefundAmountInvalid):
            await owe(db, shop, order_id, amount, "x")
    with pytest.raises(RefundTooLarge):
        await owe(db, shop, order_id, PRICE_FEN + 1, "x")
    with pytest.raises(RefundTooLarge):
        await owe(db, (await a_shop(db, "邻居")).shop, order_id, 1, "x")
    await owe(db, shop, order_id, 1, "x")
    with pytest.raises(RefundKeyReused):
        await owe(db, shop, OrderId(404), 1, "x")
    assert len(await till.refunds(shop, order_id)) == 1


async def test_a_hundred_at_once_never_give_back_more_than_was_paid(db, shop, till, order_id):
    asked = (owe(db, shop, order_id, 1_000, f"r{number}") for number in range(100))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    owed = [one for one in answers if isinstance(one, Refund)]
    assert len(owed) == PRICE_FEN // 1_000
    assert all(isinstance(one, Refund | RefundTooLarge) for one in answers)
    async with db.read(shop) as tx:
        assert (await queries.paid_of(tx, order_id)).refunded_fen == 12_000


async def test_the_same_key_at_once_is_one_refund(db, shop, till, order_id):
    same = await asyncio.gather(*(owe(db, shop, order_id, 100, "one") for _ in range(20)))
    assert len({one.refund_id for one in same}) == 1
    async with db.read(shop) as tx:
        assert (await queries.paid_of(tx, order_id)).refunded_fen == 100


@pytest.mark.feature("L-506", half=True)
async def test_a_provider_that_is_down_delays_a_refund_and_the_tenth_minute_raises_an_alarm(
    db, shop, till, order_id, clock
):
    owed = await owe(db, shop, order_id, PRICE_FEN, "late")
    await simulator_faults.switch(till.runtime, Faults(down=True))
    for half_minute in range(20):
        clock.set_offset(timedelta(seconds=30 * half_minute + 1))
        assert await fire(db, "payments.refund") == 1
        with pytest.raises(ProviderUnavailable):
            await work_off(till.runtime)
    clock.set_offset(timedelta(seconds=590))
    assert await fire(db, "payments.refund_late") == 0
    clock.set_offset(timedelta(seconds=601))
    assert await fire(db, "payments.refund_late") == 1
    assert await fire(db, "payments.refund_late") == 0
    await simulator_faults.switch(till.runtime, Faults())
    assert await fire(db, "payments.refund") == 1
    await work_off(till.runtime)
    (sent,) = await till.refunds(shop, order_id)
    assert (sent.state, sent.number) == (RefundState.SETTLED, owed.number)
    assert sent.late_at is not None


async def test_what_is_under_way_is_asked_about_until_it_arrives(db, shop, till, order_id, clock, monkeypatch):
    async def answers(standing, *_args, **_more):
        return RefundStatus(standing, "P1")

    await owe(db, shop, order_id, 100, "slow")
    monkeypatch.setattr(till.provider, "refund", partial(answers, RefundStanding.PROCESSING))
    await fire(db, "payments.refund")
    await work_off(till.runtime)
    (sent,) = await till.refunds(shop, order_id)
    assert sent.state is RefundState.SENT
    monkeypatch.setattr(till.provider, "query_refund", partial(answers, RefundStanding.ABNORMAL))
    clock.set_offset(timedelta(seconds=61))
    assert await fire(db, "payments.refund") == 1
    await work_off(till.runtime)
    (stuck,) = await till.refunds(shop, order_id)
    assert (stuck.state, stuck.problem) == (RefundState.SENT, "abnormal")
    monkeypatch.setattr(till.provider, "query_refund", partial(answers, RefundStanding.SUCCESS))
    clock.set_offset(timedelta(hours=1))
    assert await fire(db, "payments.refund") == 1
    await work_off(till.runtime)
    (back,) = await till.refunds(shop, order_id)
    assert (back.state, back.problem) == (RefundState.SETTLED, "")


async def test_what_the_provider_gave_up_is_sent_anew_under_another_number(db, shop, till, order_id, monkeypatch):
    async def closed(*_args):
        return RefundStatus(RefundStanding.CLOSED, "P1")

    owed = await owe(db, shop, order_id, 100, "closed")
    with monkeypatch.context() as patch:
        patch.setattr(till.provider, "refund", closed)
        await fire(db, "payments.refund")
        await work_off(till.runtime)
    (again,) = await till.refunds(shop, order_id)
    assert (again.state, again.number) == (RefundState.OWED, f"{owed.number}-2")
    await fire(db, "payments.refund")
    await work_off(till.runtime)
    (back,) = await till.refunds(shop, order_id)
    assert back.state is RefundState.SETTLED


async def test_a_refusal_is_kept_for_staff_and_tried_again(db, shop, till, order_id, clock, monkeypatch):
    async def refuses(*_args):
        raise ProviderRefused(reason="NOT_ENOUGH")

    await owe(db, shop, order_id, 100, "poor")
    with monkeypatch.context() as patch:
        patch.setattr(till.provider, "refund", refuses)
        await fire(db, "payments.refund")
        await work_off(till.runtime)
    (owed,) = await till.refunds(shop, order_id)
    assert (owed.state, owed.problem) == (RefundState.OWED, "NOT_ENOUGH")
    clock.set_offset(timedelta(seconds=31))
    assert await fire(db, "payments.refund") == 1
    await work_off(till.runtime)
    (back,) = await till.refunds(shop, order_id)
    assert (back.state, back.problem) == (RefundState.SETTLED, "")
