"""Paying: three nets, forward only, and money that comes late is honoured or sent back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from liveshelf.adapters.payments.merchants import simulated_number
from liveshelf.adapters.payments.port import NoticeRefused, PaymentProvider, ProviderState, Receipt, Scene
from liveshelf.adapters.payments.simulator import token_of as token_of_page
from liveshelf.adapters.payments.wechat import WechatPay
from liveshelf.flows import pay
from liveshelf.flows.pay import Settled
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PaymentId, ShopId
from liveshelf.orders import queries as order_queries
from liveshelf.orders import service as orders
from liveshelf.orders.errors import OrderNotToPay, OrderUnknown
from liveshelf.orders.types import Order, OrderState, Why
from liveshelf.payments import service as payments
from liveshelf.payments.errors import PayerNeeded, PaymentsOff
from liveshelf.payments.types import PaymentState, RefundReason, RefundState
from liveshelf.platform.clock import Clock, wall_now
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from tests.make.paying import Till, charge, till_of, work_off
from tests.make.selling import PRICE_FEN, Sold, addressed, bought, fire, guest, level, order, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return till_of(runtime)


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=2)


@pytest.fixture
async def placed(db: Database, shop: ShopId, sold: Sold):
    return await bought(db, shop, wish(await guest(db, shop), sold.sku_id, 2))


async def expire(db: Database, clock: Clock, minutes: int = 16) -> None:
    clock.set_offset(timedelta(minutes=minutes))
    assert await fire(db, "orders.unpaid") == 1


async def test_a_paid_order_is_to_ship_and_its_stock_sold(db, shop, till, sold, placed):
    started = await till.start(shop, placed)
    await till.press(started)
    paid = await order(db, shop, placed.order_id)
    assert paid.state is OrderState.TO_SHIP
    assert (await till.payment(shop, started.payment_id)).state is PaymentState.PAID
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.sold) == (0, 0, 2)


async def test_pressing_pay_again_leads_to_the_same_payment(db, shop, till, placed):
    await addressed(db, shop, placed)
    starts = await asyncio.gather(*(till.start(shop, placed, request_id=f"pay-{number % 2}") for number in range(6)))
    assert len({(one.payment_id, one.pay_url) for one in starts}) == 1


async def test_only_the_buyer_pays_and_only_in_time(db, shop, till, placed, clock):
    stranger = await till.buyer(shop, await guest(db, shop))
    with pytest.raises(OrderUnknown):
        await pay.start(till.runtime, stranger, placed.order_id, request_id="x")
    clock.set_offset(timedelta(minutes=15, seconds=1))
    with pytest.raises(OrderNotToPay):
        await till.start(shop, placed)


async def test_without_a_merchant_nothing_is_opened(runtime, shop, till, placed):
    who = await till.buyer(shop, placed.customer_id)
    real = replace(runtime, settings=replace(runtime.settings, simulated_payment=False), adapters={})
    with pytest.raises(PaymentsOff):
        await pay.start(real, who, placed.order_id, request_id="x")
    real.provide(PaymentProvider, WechatPay(real))
    with pytest.raises(PaymentsOff):
        await pay.start(real, who, placed.order_id, request_id="x")


async def test_a_notice_that_comes_ten_times_at_once_pays_once(db, shop, till, sold, placed):
    till.wire.up = False
    await till.press(await till.start(shop, placed))
    headers, body = till.wire.sent[0]
    again = (till.receive(shop, headers, body) for _ in range(10))
    await asyncio.gather(*again)
    assert (await level(db, shop, sold.sku_id)).sold == 2
    async with db.read(shop) as tx:
        timeline = (await order_queries.timelines(tx, [placed.order_id]))[placed.order_id]
    assert [entry.why for entry in timeline] == [Why.PLACED, Why.PAID]


async def test_a_forged_notice_is_not_kept(db, shop, till, placed):
    till.wire.up = False
    await till.press(await till.start(shop, placed))
    headers, body = till.wire.sent[0]
    with pytest.raises(NoticeRefused):
        await till.receive(shop, headers, body + b" ")
    assert (await order(db, shop, placed.order_id)).state is OrderState.TO_PAY
    async with db.engine.connect() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM payment_callbacks"))).scalar() == 0


async def test_a_notice_that_never_came_is_made_good_by_asking(db, shop, till, placed, clock):
    till.wire.up = False
    started = await till.start(shop, placed)
    await till.press(started)
    assert await fire(db, "payments.ask") == 0
    clock.set_offset(timedelta(seconds=31))
    assert await fire(db, "payments.ask") == 1
    assert await fire(db, "payments.ask") == 0
    await pay.check(till.runtime, shop, started.payment_id)
    assert (await order(db, shop, placed.order_id)).state is OrderState.TO_SHIP
    clock.set_offset(timedelta(hours=1))
    assert await fire(db, "payments.ask") == 0


def later(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """Wall time as timers see it: what is tried again is tried by the wall's clock."""
    for module in ("platform.timers", "payments._jobs", "adapters.payments._jobs"):
        monkeypatch.setattr(f"liveshelf.{module}.wall_now", lambda: wall_now() + timedelta(seconds=seconds))


