"""Checkout: many orders in one transaction, each decided by itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from liveshelf.customers import service as customers
from liveshelf.customers.errors import BuyerUnknown
from liveshelf.flows import go_live, listing
from liveshelf.flows.checkout import Outcome, Placed, Refused
from liveshelf.flows.join import take_along
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import AddressId, CustomerId, GoodsId, OrderId, RoomId, ShopId, SkuId
from liveshelf.orders import queries as orders
from liveshelf.orders import service as order_service
from liveshelf.orders.errors import NotForSale, NotOnAir, OrderLimit, OrderNotToPay, PriceChanged
from liveshelf.orders.papers import SealedPapers
from liveshelf.orders.types import CloseReason, OrderState, Why
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx, connect
from liveshelf.platform.idempotency import KeyReused
from liveshelf.rooms import service as rooms
from liveshelf.rooms.errors import RoomMissing
from liveshelf.stock.errors import StockInsufficient
from tests.make.rooms import ANCHOR, live_room
from tests.make.selling import PRICE_FEN, Sold, bought, buy, fire, guest, level, order, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


def refusal(outcome: Outcome) -> DomainError:
    assert isinstance(outcome, Refused), outcome
    return outcome.error


def order_id(outcome: Outcome) -> OrderId:
    assert isinstance(outcome, Placed), outcome
    return outcome.order.order_id


async def test_a_batch_is_decided_in_order_of_arrival(db: Database, shop: ShopId):
    sold = await something(db, shop, on_hand=5)
    who = await guest(db, shop)
    outcomes = await buy(db, shop, *(wish(who, sold.sku_id, n) for n in (3, 4, 2, 1)))
    assert [isinstance(one, Placed) for one in outcomes] == [True, False, True, False]
    short = refusal(outcomes[1])
    assert isinstance(short, StockInsufficient)
    assert short.context == {"sku_id": sold.sku_id, "available": 2}
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.available) == (5, 5, 0)


async def test_an_order_keeps_what_was_sold_as_it_was(db: Database, shop: ShopId):
    sold = await something(db, shop, name="青瓷茶盏")
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id, 2, goods_id=sold.goods_id))
    kept = await order(db, shop, placed.order_id)
    assert kept == placed
    assert (kept.state, kept.total_fen, kept.units) == (OrderState.TO_PAY, 2 * PRICE_FEN, 2)
    assert (kept.lines[0].title, kept.lines[0].goods_id) == ("青瓷茶盏", sold.goods_id)
    assert kept.expires_at - kept.created_at == timedelta(minutes=15)
    async with db.read(shop) as tx:
        assert [entry.why for entry in (await orders.timelines(tx, [kept.order_id]))[kept.order_id]] == [Why.PLACED]


async def test_the_whole_order_is_held_or_none_of_it(db: Database, shop: ShopId):
    plenty, scarce = await something(db, shop), await something(db, shop, on_hand=1)
    lines = ((plenty.sku_id, 1), (scarce.sku_id, 2))
    (outcome,) = await buy(
        db, shop, wish(await guest(db, shop), plenty.sku_id, lines=lines, expected_total_fen=3 * PRICE_FEN)
    )
    assert refusal(outcome).context == {"sku_id": scarce.sku_id, "available": 1}
    assert (await level(db, shop, plenty.sku_id)).held == 0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"lines": ()}, OrderLimit),
        ({"lines": tuple((SkuId(n), 1) for n in range(1, 22))}, OrderLimit),
        ({"quantity": 0}, OrderLimit),
        ({"quantity": 100}, OrderLimit),
        ({"quantity": -1}, OrderLimit),
        ({"twice": True}, OrderLimit),
        ({"expected_total_fen": PRICE_FEN - 1}, PriceChanged),
        ({"lines": ((SkuId(999), 1),)}, NotForSale),
        ({"goods_id": GoodsId(999)}, NotForSale),
        ({"room_id": RoomId(999)}, RoomMissing),
        ({"customer_id": CustomerId(999)}, BuyerUnknown),
    ],
)
async def test_what_is_refused_leaves_nothing_and_harms_no_neighbour(
    db: Database, shop: ShopId, changes: dict[str, Any], error: type[DomainError]
):
    sold, who = await something(db, shop), await guest(db, shop)
    changes = dict(changes)
    if (quantity := changes.pop("quantity", None)) is not None:
        changes["lines"] = ((sold.sku_id, quantity),)
    if changes.pop("twice", False):
        changes["lines"] = ((sold.sku_id, 1), (sold.sku_id, 1))
    bad = wish(who, sold.sku_id, **changes)
    outcomes = await buy(db, shop, wish(who, sold.sku_id), bad, wish(who, sold.sku_id))
    assert isinstance(refusal(outcomes[1]), error)
    assert [isinstance(one, Placed) for one in outcomes] == [True, False, True]
    assert (await level(db, shop, sold.sku_id)).held == 2


async def test_another_shops_goods_rooms_and_buyers_do_not_exist_here(db: Database, shop: ShopId):
    other = (await a_shop(db, "隔壁")).shop
    theirs, mine = await something(db, other), await something(db, shop)
    await guest(db, other)  # so that a number of theirs is none of ours
    theirs, stranger = await something(db, other), await guest(db, other)
    who = await guest(db, shop)
    (foreign_sku,) = await buy(db, shop, wish(who, theirs.sku_id))
    (foreign_buyer,) = await buy(db, shop, wish(stranger, mine.sku_id))
    assert isinstance(refusal(foreign_sku), NotForSale)
    assert isinstance(refusal(foreign_buyer), BuyerUnknown)
    placed = await bought(db, other, wish(stranger, theirs.sku_id))
    async with db.read(shop) as tx:
        assert await orders.orders(tx, [placed.order_id]) == {}


async def test_a_room_sells_what_is_on_sale_on_its_shelf_while_it_is_on_air(db: Database, shop: ShopId):
    shown, elsewhere = await something(db, shop), await something(db, shop)
    who = await guest(db, shop)
    room_id = await live_room(db, shop, [shown.goods_id])

    async def tries() -> list[object]:
        outcomes = await buy(db, shop, *(wish(who, one.sku_id, room_id=room_id) for one in (shown, elsewhere)))
        return [outcome.order.room_id if isinstance(outcome, Placed) else type(outcome.error) for outcome in outcomes]

    assert await tries() == [room_id, NotOnAir]
    await db.write(ANCHOR, shop, lambda tx: rooms.take_off_sale(tx, room_id, shown.goods_id))
    assert await tries() == [NotOnAir, NotOnAir]
    await db.write(ANCHOR, shop, lambda tx: rooms.put_on_sale(tx, room_id, shown.goods_id))
    await db.write(ANCHOR, shop, lambda tx: go_live.pause(tx, room_id))
    assert await tries() == [room_id, NotOnAir]
    await db.write(ANCHOR, shop, lambda tx: go_live.end(tx, room_id))
    assert await tries() == [NotOnAir, NotOnAir]


@pytest.mark.feature("A-503")
async def test_deleted_goods_are_not_for_sale_and_orders_of_them_stay(db: Database, shop: ShopId):
    sold, who = await something(db, shop), await guest(db, shop)
    placed = await bought(db, shop, wish(who, sold.sku_id))
    await db.write(ANCHOR, shop, lambda tx: listing.delete(tx, sold.goods_id, door=None))
    (outcome,) = await buy(db, shop, wish(who, sold.sku_id))
    assert isinstance(refusal(outcome), NotForSale)
    assert await order(db, shop, placed.order_id) == placed


async def _alone(db: Database, shop: ShopId, sold: Sold, who: CustomerId) -> list[Outcome]:
    request = wish(who, sold.sku_id)
    return [*await buy(db, shop, request), *await buy(db, shop, request)]


async def _in_one_batch(db: Database, shop: ShopId, sold: Sold, who: CustomerId) -> list[Outcome]:
    request = wish(who, sold.sku_id)
    return await buy(db, shop, request, wish(who, sold.sku_id, 2), request, request)


async def _at_once(db: Database, shop: ShopId, sold: Sold, who: CustomerId) -> list[Outcome]:
    request = wish(who, sold.sku_id)
    batches = await asyncio.gather(*(buy(db, shop, request) for _ in range(6)))
    return [outcome for batch in batches for outcome in batch]


async def _batches_at_once(db: Database, shop: ShopId, sold: Sold, who: CustomerId) -> list[Outcome]:
    first, second = wish(who, sold.sku_id), wish(who, sold.sku_id)
    batches = await asyncio.gather(buy(db, shop, first, second), buy(db, shop, second, first))
    return [outcome for batch in batches for outcome in batch]


async def _after_it_sold_out(db: Database, shop: ShopId, sold: Sold, who: CustomerId) -> list[Outcome]:
    request = wish(who, sold.sku_id)
    before = await buy(db, shop, request)
    await buy(db, shop, wish(who, sold.sku_id, 49))
    return [*before, *await buy(db, shop, request)]


async def _after_it_was_cancelled(db: Database, shop: ShopId, sold: Sold, who: CustomerId) -> list[Outcome]:
    request = wish(who, sold.sku_id)
    before = await buy(db, shop, request)
    placed = before[0]
    assert isinstance(placed, Placed)
    await db.write(SYSTEM, shop, lambda tx: order_service.cancel(tx, placed.order.order_id, customer_id=who))
    return [*before, *await buy(db, shop, request)]


@pytest.mark.parametrize(
    ("again", "orders_placed"),
    [
        (_alone, 1),
        (_in_one_batch, 2),
        (_at_once, 1),
        (_batches_at_once, 2),
        (_after_it_sold_out, 1),
        (_after_it_was_cancelled, 1),
    ],
)
async def test_the_same_request_again_gets_the_same_order(db: Database, shop: ShopId, again, orders_placed: int):
    sold, who = await something(db, shop), await guest(db, shop)
    outcomes = await again(db, shop, sold, who)
    assert len({order_id(outcome) for outcome in outcomes}) == orders_placed
    async with db.read(shop) as tx:
        assert len((await orders.of_customer(tx, who)).items) == orders_placed + (again is _after_it_sold_out)
    await level(db, shop, sold.sku_id)


@pytest.mark.parametrize("where", ["later", "same batch"])
async def test_the_same_key_with_another_request_is_refused(db: Database, shop: ShopId, where: str):
    sold, who = await something(db, shop), await guest(db, shop)
    request = wish(who, sold.sku_id)
    other = replace(request, lines=((sold.sku_id, 2),), expected_total_fen=2 * PRICE_FEN)
    if where == "later":
        outcomes = [*await buy(db, shop, request), *await buy(db, shop, other)]
    else:
        outcomes = await buy(db, shop, request, other)
    assert isinstance(outcomes[0], Placed)
    assert isinstance(refusal(outcomes[1]), KeyReused)
    assert (await level(db, shop, sold.sku_id)).held == 1


async def test_a_key_is_the_buyers_own(db: Database, shop: ShopId):
    sold = await something(db, shop)
    one, two = wish(await guest(db, shop), sold.sku_id), wish(await guest(db, shop), sold.sku_id)
    outcomes = await buy(db, shop, one, replace(two, request_id=one.request_id))
    assert len({order_id(outcome) for outcome in outcomes}) == 2


async def test_the_same_request_after_its_order_ran_out_gets_that_order(db: Database, shop: ShopId, clock: Clock):
    sold, who = await something(db, shop), await guest(db, shop)
    request = wish(who, sold.sku_id)
    placed = await bought(db, shop, request)
    clock.set_offset(timedelta(minutes=15, seconds=1))
    assert await fire(db, "orders.unpaid") == 1
    (again,) = await buy(db, shop, request)
    assert isinstance(again, Placed)
    assert (again.order.order_id, again.order.state, again.again) == (placed.order_id, OrderState.CLOSED, True)
    assert (await level(db, shop, sold.sku_id)).held == 0


async def test_a_key_is_of_one_shop(db: Database, shop: ShopId):
    other = (await a_shop(db, "隔壁")).shop
    mine, theirs = await something(db, shop), await something(db, other)
    one, two = await guest(db, shop), await guest(db, other)
    assert one == two  # the same number, and so the same name of an actor
    first = wish(one, mine.sku_id)
    second = replace(wish(two, theirs.sku_id, 2), request_id=first.request_id)
    placed = [*await buy(db, shop, first), *await buy(db, other, second)]
    assert len({order_id(outcome) for outcome in placed}) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"expected_total_fen": PRICE_FEN + 1},
        {"goods_id": GoodsId(1001)},
        {"address_id": AddressId(1)},
        {"from_cart": True},
        {"papers": SealedPapers(b"", b"another hash")},
        {"room_id": RoomId(1)},
    ],
)
async def test_any_other_wish_under_a_key_is_another_request(db: Database, shop: ShopId, other: dict[str, Any]):
    sold, who = await something(db, shop), await guest(db, shop)
    request = wish(who, sold.sku_id)
    outcomes = [*await buy(db, shop, request), *await buy(db, shop, replace(request, **other))]
    assert isinstance(outcomes[0], Placed)
    assert isinstance(refusal(outcomes[1]), KeyReused)
    assert (await level(db, shop, sold.sku_id)).held == 1


async def test_what_was_refused_may_be_asked_again_under_its_key(db: Database, shop: ShopId):
    sold, who = await something(db, shop, on_hand=1), await guest(db, shop)
    first, second = wish(who, sold.sku_id), wish(who, sold.sku_id)
    outcomes = await buy(db, shop, first, second)
    assert isinstance(refusal(outcomes[1]), StockInsufficient)
    placed = order_id(outcomes[0])
    await db.write(SYSTEM, shop, lambda tx: order_service.cancel(tx, placed, customer_id=who))
    (later,) = await buy(db, shop, second)
    assert isinstance(later, Placed)
    assert not later.again


async def test_an_unpaid_order_closes_in_time_and_gives_its_stock_back(db: Database, shop: ShopId, clock: Clock):
    sold, who = await something(db, shop), await guest(db, shop)
    placed = await bought(db, shop, wish(who, sold.sku_id, 3))
    clock.set_offset(timedelta(minutes=14, seconds=50))
    assert await fire(db, "orders.unpaid") == 0
    clock.set_offset(timedelta(minutes=15, seconds=1))
    assert sum(await asyncio.gather(*(fire(db, "orders.unpaid") for _ in range(3)))) == 1
    closed = await order(db, shop, placed.order_id)
    assert (closed.state, closed.close_reason) == (OrderState.CLOSED, CloseReason.UNPAID)
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.sold) == (50, 0, 0)
    with pytest.raises(OrderNotToPay):
        await db.write(SYSTEM, shop, lambda tx: order_service.cancel(tx, placed.order_id, customer_id=who))


async def test_a_guests_order_under_way_arrives_at_the_member(db: Database, shop: ShopId):
    sold, who = await something(db, shop), await guest(db, shop)
    member = await db.write(
        SYSTEM, shop, lambda tx: customers.make_member(tx, name="小林", phone=None, password_hash=None)
    )
    before = await bought(db, shop, wish(who, sold.sku_id))
    await asyncio.gather(
        *(buy(db, shop, wish(who, sold.sku_id)) for _ in range(5)),
        db.write(SYSTEM, shop, lambda tx: take_along(tx, who, member.customer_id)),
        *(buy(db, shop, wish(who, sold.sku_id)) for _ in range(5)),
    )
    async with db.read(shop) as tx:
        assert len((await orders.of_customer(tx, member.customer_id)).items) == 11
        assert (await orders.of_customer(tx, who)).items == []
    assert (await order(db, shop, before.order_id)).customer_id == member.customer_id


async def test_a_batch_takes_few_statements_whatever_its_size(db: Database, shop: ShopId, app_dsn: str, clock: Clock):
    sold = [await something(db, shop) for _ in range(3)]
    buyers = [await guest(db, shop) for _ in range(4)]
    seen: list[str] = []
    single = connect(app_dsn, clock, pool_size=1)  # the connection that is listened to is the one that is used

    async def listen(tx: Tx) -> None:
        tx.driver.add_query_logger(lambda query: seen.append(query.query))

    await single.write(SYSTEM, shop, listen)
    counts = []
    for size in (2, 1, 20):
        requests = [wish(buyers[n % 4], sold[n % 3].sku_id) for n in range(size)]
        seen.clear()
        assert all(isinstance(one, Placed) for one in await buy(single, shop, *requests))
        counts.append(len(seen))
    await single.dispose()
    # Begin; known requests, buyers, offers; lock; counters and every row; commit. At first the driver asks for types.
    assert counts[1:] == [7, 7], seen
