"""Outside media servers: the same contract for each dialect, by its simulator."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from liveshelf.entry import registry
from liveshelf.flows import go_live, video
from liveshelf.platform import timers
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import queries as rooms
from tests.make.media_servers import DIALECTS, callback
from tests.make.rooms import ANCHOR, live_room
from tests.make.shops import a_shop

SECRET = "s" * 40
(LOST,) = [one for one in registry.timers() if one.name == "video.lost"]


@pytest.fixture
def settings(settings):
    outside = "https://media.example.com/live/{shop}-{room}.m3u8"
    return replace(settings, media_server_secret=SECRET, outside_playback=outside)


@pytest.fixture
async def shop(db):
    return (await a_shop(db)).shop


async def told(client: httpx.AsyncClient, dialect: str, what: str, key: str, *, secret: str = SECRET) -> int:
    body, kind = callback(dialect, what, key)
    answer = await client.post(f"/v1/media-servers/{dialect}/{secret}", content=body, headers={"content-type": kind})
    assert answer.status_code != 200 or answer.json() == {"code": 0}
    return answer.status_code


async def key_of(runtime: Runtime, shop, room_id) -> str:
    async with runtime.db.read(shop) as tx:
        return (await video.push_address(tx, runtime.keys, runtime.settings, room_id)).key


async def state(runtime: Runtime, shop, room_id) -> tuple[str, bool]:
    async with runtime.db.read(shop) as tx:
        found = await rooms.room(tx, room_id)
    assert found is not None
    return found.state.value, found.has_picture


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_sender_is_let_in_with_a_true_key_only(client, runtime, shop, dialect):
    room_id = await live_room(runtime.db, shop)
    key = await key_of(runtime, shop, room_id)
    assert await told(client, dialect, "begins", key[:-1] + "!") == 403
    assert await told(client, dialect, "begins", key.partition("?")[0]) == 403
    assert await state(runtime, shop, room_id) == ("live", False)
    assert await told(client, dialect, "begins", key) == 200
    assert await state(runtime, shop, room_id) == ("live", True)
    page = (await client.get(f"/v1/storefront/{shop}/rooms/{room_id}")).json()
    assert page["video_url"] == f"https://media.example.com/live/{shop}-{room_id}.m3u8"
    assert "https://media.example.com" in (await client.get("/v1/system")).headers["content-security-policy"]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_sender_that_is_gone_is_waited_for_and_then_missed(client, runtime, shop, dialect):
    room_id = await live_room(runtime.db, shop)
    key = await key_of(runtime, shop, room_id)
    await told(client, dialect, "begins", key)
    assert await timers.sweep(runtime.db, LOST) == 0, "its silence means nothing: it never speaks"
    assert await told(client, dialect, "ends", key) == 200
    assert await state(runtime, shop, room_id) == ("live", True)
    async with runtime.db.engine.begin() as conn:
        await conn.exec_driver_sql("UPDATE video_streams SET due_at = due_at - interval '5 seconds'")
    assert await timers.sweep(runtime.db, LOST) == 1
    assert await state(runtime, shop, room_id) == ("abnormal", True)
    assert await told(client, dialect, "begins", key) == 200
    assert await state(runtime, shop, room_id) == ("live", True)


async def test_nginx_asks_again_and_hears_of_the_end(client, runtime, shop):
    room_id = await live_room(runtime.db, shop)
    key = await key_of(runtime, shop, room_id)
    await told(client, "nginx-rtmp", "begins", key)
    assert await told(client, "nginx-rtmp", "goes_on", key) == 200
    await runtime.db.write(ANCHOR, shop, lambda tx: go_live.end(tx, room_id))
    assert await told(client, "nginx-rtmp", "goes_on", key) == 409
    assert await told(client, "nginx-rtmp", "begins", key) == 409


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_whoever_does_not_know_the_secret_hears_nothing(client, runtime, shop, dialect):
    room_id = await live_room(runtime.db, shop)
    key = await key_of(runtime, shop, room_id)
    assert await told(client, dialect, "begins", key, secret="x" * 40) == 404
    assert await state(runtime, shop, room_id) == ("live", False)
    url = f"/v1/media-servers/{dialect}/{SECRET}"
    for body in (b"", b"\xff\xfe", b"[]", b'{"action": 7}', b"{" * 1000):
        assert (await client.post(url, content=body)).status_code in {200, 403, 404}
    assert (await client.post(url, content=b"x" * (1 << 20))).status_code == 413
    assert (await client.post(f"/v1/media-servers/other/{SECRET}", content=b"{}")).status_code == 404
    assert await state(runtime, shop, room_id) == ("live", False)
