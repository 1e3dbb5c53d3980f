"""A rehearsal as it is played: real processes on a copy, killed before a crowd, and nothing of the shop is touched."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import psutil
import pytest

from liveshelf.adapters.footage.folder import Footage
from liveshelf.entry.commands.rehearse import rehearsed
from liveshelf.entry.rehearsal.__main__ import play_waiting
from liveshelf.entry.rehearsal.capacity import Search
from liveshelf.entry.rehearsal.keep import played
from liveshelf.entry.rehearsal.play import Plan
from liveshelf.entry.rehearsal.run import AnotherPlaysError, rehearse
from liveshelf.flows import rehearse as flows
from liveshelf.goods.types import DeliveryKind
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.rehearsals import queries
from liveshelf.rehearsals.errors import RehearsalInvalid, RehearsalRuns, RehearsalTooLate, SomebodyOnAir
from liveshelf.rehearsals.types import (
    Code,
    Failure,
    Outcome,
    Reason,
    Rehearsal,
    RehearsalState,
    Report,
    Step,
    Wish,
)
from liveshelf.rooms import service as rooms
from liveshelf.rooms import talk
from liveshelf.rooms.errors import RoomMissing
from tests.make.rooms import live_room, room
from tests.make.scratch import scratch
from tests.make.selling import something
from tests.make.shops import a_shop

SMALL = Plan(
    pushes=4,
    push_every_s=0.05,
    comments_per_s=8,
    talk_s=0.8,
    claimers=8,
    buyers=10,
    notices=2,
    rush=12,
    limit_ms=60_000,  # how late things are says how busy the tests' machine is
    back_ms=60_000,
    search=Search(pushes=2, most_times=2),
)


async def planned_room(db: Database, shop: ShopId) -> RoomId:
    """A room with something scarce, something that is sent to nobody, and something that is not on sale."""
    goods = [
        await something(db, shop, on_hand=3),
        await something(db, shop, on_hand=40, delivery=DeliveryKind.VIRTUAL),
        await something(db, shop, on_hand=40),
    ]
    room_id = await room(db, shop)

    async def work(tx: Tx) -> None:
        await rooms.put_on_shelf(tx, room_id, [one.goods_id for one in goods])
        await rooms.take_off_sale(tx, room_id, goods[2].goods_id)

    await db.write(SYSTEM, shop, work)
    return room_id


@dataclass
class Played:
    """What was kept of a rehearsal, and how far it was told to be."""

    kept: Rehearsal
    report: Report
    steps: list[Step]


async def play(runtime: Runtime, shop: ShopId, room_id: RoomId, wish: Wish, plan: Plan) -> Played:
    """A rehearsal in a folder that the stage's database may enter."""
    steps: list[Step] = []

    async def say(step: Step) -> None:
        async with runtime.db.read(shop) as tx:
            found = await queries.rehearsal(tx, asked.rehearsal_id)
        assert found is not None
        assert found.step is step
        steps.append(step)

    with scratch() as folder:
        settings = replace(runtime.settings, data_dir=folder)
        runtime.provide(Footage, Footage(runtime.settings.data_dir / "video"))
        asked = await runtime.db.write(SYSTEM, shop, lambda tx: flows.ask(tx, settings, room_id, wish, played=True))
        report = await played(runtime, settings, shop, asked, say=say, plan=plan)
        assert [one.name for one in folder.iterdir()] == ["rehearsal.lock"], "nothing of it is left"
    async with runtime.db.read(shop) as tx:
        kept = await queries.rehearsal(tx, asked.rehearsal_id)
    assert kept is not None
    return Played(kept, report, steps)


def serves(process: psutil.Process) -> bool:
    """Whether it is one of the stage's processes."""
    with contextlib.suppress(psutil.NoSuchProcess):  # or a zombie
        return "worker" in process.cmdline()
    return False


async def never(step: Step) -> None:
    """Nothing is played."""
    raise AssertionError(step)


