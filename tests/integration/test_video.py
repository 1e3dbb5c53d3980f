"""Push keys, and what a picture does to its room: everything about pictures that needs no picture."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from liveshelf.accounts import service as accounts
from liveshelf.accounts.types import Role
from liveshelf.adapters.footage.folder import Footage
from liveshelf.adapters.footage.types import Segment
from liveshelf.entry import registry
from liveshelf.flows import go_live, replay, video
from liveshelf.flows.replay import ClipState
from liveshelf.goods.types import AuditState
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, RoomId
from liveshelf.platform import timers
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.qualifications import reach
from liveshelf.qualifications.categories import tree
from liveshelf.rooms import picture
from liveshelf.rooms import queries as room_queries
from liveshelf.rooms import service as rooms
from liveshelf.video import keys as push_keys
from liveshelf.video import queries, service
from liveshelf.video.errors import AlreadySending, BroadcastOver, PushKeyExpired, PushKeyRefused
from liveshelf.video.types import LOST_AFTER, Figures
from tests.make.accounts import account, bearer, staff_session
from tests.make.goods import goods_in
from tests.make.rooms import ANCHOR, live_room, room, tail
from tests.make.shops import a_shop

(LOST,) = [one for one in registry.timers() if one.name == "video.lost"]


def figures(**changes) -> Figures:
    values = {"kbps": 800, "frames_per_10_s": 250, "keyframe_every_ms": 1000, "recorded_ms": 5000}
    return Figures(**{**values, "recorded_bytes": 500_000, "is_halted": False, "is_seen": True, **changes})


@pytest.fixture
async def shop(db):
    return (await a_shop(db)).shop


async def address(runtime, shop, room_id):
    async with runtime.db.read(shop) as tx:
        return await video.push_address(tx, runtime.keys, runtime.settings, room_id)


async def admitted(runtime, key: str, ingest: str = "one"):
    return await video.admit(runtime, push_keys.shown(key), ingest=ingest)


async def beat(runtime, taken, **changes):
    work = lambda tx: video.beat(tx, taken.room_id, hold=taken.hold, figures=figures(**changes))  # noqa: E731
    return await runtime.db.write(video.INGEST, taken.shop, work)


async def ended(runtime, taken, *, deliberately: bool):
    work = lambda tx: video.ended(tx, taken.room_id, hold=taken.hold, deliberately=deliberately)  # noqa: E731
    await runtime.db.write(video.INGEST, taken.shop, work)


async def state(runtime, shop, room_id) -> str:
    async with runtime.db.read(shop) as tx:
        found = await room_queries.room(tx, room_id)
    assert found is not None
    return found.state.value


async def test_the_address_is_the_same_until_it_is_renewed(runtime, shop):
    room_id = await room(runtime.db, shop)
    first, again = await address(runtime, shop, room_id), await address(runtime, shop, room_id)
    assert first == again
    assert first.server == "rtmp://127.0.0.1:1935/live"
    name, query = first.key.split("?")
    assert name == f"{shop}-{room_id}"
    assert set(parse_qs(query)) == {"txSecret", "txTime"}
    assert first.url == f"{first.server}/{first.key}"
    await runtime.db.write(ANCHOR, shop, lambda tx: video.renew_push_key(tx, room_id))
    assert (await address(runtime, shop, room_id)).key != first.key
    with pytest.raises(PushKeyRefused):
        await admitted(runtime, first.key)
    assert (await admitted(runtime, (await address(runtime, shop, room_id)).key)).hold.run == 1


async def test_a_key_opens_its_own_room_until_the_second_it_ends(runtime, shop, db, clock):
    other = (await a_shop(db, "别家")).shop
    room_id, second = await room(db, shop), await room(db, shop)
    theirs = await room(db, other)
    made = await address(runtime, shop, room_id)
    _, query = made.key.split("?")
    secret, time = parse_qs(query)["txSecret"][0], parse_qs(query)["txTime"][0]
    forged = [
        f"{shop}-{second}?{query}",
        f"{other}-{theirs}?{query}",
        f"{shop}-{room_id}?txSecret={'0' * 32}&txTime={time}",
        f"{shop}-{room_id}?txSecret={secret}&txTime={int(time, 16) + 3600:X}",
        f"{shop}-{room_id}?txTime={time}",
        f"{shop}-{room_id}",
        f"{shop}-999?{query}",
        f"999999-{room_id}?{query}",
        f"../../{room_id}?{query}",
        f"{shop}-{room_id}?txSecret={secret}&txTime=zz",
        f"99999999999-{room_id}?{query}",
        "",
    ]
    for key in forged:
        with pytest.raises(PushKeyRefused):
            await admitted(runtime, key)
    async with db.read(shop) as tx:
        now = tx.now
    clock.set_offset(made.expires_at - now - timedelta(seconds=3))
    assert (await admitted(runtime, made.key)).room_id == room_id
    clock.set_offset(made.expires_at - now + timedelta(seconds=1))
    with pytest.raises(PushKeyExpired):
        await admitted(runtime, made.key, "another")


async def test_rooms_that_are_over_take_nothing(runtime, shop):
    room_id = await live_room(runtime.db, shop)
    made = await address(runtime, shop, room_id)
    taken = await admitted(runtime, made.key)
    assert (await beat(runtime, taken)).goes_on
    await runtime.db.write(ANCHOR, shop, lambda tx: go_live.end(tx, room_id))
    assert not (await beat(runtime, taken)).goes_on
    with pytest.raises(BroadcastOver):
        await admitted(runtime, made.key, "another")
    with pytest.raises(BroadcastOver):
        await address(runtime, shop, room_id)
    await runtime.db.write(ANCHOR, shop, lambda tx: rooms.delete(tx, room_id))
    with pytest.raises(PushKeyRefused):
        await admitted(runtime, made.key, "another")


async def test_of_many_senders_one_is_let_in(runtime, shop):
    made = await address(runtime, shop, await live_room(runtime.db, shop))
    tries = [admitted(runtime, made.key, f"process {n}") for n in range(8)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in found) == 1
    assert sum(isinstance(one, AlreadySending) for one in found) == 7


async def test_a_new_key_cuts_off_whoever_sends(runtime, shop):
    room_id = await live_room(runtime.db, shop)
    taken = await admitted(runtime, (await address(runtime, shop, room_id)).key)
    await runtime.db.write(ANCHOR, shop, lambda tx: video.renew_push_key(tx, room_id))
    assert not (await beat(runtime, taken)).goes_on
    fresh = await admitted(runtime, (await address(runtime, shop, room_id)).key, "two")
    assert (await beat(runtime, fresh)).goes_on
    assert not (await beat(runtime, taken)).goes_on


async def test_a_picture_comes_breaks_off_and_comes_back_in_numbered_steps(runtime, shop):
    room_id = await live_room(runtime.db, shop)
    key = (await address(runtime, shop, room_id)).key
    taken = await admitted(runtime, key)
    assert (await beat(runtime, taken, is_seen=False)).is_live
    assert (await tail(runtime.db, shop, room_id, 0))[-1].name == "rooms.state_changed", "nothing is to be seen yet"
    await beat(runtime, taken)
    await beat(runtime, taken)
    await ended(runtime, taken, deliberately=False)
    assert await timers.sweep(runtime.db, LOST) == 0
    assert await state(runtime, shop, room_id) == "live", "some seconds are waited"
    await pass_(runtime, shop, room_id)
    assert await timers.sweep(runtime.db, LOST) == 1
    assert await state(runtime, shop, room_id) == "abnormal"
    assert await timers.sweep(runtime.db, LOST) == 0
    again = await admitted(runtime, key)
    assert again.hold.run == 2
    await beat(runtime, again, is_seen=False)
    assert await state(runtime, shop, room_id) == "abnormal"
    await beat(runtime, again)
    assert await state(runtime, shop, room_id) == "live"
    told = [(one.name.partition(".")[2], one.body) for one in await tail(runtime.db, shop, room_id, 0)]
    assert told == [
        ("state_changed", {"state": "live"}),
        ("picture_changed", {"has_picture": True}),
        ("state_changed", {"state": "abnormal"}),
        ("state_changed", {"state": "live"}),
    ]


async def pass_(runtime, shop, room_id) -> None:
    """As if the seconds of waiting were over: wall time is not the test's to move."""
    async with runtime.db.engine.begin() as conn:
        await conn.exec_driver_sql(
            f"UPDATE video_streams SET due_at = due_at - interval '{LOST_AFTER.total_seconds()} seconds'"
            f" WHERE shop_id = {shop} AND room_id = {room_id}"
        )


