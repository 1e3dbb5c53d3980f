"""Rehearsals: who may ask for one and when, what becomes of it whatever dies, and how the room itself stands."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.checklists import service as checklists
from liveshelf.flows import go_live, rehearse, video
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rehearsals import queries, service
from liveshelf.rehearsals.errors import (
    RehearsalInvalid,
    RehearsalRuns,
    RehearsalsOff,
    RehearsalTooLate,
    SomebodyOnAir,
)
from liveshelf.rehearsals.types import (
    Area,
    Check,
    Code,
    Failure,
    Outcome,
    Rehearsal,
    RehearsalState,
    Report,
    Step,
    Wish,
)
from liveshelf.rooms import plans, presence, talk
from liveshelf.rooms import service as rooms
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.plans import GoodsPlan
from liveshelf.video import keys as push_keys
from liveshelf.video.types import Figures
from tests.make.accounts import bearer, staff_session
from tests.make.rooms import ANCHOR, live_room, room, unseen_room
from tests.make.selling import fire, something
from tests.make.shops import a_shop

GO = Check(Area.CROWD, Code.CARDS, Outcome.GO, MappingProxyType({"p99_ms": 80, "limit_ms": 1000}))
NO_GO = Check(Area.FAULTS, Code.GATEWAY, Outcome.NO_GO, MappingProxyType({"back_ms": 9000, "limit_ms": 5000}))
UNTRIED = Check(Area.CAPACITY, Code.UPLINK, Outcome.NOT_TRIED, MappingProxyType({"reason": "not_told"}))
WISH = Wish(200, 100_000)


def report(*checks: Check) -> Report:
    return Report(checks or (GO, UNTRIED), took_ms=90_000, cpus=2, crowd_cpu_percent=30, goods=4)


class Stage:
    """A shop with a scheduled room, and what is rehearsed of it."""

    def __init__(self, runtime: Runtime, shop: ShopId, room_id: RoomId) -> None:
        self.runtime, self.db, self.shop, self.room_id = runtime, runtime.db, shop, room_id

    async def do(self, work: Callable[[Tx], Awaitable[Any]]) -> Any:
        return await self.db.write(ANCHOR, self.shop, work)

    async def ask(self, wish: Wish = WISH, *, played: bool = False) -> Rehearsal:
        settings = self.runtime.settings
        asked: Rehearsal = await self.do(lambda tx: rehearse.ask(tx, settings, self.room_id, wish, played=played))
        return asked

    async def now(self, rehearsal_id: int) -> Rehearsal:
        async with self.db.read(self.shop) as tx:
            found = await queries.rehearsal(tx, rehearsal_id)
        assert found is not None
        return found

    async def go_on_air(self) -> None:
        """The room begins, and somebody watches."""
        await self.do(lambda tx: go_live.start(tx, self.room_id))
        await self.do(lambda tx: talk.be_present(tx, "gateway", {self.room_id: 1}))

    async def standing(self, **settings: Any) -> dict[Code, Check]:
        async with self.db.read(self.shop) as tx:
            checks = await rehearse.standing(tx, replace(self.runtime.settings, **settings), self.room_id)
        return {one.code: one for one in checks}


@pytest.fixture
async def stage(runtime: Runtime) -> Stage:
    shop = (await a_shop(runtime.db)).shop
    return Stage(runtime, shop, await room(runtime.db, shop))


async def test_a_rehearsal_waits_plays_and_is_kept_with_what_it_found(stage: Stage):
    asked = await stage.ask()
    assert asked == await stage.now(asked.rehearsal_id)
    assert (asked.state, asked.wish, asked.asked_by) == (RehearsalState.WAITING, WISH, str(ANCHOR))
    number = asked.rehearsal_id
    assert not await stage.do(lambda tx: service.step(tx, number, Step.CROWD)), "it does not play yet"
    assert await stage.do(lambda tx: service.begin(tx, number))
    assert not await stage.do(lambda tx: service.begin(tx, number)), "two workers never play the same one"
    assert await stage.do(lambda tx: service.step(tx, number, Step.FAULTS))
    assert (await stage.now(number)).step is Step.FAULTS
    found = report(GO, NO_GO, UNTRIED)
    assert await stage.do(lambda tx: service.done(tx, number, found))
    kept = await stage.now(number)
    assert (kept.state, kept.report, kept.step) == (RehearsalState.DONE, found, None)
    assert not found.go
    assert report().go
    assert not await stage.do(lambda tx: service.done(tx, number, report()))
    assert not await stage.do(lambda tx: service.fail(tx, number, Failure.BROKEN_OFF))
    assert await stage.now(number) == kept


async def test_what_comes_after_it_failed_changes_nothing(stage: Stage):
    number = (await stage.ask(played=True)).rehearsal_id
    assert (await stage.now(number)).state is RehearsalState.PLAYING
    assert await stage.do(lambda tx: service.fail(tx, number, Failure.ROOM_CHANGED))
    failed = await stage.now(number)
    assert (failed.state, failed.failure) == (RehearsalState.FAILED, Failure.ROOM_CHANGED)
    assert not await stage.do(lambda tx: service.done(tx, number, report()))
    assert not await stage.do(lambda tx: service.step(tx, number, Step.JUDGING))
    assert await stage.now(number) == failed


@pytest.mark.parametrize(
    ("wish", "most", "refusal"),
    [
        (Wish(0), 1000, RehearsalInvalid),
        (Wish(1001), 1000, RehearsalInvalid),
        (Wish(10, 0), 1000, RehearsalInvalid),
        (Wish(10, 200_000_000), 1000, RehearsalInvalid),
        (Wish(10), 0, RehearsalsOff),
    ],
)
async def test_a_wish_that_cannot_be_is_refused(stage: Stage, wish: Wish, most: int, refusal: type[DomainError]):
    settings = replace(stage.runtime.settings, rehearsal_viewers_max=most)
    with pytest.raises(refusal):
        await stage.do(lambda tx: rehearse.ask(tx, settings, stage.room_id, wish))
    async with stage.db.read(stage.shop) as tx:
        assert await queries.of_room(tx, stage.room_id) == []


async def test_of_many_that_ask_at_once_one_gets_a_rehearsal(stage: Stage):
    got = await asyncio.gather(*(stage.ask() for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, Rehearsal) for one in got) == 1
    assert sum(isinstance(one, RehearsalRuns) for one in got) == 5


async def test_only_a_room_that_has_not_begun_is_rehearsed_and_never_beside_a_broadcast(stage: Stage):
    settings = stage.runtime.settings
    with pytest.raises(RoomMissing):
        await stage.do(lambda tx: rehearse.ask(tx, settings, RoomId(999), WISH))
    other = (await a_shop(stage.db, "别家")).shop
    on_air = await live_room(stage.db, other)
    async with stage.db.read(stage.shop) as tx:
        assert await rehearse.refused(tx, settings, stage.room_id) is None, "nobody watches that broadcast"
    await stage.db.write(SYSTEM, other, lambda tx: talk.be_present(tx, "gateway", {on_air: 1}))
    with pytest.raises(SomebodyOnAir):
        await stage.ask()
    await stage.db.write(ANCHOR, other, lambda tx: go_live.end(tx, on_air))
    await stage.do(lambda tx: go_live.start(tx, stage.room_id))
    with pytest.raises(RehearsalTooLate):
        await stage.ask()
    await stage.do(lambda tx: go_live.end(tx, stage.room_id))
    with pytest.raises(RehearsalTooLate):
        await stage.ask()


async def test_of_two_shops_one_plays_at_a_time(stage: Stage, runtime: Runtime):
    shop = (await a_shop(runtime.db, "别家")).shop
    other = Stage(runtime, shop, await room(runtime.db, shop))
    first, second = (await stage.ask()).rehearsal_id, (await other.ask()).rehearsal_id
    began = await asyncio.gather(
        stage.do(lambda tx: service.begin(tx, first)), other.do(lambda tx: service.begin(tx, second))
    )
    assert sorted(began) == [False, True]
    assert not await other.do(lambda tx: service.fail(tx, first, Failure.BROKEN_OFF)), "of another shop it is unknown"


async def test_the_latest_twenty_of_a_room_are_kept(stage: Stage):
    numbers = []
    for _ in range(22):
        numbers.append((await stage.ask(played=True)).rehearsal_id)
        await stage.do(lambda tx: service.fail(tx, numbers[-1], Failure.BROKEN_OFF))
    async with stage.db.read(stage.shop) as tx:
        kept = [one.rehearsal_id for one in await queries.of_room(tx, stage.room_id)]
    assert kept == numbers[:1:-1]


@pytest.mark.parametrize("began", [False, True])
async def test_one_that_waits_or_plays_for_twenty_minutes_has_failed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, began: bool
):
    number = (await stage.ask()).rehearsal_id
    if began:
        await stage.do(lambda tx: service.begin(tx, number))
    asked = wall_now()
    for late_s, state in (
        (-1, RehearsalState.PLAYING if began else RehearsalState.WAITING),
        (1, RehearsalState.FAILED),
    ):
        at = asked + service.BROKEN_OFF_AFTER + timedelta(seconds=late_s)
        monkeypatch.setattr("liveshelf.platform.timers.wall_now", lambda at=at: at)
        monkeypatch.setattr("liveshelf.rehearsals.service.wall_now", lambda at=at: at)
        await fire(stage.db, "rehearsals.broken_off")
        assert (await stage.now(number)).state is state
    assert (await stage.now(number)).failure is Failure.BROKEN_OFF
    monkeypatch.undo()
    assert (await stage.ask()).state is RehearsalState.WAITING, "another one may be asked for"


PART = """
import asyncio, signal, sys
from liveshelf.entry.compose import runtime_of
from liveshelf.kernel.actors import SYSTEM
from liveshelf.platform.settings import read_settings
from liveshelf.rehearsals import service
from liveshelf.rehearsals.types import Failure, Report, Step

