"""The signed timeline of a broadcast: everything is in it, every bent link is named, and what was shown at a second is
made again from it alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from liveshelf.accounts.types import Role
from liveshelf.entry.cli import main
from liveshelf.flows import go_live, listing, penalise, sales_records
from liveshelf.flows.reactions import REACTIONS
from liveshelf.goods.types import CardChanges
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import AccountId, RoomId, ShopId
from liveshelf.penalties import service as penalties
from liveshelf.penalties.types import Violation
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.events import Relay
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import notice, presence, quickbar, service, talk
from liveshelf.shops.time_limits import TimeLimits, set_limits
from liveshelf.stock import service as stock
from liveshelf.timeline import export, queries
from liveshelf.timeline import service as timeline
from liveshelf.timeline._jobs import JOBS, TIMERS, write_penalty
from liveshelf.timeline.types import Bent, Breach, Kind, Link
from tests.make.accounts import bearer, staff_session
from tests.make.rooms import ANCHOR, live_room, room, view_now
from tests.make.selling import Sold, bought, fire, guest, something, wish
from tests.make.shops import a_shop

REVIEWER = Actor(ActorKind.REVIEWER, "901")
SETTLE = timedelta(seconds=16)


@dataclass
class Show:
    """A broadcast with two goods, and a clock that only goes forward."""

    runtime: Runtime
    clock: Clock
    shop: ShopId
    sold: list[Sold]
    room_id: RoomId
    offset: timedelta = field(default_factory=timedelta)

    @property
    def db(self) -> Database:
        return self.runtime.db

    async def do(self, work: Any) -> Any:
        return await self.db.write(ANCHOR, self.shop, work)

    async def write(self) -> int:
        return await timeline.write(self.runtime, self.shop, self.room_id)

    def later(self, by: timedelta) -> None:
        self.offset += by
        self.clock.set_offset(self.offset)

    async def links(self) -> list[Link]:
        async with self.db.read(self.shop) as tx:
            return [link async for block, _ in queries.blocks(tx, self.room_id) for link in block]

    async def bent(self) -> Bent | None:
        async with self.db.read(self.shop) as tx:
            return (await queries.verify(tx, self.runtime.keys, self.room_id)).bent

    async def at(self, at: datetime) -> queries.Moment:
        async with self.db.read(self.shop) as tx:
            return await queries.shown_at(tx, self.room_id, at)

    async def now(self) -> datetime:
        async with self.db.read(self.shop) as tx:
            return tx.now


@pytest.fixture
async def show(runtime: Runtime, clock: Clock) -> Show:
    shop = (await a_shop(runtime.db)).shop
    sold = [await something(runtime.db, shop, name=name) for name in ("青瓷茶盏", "白瓷盖碗")]
    room_id = await live_room(runtime.db, shop, [one.goods_id for one in sold])
    return Show(runtime, clock, shop, sold, room_id)


async def everything(show: Show) -> None:
    """One of each kind, in three blocks, to the end."""
    one, other = show.sold
    who = await guest(show.db, show.shop)
    await show.do(lambda tx: service.push(tx, show.room_id, one.goods_id))
    await show.do(lambda tx: notice.pin(tx, show.room_id, "新人首单立减 10 元"))
    said = await show.do(lambda tx: talk.comment(tx, show.room_id, text="茶盏多大", customer_id=who, name="小林"))
    await show.do(lambda tx: presence.beat(tx, show.room_id, AccountId(71), place="", is_legal=True))
    await show.do(lambda tx: talk.be_present(tx, "g1", {show.room_id: 7}))
    await show.write()
    show.later(timedelta(seconds=3))
    await bought(show.db, show.shop, wish(who, one.sku_id, room_id=show.room_id))
    await show.do(lambda tx: listing.update(tx, other.goods_id, CardChanges(price_fen=9_900), door=None))
    await show.do(lambda tx: talk.hide_comment(tx, show.room_id, int(said.comment_id)))
    violation = Violation("ad_unmarked", "口播", await show.now(), room_id=show.room_id, video_s=2)
    made = await show.db.write(REVIEWER, show.shop, lambda tx: penalise.impose(tx, violation))
    await show.write()
    await show.db.write(REVIEWER, show.shop, lambda tx: penalties.reverse(tx, made.penalty_id, "看错了"))
    show.later(timedelta(seconds=3))
    await show.do(lambda tx: go_live.end(tx, show.room_id))
    await show.write()
    show.later(SETTLE)
    await show.write()


ALL_KINDS = {
    *("state_changed", "shelf_added", "goods_pushed", "notice_changed", "price_changed"),
    *(Kind.STOCK, Kind.AUDIENCE, Kind.PRESENCE, Kind.ORDER, Kind.COMMENT, Kind.COMMENT_HIDDEN, Kind.PENALTY),
    *(Kind.PENALTY_REVERSED, Kind.CLOSED),
}


async def test_everything_of_a_broadcast_is_in_one_signed_chain(show: Show):
    await everything(show)
    links = await show.links()
    assert [link.number for link in links] == list(range(1, len(links) + 1))
    assert {link.kind for link in links} >= ALL_KINDS
    assert links[-1].kind == Kind.CLOSED
    assert await show.bent() is None
    assert await show.write() == 0, "all of it is written, once"
    order = next(link for link in links if link.kind == Kind.ORDER)
    assert order.body is not None
    assert set(order.body) == {"total_fen", "lines"}, "nothing about the buyer"
    comment = next(link for link in links if link.kind == Kind.COMMENT)
    assert comment.body is None
    penalty = next(link for link in links if link.kind == Kind.PENALTY)
    assert (penalty.body or {})["video_s"] == 2


async def test_one_changed_row_of_any_kind_is_named(show: Show, admin_dsn: str):
    await everything(show)
    links = await show.links()
    admin = await asyncpg.connect(admin_dsn)
    for kind in sorted(str(one) for one in ALL_KINDS):
        first = next(link.number for link in links if link.kind == kind)
        cases = [
            (Breach.CHANGED, """UPDATE timeline_links SET body = '{"x": 1}'"""),
            (Breach.UNCHAINED, "UPDATE timeline_links SET at = at + interval '1 microsecond'"),
        ]
        if kind not in {Kind.COMMENT, Kind.ORDER}:
            cases.append((Breach.EMPTIED, "UPDATE timeline_links SET body = NULL"))
        for breach, statement in cases:
            async with admin_change(admin, f"{statement} WHERE number = {first}"):
                assert await show.bent() == Bent(first, kind, breach)
    await admin.close()
    assert await show.bent() is None, "put back, it is as it was"


class admin_change:  # noqa: N801 - reads as a verb
    """A change as the owner of the database, and the row as it was afterwards."""

    def __init__(self, admin: asyncpg.Connection, statement: str) -> None:
        self.admin, self.statement = admin, statement

    async def __aenter__(self) -> None:
        await self.admin.execute("CREATE TABLE was AS SELECT * FROM timeline_links")
        assert not (await self.admin.execute(self.statement)).endswith(" 0")

    async def __aexit__(self, *_: object) -> None:
        await self.admin.execute("DELETE FROM timeline_links")
        await self.admin.execute("INSERT INTO timeline_links SELECT * FROM was")
        await self.admin.execute("DROP TABLE was")


async def test_what_is_taken_away_added_or_signed_by_others_is_named(show: Show, admin_dsn: str):
    await everything(show)
    count = len(await show.links())
    async with show.db.read(show.shop) as tx:
        seals = [seal async for _, some in queries.blocks(tx, show.room_id) for seal in some]
    assert len(seals) == 4
    last = seals[-1]
    cases = [
        ("DELETE FROM timeline_links WHERE number = 5", Bent(5, "", Breach.MISSING)),
        (f"DELETE FROM timeline_links WHERE number = {count}", Bent(count, "", Breach.CUT_SHORT)),
        ("UPDATE timeline_links SET kind = 'price_changed' WHERE number = 3", 3),
        ("UPDATE timeline_links SET subject = 99 WHERE number = 2", 2),
    ]
    admin = await asyncpg.connect(admin_dsn)
    for statement, found in cases:
        async with admin_change(admin, statement):
            bent = await show.bent()
            assert bent is not None
            assert found in {bent, bent.number}, statement
    await admin.execute("UPDATE timeline_seals SET signature = '\\x00' WHERE last = $1", last.last)
    bent = await show.bent()
    assert bent is not None
    assert bent.breach is Breach.SEAL_NOT_OURS
    await admin.execute("DELETE FROM timeline_seals WHERE last = $1", last.last)
    assert await show.bent() == Bent(last.first, "", Breach.UNSIGNED)
    await admin.execute("DELETE FROM timeline_seals WHERE last = $1", seals[1].last)
    bent = await show.bent()
    assert bent is not None
    assert (bent.number, bent.breach) == (seals[1].first, Breach.SEAL_MISSING)
    await admin.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM timeline_links",
        "UPDATE timeline_links SET at = at",
        "UPDATE timeline_seals SET first = 1",
        "DELETE FROM timeline_seals",
    ],
)
async def test_the_product_itself_may_not_rewrite_a_timeline(show: Show, statement: str):
    with pytest.raises(ProgrammingError, match="permission denied"):
        await show.do(lambda tx: tx.execute(text(statement)))


async def test_a_changed_comment_is_found_and_an_erased_one_is_no_breach(show: Show, admin_dsn: str):
    who = await guest(show.db, show.shop)
    await show.do(lambda tx: talk.comment(tx, show.room_id, text="茶盏多大", customer_id=who, name="小林"))
    await show.write()
    number = next(link.number for link in await show.links() if link.kind == Kind.COMMENT)
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute("UPDATE room_comments SET text = '太贵了'")
    assert await show.bent() == Bent(number, Kind.COMMENT, Breach.CHANGED)
    await admin.close()
    await show.do(lambda tx: talk.forget_comments(tx, who))
    assert await show.bent() is None


async def test_with_the_sales_record_an_orders_content_goes_and_the_chain_still_holds(show: Show):
    await show.do(lambda tx: set_limits(tx, TimeLimits(sales_days=30)))
    await everything(show)
    show.later(timedelta(days=31))
    await show.do(lambda tx: sales_records.purge(tx, show.room_id))
    assert {link.body is None for link in await show.links() if link.kind == Kind.ORDER} == {True}
    assert await show.bent() is None


async def test_shelf_prices_and_stock_at_any_second_are_what_a_watching_page_saw(show: Show):
    """A page notes what it sees after every command; at random moments the timeline gives the same."""
    rng = random.Random(7)
    who = await guest(show.db, show.shop)
    a, b = (one.goods_id for one in show.sold)
    steps: list[Any] = [
        lambda tx: service.push(tx, show.room_id, rng.choice([a, b])),
        lambda tx: service.unpush(tx, show.room_id),
        lambda tx: service.sort(tx, show.room_id, [rng.choice([a, b])]),
        lambda tx: listing.update(tx, rng.choice([a, b]), CardChanges(price_fen=rng.randint(5_000, 20_000)), door=None),
        lambda tx: quickbar.add(tx, show.room_id, [rng.choice([a, b])]),
        lambda tx: notice.pin(tx, show.room_id, f"第 {rng.randint(1, 9)} 轮"),
        lambda tx: service.take_off_sale(tx, show.room_id, b),
        lambda tx: service.put_on_sale(tx, show.room_id, b),
        lambda tx: stock.set_on_hand(tx, show.sold[0].sku_id, rng.randint(10, 90), "test"),
        lambda tx: service.goods_changed(tx, a),
        lambda tx: talk.comment_as_anchor(tx, show.room_id, text=f"好看 {who}", account_id=AccountId(41)),
    ]
    seen: list[tuple[datetime, dict[str, Any]]] = []
    for _ in range(40):
        for step in rng.sample(steps, rng.randint(1, 3)):
            with contextlib.suppress(DomainError):  # what is refused changes nothing, and that is seen too
                await show.do(step)
        await show.write()
        seen.append((await show.now(), await view_now(show.db, show.shop, show.room_id)))
        show.later(timedelta(seconds=rng.randint(5, 60)))
    assert await show.bent() is None
    assert len({one["seq"] for _, one in seen}) > 20
    for at, page in rng.sample(seen, len(seen)):
        made = (await show.at(at + timedelta(milliseconds=rng.randint(0, 1_000)))).shown
        assert (made.seq, made.state, made.notice) == (page["seq"], page["state"], page["notice"])
        assert (list(made.pushed), list(made.quick_bar)) == (page["pushed_goods_ids"], page["quick_goods_ids"])
        assert [{**item, "available": 0, "sold": 0} for item in made.items] == [
            {**item, "available": 0, "sold": 0} for item in page["shelf"]
        ]
        assert [made.of(item) for item in made.items] == [(one["available"], one["sold"]) for one in page["shelf"]]


async def test_writers_that_meet_write_each_thing_once_and_late_ones_are_caught_up(show: Show):
    who = await guest(show.db, show.shop)
    for _ in range(5):
        await bought(show.db, show.shop, wish(who, show.sold[0].sku_id, room_id=show.room_id))
    await asyncio.gather(*(show.write() for _ in range(4)))
    await bought(show.db, show.shop, wish(who, show.sold[0].sku_id, room_id=show.room_id))
    await asyncio.gather(*(show.write() for _ in range(4)))
    assert sum(link.kind == Kind.ORDER for link in await show.links()) == 6
    assert await show.bent() is None


async def test_the_clock_asks_until_all_is_written_and_a_later_penalty_is_added(show: Show):
    jobs: list[str] = []

    async def defer(many: Any) -> None:
        jobs.extend(name for name, _ in many)

    assert {job.name for job in JOBS} == {"timeline.write", "timeline.penalty"}
    assert await fire(show.db, TIMERS[0].name) == 1
    await Relay(show.db, show.runtime.bus, defer, REACTIONS).sweep()
    assert jobs.count("timeline.write") == 1
    await show.write()
    await show.do(lambda tx: go_live.end(tx, show.room_id))
    show.later(timedelta(seconds=14))
    await show.write()
    assert await fire(show.db, TIMERS[0].name) == 1, "what is about to be committed may still come"
    show.later(timedelta(seconds=2))
    assert await timeline.write_all(show.runtime, show.shop) == 1
    assert await fire(show.db, TIMERS[0].name) == 0
    assert (await show.links())[-1].kind == Kind.CLOSED
    violation = Violation("ad_unmarked", "口播", await show.now(), room_id=show.room_id, video_s=2)
    made = await show.db.write(REVIEWER, show.shop, lambda tx: penalise.impose(tx, violation))
    await Relay(show.db, show.runtime.bus, defer, REACTIONS).sweep()
    assert "timeline.penalty" in jobs
    for _ in range(2):
        await write_penalty(show.runtime, show.shop, penalty_id=made.penalty_id)
    assert [link.kind for link in await show.links()][-2:] == [Kind.CLOSED, Kind.PENALTY]
    assert await show.bent() is None


async def test_an_exported_timeline_is_checked_by_anybody(client, show: Show, tmp_path):
    await everything(show)
    owner = bearer(await staff_session(show.runtime, show.shop))
    url = f"/v1/shops/{show.shop}/rooms/{show.room_id}/timeline"
    answer = await client.get(f"{url}/export", headers=owner)
    assert answer.status_code == 200, answer.text
    file = tmp_path / "t.jsonl"
    file.write_bytes(answer.content)
    told = (await client.get(f"{url}/check", headers=owner)).json()
    assert (told["bent"], told["links"]) == (None, len(await show.links()))
    assert "茶盏多大" not in answer.text, "what people said is not in it"

    def run(*more: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["timeline", "check", str(file), *more])
        return done.exit_code, done.output

    assert run("--public-key", told["public_key"])[0] == 0
    assert run("--public-key", "00" * 32)[0] == 1
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    price = next(line for line in lines if line.get("kind") == "price_changed")
    price["body"]["price_fen"] = 1
    file.write_text("\n".join(json.dumps(line) for line in lines))
    code, said = run()
    assert code == 1
    assert f"link {price['number']} (price_changed): its content was changed" in said
    file.write_text("no timeline")
    assert run()[0] == 1
    with pytest.raises(export.ExportUnreadableError):
        export.check([])


async def test_the_pages_read_links_moments_and_refuse_the_rest(client, show: Show):
    await everything(show)
    owner = bearer(await staff_session(show.runtime, show.shop))
    url = f"/v1/shops/{show.shop}/rooms/{show.room_id}/timeline"
    first = (await client.get(url, params={"limit": 3}, headers=owner)).json()
    rest = (await client.get(url, params={"limit": 100, "cursor": first["next"]}, headers=owner)).json()
    assert [one["number"] for one in first["items"] + rest["items"]] == list(range(1, first["links"] + 1))
    assert first["closed"] is True
    orders = (await client.get(url, params={"group": "order"}, headers=owner)).json()["items"]
    assert [one["kind"] for one in orders] == ["order"]
    end = (await client.get(f"{url}/at", headers=owner)).json()
    assert (end["state"], end["items"][1]["price_fen"]) == ("ended", 9_900)
    early = (await client.get(f"{url}/at", params={"second": 1}, headers=owner)).json()
    assert (early["state"], early["in_front"]) == ("live", show.sold[0].goods_id)
    assert (early["items"][0]["pushed"], early["items"][1]["price_fen"]) == (True, 12_800)
    before = (await client.get(f"{url}/at", params={"second": 0, "offset_ms": -3_600_000}, headers=owner)).json()
    assert (before["state"], before["items"]) == ("scheduled", [])
    for bad in ({"second": -1}, {"second": 10**9}, {"offset_ms": 10**9}, {"second": "x"}):
        assert (await client.get(f"{url}/at", params=bad, headers=owner)).status_code in {400, 422}, bad
    assert (await client.get(url, params={"cursor": "x"}, headers=owner)).status_code == 422
    planned = await room(show.db, show.shop)
    for path in ("", "/at", "/check", "/export"):
        missing = await client.get(f"/v1/shops/{show.shop}/rooms/{planned}/timeline{path}", headers=owner)
        assert (missing.status_code, missing.json()["code"]) == (404, "timeline.missing")
    anchor = bearer(await staff_session(show.runtime, show.shop, Role.ANCHOR))
    assert (await client.get(url, headers=anchor)).status_code == 403


async def test_what_came_into_line_second_takes_effect_when_it_came(show: Show):
    """Of two pushes the one that began first may be committed second: the timeline follows the room's numbers."""
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow(tx: Tx) -> None:
        began.set()
        await go_on.wait()
        await service.push(tx, show.room_id, show.sold[1].goods_id)

    first = asyncio.create_task(show.do(slow))
    await began.wait()
    await asyncio.sleep(0.02)
    await show.do(lambda tx: service.push(tx, show.room_id, show.sold[0].goods_id))
    go_on.set()
    await first
    await show.write()
    links = [link for link in await show.links() if link.kind == "goods_pushed"]
    assert [link.subject for link in links] == sorted(link.subject or 0 for link in links)
    assert links == sorted(links, key=lambda link: link.at)
    assert (await show.at(await show.now())).shown.pushed[0] == show.sold[1].goods_id
