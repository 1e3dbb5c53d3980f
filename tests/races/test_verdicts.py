"""Verbs that meet on one goods from many connections: exactly one happens, and the counts stay exact."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from liveshelf.flows import listing
from liveshelf.goods import queries
from liveshelf.goods.types import AuditState, CardChanges, Listed, Origin
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import Database
from liveshelf.reviews import queries as cases
from liveshelf.reviews.types import CaseState, Verdict
from liveshelf.rooms import service as rooms
from tests.make import goods as make
from tests.make import rooms as make_rooms
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


async def attempt(work) -> str:
    try:
        await work
    except DomainError as error:
        return error.code
    return "done"


async def decide(db: Database, shop: ShopId, listed: Listed, verdict: Verdict) -> None:
    await db.write(make.REVIEWER, shop, lambda tx: listing.decide(tx, listed.audit_id, verdict))


async def withdraw(db: Database, shop: ShopId, listed: Listed) -> None:
    await db.write(make.SOFTWARE, shop, lambda tx: listing.withdraw(tx, listed.goods_id, listed.audit_id))


@pytest.mark.feature("A-304")
async def test_of_an_approval_and_a_withdrawal_exactly_one_happens(db: Database, shop: ShopId):
    seen: Counter[AuditState] = Counter()
    for _ in range(12):
        listed = await make.added(db, shop)
        await decide(db, shop, listed, make.MACHINE_PASS)
        outcomes = await asyncio.gather(
            attempt(decide(db, shop, listed, make.PASS)),
            attempt(withdraw(db, shop, listed)),
            attempt(decide(db, shop, listed, make.PASS)),
        )
        assert outcomes.count("done") == 1
        state = (await make.goods(db, shop, listed.goods_id)).audit_state
        async with db.read(shop) as tx:
            case = await cases.case(tx, listed.audit_id)
            moves = await queries.history(tx, listed.goods_id)
        agreed = {AuditState.APPROVED: CaseState.APPROVED, AuditState.UNAUDITED: CaseState.WITHDRAWN}
        assert case.state is agreed[state]
        assert len(moves) == 2
        seen[state] += 1
    async with db.read(shop) as tx:
        counted = (await queries.library(tx)).counts
    assert {state: count for state, count in counted.items() if count} == dict(seen)


async def test_all_verbs_at_once_end_without_deadlock_and_with_exact_counts(db: Database, shop: ShopId):
    listed = [await make.goods_in(db, shop, AuditState.APPROVED) for _ in range(4)]
    room_id = await make_rooms.live_room(db, shop)

    def verbs(one):
        yield db.write(make.STAFF, shop, lambda tx: rooms.put_on_shelf(tx, room_id, [one.goods_id]))
        yield db.write(make.SOFTWARE, shop, lambda tx: listing.update(tx, one.goods_id, CardChanges(price_fen=700)))
        yield db.write(make.SOFTWARE, shop, lambda tx: listing.submit(tx, one.goods_id))
        yield db.write(make.SOFTWARE, shop, lambda tx: listing.delete(tx, one.goods_id, door=Origin.API))
        yield make.added(db, shop)

    outcomes = await asyncio.gather(*(attempt(verb) for one in listed for verb in verbs(one)))
    assert len(outcomes) == 20
    async with db.read(shop) as tx:
        counted = (await queries.library(tx)).counts
        assert await queries.live_goods(tx, [one.goods_id for one in listed]) == []
        assert len(await queries.live_goods_page(tx, AuditState.IN_AUDIT, 0, 100)) == counted[AuditState.IN_AUDIT] == 4
    assert counted[AuditState.APPROVED] == 0
    view = await make_rooms.view_now(db, shop, room_id)
    assert view["shelf"] == []