async def hang(db, shop, number):
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await db.write(SYSTEM, shop, lambda tx: service.fail(tx, number, Failure.BROKEN_OFF))

async def main(shop, number):
    async with runtime_of(read_settings(), "rehearsal") as runtime:
        if await runtime.db.write(SYSTEM, shop, lambda tx: service.begin(tx, number)):
            await runtime.db.write(SYSTEM, shop, lambda tx: service.step(tx, number, Step.CROWD))
            if "hang" in sys.argv:
                await hang(runtime.db, shop, number)
            elif "die" not in sys.argv:
                found = Report((), 1, 2, 3, 4)
                await runtime.db.write(SYSTEM, shop, lambda tx: service.done(tx, number, found))

asyncio.run(main(int(sys.argv[-2]), int(sys.argv[-1])))
"""


@pytest.mark.parametrize(("part", "failure"), [("plays", None), ("die", Failure.BROKEN_OFF)])
async def test_a_process_plays_it_and_one_that_dies_is_told_of(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, failure: Failure | None
):
    player(tmp_path, monkeypatch, part)
    number = (await stage.ask()).rehearsal_id
    await rehearse.play(stage.runtime, stage.shop, number)
    now = await stage.now(number)
    assert now.failure is failure
    assert now.state is (RehearsalState.DONE if failure is None else RehearsalState.FAILED)
    await rehearse.play(stage.runtime, stage.shop, number)  # delivered twice
    assert await stage.now(number) == now


async def test_a_rehearsal_gives_way_to_a_broadcast(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    player(tmp_path, monkeypatch, "hang")
    monkeypatch.setattr(rehearse, "_LOOK_S", 0.1)
    number = (await stage.ask()).rehearsal_id
    playing = asyncio.create_task(rehearse.play(stage.runtime, stage.shop, number))
    async with asyncio.timeout(20):
        while (await stage.now(number)).step is None:  # noqa: ASYNC110 - told by another process
            await asyncio.sleep(0.05)
    await stage.go_on_air()
    await asyncio.wait_for(playing, 10)
    assert (await stage.now(number)).failure is Failure.SOMEBODY_ON_AIR


async def test_one_that_is_asked_for_before_a_broadcast_does_not_begin_beside_it(stage: Stage):
    number = (await stage.ask()).rehearsal_id
    await stage.go_on_air()
    await rehearse.play(stage.runtime, stage.shop, number)
    assert (await stage.now(number)).failure is Failure.SOMEBODY_ON_AIR


async def test_a_worker_that_stops_ends_its_player(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rehearse, "PLAYER", (sys.executable, "-c", "import time; time.sleep(60)"))
    number = (await stage.ask()).rehearsal_id
    playing = asyncio.create_task(rehearse.play(stage.runtime, stage.shop, number))
    await asyncio.sleep(0.3)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    assert (await stage.now(number)).failure is Failure.BROKEN_OFF


def player(folder: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """Let a few lines play the player's part."""
    script = folder / "part.py"
    script.write_text(PART)
    monkeypatch.setattr(rehearse, "PLAYER", (sys.executable, str(script), part))


