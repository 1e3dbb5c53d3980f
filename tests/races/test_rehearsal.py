"""A rehearsal as it is played: real processes on a copy, killed before a crowd, and nothing of the shop is touched."""

from __future__ import annotations

import fcntl
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import asyncpg
import click
import psutil
import pytest

from liveshelf.adapters.footage.folder import Footage
from liveshelf.entry.commands.rehearse import rehearsed
from liveshelf.entry.rehearsal.capacity import Search
from liveshelf.entry.rehearsal.play import Plan
from liveshelf.entry.rehearsal.run import AnotherPlaysError, rehearse
from liveshelf.goods.types import DeliveryKind
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.rehearsals.types import Area, Check, Code, Outcome, Reason, Report, Step, Wish
from liveshelf.rooms import service as rooms
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
CHECKLIST = Check(Area.ROOM, Code.CHECKLIST, Outcome.GO, {"left": 0})


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


async def played(
    runtime: Runtime, shop: ShopId, room_id: RoomId, *, wish: Wish, plan: Plan, standing: Sequence[Check] = ()
) -> tuple[Report, list[Step]]:
    """A rehearsal in a folder that the stage's database may enter."""
    steps: list[Step] = []

    async def say(step: Step) -> None:
        steps.append(step)

    with scratch() as folder:
        settings = replace(runtime.settings, data_dir=folder)
        runtime.provide(Footage, Footage(runtime.settings.data_dir / "video"))
        report = await rehearse(runtime, settings, (shop, room_id), wish, say=say, standing=standing, plan=plan)
        assert [one.name for one in folder.iterdir()] == ["rehearsal.lock"], "nothing of it is left"
    return report, steps


async def never(step: Step) -> None:
    """Nothing is played."""
    raise AssertionError(step)


async def everything(admin_dsn: str) -> dict[str, int]:
    """How many rows each table has, and what the stock is."""
    admin = await asyncpg.connect(admin_dsn)
    names = [row[0] for row in await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    found = {name: await admin.fetchval(f'SELECT count(*) FROM "{name}"') for name in names}
    found["pieces"] = await admin.fetchval("SELECT sum(on_hand * 1000 + held * 100 + sold + version) FROM stock")
    await admin.close()
    return found


@pytest.mark.timeout(300)
async def test_a_room_is_played_with_a_crowd_and_nothing_of_the_shop_is_touched(
    db: Database, runtime: Runtime, admin_dsn: str
):
    shop = (await a_shop(db)).shop
    room_id = await planned_room(db, shop)
    before, children = await everything(admin_dsn), psutil.Process().children(recursive=True)
    report, steps = await played(
        runtime, shop, room_id, wish=Wish(12, uplink_kbps=100_000), plan=SMALL, standing=[CHECKLIST]
    )
    assert await everything(admin_dsn) == before
    assert psutil.Process().children(recursive=True) == children
    assert steps == list(Step)
    facts: dict[Code, Any] = {one.code: dict(one.facts) for one in report.checks}
    assert [one for one in report.checks if one.outcome is Outcome.NO_GO] == []
    assert report.go
    assert report.goods == 3
    assert facts[Code.CHECKLIST] == {"left": 0}
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
    report, _ = await played(runtime, shop, room_id, wish=Wish(3), plan=replace(SMALL, limit_ms=0))
    assert not report.go
    by_outcome = {outcome: {one.code for one in report.checks if one.outcome is outcome} for outcome in Outcome}
    assert by_outcome[Outcome.NO_GO] == {Code.COMMENTS}
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


async def test_the_command_line_says_why_a_room_is_not_rehearsed(db: Database, settings: Settings):
    async def refusal(shop: int, room_id: int) -> str:
        with pytest.raises(click.ClickException) as refused:
            await rehearsed(settings, settings, (ShopId(shop), RoomId(room_id)), Wish(3), quiet=True)
        return refused.value.message

    shop, other = (await a_shop(db)).shop, (await a_shop(db)).shop
    assert await refusal(77, 1) == "There is no shop 77."
    assert "not there" in await refusal(shop, 77)
    elsewhere = await room(db, other)
    assert "not there" in await refusal(shop, elsewhere), "another shop's room is none of this one"
    on_air = await live_room(db, other)
    planned = await room(db, shop)
    assert f"Room {on_air} of shop {other} is on air" in await refusal(shop, planned)
    await db.write(SYSTEM, other, lambda tx: rooms.end(tx, on_air))
    assert "begun or ended" in await refusal(other, on_air)
