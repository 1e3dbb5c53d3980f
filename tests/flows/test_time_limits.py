"""A shop's own time limits: within bounds, for what begins afterwards, at the second before and after."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liveshelf.accounts.types import Role
from liveshelf.aftersales import service as cases
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.orders.types import OrderState
from liveshelf.platform.clock import Clock, wall_now
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import Keys
from liveshelf.shops.errors import TimeLimitInvalid
from liveshelf.shops.time_limits import BOUNDS, STANDARD, TimeLimits, set_limits, time_limits_of
from tests.make.accounts import bearer, staff_session
from tests.make.aftersales import Desk
from tests.make.paying import till_of
from tests.make.selling import Sold, fire, order, something
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop)


@pytest.fixture
def desk(db: Database, shop: ShopId, runtime: Runtime, keys: Keys) -> Desk:
    return Desk(db, shop, till_of(runtime), keys)


async def promise(db: Database, shop: ShopId, **limits: int) -> None:
    await db.write(SYSTEM, shop, lambda tx: set_limits(tx, TimeLimits(**limits)))


def stand(clock: Clock, at: datetime, seconds: float) -> None:
    clock.set_offset(at - wall_now() + timedelta(seconds=seconds))


@pytest.mark.feature("L-503", half=True)
async def test_what_is_not_shipped_in_the_promised_hours_is_flagged(db, shop, desk, sold, clock):
    first = await desk.paid(sold)
    await promise(db, shop, ship_hours=12)
    second = await desk.paid(sold)
    assert first.paid_at is not None
    assert second.paid_at is not None
    stand(clock, second.paid_at + timedelta(hours=12), -2)
    assert await fire(db, "orders.late_shipment") == 0
    stand(clock, second.paid_at + timedelta(hours=12), 1)
    assert await fire(db, "orders.late_shipment") == 1  # the second alone: the first was promised 48 hours
    stand(clock, first.paid_at + timedelta(hours=48), -2)
    assert await fire(db, "orders.late_shipment") == 0
    stand(clock, first.paid_at + timedelta(hours=48), 1)
    assert await fire(db, "orders.late_shipment") == 1


async def test_an_order_counts_as_received_after_the_days_of_its_payment(db, shop, desk, sold, clock):
    first = await desk.paid(sold)
    await promise(db, shop, receive_days=7)
    second = await desk.paid(sold)
    for one in (first, second):
        await desk.ship(one.order_id)
    left = (await order(db, shop, second.order_id)).shipped_at
    assert left is not None
    stand(clock, left + timedelta(days=7), -2)
    assert await fire(db, "orders.receive") == 0
    stand(clock, left + timedelta(days=7), 1)
    assert await fire(db, "orders.receive") == 1
    states = [(await order(db, shop, one.order_id)).state for one in (first, second)]
    assert states == [OrderState.TO_RECEIVE, OrderState.DONE]
    stand(clock, left + timedelta(days=10), 5)
    assert await fire(db, "orders.receive") == 1


@pytest.mark.feature("S-909", half=True)
async def test_a_case_keeps_the_hours_that_it_was_opened_with(db, shop, desk, sold, clock):
    running = await desk.apply(await desk.sent(sold))
    assert running.answer_due_at - running.created_at == timedelta(hours=6)
    await promise(db, shop, answer_hours=2)
    quick = await desk.apply(await desk.sent(sold))
    assert quick.answer_due_at - quick.created_at == timedelta(hours=2)
    stand(clock, quick.answer_due_at, 1)
    assert await fire(db, "aftersales.answer") == 1
    assert [(await desk.case(one.case_id)).breached for one in (running, quick)] == [False, True]
    await desk.say(running, "看看", until=clock.now() + timedelta(days=1))
    await desk.buyer(running, lambda tx, one, _order: cases.say(tx, one, "好的", []))
    again = await desk.case(running.case_id)
    assert again.answer_due_at - clock.now() > timedelta(
        hours=5, minutes=50
    )  # its six hours, not the shop's two of now


@pytest.mark.parametrize("name", sorted(BOUNDS))
async def test_nothing_outside_of_the_bounds_is_promised(db, shop, name):
    least, most = BOUNDS[name]
    for bad in (least - 1, most + 1, -1, 0, 10**9):
        with pytest.raises(TimeLimitInvalid):
            await promise(db, shop, **{name: bad})
    for good in (least, most):
        await promise(db, shop, **{name: good})
    async with db.read(shop) as tx:
        assert getattr(await time_limits_of(tx), name) == most


async def test_the_owner_sets_them_and_the_trail_knows(shop, client, runtime):
    path = f"/v1/shops/{shop}/time-limits"
    owner = bearer(await staff_session(runtime, shop, Role.OWNER))
    support = bearer(await staff_session(runtime, shop, Role.SERVICE))
    wanted = {"request_id": "a", "receive_days": 15, "ship_hours": 24, "answer_hours": 4}
    seen = (await client.get(path, headers=support)).json()
    assert seen["ship_hours"] == {"now": 48, "standard": STANDARD.ship_hours, "least": 12, "most": 168}
    assert (await client.put(path, json=wanted, headers=support)).status_code == 403
    changed = (await client.put(path, json=wanted, headers=owner)).json()
    assert [changed[name]["now"] for name in ("receive_days", "ship_hours", "answer_hours")] == [15, 24, 4]
    assert changed["changed_by"]
    bad = await client.put(path, json={**wanted, "request_id": "b", "answer_hours": 7}, headers=owner)
    assert (bad.status_code, bad.json()["code"]) == (422, "shops.time_limit_invalid")
    trail = (await client.get(f"/v1/shops/{shop}/trail", headers=owner)).json()
    assert "shop.time_limits" in {row["action"] for row in trail["items"]}
