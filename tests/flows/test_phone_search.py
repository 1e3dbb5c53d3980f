"""Orders by the end of a buyer's phone: whose they are, what is erased, what older installations get."""

from __future__ import annotations

from dataclasses import replace

import asyncpg
import pytest

from liveshelf.accounts.types import Role
from liveshelf.customers import addresses, postal, rules
from liveshelf.customers import queries as customer_queries
from liveshelf.customers import service as customers
from liveshelf.entry import phone_tails
from liveshelf.flows import join
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import CustomerId, ShopId
from liveshelf.orders import queries
from liveshelf.orders.types import Filter
from liveshelf.platform.db import Database
from liveshelf.platform.signing import Keys
from tests.make.accounts import bearer, staff_session
from tests.make.selling import KEYS, bought, guest, home, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


async def member(db: Database, shop: ShopId, phone: str) -> CustomerId:
    sealed = rules.seal_phone(KEYS, phone)
    made = await db.write(
        SYSTEM, shop, lambda tx: customers.make_member(tx, name="小林", phone=sealed, password_hash=None)
    )
    return made.customer_id


async def search(db: Database, shop: ShopId, text: str) -> list[int]:
    async with db.read(shop) as tx:
        wanted = await queries.resolved(tx, KEYS, Filter(text=text))
        return [one.order_id for one in (await queries.page(tx, wanted)).items]


async def test_four_digits_find_the_orders_of_a_member_and_of_who_a_parcel_goes_to(db, shop):
    sold = await something(db, shop)
    mine, theirs = await member(db, shop, "13900001234"), await guest(db, shop)
    await home(db, shop, theirs, phone="0755-26001234-8")
    other = await bought(db, shop, wish(await member(db, shop, "13900005678"), sold.sku_id))
    placed = [await bought(db, shop, wish(who, sold.sku_id)) for who in (mine, theirs, mine)]
    assert await search(db, shop, "1234") == sorted((one.order_id for one in placed), reverse=True)
    assert await search(db, shop, " 56 78 ") == [other.order_id]
    assert await search(db, shop, "+86 139 0000 5678") == [other.order_id]
    assert await search(db, shop, "0755-26001234") == [placed[1].order_id]
    for nobody in ("13800001234", "0755-26011234", "9999", "١٢٣٤", "12345"):
        assert await search(db, shop, nobody) == [], nobody


async def test_digits_that_no_buyers_phone_ends_in_are_looked_for_among_the_goods(db, shop):
    year, plain = await something(db, shop, name="2026 头春龙井"), await something(db, shop)
    named = await bought(db, shop, wish(await guest(db, shop), year.sku_id))
    assert await search(db, shop, "2026") == [named.order_id]
    idle = await member(db, shop, "13900002026")  # nobody's order: still the goods
    assert await search(db, shop, "2026") == [named.order_id]
    placed = await bought(db, shop, wish(idle, plain.sku_id))
    assert await search(db, shop, "2026") == [placed.order_id]


async def test_another_shop_and_an_erased_buyer_are_not_found(db, shop):
    sold, who = await something(db, shop), await member(db, shop, "13900001234")
    await home(db, shop, who, phone="13700007777")
    placed = await bought(db, shop, wish(who, sold.sku_id))
    elsewhere = (await a_shop(db, name="别家")).shop
    assert await search(db, elsewhere, "1234") == []
    assert await search(db, shop, "1234") == await search(db, shop, "7777") == [placed.order_id]
    await db.write(SYSTEM, shop, lambda tx: join.leave(tx, who))
    assert await search(db, shop, "1234") == await search(db, shop, "7777") == []
    async with db.read(shop) as tx:
        assert await customer_queries.by_phone(tx, KEYS, "13900001234") == []


async def test_a_changed_address_is_found_by_its_new_phone_only(db, shop):
    sold, who = await something(db, shop), await guest(db, shop)
    address_id = await home(db, shop, who, phone="13700001111")
    placed = await bought(db, shop, wish(who, sold.sku_id))
    async with db.read(shop) as tx:
        there = postal.open_address(KEYS, (await addresses.address(tx, address_id, customer_id=who)).sealed)
    moved = postal.keep_address(KEYS, replace(there, phone="13700002222"))
    await db.write(SYSTEM, shop, lambda tx: addresses.change(tx, who, address_id, sealed=moved))
    assert (await search(db, shop, "1111"), await search(db, shop, "2222")) == ([], [placed.order_id])


async def test_staff_search_by_it_and_the_database_does_not_say_it(db, shop, client, runtime, admin_dsn):
    sold, who = await something(db, shop), await member(db, shop, "13900001234")
    placed = await bought(db, shop, wish(who, sold.sku_id))
    headers = bearer(await staff_session(runtime, shop, Role.SERVICE))
    found = (await client.get(f"/v1/shops/{shop}/orders?q=1234", headers=headers)).json()
    assert [one["order_id"] for one in found["items"]] == [str(placed.order_id)]
    admin = await asyncpg.connect(admin_dsn)
    row = await admin.fetchrow("SELECT phone_tail, phone_hash FROM customers WHERE customer_id = $1", int(who))
    await admin.close()
    assert row is not None
    assert b"1234" not in row["phone_tail"]
    assert row["phone_tail"] != row["phone_hash"]


async def test_numbers_of_before_are_filled_in_once(db, shop, admin_dsn, keys):
    sold, who = await something(db, shop), await member(db, shop, "13900001234")
    theirs = await guest(db, shop)
    await home(db, shop, theirs, phone="13700007777")
    placed = [await bought(db, shop, wish(one, sold.sku_id)) for one in (who, theirs)]
    admin = await asyncpg.connect(admin_dsn)
    for table in ("customers", "addresses"):
        await admin.execute(f"UPDATE {table} SET phone_tail = NULL")
    assert await search(db, shop, "1234") == await search(db, shop, "7777") == []
    assert (await phone_tails.fill(admin, keys), await phone_tails.fill(admin, keys)) == (2, 0)
    assert [await search(db, shop, tail) for tail in ("1234", "7777")] == [[one.order_id] for one in placed]
    await admin.execute("UPDATE customers SET phone_tail = NULL")
    assert await phone_tails.fill(admin, Keys(bytes(32))) == 1  # sealed under another key: left out, not tried again
    assert await phone_tails.fill(admin, Keys(bytes(32))) == 0
    await admin.close()
