"""A scripted ffmpeg sends over RTMP to the real door, and what viewers would get is looked at."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import time
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest

from liveshelf.adapters.footage.folder import Footage
from liveshelf.adapters.reading import Reader
from liveshelf.adapters.reading.port import FixedReader
from liveshelf.entry import ingest, registry
from liveshelf.facades.video import rtmp
from liveshelf.facades.video.keeper import Keeper
from liveshelf.facades.video.studio import Studio
from liveshelf.flows import go_live, video
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.media import queries as media
from liveshelf.platform import timers
from liveshelf.platform.runtime import Runtime
from liveshelf.reviews import queries as reviews
from liveshelf.reviews.types import ReviewKind
from liveshelf.rooms import queries as rooms
from liveshelf.video import queries as streams
from tests.make.processes import Process, free_port
from tests.make.rooms import ANCHOR, live_room, tail
from tests.make.senders import FFMPEG, needs_ffmpeg, sending
from tests.make.shops import a_shop

pytestmark = [needs_ffmpeg, pytest.mark.timeout(120)]
PICTURE_S = 25  # for the first picture on a busy machine; a quiet one takes two


@dataclass
class Place:
    """A shop with an ingest process's worth in the test's own loop, and a caller of its HTTP server."""

    runtime: Runtime
    client: httpx.AsyncClient
    shop: ShopId

    async def room(self) -> RoomId:
        return await live_room(self.runtime.db, self.shop)

    async def url(self, room_id: RoomId) -> str:
        async with self.runtime.db.read(self.shop) as tx:
            return (await video.push_address(tx, self.runtime.keys, self.runtime.settings, room_id)).url

    async def playlist(self, room_id: RoomId, name: str = "live.m3u8") -> str:
        answer = await self.client.get(f"/video/{self.shop}/{room_id}/{name}")
        return answer.text if answer.status_code == 200 else ""

    async def seen(self, room_id: RoomId, *, run: int = 1, segments: int = 1, within_s: float = PICTURE_S) -> str:
        """Wait until a run's segments are in the playlist."""
        end = time.monotonic() + within_s
        while (text := await self.playlist(room_id)).count(f"\n{run}/") < segments:
            assert time.monotonic() < end, text
            await asyncio.sleep(0.2)
        return text

    async def state(self, room_id: RoomId) -> str:
        async with self.runtime.db.read(self.shop) as tx:
            found = await rooms.room(tx, room_id)
        assert found is not None
        return found.state.value

    async def becomes(self, room_id: RoomId, state: str, within_s: float = PICTURE_S) -> None:
        (lost,) = [one for one in registry.timers() if one.name == "video.lost"]
        end = time.monotonic() + within_s
        while await self.state(room_id) != state:
            assert time.monotonic() < end, await self.state(room_id)
            await timers.sweep(self.runtime.db, lost)
            await asyncio.sleep(0.2)


@pytest.fixture
def settings(settings):
    return replace(settings, rtmp_port=free_port(), frame_every_s=0)


@pytest.fixture
async def place(client, runtime):
    stop = asyncio.Event()
    running = asyncio.create_task(ingest.run(runtime, str(FFMPEG), stop))
    await listens(runtime.settings.rtmp_port)
    yield Place(runtime, client, (await a_shop(runtime.db)).shop)
    stop.set()
    await running


