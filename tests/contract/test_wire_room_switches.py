"""Switches of a room over the wire, muting, the seven states, and asking to broadcast."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from liveshelf.flows import go_live
from liveshelf.kernel.ids import AccountId, RoomId
from liveshelf.rooms import contact, service, talk
from liveshelf.rooms._line import locked
from liveshelf.rooms.contact import Contact
from liveshelf.rooms.errors import RoomMuted
from liveshelf.rooms.types import RoomState
from liveshelf.shops.policy import Profile
from tests.contract.test_wire_rooms import OK, listed, room, start
from tests.make.rooms import ANCHOR, passed, tail
from tests.make.selling import guest
from tests.make.shops import profile

FEED = "/wxaapi/broadcast/room/updatefeedpublic"
REPLAY = "/wxaapi/broadcast/room/updatereplay"
SERVICE = "/wxaapi/broadcast/room/updatekf"
COMMENT = "/wxaapi/broadcast/room/updatecomment"
APPLY = "/wxa/business/applyliveinfo"
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def with_service(wire) -> None:
    said = Contact("https://chat.example.com/tea", "", "9:00–21:00")
    await wire.runtime.db.write(ANCHOR, wire.made.shop, lambda tx: contact.set_contact(tx, said))


async def in_state(wire, state: RoomState) -> int:
    room_id = RoomId(await room(wire))
    await passed(wire.runtime.db, wire.made.shop, room_id)

    async def work(tx) -> None:
        if state not in {RoomState.SCHEDULED, RoomState.EXPIRED}:
            await go_live.start(tx, room_id)
        match state:
            case RoomState.PAUSED:
                await go_live.pause(tx, room_id)
            case RoomState.ABNORMAL:
                await service._move(tx, await locked(tx, room_id), RoomState.ABNORMAL)
            case RoomState.ENDED:
                await go_live.end(tx, room_id)
            case RoomState.BANNED:
                await service.ban(tx, room_id)
            case _:
                pass

    await wire.runtime.db.write(ANCHOR, wire.made.shop, work)
    if state is RoomState.EXPIRED:
        wire.runtime.clock.set_offset(timedelta(hours=3, seconds=1))
        await wire.runtime.db.write(ANCHOR, wire.made.shop, lambda tx: service.settle_due(tx, 10))
        await wire.sign_in()
    return room_id


async def test_listing_and_replay_are_switched_and_the_page_is_told(wire):
    room_id = await room(wire)
    await start(wire, room_id)
    before = len(await tail(wire.runtime.db, wire.made.shop, RoomId(room_id), 0))
    assert await wire.post(FEED, {"roomId": room_id, "isFeedsPublic": 0}) == OK
    assert await wire.post(FEED, {"roomId": room_id, "isFeedsPublic": "0"}) == OK
    assert await wire.post(REPLAY, {"roomId": str(room_id), "closeReplay": 0}) == OK
    info = await listed(wire, room_id)
    assert (info["is_feeds_public"], info["close_replay"]) == (0, 0)
    told = (await tail(wire.runtime.db, wire.made.shop, RoomId(room_id), 0))[before:]
    assert [one.name for one in told] == ["rooms.switches_changed"] * 2
    assert told[-1].body == {"muted": False, "close_kf": True, "close_replay": False, "is_feeds_public": False}
    for path, flag in ((FEED, "isFeedsPublic"), (REPLAY, "closeReplay"), (SERVICE, "closeKf"), (COMMENT, "banComment")):
        assert (await wire.post(path, {"roomId": 99, flag: 1}))["errcode"] == 300022
        for wrong in ({"roomId": room_id}, {"roomId": room_id, flag: 2}, {flag: 1}):
            assert (await wire.post(path, wrong))["errcode"] == 200002, (path, wrong)


async def test_customer_service_opens_only_where_there_is_one(wire):
    room_id = await room(wire)
    assert (await wire.post(SERVICE, {"roomId": room_id, "closeKf": 0}))["errcode"] == 300038
    # Typed SDKs send closeKf 0 unless told otherwise: a room is made all the same, and its page shows no entrance.
    await room(wire, closeKf=0)
    assert await wire.post(SERVICE, {"roomId": room_id, "closeKf": 1}) == OK
    await with_service(wire)
    assert await wire.post(SERVICE, {"roomId": room_id, "closeKf": 0}) == OK
    assert (await listed(wire, room_id))["close_kf"] == 0


@pytest.mark.parametrize("key", ["roomId", "id"])
async def test_a_muted_room_takes_no_word_of_a_viewer_and_staff_may_speak(wire, key):
    room_id = await room(wire)
    await start(wire, room_id)
    shop, db = wire.made.shop, wire.runtime.db
    who = await guest(db, shop)

    async def say(tx):
        return await talk.comment(tx, RoomId(room_id), text="在吗", customer_id=who, name="小林")

    assert await wire.post(COMMENT, {key: room_id, "banComment": 1}) == OK
    with pytest.raises(RoomMuted):
        await db.write(ANCHOR, shop, say)
    await db.write(
        ANCHOR, shop, lambda tx: talk.comment_as_anchor(tx, RoomId(room_id), text="欢迎", account_id=AccountId(41))
    )
    assert await wire.post(COMMENT, content=urlencode({key: room_id, "banComment": 0}).encode(), headers=FORM) == OK
    assert (await db.write(ANCHOR, shop, say)).text == "在吗"


@pytest.mark.parametrize(
    ("state", "status", "open_", "replay"),
    [
        (RoomState.LIVE, 101, True, True),
        (RoomState.SCHEDULED, 102, True, True),
        (RoomState.ENDED, 103, False, True),
        (RoomState.BANNED, 104, False, False),
        (RoomState.PAUSED, 105, True, True),
        (RoomState.ABNORMAL, 106, True, True),
        (RoomState.EXPIRED, 107, False, True),
    ],
)
async def test_the_seven_states_and_what_may_be_switched_in_each(wire, state, status, open_, replay):
    room_id = await in_state(wire, state)
    await with_service(wire)
    assert (await listed(wire, room_id))["live_status"] == status
    expected = 0 if open_ else 300023
    at = {"roomId": room_id}
    assert (await wire.post(FEED, {**at, "isFeedsPublic": 0}))["errcode"] == expected
    assert (await wire.post(SERVICE, {**at, "closeKf": 0}))["errcode"] == expected
    assert (await wire.post(COMMENT, {**at, "banComment": 1}))["errcode"] == expected
    assert (await wire.post(REPLAY, {**at, "closeReplay": 0}))["errcode"] == (0 if replay else 300023)


async def test_who_may_broadcast_applies_without_effect_and_who_may_not_is_told(wire):
    assert await wire.post(APPLY, {"action": "apply"}) == {**OK, "action": "apply"}
    for wrong in ({}, {"action": ""}, {"action": "withdraw"}):
        assert (await wire.post(APPLY, wrong))["errcode"] == 200002
    await profile(wire.runtime.db, Profile.MARKETPLACE)
    assert (await wire.post(APPLY, {"action": "apply"}))["errcode"] == 48001
