"""Long-term subscribers and the mass start notice over the wire, with the events that follow."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from liveshelf.customers import queries as customers
from liveshelf.flows import go_live, join, pushes
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import CustomerId, RoomId
from liveshelf.messages import queries as messages
from liveshelf.penalties import service as penalties
from liveshelf.penalties.types import Violation
from liveshelf.rooms import followers, service
from liveshelf.webhooks.types import MessageForm
from tests.contract.test_wire_rooms import OK
from tests.flows.test_pushes import configure
from tests.make.receiving import reaching, receiving, work_off
from tests.make.rooms import ANCHOR, live_room
from tests.make.rooms import room as planned
from tests.make.selling import guest

FOLLOWERS = "/wxa/business/get_wxa_followers"
PUSH = "/wxa/business/push_message"


async def following(wire, room_id: RoomId, count: int = 1) -> list[str]:
    """New buyers who follow; their openids in order."""
    shop, db = wire.made.shop, wire.runtime.db
    people = [await guest(db, shop) for _ in range(count)]
    for who in people:
        await db.write(ANCHOR, shop, lambda tx, who=who: followers.follow(tx, who, room_id))
    async with db.read(shop) as tx:
        found = await customers.customers(tx, people)
    return [found[who].openid for who in people]


async def customer_of(wire, openid: str) -> CustomerId:
    async with wire.runtime.db.read(wire.made.shop) as tx:
        return (await customers.by_openids(tx, [openid]))[openid]


async def test_subscribers_are_paged_by_a_number(wire):
    room_id = await live_room(wire.runtime.db, wire.made.shop)
    assert await wire.post(FOLLOWERS, {}) == {**OK, "followers": [], "page_break": 0}
    openids = await following(wire, room_id, 5)
    first = await wire.post(FOLLOWERS, {"limit": 3})
    assert [one["openid"] for one in first["followers"]] == openids[:3]
    assert (first["followers"][0]["room_id"], first["followers"][0]["room_status"]) == (room_id, 101)
    assert isinstance(first["followers"][0]["subscribe_time"], int)
    assert 0 < first["page_break"] < 2**31
    body = urlencode({"limit": 3, "page_break": first["page_break"]}).encode()
    form = {"content-type": "application/x-www-form-urlencoded"}
    second = await wire.post(FOLLOWERS, content=body, headers=form)
    assert [one["openid"] for one in second["followers"]] == openids[3:]
    end = await wire.post(FOLLOWERS, {"page_break": second["page_break"]})
    assert (end["followers"], end["page_break"]) == ([], second["page_break"])
    assert len((await wire.post(FOLLOWERS, {"limit": 5000}))["followers"]) == 5
    for wrong in ({"limit": -1}, {"page_break": "x"}):
        assert (await wire.post(FOLLOWERS, wrong))["errcode"] == 200002


async def test_a_start_notice_is_accepted_sent_once_a_day_and_its_result_told(wire):
    db, shop = wire.runtime.db, wire.made.shop
    room_id = await live_room(db, shop)
    first, second = await following(wire, room_id, 2)
    who = await guest(db, shop)
    async with db.read(shop) as tx:
        stranger = (await customers.customers(tx, [who]))[who].openid
    async with receiving() as server, reaching(wire.runtime, server) as reached:
        await configure(reached, shop, server.url, form=MessageForm.JSON)
        answer = await wire.post(PUSH, {"room_id": room_id, "user_openid": [first, second, first, stranger, "oNobody"]})
        assert answer["errcode"] == 0
        assert isinstance(answer["message_id"], str)
        await work_off(reached)
        told = [json.loads(one.body) for one in server.posts]
        (result,) = [one for one in told if one["Event"] == "wxalive_push_message_notify"]
        assert result["PushMessageApiNotify"] == {
            "message_id": answer["message_id"],
            "room_id": room_id,
            "total_count": 5,
            "success_count": 2,
            "openid_error_count": 1,
            "relation_error_count": 1,
            "user_recv_limit_count": 1,
            "internal_error_count": 0,
        }
        again = await wire.post(PUSH, {"room_id": str(room_id), "user_openid": [first]})
        await work_off(reached)
        last = json.loads(server.posts[-1].body)["PushMessageApiNotify"]
        assert (last["message_id"], last["success_count"], last["user_recv_limit_count"]) == (again["message_id"], 0, 1)
    async with db.read(shop) as tx:
        page = await messages.page(tx, f"customer:{await customer_of(wire, first)}")
    (notice,) = page.items
    assert (notice.kind, notice.subject, notice.facts) == (
        "live_started",
        f"room:{room_id}",
        {"room_name": "秋茶专场直播"},
    )


async def test_a_room_that_is_not_live_and_a_second_room_a_day_are_refused(wire):
    db, shop = wire.runtime.db, wire.made.shop
    room_id = await live_room(db, shop)
    other = await live_room(db, shop)
    (openid,) = await following(wire, room_id)
    waiting = await planned(db, shop)
    assert (await wire.post(PUSH, {"room_id": waiting, "user_openid": [openid]}))["errcode"] == 9410006
    assert (await wire.post(PUSH, {"room_id": 99, "user_openid": [openid]}))["errcode"] == 300022
    wrong: list[object] = [[], "x", [7], ["o"] * 2001, None]
    for openids in wrong:
        assert (await wire.post(PUSH, {"room_id": room_id, "user_openid": openids}))["errcode"] == 200002
    bodies = [{"room_id": one, "user_openid": [openid]} for one in (room_id, other)]
    codes = await asyncio.gather(*(wire.code(PUSH, body) for body in bodies))
    assert sorted(codes) == [0, 9410005]
    wire.runtime.clock.set_offset(timedelta(days=1))
    await wire.sign_in()
    loser = other if codes[0] == 0 else room_id
    assert await wire.code(PUSH, {"room_id": loser, "user_openid": [openid]}) == 0
    await db.write(ANCHOR, shop, lambda tx: go_live.pause(tx, loser))
    assert await wire.code(PUSH, {"room_id": loser, "user_openid": [openid]}) == 9410006


@pytest.mark.feature("L-607", half=True)
async def test_a_shop_whose_traffic_is_limited_tells_nobody(wire):
    db, shop = wire.runtime.db, wire.made.shop
    room_id = await live_room(db, shop)
    (openid,) = await following(wire, room_id)

    async def impose(tx) -> None:
        await penalties.impose(tx, Violation("exaggerated_claim", "第一名", tx.now))

    await db.write(Actor(ActorKind.REVIEWER, "901"), shop, impose)
    answer = await wire.post(PUSH, {"room_id": room_id, "user_openid": [openid]})
    assert answer["errcode"] == 48001
    assert "limited" in answer["errmsg"]


async def test_who_leaves_or_unfollows_is_a_subscriber_no_more(wire):
    db, shop = wire.runtime.db, wire.made.shop
    room_id = await live_room(db, shop)
    gone, quiet, merged = await following(wire, room_id, 3)
    member = await guest(db, shop)
    ids = [await customer_of(wire, one) for one in (gone, quiet, merged)]
    await db.write(ANCHOR, shop, lambda tx: join.leave(tx, ids[0]))
    async with receiving() as server, reaching(wire.runtime, server) as reached:
        await configure(reached, shop, server.url)
        await work_off(reached)
        for _ in range(2):
            await db.write(ANCHOR, shop, lambda tx: followers.unfollow(tx, ids[1]))
        await db.write(ANCHOR, shop, lambda tx: service.end(tx, room_id))
        await work_off(reached)
        unfollowed = [json.loads(one.body)["FollowNotify"] for one in server.posts]
        assert [(one["action"], one["live_status"]) for one in unfollowed if one["user_openid"] == quiet] == [
            ("add_follow", 101),
            ("del_follow", 101),
        ]
    await db.write(ANCHOR, shop, lambda tx: join.take_along(tx, ids[2], member))
    async with db.read(shop) as tx:
        kept = (await customers.customers(tx, [member]))[member].openid
    assert [one["openid"] for one in (await wire.post(FOLLOWERS, {}))["followers"]] == [kept]
    assert pushes.TOLD


async def test_following_twice_is_following_once(wire):
    db, shop = wire.runtime.db, wire.made.shop
    room_id = await live_room(db, shop)
    who = await guest(db, shop)
    await asyncio.gather(*(db.write(ANCHOR, shop, lambda tx: followers.follow(tx, who, room_id)) for _ in range(5)))
    async with db.read(shop) as tx:
        assert await followers.count(tx) == 1
        rows = await tx.fetch("SELECT 1 FROM events WHERE shop_id = $1 AND name = 'rooms.followed'", shop)
    assert len(rows) == 1