async def everything(admin_dsn: str) -> dict[str, int]:
    """How many rows each table has, and what the stock is."""
    admin = await asyncpg.connect(admin_dsn)
    # What is kept of the rehearsal itself, and that somebody asked for it, is no change of the shop's.
    own = {"rehearsals", "trail", "trail_seals"}
    names = [row[0] for row in await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    found = {name: await admin.fetchval(f'SELECT count(*) FROM "{name}"') for name in names if name not in own}
    found["pieces"] = await admin.fetchval("SELECT sum(on_hand * 1000 + held * 100 + sold + version) FROM stock")
    await admin.close()
    return found


@pytest.mark.feature("S-922")
@pytest.mark.timeout(300)
async def test_a_room_is_played_with_a_crowd_and_nothing_of_the_shop_is_touched(
    db: Database, runtime: Runtime, admin_dsn: str
):
    shop = (await a_shop(db)).shop
    room_id = await planned_room(db, shop)
    before, children = await everything(admin_dsn), psutil.Process().children(recursive=True)
    done = await play(runtime, shop, room_id, Wish(12, uplink_kbps=100_000), SMALL)
    assert await everything(admin_dsn) == before
    assert psutil.Process().children(recursive=True) == children
    report = done.report
    assert done.steps == list(Step)
    assert (done.kept.state, done.kept.report) == (RehearsalState.DONE, report)
    facts: dict[Code, Any] = {one.code: dict(one.facts) for one in report.checks}
    assert [one for one in report.checks if one.outcome is Outcome.NO_GO] == []
    assert report.go
    assert report.goods == 3
    assert facts[Code.GOODS] == {"goods": 3, "on_sale": 2}
    assert facts[Code.WATCHING] == {"viewers": 12, "opened": 12, "wrong": 0}
    assert facts[Code.CARDS]["pushes"] == 4
    assert facts[Code.COMMENTS]["said"] == facts[Code.COMMENTS]["shown"] > 0
    assert facts[Code.PAYING]["ordered"] == facts[Code.PAYING]["paid"] == 5
    assert facts[Code.PAYING]["too_late"] == 5, "the scarce one sells out, and the others are told so"
    assert facts[Code.CLAIMS]["won"] > 0
    assert facts[Code.SOLD] == {"pieces": 83, "sold": facts[Code.SOLD]["sold"], "short": 0, "books_wrong": 0}
    assert facts[Code.NOTICES] == {"sent": 2, "lost": 1, "settled": 2}
    assert facts[Code.DATABASE] == {"reason": Reason.OTHER_DATABASE}, "the installation's is not embedded here"
    assert facts[Code.MACHINE]["held"] == 24
    assert min(facts[Code.MACHINE][rate] for rate in ("orders_per_s", "comments_per_s")) > 0
    assert facts[Code.UPLINK] == {"reason": Reason.NO_PICTURE}


@pytest.mark.timeout(300)
async def test_a_limit_that_is_not_kept_is_no_go_and_what_could_not_be_tried_is_named(db: Database, runtime: Runtime):
    shop = (await a_shop(db)).shop
    room_id = await room(db, shop)
    report = (await play(runtime, shop, room_id, Wish(3), replace(SMALL, limit_ms=0))).report
    assert not report.go
    by_outcome = {outcome: {one.code for one in report.checks if one.outcome is outcome} for outcome in Outcome}
    assert by_outcome[Outcome.NO_GO] == {Code.GOODS, Code.COMMENTS}
    no_goods = {one.code for one in report.checks if one.facts.get("reason") == Reason.NO_GOODS}
    assert no_goods == {
        Code.CARDS,
        Code.CLAIMS,
        Code.PAYING,
        Code.CUT,
        Code.HTTP,
        Code.GATEWAY,
        Code.WORKER,
        Code.DATABASE,
        Code.NOTICES,
        Code.MACHINE,
    }


async def test_two_do_not_play_at_the_same_time(db: Database, runtime: Runtime):
    shop = (await a_shop(db)).shop
    room_id = await room(db, shop)
    with (runtime.settings.data_dir / "rehearsal.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(AnotherPlaysError):
            await rehearse(runtime, runtime.settings, (shop, room_id), Wish(3), say=never, standing=())


async def test_a_room_that_began_meanwhile_is_not_played(db: Database, runtime: Runtime):
    shop = (await a_shop(db)).shop
    room_id = await room(db, shop)
    wish = Wish(3)
    asked = await db.write(SYSTEM, shop, lambda tx: flows.ask(tx, runtime.settings, room_id, wish))
    await db.write(SYSTEM, shop, lambda tx: rooms.start(tx, room_id))
    runtime.provide(Footage, Footage(runtime.settings.data_dir / "video"))
    for _ in range(2):  # the second time there is nothing left to be played
        await play_waiting(runtime, shop, asked.rehearsal_id)
        async with db.read(shop) as tx:
            kept = await queries.rehearsal(tx, asked.rehearsal_id)
        assert kept is not None
        assert (kept.state, kept.failure) == (RehearsalState.FAILED, Failure.ROOM_CHANGED)
    await play_waiting(runtime, shop, asked.rehearsal_id + 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_player_that_is_ended_leaves_no_process(db: Database, settings: Settings, number: signal.Signals):
    shop = (await a_shop(db)).shop
    room_id = await planned_room(db, shop)
    with scratch() as folder:
        here = replace(settings, data_dir=folder, secret_key=bytes(range(32)).hex(), log_level="error")
        asked = await db.write(SYSTEM, shop, lambda tx: flows.ask(tx, here, room_id, Wish(3)))
        command = [*flows.PLAYER, str(shop), str(asked.rehearsal_id)]
        player = psutil.Popen(command, env={**os.environ, **here.environment()})
        try:
            async with asyncio.timeout(60):
                while not any(serves(one) for one in player.children(recursive=True)):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            family = player.children(recursive=True)
            player.send_signal(number)
            assert await asyncio.to_thread(player.wait, 30) == (0 if number is signal.SIGTERM else -number)
            _, alive = await asyncio.to_thread(psutil.wait_procs, family, 15)
            assert alive == []
            assert (folder / "rehearsal").exists() is (number is signal.SIGKILL), "the next one clears it away"
        finally:
            with contextlib.suppress(psutil.NoSuchProcess):
                player.kill()
    async with db.read(shop) as tx:
        kept = await queries.rehearsal(tx, asked.rehearsal_id)
    assert kept is not None
    assert kept.failure is (Failure.BROKEN_OFF if number is signal.SIGTERM else None)


async def test_the_command_line_says_why_a_room_is_not_rehearsed(db: Database, settings: Settings):
    async def refusal(shop: int, room_id: int, wish: Wish = Wish(3)) -> type[DomainError]:  # noqa: B008 - frozen
        with pytest.raises(DomainError) as refused:
            await rehearsed(settings, settings, (ShopId(shop), RoomId(room_id)), wish, quiet=True)
        return refused.type

    shop, other = (await a_shop(db)).shop, (await a_shop(db)).shop
    planned, elsewhere = await room(db, shop), await room(db, other)
    assert await refusal(77, 1) is RoomMissing
    assert await refusal(other, elsewhere + 1) is RoomMissing
    assert await refusal(shop, planned, Wish(1_001)) is RehearsalInvalid
    on_air = await live_room(db, other)
    assert await refusal(other, on_air) is RehearsalTooLate
    await db.write(SYSTEM, other, lambda tx: talk.be_present(tx, "gateway", {on_air: 1}))
    assert await refusal(shop, planned) is SomebodyOnAir
    await db.write(SYSTEM, other, lambda tx: rooms.end(tx, on_air))
    await db.write(SYSTEM, shop, lambda tx: flows.ask(tx, settings, planned, Wish(3)))
    assert await refusal(shop, planned) is RehearsalRuns
