"""The quick bar, several pushes at once, and the numbers that a host says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.flows import go_live, listing
from liveshelf.goods.types import AuditState
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import GoodsId, RoomId, ShopId
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import quickbar, rules, service, settings
from liveshelf.rooms.errors import GoodsNotInRoom, QuickBarFull, RoomSettingInvalid, RoomStateRefuses, SortEmpty
from liveshelf.rooms.settings import STANDARD, BarUnit, set_settings
from liveshelf.rooms.types import QUICK_BAR_MAX
from tests.make.accounts import bearer, staff_session
from tests.make.goods import goods_in
from tests.make.rooms import ANCHOR, View, live_room, message, reduce, room, tail, view_now
from tests.make.shops import a_shop

Work = Callable[[Tx], Awaitable[Any]]


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


async def approved(db: Database, shop: ShopId, count: int) -> list[GoodsId]:
    return [(await goods_in(db, shop, AuditState.APPROVED, name=f"青瓷茶盏{n}")).goods_id for n in range(count)]


async def told(db: Database, shop: ShopId, room_id: RoomId, work: Work) -> tuple[View, list[str]]:
    """Do it; the snapshot before, plus the events, is the snapshot after. That, and the events' types."""
    before = await view_now(db, shop, room_id)
    await db.write(ANCHOR, shop, work)
    after = await view_now(db, shop, room_id)
    messages = [message(one) for one in await tail(db, shop, room_id, before["seq"])]
    for one in messages:
        before = reduce(before, one)
    assert before == after
    return after, [one["type"] for one in messages]


@pytest.mark.feature("L-306")
async def test_hot_goods_come_into_the_bar_in_one_action_and_leave_with_the_goods(db, shop):
    a, b, c = await approved(db, shop, 3)
    room_id = await live_room(db, shop, [a, b, c])
    seen, said = await told(db, shop, room_id, lambda tx: quickbar.add(tx, room_id, [c, a, c]))
    assert (seen["quick_goods_ids"], said) == ([c, a], ["quick_bar_changed"])
    assert (await told(db, shop, room_id, lambda tx: quickbar.add(tx, room_id, [a])))[1] == []
    seen, _ = await told(db, shop, room_id, lambda tx: quickbar.add(tx, room_id, [b]))
    seen, _ = await told(db, shop, room_id, lambda tx: quickbar.sort(tx, room_id, [b, c]))
    assert seen["quick_goods_ids"] == [b, c, a]
    seen, _ = await told(db, shop, room_id, lambda tx: quickbar.take_out(tx, room_id, c))
    assert seen["quick_goods_ids"] == [b, a]
    assert (await told(db, shop, room_id, lambda tx: quickbar.take_out(tx, room_id, c)))[1] == []
    seen, said = await told(db, shop, room_id, lambda tx: service.take_off(tx, room_id, b))
    assert (seen["quick_goods_ids"], said) == ([a], ["shelf_removed"])
    seen, _ = await told(db, shop, room_id, lambda tx: listing.delete(tx, a, door=None))
    assert seen["quick_goods_ids"] == []


async def test_what_is_off_sale_keeps_its_place_in_the_bar(db, shop):
    a, b = await approved(db, shop, 2)
    room_id = await live_room(db, shop, [a, b])
    await told(db, shop, room_id, lambda tx: quickbar.add(tx, room_id, [a, b]))
    await told(db, shop, room_id, lambda tx: service.take_off_sale(tx, room_id, a))
    seen, _ = await told(db, shop, room_id, lambda tx: service.put_on_sale(tx, room_id, a))
    assert seen["quick_goods_ids"] == [a, b]


async def test_the_bar_takes_only_goods_of_its_shelf_while_the_shelf_may_change(db, shop):
    a, b = await approved(db, shop, 2)
    room_id = await live_room(db, shop, [a])
    refused: list[tuple[type[DomainError], Work]] = [
        (GoodsNotInRoom, lambda tx: quickbar.add(tx, room_id, [a, b])),
        (GoodsNotInRoom, lambda tx: quickbar.take_out(tx, room_id, b)),
        (GoodsNotInRoom, lambda tx: quickbar.sort(tx, room_id, [a])),
        (SortEmpty, lambda tx: quickbar.sort(tx, room_id, [])),
    ]
    for error, work in refused:
        with pytest.raises(error):
            await db.write(ANCHOR, shop, work)
    assert (await view_now(db, shop, room_id))["quick_goods_ids"] == []
    await db.write(ANCHOR, shop, lambda tx: go_live.end(tx, room_id))
    with pytest.raises(RoomStateRefuses):
        await db.write(ANCHOR, shop, lambda tx: quickbar.add(tx, room_id, [a]))


