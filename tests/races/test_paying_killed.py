"""The HTTP process is killed while buyers pay: whoever's money the provider has gets the order."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from datetime import timedelta

import httpx

from liveshelf.adapters.payments.port import ProviderState
from liveshelf.adapters.payments.simulator import SimulatedPayments
from liveshelf.customers.types import Buyer, CustomerKind
from liveshelf.flows import pay
from liveshelf.kernel.ids import PaymentId
from liveshelf.orders import queries as orders
from liveshelf.orders.types import OrderState
from liveshelf.platform.db import Database, connect
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from tests.make.paying import till_of
from tests.make.processes import running, until
from tests.make.selling import addressed, bought, guest, level, something, wish
from tests.make.shops import a_shop

ORDERS = 24
SETTLED_LIMIT_S = 60


async def test_what_was_paid_is_to_ship_whenever_the_process_died(
    db: Database, settings: Settings, runtime: Runtime, admin_dsn: str
):
    shop = (await a_shop(db)).shop
    sold = await something(db, shop, on_hand=ORDERS)
    who = await guest(db, shop)
    buyer = Buyer(shop, who, "小林", CustomerKind.GUEST)
    till = till_of(runtime)
    simulator = SimulatedPayments(till.runtime)
    placed = [await addressed(db, shop, await bought(db, shop, wish(who, sold.sku_id))) for _ in range(ORDERS)]
    starts = [await pay.start(till.runtime, buyer, one.order_id, request_id=str(uuid.uuid4())) for one in placed]
    pressed = asyncio.Semaphore(0)
    with running(settings, "http", "worker") as (http, _):
        await http.ready()

        few = asyncio.Semaphore(3)  # else all have paid before the first press is answered

        async def press(client: httpx.AsyncClient, number: int) -> None:
            async with few:
                with contextlib.suppress(httpx.HTTPError):  # it died under this press: the money may have moved or not
                    await client.post(http.url + starts[number].pay_url)
                    pressed.release()

        async with httpx.AsyncClient(timeout=30) as client:
            presses = [asyncio.create_task(press(client, number)) for number in range(ORDERS)]
            for _ in range(ORDERS // 4):
                await pressed.acquire()
            http.kill()
            await asyncio.gather(*presses)
        http.start()
        await http.ready()

        async def paid_at_provider(payment_id: PaymentId) -> bool:
            return (await simulator.query(shop, payment_id)).state is ProviderState.PAID

        moved = {
            start_of.payment_id: one.order_id
            for start_of, one in zip(starts, placed, strict=True)
            if await paid_at_provider(start_of.payment_id)
        }
        assert 0 < len(moved) < ORDERS

        async def all_to_ship() -> bool:
            async with db.read(shop) as tx:
                found = await orders.orders(tx, moved.values())
            return {one.state for one in found.values()} == {OrderState.TO_SHIP}

        owner = connect(admin_dsn, runtime.clock, process="owner")
        await owner.advance_clock(timedelta(minutes=1))  # what the provider could not tell is asked for
        await owner.dispose()
        await until(all_to_ship, within_s=SETTLED_LIMIT_S)
    now = await level(db, shop, sold.sku_id)
    assert (now.sold, now.on_hand, now.held) == (len(moved), ORDERS - len(moved), ORDERS - len(moved))