async def test_a_kept_notice_is_processed_by_the_timer(db, shop, till, placed, monkeypatch):
    async def fails(*_args):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(pay, "settle", fails)
        await till.press(await till.start(shop, placed))
    assert (await order(db, shop, placed.order_id)).state is OrderState.TO_PAY
    assert await fire(db, "payments.callbacks") == 0
    later(monkeypatch, 6)
    assert await fire(db, "payments.callbacks") == 1
    assert await work_off(till.runtime) == ["payments.process"]
    assert (await order(db, shop, placed.order_id)).state is OrderState.TO_SHIP
    later(monkeypatch, 600)
    assert await fire(db, "payments.callbacks") == 0


async def test_the_simulator_calls_again_until_we_answer(db, shop, till, placed, monkeypatch):
    till.wire.up = False
    await till.press(await till.start(shop, placed))
    later(monkeypatch, 6)
    for up in (False, True):
        till.wire.up = up
        assert await fire(db, "simulator.notices") == 1
        assert await work_off(till.runtime) == ["simulator.notify"]
        later(monkeypatch, 12)
    assert (await order(db, shop, placed.order_id)).state is OrderState.TO_SHIP
    later(monkeypatch, 600)
    assert await fire(db, "simulator.notices") == 0


async def test_money_that_comes_late_is_honoured_while_stock_allows(db, shop, till, sold, placed, clock):
    till.wire.up = False
    started = await till.start(shop, placed)
    await till.press(started)
    await expire(db, clock)
    assert (await till.payment(shop, started.payment_id)).state is PaymentState.CLOSED
    headers, body = till.wire.sent[0]
    await till.receive(shop, headers, body)
    paid = await order(db, shop, placed.order_id)
    assert (paid.state, paid.close_reason, paid.closed_at) == (OrderState.TO_SHIP, None, None)
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.sold) == (0, 0, 2)
    async with db.read(shop) as tx:
        timeline = (await order_queries.timelines(tx, [placed.order_id]))[placed.order_id]
    assert [entry.why for entry in timeline] == [Why.PLACED, Why.UNPAID, Why.PAID_LATE]


@pytest.mark.feature("L-505", half=True)
async def test_money_that_comes_too_late_goes_back_by_itself(db, shop, till, sold, placed, clock):
    till.wire.up = False
    started = await till.start(shop, placed)
    await till.press(started)
    await expire(db, clock)
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id))  # one of the two is gone
    headers, body = till.wire.sent[0]
    for _ in range(2):
        await till.receive(shop, headers, body)
    assert (await order(db, shop, placed.order_id)).state is OrderState.CLOSED
    (owed,) = await till.refunds(shop, placed.order_id)
    assert (owed.state, owed.reason, owed.amount_fen) == (RefundState.OWED, RefundReason.LATE_PAYMENT, 2 * PRICE_FEN)
    assert await fire(db, "payments.refund") == 1
    assert "payments.refund" in await work_off(till.runtime)
    (back,) = await till.refunds(shop, placed.order_id)
    assert (back.state, back.number, back.late_at) == (RefundState.SETTLED, owed.number, None)
    assert (await till.payment(shop, started.payment_id)).state is PaymentState.PAID
    assert (await till.simulator.query(shop, started.payment_id)).state is ProviderState.REFUNDED
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.sold) == (2, 1, 0)
    clock.set_offset(timedelta(hours=2))
    assert await fire(db, "payments.refund") == 0


async def test_what_closes_here_is_closed_at_the_provider(db, shop, till, placed, clock):
    started = await till.start(shop, placed)
    await db.write(SYSTEM, shop, lambda tx: orders.cancel(tx, placed.order_id, customer_id=placed.customer_id))
    assert await fire(db, "payments.ask") == 1
    assert await work_off(till.runtime) == ["payments.check"]
    await till.press(started)
    assert (await till.simulator.query(shop, started.payment_id)).state is ProviderState.CLOSED
    clock.set_offset(timedelta(hours=2))
    assert await fire(db, "payments.ask") == 0


async def test_a_second_payment_of_one_order_is_sent_back(db, shop, till, sold, placed):
    till.wire.up = False
    first = await till.start(shop, placed)
    await db.write(SYSTEM, shop, lambda tx: payments.close(tx, [placed.order_id]))
    second = await till.start(shop, placed, request_id="pay-2")
    assert second.payment_id != first.payment_id
    settled = []
    for started in (second, first):
        receipt = Receipt(started.payment_id, placed.total_fen, "SIM", till.runtime.clock.now())
        settled.append(await db.write(SYSTEM, shop, lambda tx, receipt=receipt: pay.settle(tx, receipt)))
    assert settled == [Settled.PAID, Settled.OWED_BACK]
    (back,) = await till.refunds(shop, placed.order_id)
    assert (back.payment_id, back.reason) == (first.payment_id, RefundReason.DOUBLE_PAYMENT)
    assert (await level(db, shop, sold.sku_id)).sold == 2


