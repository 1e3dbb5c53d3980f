"""The picture of a room over the wire: push address, replay, and clips."""

from __future__ import annotations

import json
from datetime import timedelta

from py_wechat_tools import MPTools

from liveshelf.adapters.footage.folder import Footage
from liveshelf.adapters.footage.types import Segment
from liveshelf.flows import go_live, video
from liveshelf.kernel.ids import GoodsId, RoomId
from liveshelf.platform.clock import wall_now
from liveshelf.rooms import picture, service
from liveshelf.video import keys
from liveshelf.video.types import Stream
from tests.contract.test_wire_rooms import LIST, goods, room, start
from tests.contract.test_wire_sdks import outside, run
from tests.integration.test_video import footage
from tests.make.rooms import ANCHOR, live_room
from tests.make.rooms import room as planned

__all__ = ["outside"]  # the fixture

PUSH_URL = "/wxaapi/broadcast/room/getpushurl"
CLIP = "/wxaapi/broadcast/goods/getVideo"


def with_footage(wire) -> Footage:
    held = Footage(wire.runtime.settings.data_dir / "video")
    wire.runtime.provide(Footage, held)
    return held


async def test_the_push_address_is_signed_ends_and_stays_the_same(wire):
    room_id = await room(wire, type=1)
    answer = await wire.get(PUSH_URL, {"roomId": room_id})
    assert answer["errcode"] == 0
    address = answer["pushAddr"]
    assert address.startswith("rtmp://")
    assert "txSecret=" in address
    assert "txTime=" in address
    assert (await wire.get(PUSH_URL, {"roomId": room_id}))["pushAddr"] == address
    # The newest documents put the number into the body of the GET.
    sent = await wire.client.request(
        "GET", PUSH_URL, params={"access_token": wire.token}, content=json.dumps({"roomId": room_id})
    )
    assert sent.json()["pushAddr"] == address
    assert (await wire.post(PUSH_URL, {"roomId": room_id}))["errcode"] == 43001
    assert (await wire.get(PUSH_URL, {"roomId": 99}))["errcode"] == 300022
    assert (await wire.get(PUSH_URL, {}))["errcode"] == 200002
    await start(wire, room_id)
    await wire.runtime.db.write(ANCHOR, wire.made.shop, lambda tx: go_live.end(tx, RoomId(room_id)))
    assert (await wire.get(PUSH_URL, {"roomId": room_id}))["errcode"] == 300023


async def test_a_clip_says_whether_it_is_there_yet(wire, runtime, clock):
    with_footage(wire)
    db, shop = runtime.db, wire.made.shop
    first, second = [GoodsId(one) for one in await goods(wire, 2)]
    room_id = await live_room(db, shop, [first, second])
    at = {"roomId": room_id, "goodsId": first}

    async def command(work, after_s: float) -> None:
        await db.write(ANCHOR, shop, work)
        clock.set_offset(clock.now() - wall_now() + timedelta(seconds=after_s))

    assert (await wire.post(CLIP, at))["errcode"] == 300044
    began = clock.now()
    await command(lambda tx: picture.came(tx, room_id), 10)
    await command(lambda tx: service.push(tx, room_id, first), 10)
    assert (await wire.post(CLIP, at))["errcode"] == 300045
    await command(lambda tx: service.unpush(tx, room_id), 10)
    assert (await wire.post(CLIP, at))["errcode"] == 300046
    first_ms = int(began.timestamp() * 1000)
    footage(runtime, shop, room_id, [Segment(1, n, first_ms + n * 1000, 1000, 7) for n in range(40)])
    answer = await wire.post(CLIP, at)
    assert answer["errcode"] == 0, answer
    _, _, passed, name = answer["url"].rsplit("/", 3)
    assert name == f"clip-{first}.m3u8"
    keys.check_pass(runtime.keys, passed, shop=shop, room_id=room_id)
    assert (await wire.post(CLIP, {**at, "goodsId": second}))["errcode"] == 300044
    assert (await wire.post(CLIP, {**at, "goodsId": 99}))["errcode"] == 300024
    assert (await wire.post(CLIP, {**at, "roomId": 99}))["errcode"] == 300022
    assert (await wire.post(CLIP, {"roomId": room_id}))["errcode"] == 200002
    await db.write(ANCHOR, shop, lambda tx: service.ban(tx, room_id))
    assert (await wire.post(CLIP, at))["errcode"] == 300023


async def test_a_replay_is_told_once_everybody_may_see_it(wire, monkeypatch):
    room_id = await room(wire)
    asked = {"action": "get_replay", "room_id": room_id, "start": 0, "limit": 10}
    assert (await wire.post(LIST, asked))["live_replay"] == []
    ended = wire.runtime.clock.now()

    async def opened(_tx, _room_id):
        return video.Viewing(is_seen=False, delay_s=0, started_at=ended, ended_at=ended, recording="1-59")

    async def recorded(_tx, room_id):
        return Stream(room_id, recorded_ms=60_000)

    monkeypatch.setattr("liveshelf.facades.wechat.picture.video.viewing", opened)
    monkeypatch.setattr("liveshelf.facades.wechat.picture.pictures.stream", recorded)
    answer = await wire.post(LIST, asked)
    (shown,) = answer["live_replay"]
    assert (answer["total"], answer["room_info"]) == (1, [])
    assert shown["media_url"].endswith(f"/video/{wire.made.shop}/{room_id}/replay.m3u8")
    assert all(isinstance(shown[name], str) and "T" in shown[name] for name in ("create_time", "expire_time"))


async def test_py_wechat_tools_gets_the_push_address_and_the_replays(outside, runtime):
    made = outside.made
    room_id = await planned(runtime.db, made.shop)
    typed = MPTools(made.appid, made.secret)
    assert (await run(lambda: typed.get_push_url(room_id))).pushAddr.startswith("rtmp://")
    assert (await run(lambda: typed.get_live_info(page=1, limit=10, room_id=room_id))).errcode in {0, 9410000}
