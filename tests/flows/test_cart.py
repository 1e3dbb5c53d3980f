"""The cart: what it takes, how it shows what changed, where it goes at a sign-in, and how it empties by an order."""

from __future__ import annotations

import asyncio

import pytest

from liveshelf.customers import service as customers
from liveshelf.flows import cart as flow
from liveshelf.flows import listing
from liveshelf.flows.checkout import Placed, Refused
from liveshelf.flows.join import leave, take_along
from liveshelf.flows.quote import WishState
from liveshelf.goods import products
from liveshelf.goods import queries as goods
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import CustomerId, RoomId, ShopId, SkuId
from liveshelf.orders import cart
from liveshelf.orders import queries as order_queries
from liveshelf.orders.errors import CartFull, CartLineUnknown, NotForSale, OrderLimit
from liveshelf.platform.db import Database, Tx
from liveshelf.rooms import service as rooms
from liveshelf.rooms.errors import RoomMissing
from liveshelf.stock import service as stock
from tests.make.rooms import ANCHOR, live_room
from tests.make.selling import PRICE_FEN, bought, buy, guest, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


async def put(db: Database, shop: ShopId, who: CustomerId, sku_id: SkuId, quantity: int = 1) -> int:
    return await db.write(SYSTEM, shop, lambda tx: flow.add(tx, who, sku_id, quantity=quantity))


async def put_in_room(db: Database, shop: ShopId, who: CustomerId, sku_id: SkuId, room_id: RoomId) -> None:
    await db.write(SYSTEM, shop, lambda tx: flow.add(tx, who, sku_id, quantity=1, room_id=room_id))


async def inside(db: Database, shop: ShopId, who: CustomerId) -> dict[SkuId, int]:
    async with db.read(shop) as tx:
        return {line.sku_id: line.quantity for line in await cart.lines(tx, who)}


async def shown(db: Database, shop: ShopId, who: CustomerId) -> flow.Cart:
    async with db.read(shop) as tx:
        return await flow.show(tx, who)


async def test_the_same_thing_again_is_more_of_it_up_to_what_an_order_takes(db: Database, shop: ShopId):
    sold, who = await something(db, shop), await guest(db, shop)
    assert await put(db, shop, who, sold.sku_id, 2) == 2
    assert await put(db, shop, who, sold.sku_id, 60) == 62
    assert await put(db, shop, who, sold.sku_id, 60) == 99
    await db.write(SYSTEM, shop, lambda tx: cart.set_quantity(tx, who, sold.sku_id, quantity=3))
    assert await inside(db, shop, who) == {sold.sku_id: 3}


@pytest.mark.parametrize("quantity", [0, -1, 100, 2**40])
async def test_odd_quantities_change_nothing(db: Database, shop: ShopId, quantity: int):
    sold, who = await something(db, shop), await guest(db, shop)
    await put(db, shop, who, sold.sku_id)
    with pytest.raises(OrderLimit):
        await put(db, shop, who, sold.sku_id, quantity)
    with pytest.raises(OrderLimit):
        await db.write(SYSTEM, shop, lambda tx: cart.set_quantity(tx, who, sold.sku_id, quantity=quantity))
    assert await inside(db, shop, who) == {sold.sku_id: 1}


async def test_a_cart_takes_only_what_this_shop_sells(db: Database, shop: ShopId):
    other = (await a_shop(db, "隔壁")).shop
    theirs = [await something(db, other) for _ in range(3)][-1]
    who = await guest(db, shop)
    with pytest.raises(NotForSale):
        await put(db, shop, who, theirs.sku_id)
    with pytest.raises(CartLineUnknown):
        await db.write(SYSTEM, shop, lambda tx: cart.set_quantity(tx, who, theirs.sku_id, quantity=1))


async def test_a_cart_has_a_hundred_lines_at_most(db: Database, shop: ShopId, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cart, "CART_MAX", 3)
    who = await guest(db, shop)
    many = [await something(db, shop) for _ in range(5)]
    tries = await asyncio.gather(*(put(db, shop, who, one.sku_id) for one in many), return_exceptions=True)
    assert sum(isinstance(one, CartFull) for one in tries) == 2
    assert len(await inside(db, shop, who)) == 3