async def test_a_process_that_died_is_noticed_and_its_sender_may_come_again(runtime, shop):
    room_id = await live_room(runtime.db, shop)
    key = (await address(runtime, shop, room_id)).key
    taken = await admitted(runtime, key, "dead")
    await beat(runtime, taken)
    with pytest.raises(AlreadySending):
        await admitted(runtime, key, "new")
    await pass_(runtime, shop, room_id)
    assert await timers.sweep(runtime.db, LOST) == 1
    assert await state(runtime, shop, room_id) == "abnormal"
    # It had not died: only the database was away. The hold is taken again, and the room is live.
    assert (await beat(runtime, taken)).is_live
    async with runtime.db.read() as tx:
        assert await queries.held_by(tx, "dead") == [(shop, room_id, 1)]
    await runtime.db.write(video.INGEST, shop, lambda tx: service.let_all_go(tx, "dead"))
    again = await admitted(runtime, key, "dead")
    assert again.hold.run == 2
    assert not (await beat(runtime, taken)).goes_on, "another run has begun"


async def test_who_stops_on_purpose_pauses_and_comes_back(runtime, shop):
    room_id = await live_room(runtime.db, shop)
    key = (await address(runtime, shop, room_id)).key
    taken = await admitted(runtime, key)
    await beat(runtime, taken)
    await ended(runtime, taken, deliberately=True)
    assert await state(runtime, shop, room_id) == "paused"
    await pass_(runtime, shop, room_id)
    assert await timers.sweep(runtime.db, LOST) == 0
    again = await admitted(runtime, key)
    await beat(runtime, again)
    assert await state(runtime, shop, room_id) == "live"
    await runtime.db.write(ANCHOR, shop, lambda tx: go_live.pause(tx, room_id))
    await ended(runtime, again, deliberately=True)
    third = await admitted(runtime, key)
    assert not (await beat(runtime, third)).is_live, "a person's pause is a person's to end"
    assert await state(runtime, shop, room_id) == "paused"


