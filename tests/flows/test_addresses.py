"""Address books, and the order's own copy: who may take which, what stays when a book changes, what goes with its
customer.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from liveshelf.customers import addresses, postal
from liveshelf.customers import service as customers
from liveshelf.customers.errors import AddressesFull, AddressUnknown, BuyerUnknown
from liveshelf.customers.types import Address, SealedAddress
from liveshelf.flows import pay
from liveshelf.flows.address import choose
from liveshelf.flows.checkout import Placed, Refused
from liveshelf.flows.join import leave, take_along
from liveshelf.goods.types import DeliveryKind
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import AddressId, CustomerId, OrderId, ShopId
from liveshelf.orders import queries as orders
from liveshelf.orders import service as order_service
from liveshelf.orders.errors import AddressNeeded, OrderNotToPay
from liveshelf.orders.papers import Invoice, InvoiceKind, check_papers, open_papers, seal_papers
from liveshelf.orders.types import AddressWhy
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.idempotency import KeyReused
from liveshelf.platform.runtime import Runtime
from tests.make.paying import till_of
from tests.make.selling import HOME, KEYS, bought, buy, fire, guest, home, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


async def member(db: Database, shop: ShopId) -> CustomerId:
    made = await db.write(
        SYSTEM, shop, lambda tx: customers.make_member(tx, name="小林", phone=None, password_hash=None)
    )
    return made.customer_id


async def book(db: Database, shop: ShopId, who: CustomerId) -> list[tuple[AddressId, bool]]:
    async with db.read(shop) as tx:
        return [(one.address_id, one.is_default) for one in await addresses.book(tx, who)]


async def goes_to(db: Database, shop: ShopId, order_id: OrderId) -> list[Address | None]:
    async with db.read(shop) as tx:
        versions = (await orders.deliveries(tx, [order_id])).get(order_id, [])
    return [None if one.sealed is None else postal.open_address(KEYS, one.sealed) for one in versions]


async def test_a_book_has_one_default_as_long_as_it_has_an_address(db: Database, shop: ShopId):
    who = await guest(db, shop)
    first, second = await home(db, shop, who), await home(db, shop, who, name="李四")
    assert await book(db, shop, who) == [(first, True), (second, False)]
    await db.write(SYSTEM, shop, lambda tx: addresses.make_default(tx, who, second))
    assert await book(db, shop, who) == [(second, True), (first, False)]
    await db.write(SYSTEM, shop, lambda tx: addresses.remove(tx, who, second))
    assert await book(db, shop, who) == [(first, True)]
    await db.write(SYSTEM, shop, lambda tx: addresses.remove(tx, who, first))
    assert await book(db, shop, who) == []


async def test_a_book_takes_twenty_however_many_are_added_at_once(db: Database, shop: ShopId):
    who = await guest(db, shop)
    for _ in range(17):
        await home(db, shop, who)
    tries = await asyncio.gather(*(home(db, shop, who) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, AddressesFull) for one in tries) == 3
    assert len(await book(db, shop, who)) == 20


async def test_an_address_is_its_owners_alone(db: Database, shop: ShopId):
    mine, theirs = await guest(db, shop), await guest(db, shop)
    address_id = await home(db, shop, theirs)
    sold = await something(db, shop)
    for attempt in (
        lambda tx: addresses.remove(tx, mine, address_id),
        lambda tx: addresses.make_default(tx, mine, address_id),
        lambda tx: addresses.change(tx, mine, address_id, sealed=SealedAddress(b"x", b"y")),
    ):
        with pytest.raises(AddressUnknown):
            await db.write(SYSTEM, shop, attempt)
    (outcome,) = await buy(db, shop, wish(mine, sold.sku_id, address_id=address_id))
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, AddressUnknown)
    other = (await a_shop(db, "隔壁")).shop
    stranger = await guest(db, other)
    (outcome,) = await buy(
        db, other, wish(stranger, (await something(db, other)).sku_id, address_id=AddressId(address_id))
    )
    assert isinstance(outcome, Refused)


async def test_an_order_keeps_its_own_copy(db: Database, shop: ShopId):
    sold, who = await something(db, shop), await guest(db, shop)
    address_id = await home(db, shop, who)
    placed = await bought(db, shop, wish(who, sold.sku_id, address_id=address_id))
    moved = postal.keep_address(KEYS, postal.check_address(replace(HOME, street="别处 9 号")))
    await db.write(SYSTEM, shop, lambda tx: addresses.change(tx, who, address_id, sealed=moved))
    assert [one and one.street for one in await goes_to(db, shop, placed.order_id)] == ["科技园路 1 号 3 栋"]
    await db.write(SYSTEM, shop, lambda tx: choose(tx, placed.order_id, customer_id=who, address_id=address_id))
    await db.write(SYSTEM, shop, lambda tx: addresses.remove(tx, who, address_id))
    streets = [one and one.street for one in await goes_to(db, shop, placed.order_id)]
    assert streets == ["科技园路 1 号 3 栋", "别处 9 号"]
    async with db.read(shop) as tx:
        now = (await orders.delivery(tx, [placed.order_id]))[placed.order_id]
    assert (now.version, now.why) == (2, AddressWhy.CHOSEN)


async def test_what_is_shipped_is_placed_without_an_address_but_not_paid(db: Database, shop: ShopId, runtime: Runtime):
    till = till_of(runtime)
    sold, who = await something(db, shop), await guest(db, shop)
    placed = await bought(db, shop, wish(who, sold.sku_id))
    buyer = await till.buyer(shop, who)

    async def pays(request_id: str) -> None:
        await pay.start(till.runtime, buyer, placed.order_id, request_id=request_id)

    with pytest.raises(AddressNeeded):
        await pays("one")
    address_id = await home(db, shop, who)
    await db.write(SYSTEM, shop, lambda tx: choose(tx, placed.order_id, customer_id=who, address_id=address_id))
    await pays("one")


async def test_what_needs_no_parcel_needs_no_address(db: Database, shop: ShopId, runtime: Runtime):
    till = till_of(runtime)
    sold, who = await something(db, shop, delivery=DeliveryKind.VIRTUAL), await guest(db, shop)
    placed = await bought(db, shop, wish(who, sold.sku_id))
    assert not placed.shipped
    await pay.start(till.runtime, await till.buyer(shop, who), placed.order_id, request_id="p")


async def test_an_address_is_chosen_only_while_the_order_can_be_paid(db: Database, shop: ShopId, clock: Clock):
    sold, who = await something(db, shop), await guest(db, shop)
    address_id = await home(db, shop, who)
    placed = await bought(db, shop, wish(who, sold.sku_id))

    async def chooses() -> int:
        return await db.write(
            SYSTEM, shop, lambda tx: choose(tx, placed.order_id, customer_id=who, address_id=address_id)
        )

    assert await chooses() == 1
    clock.set_offset(timedelta(minutes=15, seconds=1))
    with pytest.raises(OrderNotToPay):
        await chooses()


async def test_papers_belong_to_the_request(db: Database, shop: ShopId):
    sold, who = await something(db, shop), await guest(db, shop)
    papers = check_papers("请放门口", Invoice(InvoiceKind.PERSONAL, "张三"))
    assert papers is not None
    request = wish(who, sold.sku_id, papers=seal_papers(KEYS, papers))
    again = replace(request, papers=seal_papers(KEYS, papers))
    other = replace(request, papers=seal_papers(KEYS, replace(papers, note="请送货上门")))
    first, second, third = await buy(db, shop, request, again, other)
    assert isinstance(first, Placed)
    assert isinstance(second, Placed)
    assert first.order.order_id == second.order.order_id
    assert isinstance(third, Refused)
    assert isinstance(third.error, KeyReused)
    async with db.read(shop) as tx:
        kept = (await orders.papers(tx, [first.order.order_id]))[first.order.order_id]
    assert open_papers(KEYS, kept) == papers


async def test_a_guests_addresses_come_along_and_the_members_default_stays(db: Database, shop: ShopId):
    who, known = await guest(db, shop), await member(db, shop)
    theirs, mine = await home(db, shop, known), await home(db, shop, who)
    newcomer, bare = await guest(db, shop), await member(db, shop)
    only = await home(db, shop, newcomer)
    await db.write(SYSTEM, shop, lambda tx: take_along(tx, who, known))
    await db.write(SYSTEM, shop, lambda tx: take_along(tx, newcomer, bare))
    assert await book(db, shop, known) == [(theirs, True), (mine, False)]
    assert await book(db, shop, bare) == [(only, True)]
    assert await book(db, shop, who) == []


async def test_who_leaves_takes_addresses_and_papers_along_when_each_order_is_over(db: Database, shop: ShopId):
    sold, who = await something(db, shop), await member(db, shop)
    address_id = await home(db, shop, who)
    papers = check_papers("电话联系", None)
    assert papers is not None
    over = await bought(db, shop, wish(who, sold.sku_id, address_id=address_id, papers=seal_papers(KEYS, papers)))
    await db.write(SYSTEM, shop, lambda tx: order_service.cancel(tx, over.order_id, customer_id=who))
    open_still = await bought(db, shop, wish(who, sold.sku_id, address_id=address_id))
    await db.write(SYSTEM, shop, lambda tx: leave(tx, who))
    assert await book(db, shop, who) == []
    assert await goes_to(db, shop, over.order_id) == [None]
    assert [one is not None for one in await goes_to(db, shop, open_still.order_id)] == [True]
    async with db.read(shop) as tx:
        assert await orders.papers(tx, [over.order_id]) == {}
    await db.write(SYSTEM, shop, lambda tx: order_service.cancel(tx, open_still.order_id, customer_id=who))
    await fire(db, "orders.forgotten")
    assert await goes_to(db, shop, open_still.order_id) == [None]
    with pytest.raises(BuyerUnknown):
        await home(db, shop, who)


async def test_the_divisions_never_change_where_they_stand(client):
    told = (await client.get("/v1/divisions")).json()
    answer = await client.get(told["url"])
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert len(answer.json()["provinces"]) == 34
    assert (await client.get("/v1/divisions/2001-01-01")).json()["code"] == "customers.divisions_unknown"


async def test_nothing_that_is_kept_can_be_read_without_the_key(db: Database, shop: ShopId):
    sold, who = await something(db, shop), await guest(db, shop)
    address_id = await home(db, shop, who)
    await bought(db, shop, wish(who, sold.sku_id, address_id=address_id))

    async def dump(tx: Tx) -> str:
        rows = []
        for table in ("addresses", "order_addresses", "orders", "order_lines", "events", "idempotency"):
            rows += [str(row) for row in (await tx.conn.exec_driver_sql(f"SELECT * FROM {table}")).all()]
        return "".join(rows)

    told = await db.write(SYSTEM, shop, dump)
    assert "张三" not in told
    assert "13800138000" not in told
    assert "科技园" not in told