async def test_each_line_shows_how_it_stands_now(db: Database, shop: ShopId):
    who = await guest(db, shop)
    fine, dearer, scarce, gone, off = [await something(db, shop, on_hand=5) for _ in range(5)]
    for one in (fine, dearer, scarce, gone, off):
        await put(db, shop, who, one.sku_id, 2)

    async def change(tx: Tx) -> None:
        (sku,) = (await goods.skus(tx, [dearer.product_id]))[dearer.product_id]
        await products.reprice(tx, sku, price_fen=PRICE_FEN + 100, list_price_fen=None)
        await stock.set_on_hand(tx, scarce.sku_id, 1, "count")
        await stock.set_on_hand(tx, gone.sku_id, 0, "count")

    await db.write(SYSTEM, shop, change)
    await db.write(ANCHOR, shop, lambda tx: listing.delete(tx, off.goods_id, door=None))
    now = await shown(db, shop, who)
    assert {wish.sku_id: (wish.state, wish.available) for _, wish in now.lines} == {
        fine.sku_id: (WishState.OK, 5),
        dearer.sku_id: (WishState.OK, 5),
        scarce.sku_id: (WishState.SHORT, 1),
        gone.sku_id: (WishState.SOLD_OUT, 0),
        off.sku_id: (WishState.OFF_SALE, 0),
    }
    prices = {line.sku_id: (line.seen_fen, wish.offer.price_fen) for line, wish in now.lines if wish.offer is not None}
    assert prices[dearer.sku_id] == (PRICE_FEN, PRICE_FEN + 100)
    # Only what can be bought is in the total.
    assert now.selected.quote.total_fen == 2 * PRICE_FEN + 2 * (PRICE_FEN + 100)
    await db.write(SYSTEM, shop, lambda tx: cart.select(tx, who, {fine.sku_id, SkuId(999)}))
    assert (await shown(db, shop, who)).selected.quote.total_fen == 2 * PRICE_FEN


async def test_what_was_ordered_leaves_the_cart_with_the_order(db: Database, shop: ShopId):
    who, other = await guest(db, shop), await guest(db, shop)
    one, two = await something(db, shop, on_hand=1), await something(db, shop)
    for buyer in (who, other):
        await put(db, shop, buyer, one.sku_id)
        await put(db, shop, buyer, two.sku_id)
    outcomes = await buy(
        db,
        shop,
        wish(who, one.sku_id, from_cart=True),
        wish(other, one.sku_id, from_cart=True),
        wish(other, two.sku_id),
    )
    assert [isinstance(outcome, Placed) for outcome in outcomes] == [True, False, True]
    assert await inside(db, shop, who) == {two.sku_id: 1}
    # Refused, or not bought out of the cart: it stays.
    assert set(await inside(db, shop, other)) == {one.sku_id, two.sku_id}


async def test_two_batches_with_the_same_carts_do_not_wait_in_a_circle(db: Database, shop: ShopId):
    things = [await something(db, shop) for _ in range(4)]
    buyers = [await guest(db, shop) for _ in range(4)]

    async def batch(order: list[int]) -> None:
        for at in order:
            await put(db, shop, buyers[at], things[at].sku_id)
        outcomes = await buy(db, shop, *(wish(buyers[at], things[at].sku_id, from_cart=True) for at in order))
        assert not any(isinstance(one, Refused) for one in outcomes)

    for _ in range(5):
        await asyncio.gather(batch([0, 1, 2, 3]), batch([3, 2, 1, 0]))
    assert [await inside(db, shop, buyer) for buyer in buyers] == [{}, {}, {}, {}]