async def test_a_room_without_a_picture_is_left_alone(runtime, shop):
    room_id = await live_room(runtime.db, shop)
    assert await timers.sweep(runtime.db, LOST) == 0
    assert await state(runtime, shop, room_id) == "live"


async def test_the_console_shows_the_address_to_those_who_run_the_room(client, runtime, shop):
    room_id = await live_room(runtime.db, shop)
    owner = bearer(await staff_session(runtime, shop))
    url = f"/v1/shops/{shop}/rooms/{room_id}/video"
    seen = (await client.get(url, headers=owner)).json()
    assert (seen["is_sending"], seen["delay_s"], seen["recorded_s"]) == (False, 0, 0)
    told = (await client.get(f"{url}/push-address", headers=owner)).json()
    assert told["url"] == f"{told['server']}/{told['key']}"
    answers = [
        (await client.post(f"{url}/push-address/renew", json={"request_id": "n1"}, headers=owner)).json()
        for _ in range(2)
    ]
    assert answers[0]["key"] == answers[1]["key"] != told["key"], "the same request makes one new key"
    analyst = bearer(await staff_session(runtime, shop, Role.ANALYST))
    assert (await client.get(f"{url}/push-address", headers=analyst)).status_code == 403
    for delay, status in ((30, 200), (31, 422), (-1, 422)):
        answer = await client.put(f"{url}/delay", json={"delay_s": delay}, headers=owner)
        assert answer.status_code == status
    assert (await client.get(url, headers=owner)).json()["delay_s"] == 30
    missing = await client.get(f"/v1/shops/{shop}/rooms/999/video/push-address", headers=owner)
    assert missing.json()["code"] == "rooms.missing"


