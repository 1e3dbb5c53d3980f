"""An important broadcast is watched by the legal role from its first second to its last, or somebody hears of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Permission, Role
from liveshelf.flows import go_live
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import AccountId, RoomId, ShopId
from liveshelf.platform.clock import Clock
from liveshelf.platform.events import stream_tail
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import presence
from liveshelf.rooms.errors import LegalAbsent, RoomStateRefuses
from liveshelf.rooms.events import LegalGone
from liveshelf.rooms.presence import Coverage, Span, gaps
from tests.make.accounts import bearer, staff_session
from tests.make.rooms import ANCHOR, room
from tests.make.selling import fire
from tests.make.shops import a_shop
from tests.make.telling import tell_all, told

LAWYER, OTHER = AccountId(71), AccountId(72)
GAP_S = 30
S = timedelta(seconds=1)


@pytest.fixture
async def shop(runtime: Runtime) -> ShopId:
    return (await a_shop(runtime.db)).shop


class Watched:
    """An important room and its legal people."""

    def __init__(self, runtime: Runtime, clock: Clock, shop: ShopId, room_id: RoomId) -> None:
        self.db, self.clock, self.shop, self.room_id = runtime.db, clock, shop, room_id
        self.offset = timedelta()

    async def do(self, work: Any) -> Any:
        return await self.db.write(ANCHOR, self.shop, work)

    async def beat(self, who: AccountId = LAWYER, *, is_legal: bool = True) -> None:
        await self.do(lambda tx: presence.beat(tx, self.room_id, who, place="", is_legal=is_legal))

    def later(self, seconds: float) -> None:
        self.offset += timedelta(seconds=seconds)
        self.clock.set_offset(self.offset)

    async def watch(self, seconds: int, *, every: int = 20) -> None:
        for _ in range(seconds // every):
            self.later(every)
            await self.beat()

    async def start(self) -> None:
        await self.do(lambda tx: go_live.start(tx, self.room_id))

    async def coverage(self) -> Coverage:
        async with self.db.read(self.shop) as tx:
            return await presence.coverage(tx, self.room_id)

    async def alarms(self) -> int:
        return await fire(self.db, "rooms.legal_presence")


@pytest.fixture
async def watched(runtime: Runtime, clock: Clock, shop: ShopId) -> Watched:
    one = Watched(runtime, clock, shop, await room(runtime.db, shop))
    await one.do(lambda tx: presence.mark(tx, one.room_id))
    return one


@pytest.mark.feature("L-605")
async def test_an_important_room_starts_only_while_the_legal_role_is_there(watched: Watched):
    with pytest.raises(LegalAbsent):
        await watched.start()
    await watched.beat(is_legal=False)
    with pytest.raises(LegalAbsent):
        await watched.start()
    await watched.beat()
    watched.later(GAP_S)
    with pytest.raises(LegalAbsent):
        await watched.start()
    await watched.beat()
    watched.later(GAP_S - 1)
    await watched.start()


@pytest.mark.feature("L-605")
async def test_a_gap_alarms_once_and_stands_in_the_record(runtime: Runtime, watched: Watched):
    await watched.beat()
    await watched.start()
    await watched.watch(40)
    assert (await watched.coverage()).permille == 1_000
    watched.later(GAP_S - 1)
    assert await watched.alarms() == 0
    watched.later(1)
    assert await watched.alarms() == 1
    assert await watched.alarms() == 0
    watched.later(30)
    await watched.beat(OTHER)
    await watched.watch(40)
    await watched.do(lambda tx: go_live.end(tx, watched.room_id))
    after = await watched.coverage()
    (gap,) = after.gaps
    assert round(gap.length.total_seconds()) == GAP_S + 30
    assert (after.important, after.present, set(after.people)) == (True, False, {LAWYER, OTHER})
    assert after.permille is not None
    assert 560 < after.permille < 580  # 80 of 140 seconds
    watched.later(3_600)
    assert await watched.alarms() <= 1  # the clock of an ended broadcast is put away without an alarm
    async with watched.db.read(watched.shop) as tx:
        told_of = [one.name for one in await stream_tail(tx, f"room:{watched.room_id}", since=0, most=100)]
    assert LegalGone.name not in told_of  # it is no part of the room's numbered line


async def test_who_runs_the_broadcast_and_who_should_watch_it_hear_of_the_gap(runtime: Runtime, watched: Watched):
    for role in (Role.ANCHOR, Role.LEGAL, Role.SERVICE):
        await staff_session(runtime, watched.shop, role)
    await watched.beat()
    await watched.start()
    watched.later(GAP_S)
    await watched.alarms()
    await tell_all(runtime)
    async with watched.db.read(watched.shop) as tx:
        running, legal = (
            await accounts.members_with(tx, Permission.ROOMS_LIVE),
            await accounts.members_with(tx, Permission.TRAIL_READ),
        )
        everybody = {one.account_id for one in await accounts.members(tx)}
    assert len(everybody) == 3
    for account_id in everybody:
        heard = await told(runtime, watched.shop, str(Actor(ActorKind.STAFF, str(account_id))))
        assert [one.kind for one in heard] == ["legal_gone"] * (account_id in {*running, *legal})


async def test_a_pause_is_watched_too_and_a_room_that_is_not_important_is_left_alone(
    runtime: Runtime, clock: Clock, shop: ShopId, watched: Watched
):
    await watched.beat()
    await watched.start()
    await watched.do(lambda tx: go_live.pause(tx, watched.room_id))
    watched.later(GAP_S)
    assert await watched.alarms() == 1
    plain = Watched(runtime, clock, shop, await room(runtime.db, shop))
    plain.offset = watched.offset
    await plain.start()
    plain.later(GAP_S)
    assert await plain.alarms() == 0
    seen = await plain.coverage()
    assert (seen.important, seen.permille, seen.gaps) == (False, None, ())


async def test_only_a_scheduled_room_is_marked(watched: Watched):
    await watched.do(lambda tx: presence.unmark(tx, watched.room_id))
    await watched.start()
    with pytest.raises(RoomStateRefuses):
        await watched.do(lambda tx: presence.mark(tx, watched.room_id))


def test_gaps_are_what_nobody_covered():
    at = datetime(2026, 1, 1, tzinfo=UTC)
    whole = Span(at, at + 100 * S)
    spans = [Span(at + 40 * S, at + 60 * S), Span(at - 10 * S, at + 20 * S), Span(at + 10 * S, at + 30 * S)]
    assert gaps(spans, whole, longer_than=5 * S) == [Span(at + 30 * S, at + 40 * S), Span(at + 60 * S, whole.ended_at)]
    assert gaps(spans, whole, longer_than=10 * S) == [Span(at + 60 * S, whole.ended_at)]
    assert gaps([], whole, longer_than=5 * S) == [whole]
    assert gaps([Span(at + 200 * S, at + 300 * S)], whole, longer_than=5 * S) == [whole]
    assert gaps([Span(at, whole.ended_at)], whole, longer_than=5 * S) == []


async def test_the_desk_page_counts_and_two_operators_see_each_other(
    client: httpx.AsyncClient, runtime: Runtime, shop: ShopId, watched: Watched
):
    base = f"/v1/shops/{shop}/rooms/{watched.room_id}"
    owner = bearer(await staff_session(runtime, shop))
    legal = bearer(await staff_session(runtime, shop, Role.LEGAL))
    first = (await client.post(f"{base}/desk/presence", json={"place": "shelf"}, headers=owner)).json()
    assert first["others"] == []
    assert (await client.get(f"{base}/watch", headers=owner)).json()["present"] is False
    second = (await client.post(f"{base}/desk/presence", json={}, headers=legal)).json()
    assert second["others"] == [{"name": f"owner-of-{shop}", "place": "shelf"}]
    seen = (await client.get(f"{base}/watch", headers=owner)).json()
    assert (seen["present"], seen["people"], seen["permille"]) == (True, [f"legal-of-{shop}"], None)
    watched.later(16)
    third = (await client.post(f"{base}/desk/presence", json={}, headers=legal)).json()
    assert third["others"] == []
    answer = await client.put(f"{base}/important", json={"important": False}, headers=owner)
    assert answer.json()["important"] is False
    assert (await client.put(f"{base}/important", json={"important": True}, headers=legal)).status_code == 403
    assert (await client.post(f"/v1/shops/{shop}/rooms/999/desk/presence", json={}, headers=owner)).status_code == 404
