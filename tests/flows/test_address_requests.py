"""Another address for a paid order: asked within two hours, answered by staff, both versions kept."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from liveshelf.customers import postal
from liveshelf.customers.errors import AddressUnknown
from liveshelf.flows import address as flow
from liveshelf.flows import join
from liveshelf.fulfilment.errors import LabelVoid
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.orders import address_requests, shipping
from liveshelf.orders import queries as order_queries
from liveshelf.orders.address_requests import RequestState
from liveshelf.orders.errors import (
    AddressNotChangeable,
    AddressRequestOpen,
    AddressRequestOver,
    AddressRequestUnknown,
    OrderUnknown,
    ReasonInvalid,
)
from liveshelf.orders.types import AddressWhy, OrderState, Why
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from tests.make.goods import STAFF
from tests.make.order_work import paid_order
from tests.make.paying import Till, till_of
from tests.make.selling import KEYS, Sold, fire, guest, home, order, something
from tests.make.shops import a_shop

SF: dict[str, Any] = {"carrier": "SF", "tracking_no": "SF1234567890123"}
ZTO: dict[str, Any] = {"carrier": "ZTO", "tracking_no": "730000000001"}


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


async def ask(db: Database, shop: ShopId, paid, *, street: str = "新路 9 号", who=None) -> int:
    buyer = who or paid.customer_id
    wanted = await home(db, shop, buyer, street=street)
    return await db.write(
        SYSTEM, shop, lambda tx: flow.ask_change(tx, paid.order_id, customer_id=buyer, address_id=wanted)
    )


async def one(db: Database, shop: ShopId, number: int):
    async with db.read(shop) as tx:
        return await address_requests.one(tx, number)


async def streets(db: Database, shop: ShopId, order_id) -> list[tuple[str, AddressWhy]]:
    async with db.read(shop) as tx:
        versions = (await order_queries.deliveries(tx, [order_id]))[order_id]
    return [(postal.open_address(KEYS, each.sealed).street, each.why) for each in versions if each.sealed]


@pytest.mark.feature("L-508")
@pytest.mark.parametrize(("seconds", "taken"), [(7199, True), (7201, False)])
async def test_asked_within_two_hours_of_the_order_and_not_later(db, shop, paid, clock, seconds, taken):
    wanted = await home(db, shop, paid.customer_id, street="新路 9 号")
    clock.set_offset(paid.created_at + timedelta(seconds=seconds) - wall_now())
    asked = db.write(
        SYSTEM, shop, lambda tx: flow.ask_change(tx, paid.order_id, customer_id=paid.customer_id, address_id=wanted)
    )
    if taken:
        assert (await one(db, shop, await asked)).state is RequestState.OPEN
    else:
        with pytest.raises(AddressNotChangeable):
            await asked


@pytest.mark.feature("L-508")
@pytest.mark.parametrize("pieces", [1, 2])
async def test_once_anything_was_handed_over_it_is_refused(db, shop, sold, paid, pieces):
    lines = [(sold.sku_id, pieces)]
    await db.write(STAFF, shop, lambda tx: shipping.ship(tx, paid.order_id, **SF, lines=lines))
    with pytest.raises(AddressNotChangeable):
        await ask(db, shop, paid)


@pytest.mark.feature("L-507")
async def test_staff_approve_both_versions_stay_and_the_label_is_issued_again(db, shop, paid):
    before = await streets(db, shop, paid.order_id)
    parcel = await db.write(STAFF, shop, lambda tx: shipping.pack(tx, paid.order_id, **SF))
    number = await ask(db, shop, paid)
    assert await streets(db, shop, paid.order_id) == before  # a wish changes nothing
    with pytest.raises(AddressRequestOpen):
        await db.write(STAFF, shop, lambda tx: shipping.hand_over(tx, paid.order_id, parcel_id=parcel.parcel_id))
    assert await db.write(STAFF, shop, lambda tx: flow.grant_change(tx, number)) == paid.order_id
    assert await streets(db, shop, paid.order_id) == [*before, ("新路 9 号", AddressWhy.CHANGED)]
    with pytest.raises(LabelVoid):
        await db.write(STAFF, shop, lambda tx: shipping.hand_over(tx, paid.order_id, parcel_id=parcel.parcel_id))
    await db.write(STAFF, shop, lambda tx: shipping.correct(tx, paid.order_id, parcel_id=parcel.parcel_id, **ZTO))
    await db.write(STAFF, shop, lambda tx: shipping.hand_over(tx, paid.order_id, parcel_id=parcel.parcel_id))
    assert (await order(db, shop, paid.order_id)).state is OrderState.TO_RECEIVE
    async with db.read(shop) as tx:
        steps = (await order_queries.timelines(tx, [paid.order_id]))[paid.order_id]
    assert [(step.why, step.facts.get("labels_void")) for step in steps][3:5] == [
        (Why.ADDRESS_ASKED, None),
        (Why.ADDRESS_CHANGED, 1),
    ]


@pytest.mark.feature("L-507")
async def test_staff_refuse_with_a_reason_and_the_address_stays(db, shop, paid):
    number = await ask(db, shop, paid)
    before = await streets(db, shop, paid.order_id)
    with pytest.raises(ReasonInvalid):
        await db.write(STAFF, shop, lambda tx: address_requests.refuse(tx, number, reason=""))
    await db.write(STAFF, shop, lambda tx: address_requests.refuse(tx, number, reason="已经打包"))
    refused = await one(db, shop, number)
    assert (refused.state, refused.reason, refused.answered_by) == (RequestState.REFUSED, "已经打包", str(STAFF))
    assert await streets(db, shop, paid.order_id) == before
    with pytest.raises(AddressRequestOver):
        await db.write(STAFF, shop, lambda tx: flow.grant_change(tx, number))


@pytest.mark.feature("L-508")
async def test_the_answer_has_a_clock_of_its_own_that_tells_and_never_decides(db, shop, paid, clock):
    number = await ask(db, shop, paid)
    due = (await one(db, shop, number)).answer_due_at
    clock.set_offset(due - wall_now() - timedelta(seconds=1))
    assert await fire(db, "orders.address_answer") == 0
    clock.set_offset(due - wall_now() + timedelta(milliseconds=1))
    assert sum(await asyncio.gather(*(fire(db, "orders.address_answer") for _ in range(4)))) == 1
    assert await fire(db, "orders.address_answer") == 0
    late = await one(db, shop, number)
    assert (late.state, late.escalated) == (RequestState.OPEN, True)
    await db.write(STAFF, shop, lambda tx: flow.grant_change(tx, number))  # a late answer is still an answer
    assert len(await streets(db, shop, paid.order_id)) == 2


async def test_one_wish_at_a_time_and_only_by_its_buyer(db, shop, paid):
    stranger = await guest(db, shop)
    with pytest.raises(OrderUnknown):
        await ask(db, shop, paid, who=stranger)
    theirs = await home(db, shop, stranger)
    with pytest.raises(AddressUnknown):
        await db.write(
            SYSTEM, shop, lambda tx: flow.ask_change(tx, paid.order_id, customer_id=paid.customer_id, address_id=theirs)
        )
    asked = await asyncio.gather(*(ask(db, shop, paid) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(each, int) for each in asked) == 1
    assert all(isinstance(each, int | AddressRequestOpen) for each in asked)
    await db.write(SYSTEM, shop, lambda tx: address_requests.withdraw(tx, paid.order_id, customer_id=paid.customer_id))
    with pytest.raises(AddressRequestUnknown):
        await db.write(
            SYSTEM, shop, lambda tx: address_requests.withdraw(tx, paid.order_id, customer_id=paid.customer_id)
        )
    await ask(db, shop, paid)


async def test_two_who_answer_at_once_give_one_answer(db, shop, paid):
    number = await ask(db, shop, paid)
    answers = await asyncio.gather(
        db.write(STAFF, shop, lambda tx: flow.grant_change(tx, number)),
        db.write(STAFF, shop, lambda tx: address_requests.refuse(tx, number, reason="不行")),
        return_exceptions=True,
    )
    assert sum(isinstance(each, AddressRequestOver) for each in answers) == 1
    other = (await a_shop(db, "别家")).shop
    with pytest.raises(AddressRequestUnknown):
        await db.write(STAFF, other, lambda tx: flow.grant_change(tx, number))


async def test_an_erased_buyers_wish_is_withdrawn_and_says_nothing_any_more(db, shop, paid):
    number = await ask(db, shop, paid)
    await db.write(SYSTEM, shop, lambda tx: join.leave(tx, paid.customer_id))
    gone = await one(db, shop, number)
    assert (gone.state, gone.address) == (RequestState.WITHDRAWN, None)
