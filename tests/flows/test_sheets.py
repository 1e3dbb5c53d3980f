"""What is printed: a sheet a parcel, whose addresses only those who may see whole, written down."""

from __future__ import annotations

import time
from functools import partial

import pytest

from liveshelf.accounts.types import Role
from liveshelf.flows import sheets
from liveshelf.kernel.ids import OrderId, ShopId
from liveshelf.orders import shipping
from liveshelf.orders.errors import OrderUnknown
from liveshelf.orders.types import EVERY
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from tests.make.accounts import bearer, staff_session
from tests.make.goods import STAFF
from tests.make.order_work import paid_order
from tests.make.paying import Till, till_of
from tests.make.selling import KEYS, Sold, bought, guest, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return till_of(runtime)


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop)


async def printed(db: Database, shop: ShopId, *order_ids: OrderId) -> list[tuple[str, int]]:
    async with db.read(shop) as tx:
        made = await sheets.sheets(tx, KEYS, order_ids, whole=False)
    return [(one.parcel.tracking_no if one.parcel else "", sum(count for _, count in one.lines)) for one in made]


async def test_each_parcel_has_a_sheet_and_so_has_what_is_in_none(db, shop, till, sold):
    paid = await paid_order(db, shop, till, sold, 5)
    assert await printed(db, shop, paid.order_id) == [("", 5)]
    pack = partial(shipping.pack, order_id=paid.order_id, carrier="SF", tracking_no="SF1234567890123")
    parcel = await db.write(STAFF, shop, lambda tx: pack(tx, lines=[(sold.sku_id, 2)]))
    assert await printed(db, shop, paid.order_id) == [("SF1234567890123", 2), ("", 3)]
    await db.write(STAFF, shop, lambda tx: shipping.hand_over(tx, paid.order_id, parcel_id=parcel.parcel_id))
    assert await printed(db, shop, paid.order_id) == [("", 3)]  # what has left needs no paper any more
    rest = partial(shipping.ship, order_id=paid.order_id, carrier="SF", tracking_no="SF1234567890124")
    await db.write(STAFF, shop, rest)
    assert await printed(db, shop, paid.order_id) == [("SF1234567890123", 2), ("SF1234567890124", 3)]  # once more


async def test_a_list_prints_what_is_to_be_packed(db, shop, till, sold):
    unpaid = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    paid = [await paid_order(db, shop, till, sold, 1) for _ in range(2)]
    async with db.read(shop) as tx:
        found, more = await sheets.wanted(tx, KEYS, EVERY)
        assert await sheets.sheets(tx, KEYS, [unpaid.order_id], whole=True) == []
        with pytest.raises(OrderUnknown):
            await sheets.sheets(tx, KEYS, [OrderId(7)], whole=False)
    assert (found, more) == (sorted((one.order_id for one in paid), reverse=True), False)


async def test_addresses_are_whole_for_those_who_may_and_that_is_written_down(
    db, shop, till, sold, client, runtime, monkeypatch
):
    paid = await paid_order(db, shop, till, sold, 1)
    path = f"/v1/shops/{shop}/orders/sheets"
    support = bearer(await staff_session(runtime, shop, Role.SERVICE))
    owner = bearer(await staff_session(runtime, shop, Role.OWNER))
    wanted = {"order_ids": [str(paid.order_id)]}
    (masked,) = (await client.post(path, json=wanted, headers=support)).json()["items"]
    assert (masked["address"]["name"], masked["address"]["street"]) == ("张*", "***")
    (whole,) = (await client.post(path, json={**wanted, "whole": True}, headers=support)).json()["items"]
    assert (whole["address"]["name"], whole["address"]["phone"]) == ("张三", "13800138000")
    trail = (await client.get(f"/v1/shops/{shop}/trail", headers=owner)).json()["items"]
    assert [row["subject"] for row in trail if row["action"] == "orders.print"] == [f"order:{paid.order_id}"]
    for role in (Role.ANCHOR, Role.DEVELOPER):
        other = bearer(await staff_session(runtime, shop, role))
        assert (await client.post(path, json=wanted, headers=other)).status_code == 403
    elsewhere = (await a_shop(db, name="别家")).shop
    theirs = bearer(await staff_session(runtime, elsewhere, Role.OWNER))
    unknown = await client.post(f"/v1/shops/{elsewhere}/orders/sheets", json=wanted, headers=theirs)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "orders.unknown")
    for bad in ([], ["x"], ["1"] * 501, 7, "1"):
        answer = await client.post(path, json={"order_ids": bad}, headers=owner)
        assert answer.status_code in {400, 422}, bad


async def test_no_more_than_five_hundred_orders_at_once(db, shop, till, sold, monkeypatch):
    monkeypatch.setattr(sheets, "ORDERS_MAX", 2)
    for _ in range(3):
        await paid_order(db, shop, till, sold, 1)
    async with db.read(shop) as tx:
        began = time.perf_counter()
        found, more = await sheets.wanted(tx, KEYS, EVERY)
        made = await sheets.sheets(tx, KEYS, found, whole=True)
    assert (len(made), more) == (2, True)
    assert time.perf_counter() - began < 5
