"""Rooms through their public doors: rules, states, and that a snapshot plus its events is the next snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from liveshelf.entry import registry
from liveshelf.flows import go_live, listing
from liveshelf.goods.types import AuditState, CardChanges
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import GoodsId, RoomId, ShopId
from liveshelf.platform import timers
from liveshelf.platform.db import Database, Tx
from liveshelf.rooms import queries, service
from liveshelf.rooms.errors import (
    GoodsBeingPushed,
    GoodsNotApproved,
    GoodsNotInRoom,
    GoodsOffSale,
    GoodsUnknown,
    PushRunning,
    RoomFull,
    RoomMissing,
    RoomStateRefuses,
    RoomTimesInvalid,
    SortEmpty,
)
from liveshelf.rooms.types import SHELF_MAX, RoomChanges, RoomState
from liveshelf.shops import service as shops
from liveshelf.shops.errors import ShopBlocked
from tests.make.goods import goods_in
from tests.make.rooms import ANCHOR, live_room, message, reduce, room, tail, view_now
from tests.make.shops import a_shop

Work = Callable[[Tx], Awaitable[Any]]


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


async def approved(db: Database, shop: ShopId, count: int) -> list[GoodsId]:
    return [(await goods_in(db, shop, AuditState.APPROVED, name=f"青瓷茶盏{n}")).goods_id for n in range(count)]


async def do(db: Database, shop: ShopId, work: Work) -> Any:
    return await db.write(ANCHOR, shop, work)


async def verify(db: Database, shop: ShopId, room_id: RoomId, work: Work) -> list[str]:
    """Do it; then the snapshot before, plus the events, must be the snapshot after. Returns the events' types."""
    before = await view_now(db, shop, room_id)
    await do(db, shop, work)
    after = await view_now(db, shop, room_id)
    messages = [message(one) for one in await tail(db, shop, room_id, before["seq"])]
    told = before
    for one in messages:
        told = reduce(told, one)
    assert told == after
    return [one["type"] for one in messages]


@pytest.mark.feature("L-201")
@pytest.mark.feature("A-108")
async def test_only_approved_goods_come_onto_a_shelf(db, shop):
    room_id = await room(db, shop)
    for state in (AuditState.UNAUDITED, AuditState.IN_AUDIT, AuditState.REJECTED):
        listed = await goods_in(db, shop, state)
        with pytest.raises(GoodsNotApproved):
            await do(db, shop, partial(service.put_on_shelf, room_id=room_id, goods_ids=[listed.goods_id]))
    with pytest.raises(GoodsUnknown):
        await do(db, shop, lambda tx: service.put_on_shelf(tx, room_id, [GoodsId(99)]))
    (goods_id,) = await approved(db, shop, 1)
    assert await verify(db, shop, room_id, lambda tx: service.put_on_shelf(tx, room_id, [goods_id])) == ["shelf_added"]


async def test_adding_keeps_what_is_there_and_adds_all_or_nothing(db, shop):
    first, second, third = await approved(db, shop, 3)
    room_id = await live_room(db, shop, [first])
    await verify(db, shop, room_id, lambda tx: service.put_on_shelf(tx, room_id, [second, first, second]))
    assert [item["goods_id"] for item in (await view_now(db, shop, room_id))["shelf"]] == [first, second]
    with pytest.raises(GoodsUnknown):
        await do(db, shop, lambda tx: service.put_on_shelf(tx, room_id, [third, GoodsId(99)]))
    assert await verify(db, shop, room_id, lambda tx: service.put_on_shelf(tx, room_id, [first])) == []


async def test_a_shelf_has_an_end(db, shop, monkeypatch):
    goods = await approved(db, shop, 3)
    monkeypatch.setattr(service, "SHELF_MAX", 2)
    room_id = await live_room(db, shop, goods[:1])
    with pytest.raises(RoomFull):
        await do(db, shop, lambda tx: service.put_on_shelf(tx, room_id, goods))
    assert SHELF_MAX == 200