# The room's footage without a sender: files as a cutter leaves them.
def footage(runtime, shop, room_id, segments: list[Segment]) -> None:
    held = Footage(runtime.settings.data_dir / "video")
    for run in {one.run for one in segments}:
        folder = held.run(shop, room_id, run)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "init.mp4").write_bytes(b"head")
    for one in segments:
        (held.room(shop, room_id) / one.name).write_bytes(b"segment")
    held.add(shop, room_id, segments)


def seconds_ago(*ago: float, **changes) -> list[Segment]:
    now = int(wall_now().timestamp() * 1000)
    first = changes.pop("first", 0)
    return [
        Segment(1, first + at, now - int(one * 1000), 1000, 7, **changes) for at, one in enumerate(sorted(ago)[::-1])
    ]


async def agents_session(runtime, shop) -> tuple[str, int]:
    """A session token of somebody of a provider that the shop authorised, and the provider."""
    account_id = await account(runtime, "agent")

    async def join(tx: Tx) -> tuple[str, int]:
        provider_id = await reach.add_provider(tx, "青禾代运营", official=True)
        await reach.join_provider(tx, provider_id, account_id)
        return await accounts.start_session(tx, account_id), provider_id

    token, provider_id = await runtime.db.write(SYSTEM, PLATFORM, join)
    await runtime.db.write(SYSTEM, shop, lambda tx: reach.grant(tx, provider_id, [tree().roots[0].code]))
    return token, provider_id


async def test_what_may_not_be_seen_is_not_there(client, runtime, shop):
    room_id = await room(runtime.db, shop)
    owner = bearer(await staff_session(runtime, shop))
    footage(runtime, shop, room_id, seconds_ago(9, 8, is_shown=False))
    base = f"/video/{shop}/{room_id}"
    assert (await client.get(f"{base}/live.m3u8")).status_code == 404, "before the start"
    watch = (await client.get(f"/v1/shops/{shop}/rooms/{room_id}/video", headers=owner)).json()["watch_url"]
    seen = await client.get(watch)
    assert seen.status_code == 200, seen.text
    assert seen.headers["cache-control"] == "private, no-store"
    ours = watch.removesuffix("live.m3u8")
    assert (await client.get(f"{ours}1/0.m4s")).content == b"segment"
    assert (await client.get(watch.replace(f"/{room_id}/k/", f"/{room_id + 1}/k/"))).status_code == 403
    assert (await client.get(watch.replace("/k/", "/k/A"))).status_code == 403

    agent, provider_id = await agents_session(runtime, shop)
    leaving = bearer(await staff_session(runtime, shop, Role.OPERATOR))
    lost = [
        (await client.get(f"/v1/shops/{shop}/rooms/{room_id}/video", headers=who)).json()["watch_url"]
        for who in (leaving, bearer(agent))
    ]
    assert [(await client.get(link)).status_code for link in lost] == [200, 200]
    assert (await client.delete("/v1/session", headers=leaving)).status_code == 204
    await runtime.db.write(SYSTEM, shop, lambda tx: reach.revoke(tx, provider_id))

    await runtime.db.write(ANCHOR, shop, lambda tx: go_live.start(tx, room_id))
    await runtime.db.write(ANCHOR, shop, lambda tx: video.set_delay(tx, room_id, 3))
    footage(runtime, shop, room_id, seconds_ago(7, 6, 5, 4, 3, 2, first=2))
    await asyncio.sleep(1.1)  # what decides is a second old at most
    assert (await client.get(watch)).status_code == 200
    ended = [(await client.get(link)).status_code for link in lost]
    assert ended == [403, 403], "with the session that a link was made for, and with the reach"
    live = await client.get(f"{base}/live.m3u8")
    assert live.status_code == 200
    assert live.headers["cache-control"] == "public, max-age=1"
    assert live.headers["access-control-allow-origin"] == "*"
    listed = [line for line in live.text.splitlines() if line.endswith(".m4s")]
    assert listed[0] == "1/2.m4s", "what came before the start is not public"
    assert "1/7.m4s" not in listed, "and what is younger than the delay not yet"
    good = await client.get(f"{base}/1/2.m4s")
    assert good.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (good.status_code, good.content) == (200, b"segment")
    assert (await client.get(f"{base}/1/init.mp4")).content == b"head"
    for hidden in ("1/0.m4s", "1/7.m4s", "1/99.m4s", "2/0.m4s", "2/init.mp4", "list", "1/cut.m3u8", "../list", "1/"):
        assert (await client.get(f"{base}/{hidden}")).status_code == 404, hidden
    assert (await client.get(f"{base}/replay.m3u8")).status_code == 404
    assert (await client.post(f"{base}/live.m3u8")).status_code == 405
    assert (await client.head(f"{base}/live.m3u8")).content == b""

    await runtime.db.write(ANCHOR, shop, lambda tx: rooms.ban(tx, room_id))
    await asyncio.sleep(1.1)
    for gone in ("live.m3u8", "1/2.m4s", "1/init.mp4"):
        assert (await client.get(f"{base}/{gone}")).status_code == 404