@pytest.mark.parametrize(("amount", "currency"), [(PRICE_FEN, "CNY"), (2 * PRICE_FEN, "USD")])
async def test_another_amount_or_currency_moves_nothing(db, shop, till, sold, placed, amount, currency):
    started = await till.start(shop, placed)
    receipt = Receipt(started.payment_id, amount, "SIM", till.runtime.clock.now(), currency)
    assert await db.write(SYSTEM, shop, lambda tx: pay.settle(tx, receipt)) is Settled.MISMATCH
    assert (await level(db, shop, sold.sku_id)).held == 2


async def test_a_notice_of_a_payment_we_never_made_is_kept_and_answered(db, shop, till, placed):
    url = (await till.provider.prepare(charge(shop, till))).url
    await till.simulator.pay(token_of_page(url))
    async with db.engine.connect() as conn:
        kept = await conn.execute(text("SELECT processed_at IS NOT NULL FROM payment_callbacks"))
        assert kept.scalars().all() == [True]
    assert (await order(db, shop, placed.order_id)).state is OrderState.TO_PAY


async def test_paying_and_closing_at_the_same_moment_end_in_one_of_both(db, shop, till, clock):
    lot = await something(db, shop, on_hand=12)
    who = await guest(db, shop)
    placed = [await bought(db, shop, wish(who, lot.sku_id)) for _ in range(12)]
    starts = [await till.start(shop, one, request_id=f"p{one.order_id}") for one in placed]
    clock.set_offset(timedelta(minutes=16))
    now = till.runtime.clock.now()

    async def settle(payment_id: PaymentId):
        receipt = Receipt(payment_id, PRICE_FEN, "SIM", now)
        return await db.write(SYSTEM, shop, lambda tx: pay.settle(tx, receipt))

    settled = await asyncio.gather(
        *(settle(one.payment_id) for one in starts), *(fire(db, "orders.unpaid") for _ in range(4))
    )
    assert set(settled[:12]) <= {Settled.PAID, Settled.HONOURED}
    now_there = await level(db, shop, lot.sku_id)
    assert (now_there.on_hand, now_there.held, now_there.sold) == (0, 0, 12)


async def another_way(
    till: Till, shop: ShopId, placed: Order, scene: Scene, request_id: str = "other"
) -> pay.PayStarted:
    buyer = await till.buyer(shop, placed.customer_id)
    payer = pay.Payer(scene, "127.0.0.1")
    return await pay.start(till.runtime, buyer, placed.order_id, request_id=request_id, payer=payer)


async def test_paying_in_another_way_takes_the_first_payments_place(shop, till, placed):
    first = await till.start(shop, placed)
    code = await another_way(till, shop, placed, Scene.NATIVE)
    assert code.code_url
    assert (await till.payment(shop, first.payment_id)).state is PaymentState.CLOSED
    inside = await another_way(till, shop, placed, Scene.JSAPI, "inside")
    assert inside.jsapi["package"].startswith("prepay_id=")
    assert (await another_way(till, shop, placed, Scene.JSAPI, "again")).payment_id == inside.payment_id
    assert len({first.payment_id, code.payment_id, inside.payment_id}) == 3
    merchant = simulated_number(shop)
    for gone in (first, code):
        assert (await till.provider.query(merchant, gone.payment_id)).state is ProviderState.CLOSED
    await till.simulator.pay(inside.jsapi["package"].removeprefix("prepay_id="))
    assert (await order(till.runtime.db, shop, placed.order_id)).state is OrderState.TO_SHIP


async def test_who_has_paid_by_the_first_way_pays_by_no_other(shop, till, placed):
    first = await till.start(shop, placed)
    till.wire.up = False  # the word of it is lost
    await till.press(first)
    with pytest.raises(OrderNotToPay):
        await another_way(till, shop, placed, Scene.NATIVE)
    assert (await order(till.runtime.db, shop, placed.order_id)).state is OrderState.TO_SHIP
    assert await till.refunds(shop, placed.order_id) == []


async def test_outside_of_the_simulator_wechat_must_be_told_who_pays(shop, till, placed):
    await till.start(shop, placed)
    real = replace(till.runtime, settings=replace(till.runtime.settings, simulated_payment=False))
    buyer = await till.buyer(shop, placed.customer_id)
    with pytest.raises(PayerNeeded):
        await pay.start(real, buyer, placed.order_id, request_id="j", payer=pay.Payer(Scene.JSAPI))
