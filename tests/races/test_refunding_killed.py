"""Processes are killed while money moves: the main receiver while buyers pay, the worker while refunds go back."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import httpx

from liveshelf.adapters.payments import simulator_faults
from liveshelf.adapters.payments.merchants import simulated_number
from liveshelf.adapters.payments.simulator_faults import Faults
from liveshelf.customers.types import Buyer, CustomerKind
from liveshelf.flows import pay
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.fen import Fen
from liveshelf.orders import queries as orders
from liveshelf.orders.types import Order, OrderState
from liveshelf.payments import queries, refunds
from liveshelf.payments.types import RefundReason, RefundState
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from tests.make.paying import till_of
from tests.make.processes import free_port, running, until
from tests.make.selling import PRICE_FEN, addressed, bought, guest, level, something, wish
from tests.make.shops import a_shop

ORDERS = 8


async def test_the_second_receiver_takes_in_what_the_first_can_not(db: Database, settings: Settings, runtime: Runtime):
    settings = replace(settings, gateway_port=free_port())
    shop = (await a_shop(db)).shop
    sold = await something(db, shop, on_hand=ORDERS)
    who = await guest(db, shop)
    buyer = Buyer(shop, who, "小林", CustomerKind.GUEST)
    till = till_of(runtime)
    till.wire.up = False  # the test carries what is sent
    placed = [await addressed(db, shop, await bought(db, shop, wish(who, sold.sku_id))) for _ in range(ORDERS)]
    for one in placed:
        await till.press(await pay.start(till.runtime, buyer, one.order_id, request_id=str(uuid.uuid4())))
    path = f"/v1/payments/simulator/notify/{simulated_number(shop)}"
    with running(settings, "http", "gateway") as (first, _):
        doors = [first.url, f"http://127.0.0.1:{settings.gateway_port}"]
        async with httpx.AsyncClient(timeout=30) as client:

            async def carry(door: str, letter: tuple[dict[str, str], bytes]) -> int:
                try:
                    return (await client.post(door + path, headers=letter[0], content=letter[1])).status_code
                except httpx.HTTPError:
                    return 0

            async def answers(door: str) -> bool:
                try:
                    return (await client.get(door + "/readyz")).status_code == httpx.codes.OK
                except httpx.HTTPError:
                    return False

            for door in doors:
                await until(partial(answers, door))
            first.kill()
            for letter in till.wire.sent:  # as a proxy does: the second where the first does not answer
                assert await carry(doors[0], letter) == 0
                assert await carry(doors[1], letter) == 204
            first.start()
            await until(partial(answers, doors[0]))
            both = await asyncio.gather(*(carry(door, letter) for letter in till.wire.sent for door in doors))
            assert set(both) == {204}
    async with db.read(shop) as tx:
        found = await orders.orders(tx, [one.order_id for one in placed])
    assert {one.state for one in found.values()} == {OrderState.TO_SHIP}
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.sold) == (0, 0, ORDERS)


async def owe_all(tx: Tx, placed: Sequence[Order]) -> None:
    """Each order's money goes back in two parts."""
    for one in placed:
        for part, amount in (("a", 800), ("b", PRICE_FEN - 800)):
            key = f"{part}:{one.order_id}"
            await refunds.owe(tx, one.order_id, amount_fen=Fen(amount), reason=RefundReason.AFTERSALE, key=key)


async def test_what_is_owed_goes_back_once_however_often_the_worker_dies(
    db: Database, settings: Settings, runtime: Runtime
):
    shop = (await a_shop(db)).shop
    sold = await something(db, shop, on_hand=ORDERS)
    who = await guest(db, shop)
    till = till_of(runtime)
    placed = [await addressed(db, shop, await bought(db, shop, wish(who, sold.sku_id))) for _ in range(ORDERS)]
    for one in placed:
        await till.press(await till.start(shop, one, request_id=str(uuid.uuid4())))

    await db.write(SYSTEM, shop, lambda tx: owe_all(tx, placed))
    # The provider does it and answers late: most deaths fall between its doing and our knowing.
    await simulator_faults.switch(till.runtime, Faults(slow_s=0.2))

    async def back() -> list[RefundState]:
        async with db.read(shop) as tx:
            found = await queries.refunds_of(tx, [one.order_id for one in placed])
        return [refund.state for many in found.values() for refund in many]

    async def some() -> bool:
        return RefundState.SETTLED in await back()

    async def all_there() -> bool:
        return set(await back()) == {RefundState.SETTLED}

    with running(settings, "http", "worker") as (http, worker):
        await http.ready()
        await until(some)
        for _ in range(3):
            worker.kill()
            worker.start()
            await asyncio.sleep(1.5)
        await until(all_there, within_s=90)
    async with db.read(shop) as tx:
        for one in placed:
            assert (await queries.paid_of(tx, one.order_id)).left_fen == 0
    for one in placed:
        assert [refund.round for refund in await till.refunds(shop, one.order_id)] == [1, 1]
    async with db.engine.connect() as conn:
        sent = await conn.exec_driver_sql("SELECT count(*), sum(amount_fen) FROM simulator_refunds")
        assert tuple(sent.one()) == (2 * ORDERS, ORDERS * PRICE_FEN)