async def test_a_pause_hides_the_picture(client, runtime, shop):
    room_id = await live_room(runtime.db, shop)
    footage(runtime, shop, room_id, seconds_ago(5, 4, 3))
    assert (await client.get(f"/video/{shop}/{room_id}/live.m3u8")).status_code == 200
    await runtime.db.write(ANCHOR, shop, lambda tx: go_live.pause(tx, room_id))
    await asyncio.sleep(1.1)
    assert (await client.get(f"/video/{shop}/{room_id}/live.m3u8")).status_code == 404


async def test_a_clip_is_cut_at_the_push_marks(client, runtime, shop, db, clock):
    cards = [(await goods_in(db, shop, AuditState.APPROVED, name=name)).goods_id for name in ("茶盏", "茶壶", "茶巾")]
    room_id = await live_room(db, shop, cards)
    held = Footage(runtime.settings.data_dir / "video")

    async def clip(goods_id):
        async with db.read(shop) as tx:
            return await replay.clip(tx, held, RoomId(room_id), goods_id)

    assert (await clip(cards[0])).state is ClipState.NONE

    async def command(work, after_s: float):
        await db.write(ANCHOR, shop, work)
        clock.set_offset(clock.now() - wall_now() + timedelta(seconds=after_s))

    began = clock.now()
    await command(lambda tx: picture.came(tx, room_id), 10)
    await command(lambda tx: rooms.push(tx, room_id, cards[0]), 10)
    assert (await clip(cards[0])).state is ClipState.PENDING
    await command(lambda tx: rooms.push(tx, room_id, cards[1]), 10)
    assert (await clip(cards[0])).state is ClipState.FAILED, "of this nothing was kept"
    first_ms = int(began.timestamp() * 1000)
    footage(runtime, shop, room_id, [Segment(1, n, first_ms + n * 1000, 1000, 7) for n in range(28)])
    found = await clip(cards[0])
    assert found.state is ClipState.READY
    assert round((found.from_ms - first_ms) / 1000) == 10
    assert round((found.to_ms - first_ms) / 1000) == 20
    assert (await clip(cards[1])).state is ClipState.PENDING
    assert (await clip(cards[2])).state is ClipState.NONE
    await command(lambda tx: go_live.end(tx, room_id), 1)
    assert (await clip(cards[1])).state is ClipState.READY
    async with db.read(shop) as tx:
        assert [one.goods_id for one in await replay.marks(tx, RoomId(room_id))] == cards[:2]
