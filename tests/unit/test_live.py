"""The parts of a hall: the ring, one page's queue, and pacing."""

from __future__ import annotations

import asyncio
import json

import pytest

from liveshelf.facades.live import frames
from liveshelf.facades.live.frames import PING, Frame, Ring
from liveshelf.facades.live.pace import Paced
from liveshelf.facades.live.viewer import TALK_MAX, WAITING_MAX, Viewer
from liveshelf.rooms.messages import RING, StockItem
from tests.make.gateways import eventually


def numbered(seq: int) -> Frame:
    return Frame("room", b'{"seq":%d}' % seq, seq)


def ring(first: int, last: int) -> Ring:
    made = Ring(first - 1)
    for seq in range(first, last + 1):
        made.add(seq, numbered(seq))
    return made


@pytest.mark.parametrize(
    ("since", "missed"),
    [(9, []), (8, [9]), (4, [5, 6, 7, 8, 9]), (3, None), (0, None), (10, None), (2**62, None)],
)
def test_the_ring_gives_what_is_missing_or_says_that_it_can_not(since, missed):
    found = ring(5, 9).since(since)
    assert (None if found is None else [json.loads(one.data)["seq"] for one in found]) == missed


def test_the_ring_is_bounded_and_an_empty_one_knows_only_its_number():
    full = ring(1, RING + 10)
    assert full.since(9) is None
    assert len(full.since(10) or ()) == RING
    assert Ring(7).since(7) == []
    assert Ring(7).since(6) is None


def test_a_frame_is_the_same_message_on_both_transports():
    frame = numbered(4)
    assert frame.sse == b'event: room\nid: 4\ndata: {"seq":4}\n\n'
    assert json.loads(frame.ws) == {"event": "room", "data": {"seq": 4}}
    assert PING.sse == b": ping\n\n"


async def taken(viewer: Viewer) -> list[str]:
    return [frame.event for frame in await viewer.next() or ()]


async def test_a_page_that_falls_behind_is_told_to_resync_and_then_let_go():
    viewer = Viewer("c1", "buyer", "")
    for seq in range(WAITING_MAX + 1):
        viewer.tell(numbered(seq))
    assert await taken(viewer) == ["resync", "room"]
    for seq in range(2 * WAITING_MAX):
        viewer.tell(numbered(seq))
    assert viewer.closed
    assert await viewer.next() is None


async def test_a_greeting_with_a_whole_ring_is_not_too_much():
    viewer = Viewer("c1", "buyer", "")
    viewer.greet([frames.hello(RING, resumed=True), *(numbered(seq) for seq in range(RING))])
    assert (await taken(viewer))[0] == "hello"


async def test_talk_drops_its_oldest_and_never_what_must_be_told():
    viewer = Viewer("c1", "buyer", "")
    viewer.tell(numbered(1))
    said = [Frame("comments", b"%d" % n) for n in range(TALK_MAX + 9)]
    for frame in said:
        viewer.say(frame)
    viewer.hide(["7"])
    viewer.hide(["8"])
    got = await viewer.next() or []
    assert got[0].event == "room"
    assert got[1:-1] == said[9:]
    assert json.loads(got[-1].data) == {"items": [], "hidden": ["7", "8"]}


async def test_waiting_stock_is_merged_and_the_latest_counts_win():
    viewer = Viewer("c1", "buyer", "")
    old, new, other = StockItem(1, 5, 0, 1), StockItem(1, 4, 1, 2), StockItem(2, 9, 0, 1)
    shared = frames.stock([old])
    viewer.stock([old], shared)
    assert await viewer.next() == [shared]
    viewer.stock([old, other], frames.stock([old, other]))
    viewer.stock([new], frames.stock([new]))
    viewer.likes(frames.likes(1))
    viewer.likes(frames.likes(2))
    viewer.viewers(frames.viewers(3))
    merged, likes, viewers = await viewer.next() or []
    assert {item["goods_id"]: item["version"] for item in json.loads(merged.data)["items"]} == {1: 2, 2: 1}
    assert (json.loads(likes.data), json.loads(viewers.data)) == ({"count": 2}, {"count": 3})


async def test_a_ping_is_sent_only_when_nothing_else_is():
    viewer = Viewer("c1", "buyer", "")
    viewer.ping()
    assert await viewer.next() == [PING]
    viewer.ping()
    viewer.tell(numbered(1))
    assert await taken(viewer) == ["room"]


async def test_a_finished_stream_says_its_last_word_first():
    viewer = Viewer("c1", "buyer", "")
    viewer.tell(numbered(1))
    viewer.finish()
    assert await taken(viewer) == ["room"]
    assert await viewer.next() is None


async def test_paced_work_runs_after_every_nudge_but_not_for_every_nudge():
    runs = 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            paced.nudge()

    paced = Paced(work, every_s=0.3)
    for _ in range(10):
        paced.nudge()
    await asyncio.sleep(0.02)
    assert runs == 1
    await asyncio.sleep(0.5)
    assert runs == 2


async def test_paced_work_that_fails_is_done_again(monkeypatch):
    monkeypatch.setattr("liveshelf.facades.live.pace._RETRY_S", 0.02)
    runs: list[int] = []

    async def work() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise RuntimeError

    paced = Paced(work, every_s=0.0)
    paced.nudge()
    await eventually(lambda: len(runs) == 2)
    paced.nudge()
    paced.stop()