async def test_the_room_itself_is_judged_as_it_stands(stage: Stage):
    bare = await stage.standing(video=False)
    assert bare[Code.GOODS] == Check(Area.ROOM, Code.GOODS, Outcome.NO_GO, {"goods": 0, "on_sale": 0})
    assert bare[Code.PICTURE] == Check(Area.PICTURE, Code.PICTURE, Outcome.NOT_TRIED, {"reason": "video_off"})
    sold = await something(stage.db, stage.shop, on_hand=5)
    await stage.do(lambda tx: rooms.put_on_shelf(tx, stage.room_id, [sold.goods_id]))
    ready = await stage.standing()
    whole = [Code.REVIEW, Code.PREFLIGHT, Code.CHECKLIST, Code.LEGAL, Code.GOODS]
    assert [ready[code].outcome for code in whole] == [Outcome.GO] * 5
    assert ready[Code.GOODS].facts == {"goods": 1, "on_sale": 1}
    assert ready[Code.LEGAL].facts == {"required": 0, "present": 0}

    async def spoil(tx: Tx) -> None:
        await plans.plan(tx, stage.room_id, sold.goods_id, GoodsPlan(planned_fen=1, expected=100))
        await checklists.set_template(tx, 0, ["价格与页面一致", "主播已实名"])
        await presence.mark(tx, stage.room_id)

    await stage.do(spoil)
    spoilt = await stage.standing()
    told = {code: (spoilt[code].outcome, dict(spoilt[code].facts)) for code in whole[1:4]}
    assert told == {
        Code.PREFLIGHT: (Outcome.NO_GO, {"blocking": 1, "warning": 1}),
        Code.CHECKLIST: (Outcome.NO_GO, {"left": 2}),
        Code.LEGAL: (Outcome.NO_GO, {"required": 1, "present": 0}),
    }
    unseen = Stage(stage.runtime, stage.shop, await unseen_room(stage.db, stage.shop))
    assert (await unseen.standing())[Code.REVIEW].outcome is Outcome.NO_GO


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.GO),
        ({"keyframe_every_ms": 4000, "frames_per_10_s": 100}, Outcome.GO),
        ({"keyframe_every_ms": 4001}, Outcome.NO_GO),
        ({"frames_per_10_s": 99}, Outcome.NO_GO),
        ({"frames_per_10_s": 0}, Outcome.NOT_TRIED),
    ],
)
async def test_the_test_picture_is_judged_by_its_frames(
    stage: Stage, tmp_path: Path, changes: dict[str, int], outcome: Outcome
):
    ffmpeg = tmp_path / "ffmpeg"
    ffmpeg.write_text("")
    ffmpeg.chmod(0o755)
    assert (await stage.standing(ffmpeg=str(ffmpeg)))[Code.PICTURE].facts == {"reason": "no_picture"}
    async with stage.db.read(stage.shop) as tx:
        key = (await video.push_address(tx, stage.runtime.keys, stage.runtime.settings, stage.room_id)).key
    taken = await video.admit(stage.runtime, push_keys.shown(key), ingest="one")
    values = {"kbps": 800, "frames_per_10_s": 250, "keyframe_every_ms": 1000, "recorded_ms": 0, "recorded_bytes": 0}
    seen = Figures(**{**values, **changes}, is_halted=False, is_seen=True)
    await stage.db.write(SYSTEM, stage.shop, lambda tx: video.beat(tx, stage.room_id, hold=taken.hold, figures=seen))
    assert (await stage.standing(ffmpeg=str(ffmpeg)))[Code.PICTURE].outcome is outcome