@pytest.mark.feature("L-307")
async def test_of_fifty_who_add_to_a_bar_with_one_free_place_exactly_one_succeeds(db, shop):
    goods = await approved(db, shop, QUICK_BAR_MAX - 1 + 50)
    room_id = await live_room(db, shop, goods)
    await db.write(ANCHOR, shop, lambda tx: quickbar.add(tx, room_id, goods[: QUICK_BAR_MAX - 1]))

    async def add(goods_id: GoodsId) -> bool:
        try:
            await db.write(ANCHOR, shop, lambda tx: quickbar.add(tx, room_id, [goods_id]))
        except QuickBarFull:
            return False
        return True

    came = await asyncio.gather(*(add(one) for one in goods[QUICK_BAR_MAX - 1 :]))
    assert sum(came) == 1
    assert len((await view_now(db, shop, room_id))["quick_goods_ids"]) == QUICK_BAR_MAX


@pytest.mark.feature("L-307")
async def test_the_unit_is_a_setting_of_the_shop(db, shop, monkeypatch):
    a, b, c = await approved(db, shop, 3)
    room_id = await live_room(db, shop, [a, b, c])
    monkeypatch.setattr(quickbar, "QUICK_BAR_MAX", 2)
    await db.write(ANCHOR, shop, lambda tx: set_settings(tx, replace(STANDARD, quick_bar_unit=BarUnit.SKU)))
    await db.write(ANCHOR, shop, lambda tx: quickbar.add(tx, room_id, [a, b]))
    with pytest.raises(QuickBarFull) as refused:
        await db.write(ANCHOR, shop, lambda tx: quickbar.add(tx, room_id, [c]))
    assert refused.value.context["unit"] == "sku"

    async def three_each(tx: Tx, goods_ids: Any, unit: BarUnit) -> int:
        return len(goods_ids) * (3 if unit is BarUnit.SKU else 1)

    monkeypatch.setattr(quickbar, "QUICK_BAR_MAX", 5)
    monkeypatch.setattr(quickbar, "_size", three_each)
    with pytest.raises(QuickBarFull):
        await db.write(ANCHOR, shop, lambda tx: quickbar.add(tx, room_id, [c]))
    await db.write(ANCHOR, shop, lambda tx: set_settings(tx, STANDARD))
    await db.write(ANCHOR, shop, lambda tx: quickbar.add(tx, room_id, [c]))


@pytest.mark.parametrize(("field", "value"), [("stock_factor", 0), ("stock_factor", 21), ("legal_gap_s", 9)])
async def test_a_setting_outside_its_bounds_is_refused(db, shop, field, value):
    with pytest.raises(RoomSettingInvalid) as refused:
        await db.write(ANCHOR, shop, lambda tx: set_settings(tx, replace(STANDARD, **{field: value})))
    assert refused.value.context["field"] == field
    async with db.read(shop) as tx:
        assert await settings.settings_of(tx) == STANDARD


async def test_three_are_pushed_at_once_the_newest_in_front(db, shop):
    a, b, c, d = await approved(db, shop, 4)
    room_id = await live_room(db, shop, [a, b, c, d])
    for goods_id, wanted in [(a, [a]), (b, [b, a]), (c, [c, b, a]), (d, [d, c, b]), (b, [b, d, c])]:
        seen, said = await told(db, shop, room_id, partial(service.push, room_id=room_id, goods_id=goods_id))
        assert (seen["pushed_goods_ids"], seen["pushed_goods_id"], said) == (wanted, goods_id, ["goods_pushed"])
    seen, _ = await told(db, shop, room_id, lambda tx: service.unpin(tx, room_id, b))
    assert (seen["pushed_goods_ids"], seen["pushed_goods_id"]) == ([d, c], d)
    seen, said = await told(db, shop, room_id, lambda tx: service.take_off_sale(tx, room_id, c))
    assert (seen["pushed_goods_ids"], said) == ([d], ["goods_pushed", "on_sale_changed"])
    await told(db, shop, room_id, lambda tx: service.push(tx, room_id, a))
    seen, said = await told(db, shop, room_id, lambda tx: service.take_off(tx, room_id, a))
    assert (seen["pushed_goods_ids"], seen["pushed_goods_id"], said) == ([d], d, ["shelf_removed"])
    assert (await told(db, shop, room_id, lambda tx: service.unpin(tx, room_id, b)))[1] == []
    seen, said = await told(db, shop, room_id, lambda tx: go_live.end(tx, room_id))
    assert (seen["pushed_goods_ids"], said) == ([], ["goods_pushed", "state_changed"])


def numbers(seen: View) -> dict[int, int]:
    return {item["goods_id"]: item["number"] for item in seen["shelf"]}


async def test_numbers_are_places_before_the_start_and_keep_still_on_air(db, shop):
    a, b, c, d = await approved(db, shop, 4)
    room_id = await room(db, shop)
    await told(db, shop, room_id, lambda tx: service.put_on_shelf(tx, room_id, [a, b, c]))
    seen, _ = await told(db, shop, room_id, lambda tx: service.sort(tx, room_id, [c]))
    assert numbers(seen) == {c: 1, a: 2, b: 3}
    seen, said = await told(db, shop, room_id, lambda tx: service.take_off(tx, room_id, a))
    assert (numbers(seen), said) == ({c: 1, b: 2}, ["shelf_removed", "shelf_sorted"])
    await told(db, shop, room_id, lambda tx: go_live.start(tx, room_id))
    seen, _ = await told(db, shop, room_id, lambda tx: service.put_on_shelf(tx, room_id, [d, a]))
    seen, _ = await told(db, shop, room_id, lambda tx: service.sort(tx, room_id, [a, b]))
    assert numbers(seen) == {c: 1, b: 2, d: 3, a: 4}
    seen, said = await told(db, shop, room_id, lambda tx: service.take_off(tx, room_id, b))
    assert (numbers(seen), said) == ({c: 1, d: 3, a: 4}, ["shelf_removed"])
    seen, _ = await told(db, shop, room_id, lambda tx: service.put_on_shelf(tx, room_id, [b]))
    assert numbers(seen)[b] == 5