async def test_a_guests_cart_comes_along_and_adds_up(db: Database, shop: ShopId, monkeypatch: pytest.MonkeyPatch):
    both, mine, theirs = [await something(db, shop) for _ in range(3)]
    who = await guest(db, shop)
    member = (
        await db.write(SYSTEM, shop, lambda tx: customers.make_member(tx, name="小林", phone=None, password_hash=None))
    ).customer_id
    await put(db, shop, member, both.sku_id, 60)
    await put(db, shop, member, theirs.sku_id, 1)
    await put(db, shop, who, both.sku_id, 60)
    await put(db, shop, who, mine.sku_id, 2)
    await db.write(SYSTEM, shop, lambda tx: take_along(tx, who, member))
    assert await inside(db, shop, member) == {both.sku_id: 99, theirs.sku_id: 1, mine.sku_id: 2}
    assert await inside(db, shop, who) == {}
    # Ordered by the guest's old page, bought by the member: it leaves the member's cart.
    await bought(db, shop, wish(who, mine.sku_id, from_cart=True))
    assert mine.sku_id not in await inside(db, shop, member)

    monkeypatch.setattr(cart, "CART_MAX", 2)
    newcomer = await guest(db, shop)
    fresh = await something(db, shop)
    await put(db, shop, newcomer, fresh.sku_id)
    await db.write(SYSTEM, shop, lambda tx: take_along(tx, newcomer, member))
    assert set(await inside(db, shop, member)) == {fresh.sku_id, both.sku_id}
    await db.write(SYSTEM, shop, lambda tx: leave(tx, member))
    assert await inside(db, shop, member) == {}


async def test_what_was_put_in_while_in_a_room_is_bought_there(db: Database, shop: ShopId):
    one, two, who = await something(db, shop), await something(db, shop), await guest(db, shop)
    room_id = await live_room(db, shop, [one.goods_id, two.goods_id])
    await put_in_room(db, shop, who, one.sku_id, room_id)
    await put_in_room(db, shop, who, two.sku_id, room_id)
    cart_ = await shown(db, shop, who)
    assert cart_.room_id == room_id
    lines = tuple((line.sku_id, line.quantity) for line, _ in cart_.lines)
    total = cart_.selected.quote.total_fen
    request = wish(who, one.sku_id, lines=lines, expected_total_fen=total, room_id=cart_.room_id, from_cart=True)
    placed = await bought(db, shop, request)
    assert placed.room_id == room_id
    async with db.read(shop) as tx:
        assert (await order_queries.room_figures(tx, room_id)).orders == 1


async def test_a_cart_of_several_rooms_or_of_a_room_that_ended_is_the_shops_own(db: Database, shop: ShopId):
    one, two, who = await something(db, shop), await something(db, shop), await guest(db, shop)
    first = await live_room(db, shop, [one.goods_id, two.goods_id])
    await put_in_room(db, shop, who, one.sku_id, first)
    assert (await shown(db, shop, who)).room_id == first
    await put(db, shop, who, two.sku_id)  # from the goods page
    assert (await shown(db, shop, who)).room_id is None
    await db.write(SYSTEM, shop, lambda tx: cart.select(tx, who, [one.sku_id]))
    assert (await shown(db, shop, who)).room_id == first
    await db.write(ANCHOR, shop, lambda tx: rooms.end(tx, first))
    assert (await shown(db, shop, who)).room_id is None


async def test_a_room_of_another_shop_is_unknown_to_a_cart(db: Database, shop: ShopId):
    sold, who = await something(db, shop), await guest(db, shop)
    other = (await a_shop(db, "隔壁")).shop
    theirs = [await live_room(db, other) for _ in range(2)][-1]
    with pytest.raises(RoomMissing):
        await put_in_room(db, shop, who, sold.sku_id, theirs)
    assert await inside(db, shop, who) == {}


async def test_a_guests_lines_keep_their_room_at_the_sign_in(db: Database, shop: ShopId):
    sold, who = await something(db, shop), await guest(db, shop)
    room_id = await live_room(db, shop, [sold.goods_id])
    member = (
        await db.write(SYSTEM, shop, lambda tx: customers.make_member(tx, name="小林", phone=None, password_hash=None))
    ).customer_id
    await put_in_room(db, shop, who, sold.sku_id, room_id)
    await db.write(SYSTEM, shop, lambda tx: take_along(tx, who, member))
    assert (await shown(db, shop, member)).room_id == room_id