async def test_every_command_on_a_live_shelf_is_told_as_it_is(db, shop):
    first, second, third = await approved(db, shop, 3)
    room_id = await live_room(db, shop, [first, second, third])
    steps: list[tuple[Work, list[str]]] = [
        (lambda tx: service.sort(tx, room_id, [third, first]), ["shelf_sorted"]),
        (lambda tx: service.sort(tx, room_id, [third, first, second]), []),
        (lambda tx: service.push(tx, room_id, first), ["goods_pushed"]),
        (lambda tx: service.push(tx, room_id, second), ["goods_pushed"]),
        (lambda tx: service.unpush(tx, room_id), ["goods_pushed"]),
        (lambda tx: service.unpush(tx, room_id), []),
        (lambda tx: service.take_off_sale(tx, room_id, first), ["on_sale_changed"]),
        (lambda tx: service.take_off_sale(tx, room_id, first), []),
        (lambda tx: service.put_on_sale(tx, room_id, first), ["on_sale_changed"]),
        (lambda tx: listing.update(tx, first, CardChanges(price_fen=8800), door=None), ["price_changed"]),
        (lambda tx: service.push(tx, room_id, third), ["goods_pushed"]),
        (lambda tx: service.take_off(tx, room_id, third), ["shelf_removed"]),
        (lambda tx: service.goods_changed(tx, second), ["shelf_added"]),
        (lambda tx: go_live.pause(tx, room_id), ["state_changed"]),
        (lambda tx: go_live.resume(tx, room_id), ["state_changed"]),
        (lambda tx: service.push(tx, room_id, second), ["goods_pushed"]),
        (lambda tx: go_live.end(tx, room_id), ["goods_pushed", "state_changed"]),
    ]
    for work, told in steps:
        assert await verify(db, shop, room_id, work) == told


@pytest.mark.feature("A-503")
async def test_deleted_goods_leave_every_shelf_and_the_screen_in_the_same_transaction(db, shop):
    first, second = await approved(db, shop, 2)
    rooms = [await live_room(db, shop, [first, second]) for _ in range(2)]
    await do(db, shop, lambda tx: service.push(tx, rooms[0], first))
    before = [await view_now(db, shop, one) for one in rooms]
    await do(db, shop, lambda tx: listing.delete(tx, first, door=None))
    for room_id, was in zip(rooms, before, strict=True):
        events = [message(one) for one in await tail(db, shop, room_id, was["seq"])]
        assert [one["type"] for one in events] == ["shelf_removed"]
        now = await view_now(db, shop, room_id)
        assert reduce(was, events[0]) == now
        assert [item["goods_id"] for item in now["shelf"]] == [second]
        assert now["pushed_goods_id"] is None


async def test_concurrent_commands_get_numbers_without_holes_in_commit_order(db, shop):
    goods = await approved(db, shop, 6)
    room_id = await live_room(db, shop, goods[:5])
    before = await view_now(db, shop, room_id)
    works: list[Work] = [
        *(lambda tx, one=one: service.push(tx, room_id, one) for one in goods[:4]),
        *(lambda tx, one=one: service.take_off_sale(tx, room_id, one) for one in goods[:2]),
        lambda tx: service.sort(tx, room_id, goods[4::-1]),
        lambda tx: service.put_on_shelf(tx, room_id, [goods[5]]),
        lambda tx: listing.delete(tx, goods[4], door=None),
    ]
    outcomes = await asyncio.gather(*(do(db, shop, work) for work in works), return_exceptions=True)
    assert not [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, DomainError)]
    told = before
    for one in await tail(db, shop, room_id, before["seq"]):
        told = reduce(told, message(one))
    assert told == await view_now(db, shop, room_id)


async def test_goods_that_are_being_deleted_never_stay_on_a_shelf(db, shop):
    for goods_id in await approved(db, shop, 8):
        room_id = await live_room(db, shop)
        await asyncio.gather(
            do(db, shop, partial(service.put_on_shelf, room_id=room_id, goods_ids=[goods_id])),
            do(db, shop, partial(listing.delete, goods_id=goods_id, door=None)),
            return_exceptions=True,
        )
        async with db.read(shop) as tx:
            assert await queries.places(tx, room_id) == []


async def test_pushes_need_a_live_room_and_goods_on_sale_in_it(db, shop):
    first, second = await approved(db, shop, 2)
    room_id = await room(db, shop)
    await do(db, shop, lambda tx: service.put_on_shelf(tx, room_id, [first]))
    with pytest.raises(RoomStateRefuses):
        await do(db, shop, lambda tx: service.push(tx, room_id, first))
    await do(db, shop, lambda tx: go_live.start(tx, room_id))
    await do(db, shop, lambda tx: service.take_off_sale(tx, room_id, first))
    with pytest.raises(GoodsOffSale):
        await do(db, shop, lambda tx: service.push(tx, room_id, first))
    with pytest.raises(GoodsNotInRoom):
        await do(db, shop, lambda tx: service.push(tx, room_id, second))
    with pytest.raises(GoodsUnknown):
        await do(db, shop, lambda tx: service.push(tx, room_id, GoodsId(99)))
    with pytest.raises(RoomMissing):
        await do(db, shop, lambda tx: service.push(tx, RoomId(99), first))