def test_a_number_is_given_again_only_when_the_high_ones_ran_out():
    assert rules.next_numbers([], 2) == [1, 2]
    assert rules.next_numbers([1, 4], 2) == [5, 6]
    assert rules.next_numbers([1, 3, 199], 3) == [200, 2, 4]


async def test_the_desk_and_the_buyers_page_show_both(client: httpx.AsyncClient, runtime: Runtime, shop: ShopId):
    a, b = await approved(runtime.db, shop, 2)
    room_id = await live_room(runtime.db, shop, [a, b])
    staff = bearer(await staff_session(runtime, shop))
    base = f"/v1/shops/{shop}/rooms/{room_id}"
    answer = await client.post(f"{base}/quick-bar", json={"goods_ids": [b, a]}, headers=staff)
    assert (answer.status_code, answer.json()["quick_goods_ids"]) == (200, [b, a])
    answer = await client.put(f"{base}/quick-bar/order", json={"goods_ids": [a]}, headers=staff)
    assert answer.json()["quick_goods_ids"] == [a, b]
    await client.post(f"{base}/shelf/{a}/push", headers=staff)
    await client.post(f"{base}/shelf/{b}/push", headers=staff)
    page = (await client.get(f"/v1/storefront/{shop}/rooms/{room_id}")).json()
    assert (page["pushed_goods_ids"], page["pushed_goods_id"], page["quick_goods_ids"]) == ([b, a], b, [a, b])
    assert [item["number"] for item in page["shelf"]] == [1, 2]
    answer = await client.delete(f"{base}/shelf/{b}/push", headers=staff)
    assert answer.json()["pushed_goods_ids"] == [a]
    answer = await client.delete(f"{base}/quick-bar/{a}", headers=staff)
    assert answer.json()["quick_goods_ids"] == [b]
    support = bearer(await staff_session(runtime, shop, Role.SERVICE))
    assert (await client.post(f"{base}/quick-bar", json={"goods_ids": [a]}, headers=support)).status_code == 403
    many = {"goods_ids": list(range(1, 22))}
    assert (await client.post(f"{base}/quick-bar", json=many, headers=staff)).status_code in {400, 422}


async def test_the_settings_of_rooms_are_seen_and_set(client: httpx.AsyncClient, runtime: Runtime, shop: ShopId):
    staff = bearer(await staff_session(runtime, shop))
    path = f"/v1/shops/{shop}/room-settings"
    before = (await client.get(path, headers=staff)).json()
    assert (before["quick_bar_unit"], before["stock_factor"], before["changed_by"]) == ("goods", 3, None)
    wanted = {"request_id": "a", "quick_bar_unit": "sku", "stock_factor": 5, "legal_gap_s": 60}
    after = (await client.put(path, json=wanted, headers=staff)).json()
    assert (after["quick_bar_unit"], after["stock_factor"], after["legal_gap_s"]) == ("sku", 5, 60)
    assert after["changed_by"] == f"owner-of-{shop}"
    answer = await client.put(path, json={**wanted, "request_id": "b", "stock_factor": 0}, headers=staff)
    assert (answer.status_code, answer.json()["code"]) == (422, "rooms.setting_invalid")
    assert answer.json()["context"]["least"] == 1


async def test_an_order_that_was_made_without_knowing_of_another_is_told_so(
    client: httpx.AsyncClient, runtime: Runtime, shop: ShopId
):
    a, b, c = await approved(runtime.db, shop, 3)
    room_id = await live_room(runtime.db, shop, [a, b, c])
    staff = bearer(await staff_session(runtime, shop))
    base = f"/v1/shops/{shop}/rooms/{room_id}"
    seen = (await client.get(f"{base}/desk", headers=staff)).json()["seq"]

    async def sort(goods_ids: list[int], seq: int | None) -> httpx.Response:
        return await client.put(f"{base}/shelf/order", json={"goods_ids": goods_ids, "seq": seq}, headers=staff)

    await client.post(f"{base}/shelf/{a}/push", headers=staff)  # no order of the shelf
    first = await sort([c, a, b], seen)
    assert first.status_code == 200
    second = await sort([b, a, c], seen)
    assert (second.status_code, second.json()["code"]) == (409, "rooms.shelf_sorted_meanwhile")
    assert [item["goods_id"] for item in (await view_now(runtime.db, shop, room_id))["shelf"]] == [c, a, b]
    assert (await sort([b, a, c], first.json()["seq"])).status_code == 200
    assert (await sort([a, b, c], None)).status_code == 200