async def listens(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


def probed(data: bytes) -> str:
    """What ffmpeg says of a file."""
    said = subprocess.run([str(FFMPEG), "-hide_banner", "-i", "pipe:0"], input=data, capture_output=True, check=False)
    return said.stderr.decode()


async def test_a_picture_is_sent_and_seen(place: Place):
    room_id = await place.room()
    with sending(await place.url(room_id)):
        text = await place.seen(room_id, segments=3)
        lines = [line for line in text.splitlines() if line.endswith(".m4s")]
        head = (await place.client.get(f"/video/{place.shop}/{room_id}/1/init.mp4")).content
        body = (await place.client.get(f"/video/{place.shop}/{room_id}/{lines[0]}")).content
        said = probed(head + body)
        assert "h264" in said
        assert "160x90" in said
        assert "aac" in said
        async with place.runtime.db.read(place.shop) as tx:
            stream = await streams.stream(tx, room_id)
        assert stream.sending
        assert stream.kbps > 0
    told = [one.name for one in await tail(place.runtime.db, place.shop, room_id, 0)]
    assert told.count("rooms.picture_changed") == 1


async def test_two_rooms_send_through_one_port(place: Place):
    first, second = await place.room(), await place.room()
    with sending(await place.url(first)), sending(await place.url(second)):
        await asyncio.gather(place.seen(first, segments=2), place.seen(second, segments=2))


async def test_a_second_sender_is_refused_and_the_first_is_not_disturbed(place: Place):
    room_id = await place.room()
    url = await place.url(room_id)
    with sending(url) as first:
        await place.seen(room_id)
        with sending(url) as second:
            await asyncio.to_thread(second.wait, 15)
            assert second.returncode != 0
        assert first.poll() is None
        before = (await place.playlist(room_id)).count(".m4s")
        await place.seen(room_id, segments=before + 1) if before < 6 else None
        assert first.poll() is None


async def test_false_keys_are_sent_away(place: Place):
    room_id = await place.room()
    url = await place.url(room_id)
    for false in (url[:-1] + ("0" if url[-1] != "0" else "1"), url.partition("?")[0], url.replace("txSecret=", "x=")):
        with sending(false) as sender:
            await asyncio.to_thread(sender.wait, 15)
            assert sender.returncode != 0
    assert await place.playlist(room_id) == ""


async def test_a_stream_that_breaks_off_goes_on_in_the_same_recording(place: Place):
    room_id = await place.room()
    url = await place.url(room_id)
    with sending(url):
        await place.seen(room_id, segments=2)
    await place.becomes(room_id, "abnormal")
    with sending(url):
        text = await place.seen(room_id, run=2, segments=2)
        assert await place.state(room_id) == "live"
    assert "#EXT-X-DISCONTINUITY" in text
    await place.runtime.db.write(ANCHOR, place.shop, lambda tx: go_live.end(tx, room_id))
    reel = Footage(place.runtime.settings.data_dir / "video").shown(place.shop, room_id)
    assert {one.run for one in reel.segments} == {1, 2}
    ends = [one.end_ms for one in reel.segments]
    assert ends == sorted(ends)


async def test_the_end_of_a_room_is_the_end_of_its_sender(place: Place):
    room_id = await place.room()
    with sending(await place.url(room_id)) as sender:
        await place.seen(room_id)
        await place.runtime.db.write(ANCHOR, place.shop, lambda tx: go_live.end(tx, room_id))
        await asyncio.to_thread(sender.wait, 15)
    await asyncio.sleep(1.1)  # what decides is a second old at most
    assert await place.playlist(room_id) == ""


async def test_strangers_have_seconds_and_kilobytes(place: Place, monkeypatch):
    monkeypatch.setattr(rtmp, "ENTRY_S", 1.0)
    port = place.runtime.settings.rtmp_port
    for said in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x03" + b"x" * 1536 + b"y" * 1536 + b"\xff" * 5000):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        async with asyncio.timeout(10):
            while await reader.read(4096):
                pass
        writer.close()
    room_id = await place.room()
    with sending(await place.url(room_id)):
        await place.seen(room_id)


async def test_a_full_disk_stops_the_recording_and_not_the_picture(place: Place):
    room_id = await place.room()
    with sending(await place.url(room_id)):
        await place.seen(room_id)
        tight = replace(place.runtime, settings=replace(place.runtime.settings, video_free_bytes=1 << 60))
        studio = Studio(tight, str(FFMPEG))
        await Keeper(studio).round()
        assert studio.is_full
        await place.seen(room_id, segments=3)


async def test_what_is_old_goes_first_and_only_when_its_time_is_over(place: Place, clock):
    room_id = await place.room()
    with sending(await place.url(room_id)):
        await place.seen(room_id, segments=2)
    await place.becomes(room_id, "abnormal")
    held = place.runtime.need(Footage)
    tight = replace(place.runtime, settings=replace(place.runtime.settings, video_bytes=0, video_days=30))
    keeper = Keeper(Studio(tight, str(FFMPEG)))
    await keeper.round()
    assert held.reel(place.shop, room_id).segments, "its thirty days are not over"
    clock.set_offset(timedelta(days=31))
    await keeper.round()
    assert not held.reel(place.shop, room_id).segments
    async with place.runtime.db.read(place.shop) as tx:
        assert (await streams.stream(tx, room_id)).removed_at is not None


@pytest.mark.feature("L-601", half=True)
async def test_a_frame_with_contact_details_joins_the_queue_while_live(client, runtime):
    runtime = replace(runtime, settings=replace(runtime.settings, frame_every_s=1))
    runtime.provide(Reader, FixedReader("加微信 tea_2026a"))
    stop = asyncio.Event()
    running = asyncio.create_task(ingest.run(runtime, str(FFMPEG), stop))
    await listens(runtime.settings.rtmp_port)
    place = Place(runtime, client, (await a_shop(runtime.db)).shop)
    room_id = await place.room()
    with sending(await place.url(room_id)):
        await place.seen(room_id, segments=2)
        end = time.monotonic() + PICTURE_S
        while True:
            async with runtime.db.read(place.shop) as tx:
                found = await reviews.of_shop(tx, kind=ReviewKind.FRAME, limit=10)
            if found.items:
                break
            assert time.monotonic() < end
            await asyncio.sleep(0.2)
    stop.set()
    await running
    (case,) = found.items
    assert (case.kind, case.content.facts["room_id"]) == (ReviewKind.FRAME, room_id)
    async with runtime.db.read(place.shop) as tx:
        kept = await media.media(tx, case.content.pictures[0])
    assert kept is not None
    assert kept.width == 540


async def test_a_killed_process_comes_back_and_the_recording_goes_on(client, runtime):
    process = Process("ingest", runtime.settings, free_port())
    try:
        await listens(runtime.settings.rtmp_port)
        place = Place(runtime, client, (await a_shop(runtime.db)).shop)
        room_id = await place.room()
        url = await place.url(room_id)
        with sending(url) as sender:
            await place.seen(room_id, segments=2)
            process.kill()
            await asyncio.to_thread(sender.wait, 15)
            process.start()
            await listens(runtime.settings.rtmp_port)
        with sending(url):
            await place.seen(room_id, run=2, segments=2)
        assert await place.state(room_id) == "live"
        reel = Footage(runtime.settings.data_dir / "video").shown(place.shop, room_id)
        numbers = [one.number for one in reel.segments if one.run == 1]
        assert numbers == list(range(len(numbers))), "also what was cut after the process had died"
    finally:
        process.kill()
