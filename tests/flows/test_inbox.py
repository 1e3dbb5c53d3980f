"""Notifications that are lost, late, repeated, forged and out of order: every payment counts, and counts once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from liveshelf.adapters.payments import simulator_faults
from liveshelf.adapters.payments.merchants import simulated_number
from liveshelf.adapters.payments.simulator_faults import Faults
from liveshelf.entry import gateway, http
from liveshelf.flows import pay
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import ShopId
from liveshelf.orders.types import OrderState
from liveshelf.payments import refunds
from liveshelf.payments.types import RefundReason, RefundState
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from tests.make.paying import Till, till_of, work_off
from tests.make.selling import addressed, bought, fire, guest, level, order, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return till_of(runtime)


async def kept(db: Database) -> int:
    async with db.engine.connect() as conn:
        return (await conn.exec_driver_sql("SELECT count(*) FROM payment_callbacks")).scalar_one()


def later(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    for module in ("platform.timers", "payments._jobs", "adapters.payments._jobs"):
        monkeypatch.setattr(f"liveshelf.{module}.wall_now", lambda: wall_now() + timedelta(seconds=seconds))


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_on_the_way_each_payment_counts_once(db, shop, till, seed, monkeypatch):
    sold = await something(db, shop, on_hand=6)
    who = await guest(db, shop)
    placed = [await addressed(db, shop, await bought(db, shop, wish(who, sold.sku_id))) for _ in range(6)]
    starts = [await till.start(shop, one, request_id=f"p{one.order_id}") for one in placed]
    await simulator_faults.switch(till.runtime, Faults(seed, lose=0.5, shuffle_s=30, delay_s=1, repeat=2, forge=True))
    for started in starts:
        await till.press(started)
    assert till.wire.sent == []
    for second in range(10, 200, 10):
        later(monkeypatch, second)
        await fire(db, "simulator.notices")
        await work_off(till.runtime)
    for one in placed:
        assert (await order(db, shop, one.order_id)).state is OrderState.TO_SHIP
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.sold) == (0, 0, 6)
    assert await kept(db) == 6
    assert len(till.wire.sent) >= 6 * 4  # three copies and a forged one each


async def test_a_notice_about_a_refund_settles_it(db, shop, till, monkeypatch):
    sold = await something(db, shop, on_hand=1)
    placed = await addressed(db, shop, await bought(db, shop, wish(await guest(db, shop), sold.sku_id)))
    await till.press(await till.start(shop, placed))
    await simulator_faults.switch(till.runtime, Faults(refund_delay_s=20))

    async def work(tx):
        await refunds.owe(tx, placed.order_id, amount_fen=Fen(100), reason=RefundReason.AFTERSALE, key="a")

    await db.write(SYSTEM, shop, work)
    await fire(db, "payments.refund")
    await work_off(till.runtime)
    (sent,) = await till.refunds(shop, placed.order_id)
    assert sent.state is RefundState.SENT
    later(monkeypatch, 21)
    monkeypatch.setattr(
        "liveshelf.adapters.payments.simulator_notices.wall_now", lambda: wall_now() + timedelta(seconds=21)
    )
    assert await fire(db, "simulator.notices") == 1
    await work_off(till.runtime)
    (back,) = await till.refunds(shop, placed.order_id)
    assert back.state is RefundState.SETTLED


@pytest.mark.feature("S-926", half=True)
async def test_two_receivers_take_in_the_same_notices_and_each_is_handled_once(db, shop, till):
    till.wire.up = False
    sold = await something(db, shop, on_hand=3)
    who = await guest(db, shop)
    for number in range(3):
        placed = await addressed(db, shop, await bought(db, shop, wish(who, sold.sku_id)))
        await till.press(await till.start(shop, placed, request_id=f"p{number}"))
    path = f"/v1/payments/simulator/notify/{simulated_number(shop)}"
    web, live = http.create_app(till.runtime), gateway.create_app(till.runtime)
    async with web.running(), live.running():
        doors = [
            httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000")
            for app in (web, live)
        ]
        answers = await asyncio.gather(
            *(
                door.post(path, content=body, headers=headers)
                for headers, body in till.wire.sent
                for door in doors
                for _ in range(3)
            )
        )
        assert {answer.status_code for answer in answers} == {204}
        headers, body = till.wire.sent[0]
        for door in doors:
            assert (await door.post(path, content=body + b" ", headers=headers)).status_code == 401
            assert (await door.post(path, content=b"x" * 100_000, headers=headers)).status_code in {413, 422}
            other = path.replace("simulator", "wechat")
            assert (await door.post(other, content=body, headers=headers)).status_code == 409
            await door.aclose()
    assert await kept(db) == 3
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.sold) == (0, 0, 3)


async def test_the_same_notice_is_processed_by_nobody_twice(db, shop, till, monkeypatch):
    settled = []
    real = pay.settle

    async def counted(tx, receipt):
        settled.append(receipt)
        return await real(tx, receipt)

    monkeypatch.setattr(pay, "settle", counted)
    sold = await something(db, shop, on_hand=1)
    placed = await addressed(db, shop, await bought(db, shop, wish(await guest(db, shop), sold.sku_id)))
    await till.press(await till.start(shop, placed))
    for headers, body in till.wire.sent * 5:
        await till.receive(shop, headers, body)
    assert len(settled) == 1
