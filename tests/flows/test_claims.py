"""Claims by comment: who wins, who waits, who moves up, who sits out; and that the same input has the same winners."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import pytest

from liveshelf.customers.types import Buyer, CustomerKind
from liveshelf.entry import registry
from liveshelf.flows import claim, join, room_talk
from liveshelf.flows.claim import Question, claims_of
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import new_number
from liveshelf.orders import queries as orders
from liveshelf.orders import service as order_service
from liveshelf.orders.types import OrderState
from liveshelf.platform.idempotency import Once
from liveshelf.platform.timers import sweep
from liveshelf.rooms import claims, service
from liveshelf.rooms.claim_rules import Ask, Wanted
from liveshelf.rooms.claim_rules import read as read_claim
from liveshelf.rooms.claim_types import Claim, ClaimState
from liveshelf.rooms.errors import (
    ClaimOverMax,
    ClaimRoundClosed,
    ClaimRoundInvalid,
    ClaimRoundMissing,
    ClaimRoundOpen,
    ClaimSittingOut,
    ClaimUnpaidFull,
    GoodsNotInRoom,
    GoodsOffSale,
    RoomMissing,
    RoomStateRefuses,
)
from liveshelf.rooms.messages import Author, Comment
from liveshelf.stock import queries as stock
from liveshelf.stock import service as stock_service
from tests.make.rooms import ANCHOR, live_room, room
from tests.make.selling import buy, guest, something, wish
from tests.make.shops import a_shop

HOLD_S = 180


class Show:
    """A room on air in which one goods may be claimed."""

    def __init__(self, runtime, db, shop, sold, room_id, opened):
        self.runtime, self.db, self.shop, self.sold, self.room_id, self.round = runtime, db, shop, sold, room_id, opened

    async def buyer(self):
        return await buyer(self.db, self.shop)

    async def hear(self, who, text="扣1"):
        said = Comment(str(new_number()), Author("buyer", who.name), text, "")
        return await claims_of(self.runtime).hear(who, self.room_id, said)

    async def level(self):
        async with self.db.read(self.shop) as tx:
            return (await stock.levels(tx, [self.sold.sku_id]))[self.sold.sku_id]

    async def order(self, heard):
        async with self.db.read(self.shop) as tx:
            return await orders.order(tx, heard.order_id)

    async def mine(self, who):
        async with self.db.read(self.shop) as tx:
            return await claims.mine(tx, self.room_id, who.customer_id)

    async def books_agree(self):
        async with self.db.read(self.shop) as tx:
            assert await stock.differences(tx) == []

    async def cancel(self, who, heard):
        await self.db.write(
            who.actor,
            self.shop,
            lambda tx: order_service.cancel(tx, heard.order_id, customer_id=who.customer_id),
        )

    async def close_unpaid(self):
        await sweep(self.db, next(one for one in registry.timers() if one.name == "orders.unpaid"))


async def buyer(db, shop):
    return Buyer(shop, await guest(db, shop), "客", CustomerKind.GUEST)


async def a_show(runtime, db, *, on_hand=10, buyer_max=2, hold_s=HOLD_S, keyword="1"):
    shop = (await a_shop(db)).shop
    sold = await something(db, shop, on_hand=on_hand)
    room_id = await live_room(db, shop, [sold.goods_id])
    opened = await db.write(
        ANCHOR,
        shop,
        lambda tx: claims.open_round(tx, room_id, sold.goods_id, keyword=keyword, buyer_max=buyer_max, hold_s=hold_s),
    )
    return Show(runtime, db, shop, sold, room_id, opened)


async def test_a_claim_is_an_unpaid_order_held_for_three_minutes(runtime, db):
    show = await a_show(runtime, db)
    who = await show.buyer()
    heard = await show.hear(who, "扣1 两件")
    assert (heard.state, heard.number, heard.quantity) == (ClaimState.WON, 1, 2)
    order = await show.order(heard)
    assert (order.state, order.customer_id, order.room_id, order.units) == (
        OrderState.TO_PAY,
        who.customer_id,
        show.room_id,
        2,
    )
    assert order.expires_at - order.created_at == timedelta(seconds=HOLD_S)
    assert ((await show.level()).available, (await show.level()).held) == (8, 2)


async def test_the_same_comment_heard_again_claims_once(runtime, db):
    show = await a_show(runtime, db)
    who = await show.buyer()
    said = Comment(str(new_number()), Author("buyer", ""), "1", "")
    found = [await claims_of(runtime).hear(who, show.room_id, said) for _ in range(3)]
    assert found[0] == found[1] == found[2]
    assert (await show.level()).held == 1


async def test_talk_and_questions_hold_nothing(runtime, db):
    show = await a_show(runtime, db)
    who = await show.buyer()
    for text in ("多少钱", "1号发货吗", "13800138000", "666"):
        assert await show.hear(who, text) is None
    asked = await show.hear(who, "1 2")
    assert isinstance(asked, Question)
    assert (asked.unclear.ask, asked.keyword) == (Ask.QUANTITY, "1")
    assert (await show.level()).held == 0


async def test_fifty_at_once_for_ten_pieces_ten_win_in_the_order_of_their_numbers(runtime, db):
    show = await a_show(runtime, db, on_hand=10)
    people = [await show.buyer() for _ in range(50)]
    heard = await asyncio.gather(*(show.hear(who) for who in people))
    assert sorted(one.number for one in heard) == list(range(1, 51))
    won = [one for one in heard if one.state is ClaimState.WON]
    assert sorted(one.number for one in won) == list(range(1, 11))
    assert {one.state for one in heard} == {ClaimState.WON, ClaimState.WAITING}
    level = await show.level()
    assert (level.available, level.held, level.on_hand) == (0, 10, 10)
    await show.books_agree()


async def test_buyers_at_the_shelf_and_claims_together_never_oversell(runtime, db):
    show = await a_show(runtime, db, on_hand=10)
    people = [await show.buyer() for _ in range(30)]

    async def from_shelf(who):
        (outcome,) = await buy(db, show.shop, wish(who.customer_id, show.sold.sku_id, room_id=show.room_id))
        return outcome

    await asyncio.gather(*(show.hear(who) if at % 2 else from_shelf(who) for at, who in enumerate(people)))
    assert ((await show.level()).available, (await show.level()).held) == (0, 10)
    await show.books_agree()


async def test_a_recorded_list_replayed_in_a_fresh_shop_has_the_same_winners(runtime, db):
    dice = random.Random(20_261_127)
    lines = [
        "扣1",
        "1",
        "+1",
        "要1两件",
        "1 x2",
        "多少钱",
        "1号发货吗",
        "1 2",
        "3件",
        "1要三件",
        "哈哈",
        "111",
        "1号 一件",
    ]
    recorded = [(dice.randrange(15), dice.choice(lines)) for _ in range(60)]

    async def play(*, together):
        show = await a_show(runtime, db, on_hand=12)
        people = [await show.buyer() for _ in range(15)]
        ids = {who.customer_id: at for at, who in enumerate(people)}
        if together:  # in one order, without waiting for answers: batches form by themselves
            await asyncio.gather(*(show.hear(people[at], text) for at, text in _claiming(recorded)))
        else:
            for at, text in recorded:
                await show.hear(people[at], text)
        await show.books_agree()
        async with db.read(show.shop) as tx:
            made = await claims.of_rounds(tx, [show.round.round_id])
        return [(one.number, ids[one.customer_id], one.quantity, one.state) for one in made]

    alone = await play(together=False)
    assert any(state is ClaimState.WAITING for *_, state in alone)
    assert sum(quantity for _, _, quantity, state in alone if state is ClaimState.WON) == 12
    assert await play(together=False) == alone

    taken = await _taken(runtime, db, recorded)
    assert taken == alone == await _taken(runtime, db, recorded)
    assert {(at, quantity) for _, at, quantity, _ in await play(together=True)}  # whatever the order, nothing breaks


def _claiming(recorded):
    return [(at, text) for at, text in recorded if "1" in text or "件" in text]


async def _taken(runtime, db, recorded):
    """All at once into the line, in the recorded order."""
    show = await a_show(runtime, db, on_hand=12)
    people = [await show.buyer() for _ in range(15)]
    ids = {who.customer_id: at for at, who in enumerate(people)}
    async with db.read(show.shop) as tx:
        offered = await claims.offered(tx, show.room_id, [show.round])
    found = [(at, read_claim(text, offered)) for at, text in recorded]
    await asyncio.gather(
        *(
            claims_of(runtime).take(people[at], show.round.round_id, new_number(), wanted)
            for at, wanted in found
            if isinstance(wanted, Wanted)
        )
    )
    await show.books_agree()
    async with db.read(show.shop) as tx:
        made = await claims.of_rounds(tx, [show.round.round_id])
    return [(one.number, ids[one.customer_id], one.quantity, one.state) for one in made]


async def test_who_waits_moves_up_when_an_order_is_cancelled(runtime, db):
    show = await a_show(runtime, db, on_hand=1)
    first, second, third = [await show.buyer() for _ in range(3)]
    won, waits, last = await show.hear(first), await show.hear(second), await show.hear(third)
    assert [one.state for one in (won, waits, last)] == [ClaimState.WON, ClaimState.WAITING, ClaimState.WAITING]
    async with db.read(show.shop) as tx:
        assert sorted((await claims.places_in_line(tx, [waits, last])).values()) == [1, 2]
    await show.cancel(first, won)
    for _ in range(2):  # told twice, done once
        await claim.move_up(runtime, show.shop, order_id=won.order_id)
    (now,) = await show.mine(second)
    assert now.state is ClaimState.WON
    order = await show.order(now)
    assert order.expires_at - order.created_at == timedelta(seconds=HOLD_S)
    assert (await show.mine(third))[0].state is ClaimState.WAITING
    await show.books_agree()


class Still:
    """Business time that moves only by hand."""

    def __init__(self, clock, monkeypatch):
        self.at = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def advance(self, by):
        self.at += by


@pytest.fixture
def still(clock, monkeypatch):
    return Still(clock, monkeypatch)


async def test_a_hold_ends_after_three_minutes_to_the_second_and_the_next_one_has_it(runtime, db, still):
    show = await a_show(runtime, db, on_hand=1)
    first, second = await show.buyer(), await show.buyer()
    won = await show.hear(first)
    await show.hear(second)
    still.advance(timedelta(seconds=HOLD_S - 1))
    await show.close_unpaid()
    assert (await show.order(won)).state is OrderState.TO_PAY
    still.advance(timedelta(seconds=1))
    await show.close_unpaid()
    assert (await show.order(won)).state is OrderState.CLOSED
    await claim.move_up(runtime, show.shop, order_id=won.order_id)
    assert (await show.mine(second))[0].state is ClaimState.WON


async def test_who_comes_later_does_not_overtake_who_waits(runtime, db):
    show = await a_show(runtime, db, on_hand=1)
    first, second, third = [await show.buyer() for _ in range(3)]
    won = await show.hear(first)
    await show.hear(second)
    await show.cancel(first, won)
    late = await show.hear(third)  # before anybody reacted to the cancelling
    assert late.state is ClaimState.WAITING
    assert (await show.mine(second))[0].state is ClaimState.WON


async def test_stock_that_comes_by_hand_goes_to_who_waits(runtime, db):
    show = await a_show(runtime, db, on_hand=0)
    people = [await show.buyer() for _ in range(3)]
    for who in people:
        await show.hear(who)
    await db.write(SYSTEM, show.shop, lambda tx: stock_service.set_on_hand(tx, show.sold.sku_id, 2, "test"))
    await sweep(db, next(one for one in registry.timers() if one.name == "rooms.claims_waiting"))
    states = [(await show.mine(who))[0].state for who in people]
    assert states == [ClaimState.WON, ClaimState.WON, ClaimState.WAITING]


async def test_a_buyer_claims_no_more_than_the_round_allows(runtime, db):
    show = await a_show(runtime, db, buyer_max=2)
    who = await show.buyer()
    refused = await show.hear(who, "1 三件")
    assert isinstance(refused, ClaimOverMax)
    assert refused.context == {"most": 2, "left": 2}
    await show.hear(who)
    both = await asyncio.gather(show.hear(who), show.hear(who))
    assert sorted(type(one).__name__ for one in both) == ["Claim", "ClaimOverMax"]
    assert (await show.level()).held == 2


async def test_a_buyer_has_only_so_many_unpaid_claims(runtime, db):
    show = await a_show(runtime, db, buyer_max=9)
    who = await show.buyer()
    for _ in range(3):
        assert (await show.hear(who)).state is ClaimState.WON
    refused = await show.hear(who)
    assert isinstance(refused, ClaimUnpaidFull)
    assert refused.context == {"most": 3}


async def test_who_lets_three_claims_run_out_sits_out_for_a_day(runtime, db, still):
    show = await a_show(runtime, db, buyer_max=9)
    who, other = await show.buyer(), await show.buyer()
    for _ in range(3):
        await show.hear(who)
        still.advance(timedelta(seconds=HOLD_S))
        await show.close_unpaid()
    refused = await show.hear(who)
    assert isinstance(refused, ClaimSittingOut)
    assert (await show.hear(other)).state is ClaimState.WON
    async with db.read(show.shop) as tx:
        past = await orders.orders(
            tx, [one.order_id for one in await claims.mine(tx, show.room_id, who.customer_id) if one.order_id]
        )
    until = min(one.closed_at for one in past.values() if one.closed_at) + claims.DAY
    assert refused.context["until"] == until.isoformat().replace("+00:00", "Z")
    still.advance(until - still.at - timedelta(seconds=1))
    assert isinstance(await show.hear(who), ClaimSittingOut)
    still.advance(timedelta(seconds=1))
    assert (await show.hear(who)).state is ClaimState.WON


async def test_a_round_is_opened_only_of_what_the_live_room_sells(runtime, db):
    show = await a_show(runtime, db)
    other, third = await something(db, show.shop), await something(db, show.shop)
    scheduled = await room(db, show.shop)

    async def opening(room_id=show.room_id, goods_id=None, **how):
        asked = {"keyword": "a3", "buyer_max": 2, "hold_s": 180, **how}
        goods_id = goods_id or other.goods_id
        return await db.write(ANCHOR, show.shop, lambda tx: claims.open_round(tx, room_id, goods_id, **asked))

    with pytest.raises(RoomStateRefuses):
        await opening(room_id=scheduled)
    with pytest.raises(GoodsNotInRoom):
        await opening()
    await db.write(
        ANCHOR, show.shop, lambda tx: service.put_on_shelf(tx, show.room_id, [other.goods_id, third.goods_id])
    )
    for wrong in ({"keyword": ""}, {"keyword": "要"}, {"buyer_max": 0}, {"buyer_max": 100}, {"hold_s": 59}):
        with pytest.raises(ClaimRoundInvalid):
            await opening(**wrong)
    with pytest.raises(ClaimRoundOpen):
        await opening(keyword="1")
    with pytest.raises(ClaimRoundOpen):
        await opening(goods_id=show.sold.goods_id)
    await db.write(ANCHOR, show.shop, lambda tx: service.take_off_sale(tx, show.room_id, third.goods_id))
    with pytest.raises(GoodsOffSale):
        await opening(goods_id=third.goods_id)
    await opening()
    who = await show.buyer()
    assert (await show.hear(who, "A3 ×2")).goods_id == other.goods_id


async def test_a_closed_round_takes_no_claims_and_holds_what_it_held(runtime, db):
    show = await a_show(runtime, db, on_hand=1)
    first, second = await show.buyer(), await show.buyer()
    won = await show.hear(first)
    await show.hear(second)
    for _ in range(2):
        await db.write(ANCHOR, show.shop, lambda tx: claims.close_round(tx, show.room_id, show.round.round_id))
    assert await show.hear(await show.buyer()) is None
    late = await claims_of(runtime).take(
        second, show.round.round_id, new_number(), Wanted(show.sold.goods_id, show.sold.sku_id, 1)
    )
    assert isinstance(late, ClaimRoundClosed)
    assert (await show.order(won)).state is OrderState.TO_PAY
    await show.cancel(first, won)
    await claim.move_up(runtime, show.shop, order_id=won.order_id)
    assert (await show.mine(second))[0].state is ClaimState.WAITING
    assert not (await show.mine(second))[0].is_open
    with pytest.raises(ClaimRoundMissing):
        await db.write(ANCHOR, show.shop, lambda tx: claims.close_round(tx, show.room_id, 1))


async def test_a_round_ends_with_its_broadcast(runtime, db):
    show = await a_show(runtime, db)
    await db.write(ANCHOR, show.shop, lambda tx: service.end(tx, show.room_id))
    assert await show.hear(await show.buyer()) is None


async def test_another_shops_buyer_claims_nothing_here(runtime, db):
    show = await a_show(runtime, db)
    stranger = await buyer(db, (await a_shop(db)).shop)
    assert await show.hear(stranger) is None
    async with db.read(stranger.shop) as tx:
        with pytest.raises(RoomMissing):
            await claims.mine(tx, show.room_id, stranger.customer_id)


async def test_a_guest_who_signs_in_takes_claims_along_and_an_erased_one_leaves_none(runtime, db):
    show = await a_show(runtime, db)
    who, member = await show.buyer(), await show.buyer()
    await show.hear(who)
    await db.write(SYSTEM, show.shop, lambda tx: claims.move(tx, guest=who.customer_id, member=member.customer_id))
    assert len(await show.mine(member)) == 1
    async with db.read(show.shop) as tx:
        assert [one["quantity"] for one in await claims.told_of(tx, member.customer_id)] == [1]
    await db.write(SYSTEM, show.shop, lambda tx: join.leave(tx, member.customer_id))
    assert await show.mine(member) == []


async def test_what_is_said_on_the_page_is_a_comment_and_a_claim(runtime, db):
    show = await a_show(runtime, db)
    who = await show.buyer()
    said = await room_talk.comment(
        runtime, who, show.room_id, text="扣1", once=Once("rooms.comment", "a", {"key": "a"}, Comment)
    )
    heard = await claims_of(runtime).hear(who, show.room_id, said)
    assert isinstance(heard, Claim)
    assert heard.comment_id == int(said.comment_id)