async def test_a_push_runs_five_seconds_for_those_who_do_not_see_the_room(db, shop, clock):
    first, second = await approved(db, shop, 2)
    room_id = await live_room(db, shop, [first, second])
    await do(db, shop, lambda tx: service.push_in_turn(tx, room_id, first))
    await do(db, shop, lambda tx: service.push_in_turn(tx, room_id, first))
    for refused, work in (
        (PushRunning, lambda tx: service.push_in_turn(tx, room_id, second)),
        (PushRunning, lambda tx: service.take_off_in_turn(tx, room_id, first)),
        (GoodsBeingPushed, lambda tx: service.take_off_sale(tx, room_id, first)),
    ):
        with pytest.raises(refused):
            await do(db, shop, work)
    clock.set_offset(timedelta(seconds=5))
    told = await verify(db, shop, room_id, lambda tx: service.take_off_sale(tx, room_id, first))
    assert told == ["goods_pushed", "on_sale_changed"]
    await do(db, shop, lambda tx: service.push_in_turn(tx, room_id, second))


async def test_a_new_order_names_goods_of_the_shelf(db, shop):
    first, second = await approved(db, shop, 2)
    room_id = await live_room(db, shop, [first])
    with pytest.raises(SortEmpty):
        await do(db, shop, lambda tx: service.sort(tx, room_id, []))
    with pytest.raises(GoodsNotInRoom):
        await do(db, shop, lambda tx: service.sort(tx, room_id, [second]))


async def test_plans_are_edited_only_before_the_start_and_rooms_on_air_are_not_deleted(db, shop):
    room_id = await room(db, shop)
    told = await verify(db, shop, room_id, lambda tx: service.edit(tx, room_id, RoomChanges(name="冬茶专场直播")))
    assert told == ["room_changed"]
    await do(db, shop, lambda tx: go_live.start(tx, room_id))
    with pytest.raises(RoomStateRefuses):
        await do(db, shop, lambda tx: service.edit(tx, room_id, RoomChanges(name="春茶专场直播")))
    with pytest.raises(RoomStateRefuses):
        await do(db, shop, lambda tx: service.delete(tx, room_id))
    await do(db, shop, lambda tx: go_live.end(tx, room_id))
    await do(db, shop, lambda tx: service.delete(tx, room_id))
    with pytest.raises(RoomMissing):
        await do(db, shop, lambda tx: service.delete(tx, room_id))
    assert await room(db, shop) == room_id + 1


async def test_a_start_that_does_not_change_is_not_judged_again(db, shop, clock):
    room_id = await room(db, shop)
    clock.set_offset(timedelta(hours=2))
    await do(db, shop, lambda tx: service.edit(tx, room_id, RoomChanges(anchor_name="阿澄姑娘")))
    past = RoomChanges(starts_at=clock.now() - timedelta(minutes=30))
    with pytest.raises(RoomTimesInvalid):
        await do(db, shop, lambda tx: service.edit(tx, room_id, past))


async def test_a_blocked_shop_makes_no_rooms_and_starts_none_but_ends_what_is_on_air(db, shop):
    waiting, live = await room(db, shop), await live_room(db, shop)
    await do(db, shop, shops.block)
    for work in (
        lambda tx: service.edit(tx, waiting, RoomChanges(name="冬茶专场直播")),
        lambda tx: go_live.start(tx, waiting),
    ):
        with pytest.raises(ShopBlocked):
            await do(db, shop, work)
    with pytest.raises(ShopBlocked):
        await room(db, shop)
    await do(db, shop, lambda tx: go_live.end(tx, live))


async def test_the_clock_expires_what_never_started_and_ends_what_runs_over(db, shop, clock):
    (timer,) = (one for one in registry.timers() if one.name == "rooms.due")
    never, over = await room(db, shop), await live_room(db, shop)

    async def states() -> list[RoomState]:
        async with db.read(shop) as tx:
            return [(await queries.room(tx, one)).state for one in (never, over)]  # type: ignore[union-attr]

    clock.set_offset(timedelta(hours=3, seconds=-5))
    assert await timers.sweep(db, replace(timer)) == 0
    clock.set_offset(timedelta(hours=3, seconds=1))
    assert await timers.sweep(db, timer) == 1
    assert await states() == [RoomState.EXPIRED, RoomState.LIVE]
    clock.set_offset(timedelta(hours=4, seconds=1))
    assert await timers.sweep(db, timer) == 1
    assert await states() == [RoomState.EXPIRED, RoomState.ENDED]
    assert await timers.sweep(db, timer) == 0


async def test_one_shop_does_not_see_the_rooms_of_another(db, shop):
    room_id = await room(db, shop)
    other = (await a_shop(db, "海边咖啡")).shop
    with pytest.raises(RoomMissing):
        await do(db, other, lambda tx: go_live.start(tx, room_id))
    async with db.read(other) as tx:
        assert await queries.snapshot(tx, room_id) is None