async def test_the_console_asks_sees_how_far_it_is_and_what_was_found(
    stage: Stage, runtime: Runtime, client: httpx.AsyncClient
):
    headers = bearer(await staff_session(runtime, stage.shop, Role.OWNER))
    url = f"/v1/shops/{stage.shop}/rooms/{stage.room_id}/rehearsals"
    empty = (await client.get(url, headers=headers)).json()
    assert (empty["may"], empty["why_not"], empty["items"]) == (True, None, [])
    wish = {"request_id": "r1", "viewers": 300, "uplink_mbps": 100}
    asked = [await client.post(url, json=wish, headers=headers) for _ in range(2)]
    assert [one.status_code for one in asked] == [201, 201], "the same request twice is one"
    (waiting,) = asked[1].json()["items"]
    assert (waiting["state"], waiting["viewers"], waiting["uplink_kbps"]) == ("waiting", 300, 100_000)
    assert (asked[1].json()["may"], asked[1].json()["why_not"]) == (False, "rehearsals.runs")
    for wrong in ({"viewers": 0}, {"viewers": 1001}, {"viewers": 5, "uplink_mbps": 0}, {}):
        answer = await client.post(url, json={"request_id": "r2", **wrong}, headers=headers)
        assert answer.status_code in {409, 422}
    number = int(waiting["rehearsal_id"])
    await stage.do(lambda tx: service.begin(tx, number))
    await stage.do(lambda tx: service.done(tx, number, report(GO, NO_GO, UNTRIED)))
    shown = (await client.get(f"{url}/{number}", headers=headers)).json()
    assert shown["brief"]["go"] is False
    assert shown["checks"][2] == {
        "area": "capacity",
        "code": "uplink",
        "outcome": "not_tried",
        "facts": {},
        "words": {"reason": "not_told"},
    }
    other = await room(stage.db, stage.shop)
    elsewhere = f"/v1/shops/{stage.shop}/rooms/{other}/rehearsals/{number}"
    assert (await client.get(elsewhere, headers=headers)).json()["code"] == "rehearsals.unknown"
    other_role = bearer(await staff_session(runtime, stage.shop, Role.SERVICE))
    again = {"request_id": "r3", "viewers": 5}
    assert (await client.post(url, json=again, headers=other_role)).status_code == 403
