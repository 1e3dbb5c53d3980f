"""Another price before payment: what is agreed on is what is paid, and money of the old price goes back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from liveshelf.adapters.payments.port import Receipt
from liveshelf.flows import pay
from liveshelf.flows.pay import Settled
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.fen import MAX_FEN, Fen
from liveshelf.kernel.ids import OrderId, ShopId
from liveshelf.orders import _sql, repricing
from liveshelf.orders import queries as order_queries
from liveshelf.orders import service as orders
from liveshelf.orders.errors import OrderNotToPay, PriceChanged, PriceInvalid, ReasonInvalid
from liveshelf.orders.types import OrderState, Why
from liveshelf.payments import queries as payments
from liveshelf.payments.types import PaymentState, RefundReason
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from tests.make.goods import STAFF
from tests.make.paying import Till, till_of
from tests.make.selling import PRICE_FEN, addressed, bought, fire, guest, level, order, something, wish
from tests.make.shops import a_shop

REMINDERS = "SELECT count(*) FROM events WHERE name = 'order.payment_reminder_due'"


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return till_of(runtime)


@pytest.fixture
async def placed(db: Database, shop: ShopId):
    first, second = await something(db, shop), await something(db, shop)
    lines = ((first.sku_id, 1), (second.sku_id, 2))
    request = wish(await guest(db, shop), first.sku_id, lines=lines, expected_total_fen=3 * PRICE_FEN)
    return await addressed(db, shop, await bought(db, shop, request))


async def total(db: Database, shop: ShopId, order_id: OrderId, fen: int, *, seen: int = 3 * PRICE_FEN, reason="老客"):
    return await db.write(
        STAFF,
        shop,
        lambda tx: repricing.change_total(tx, order_id, total_fen=Fen(fen), seen_fen=Fen(seen), reason=reason),
    )


async def settle(till: Till, shop: ShopId, started, fen: int):
    receipt = Receipt(started.payment_id, Fen(fen), "SIM", till.runtime.clock.now())
    return await till.runtime.db.write(SYSTEM, shop, lambda tx: pay.settle(tx, receipt))


@pytest.mark.parametrize("fen", [1, 2, 1_000, 3 * PRICE_FEN - 1, 5 * PRICE_FEN])
async def test_another_total_is_shared_over_the_lines_and_paid(db, shop, till, placed, fen):
    before = await till.start(shop, placed)
    await total(db, shop, placed.order_id, fen)
    changed = await order(db, shop, placed.order_id)
    assert changed.total_fen == fen == sum(line.due_fen for line in changed.lines)
    assert [line.amount_fen for line in changed.lines] == [PRICE_FEN, 2 * PRICE_FEN]
    assert (await till.payment(shop, before.payment_id)).state is PaymentState.CLOSED
    after = await till.start(shop, changed, request_id="pay-2")
    assert (await till.payment(shop, after.payment_id)).amount_fen == fen
    assert await settle(till, shop, after, fen) is Settled.PAID
    async with db.read(shop) as tx:
        step = (await order_queries.timelines(tx, [placed.order_id]))[placed.order_id][1]
    assert step.why is Why.PRICE_CHANGED
    assert step.facts == {"was_fen": 3 * PRICE_FEN, "became_fen": fen, "reason": "老客"}


@pytest.mark.parametrize("fen", [100, 5 * PRICE_FEN])
async def test_money_of_the_old_price_goes_back_whole_and_the_order_waits(db, shop, till, placed, fen):
    under_way = await till.start(shop, placed)
    await total(db, shop, placed.order_id, fen)
    assert await settle(till, shop, under_way, 3 * PRICE_FEN) is Settled.OWED_BACK
    assert (await order(db, shop, placed.order_id)).state is OrderState.TO_PAY
    async with db.read(shop) as tx:
        (refund,) = (await payments.refunds_of(tx, [placed.order_id]))[placed.order_id]
    assert (refund.amount_fen, refund.reason) == (3 * PRICE_FEN, RefundReason.PRICE_CHANGED)


async def test_single_lines_change_and_change_again(db, shop, placed):
    first, second = placed.lines

    async def lines(*amounts, seen):
        return await db.write(
            STAFF,
            shop,
            lambda tx: repricing.change_lines(tx, placed.order_id, lines=amounts, seen_fen=Fen(seen), reason="改"),
        )

    await lines((first.sku_id, Fen(1)), seen=3 * PRICE_FEN)
    await lines((second.sku_id, Fen(2)), (first.sku_id, Fen(5)), seen=2 * PRICE_FEN + 1)
    changed = await order(db, shop, placed.order_id)
    assert ([line.due_fen for line in changed.lines], changed.total_fen) == ([5, 2], 7)
    for amounts in (
        [],
        [(first.sku_id, 0)],
        [(first.sku_id, -5)],
        [(first.sku_id, MAX_FEN + 1)],
        [(first.sku_id, MAX_FEN), (second.sku_id, MAX_FEN)],
        [(first.sku_id, 1), (first.sku_id, 2)],
        [(987654, 1)],
    ):
        with pytest.raises(PriceInvalid):
            await lines(*amounts, seen=7)
    assert (await order(db, shop, placed.order_id)).total_fen == 7


@pytest.mark.parametrize("fen", [0, -1, MAX_FEN + 1, 10**300])
async def test_a_price_that_can_not_be_is_refused(db, shop, placed, fen):
    with pytest.raises(PriceInvalid):
        await total(db, shop, placed.order_id, fen)


async def test_who_saw_another_total_or_comes_too_late_changes_nothing(db, shop, till, placed, clock):
    with pytest.raises(PriceChanged):
        await total(db, shop, placed.order_id, 5, seen=PRICE_FEN)
    with pytest.raises(ReasonInvalid):
        await total(db, shop, placed.order_id, 5, reason=" ")
    clock.set_offset(timedelta(minutes=15, seconds=1))
    with pytest.raises(OrderNotToPay):
        await total(db, shop, placed.order_id, 5)


async def test_paying_and_changing_at_the_same_moment_end_in_one_of_both(db, shop, till, placed):
    started = await till.start(shop, placed)
    both = (settle(till, shop, started, 3 * PRICE_FEN), total(db, shop, placed.order_id, 7))
    ended: Any = await asyncio.gather(*both, return_exceptions=True)
    paid, changed = ended
    now = await order(db, shop, placed.order_id)
    if isinstance(changed, OrderNotToPay):
        assert (paid, now.state, now.total_fen) == (Settled.PAID, OrderState.TO_SHIP, 3 * PRICE_FEN)
    else:
        assert (paid, now.state, now.total_fen) == (Settled.OWED_BACK, OrderState.TO_PAY, 7)


@pytest.mark.feature("S-918")
async def test_one_reminder_before_the_hold_ends_and_none_after_paying_or_cancelling(db, shop, till, placed, clock):
    clock.set_offset(timedelta(minutes=9, seconds=58))
    assert await fire(db, "orders.remind_unpaid") == 0
    clock.set_offset(timedelta(minutes=10, seconds=1))
    assert sum(await asyncio.gather(*(fire(db, "orders.remind_unpaid") for _ in range(4)))) == 1
    clock.set_offset(timedelta(minutes=14))
    assert await fire(db, "orders.remind_unpaid") == 0


@pytest.mark.feature("S-918")
@pytest.mark.parametrize("end", ["paid", "cancelled", "short", "over"])
async def test_who_needs_no_reminder_gets_none(db, shop, till, placed, clock, end):
    if end == "paid":
        await till.press(await till.start(shop, placed))
    elif end == "cancelled":
        await db.write(SYSTEM, shop, lambda tx: orders.cancel(tx, placed.order_id, customer_id=placed.customer_id))
    elif end == "short":  # its whole time is no longer than the lead
        async with db.engine.begin() as conn:
            await conn.exec_driver_sql("UPDATE orders SET expires_at = created_at + interval '5 minutes'")
    clock.set_offset(timedelta(minutes={"over": 16, "short": 4}.get(end, 11)))
    # What is over is marked, so that no clock names it as due any more; nobody is told of it.
    assert await fire(db, "orders.remind_unpaid") == (1 if end == "over" else 0)
    assert await fire(db, "orders.remind_unpaid") == 0
    async with db.engine.connect() as conn:
        assert (await conn.exec_driver_sql(REMINDERS)).scalar() == 0
    async with db.read() as tx:
        assert await tx.all(_sql.SHOPS_TO_REMIND, now=tx.now) == []
    assert (await level(db, shop, placed.lines[0].sku_id)).on_hand >= 49
