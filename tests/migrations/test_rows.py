"""Migrations that turn rows into others, over rows that are there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from liveshelf.entry import migrate
from liveshelf.flows import casework
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import AuditId, ShopId
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import connect
from liveshelf.platform.embedded import EmbeddedPostgres
from liveshelf.platform.limits import breaches
from liveshelf.platform.signing import Keys
from liveshelf.qualifications import queries
from liveshelf.qualifications.types import ApplicationKind, ApplicationState, PaperState
from liveshelf.reviews import queries as reviews
from liveshelf.reviews.types import CaseState, ReviewKind, Stage, Verdict
from tests.make.scratch import scratch

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DUE = AT + timedelta(days=5)
_EMPTY = {"text": "", "bigint": 0, "integer": 0, "smallint": 0, "boolean": False, "jsonb": "[]", "bytea": b""}


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with scratch() as folder, EmbeddedPostgres(folder / "pg", fsync=False) as server:
        yield server


class Old:
    """A database as an earlier release left it."""

    def __init__(self, dsn: str, admin: asyncpg.Connection) -> None:
        self.dsn, self.admin = dsn, admin

    async def put(self, table: str, **given: Any) -> None:
        """A row with these values, and with something in every other column that needs it."""
        needed = await self.admin.fetch(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_name = $1 AND table_schema = 'public' AND is_nullable = 'NO'",
            table,
        )
        blank = {row["column_name"]: _EMPTY.get(row["data_type"], AT) for row in needed}
        values = {**blank, **given}
        names = ", ".join(values)
        places = ", ".join(f"${at}" for at in range(1, len(values) + 1))
        await self.admin.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", *values.values())

    async def upgrade(self, to: str) -> None:
        """Bring it to a revision."""
        await asyncio.to_thread(command.upgrade, migrate.alembic_config(self.dsn), to)


def revision_before(slug: str) -> str:
    """The revision that a migration of this name follows."""
    scripts = ScriptDirectory.from_config(migrate.alembic_config("postgresql://nowhere"))
    found = next(one for one in scripts.walk_revisions() if one.path.endswith(f"_{slug}.py"))
    assert isinstance(found.down_revision, str)
    return found.down_revision


@pytest.fixture
async def old(server: EmbeddedPostgres, keys: Keys, request: pytest.FixtureRequest) -> AsyncIterator[Old]:
    """The database before the migration that the test is marked with."""
    dsn = server.superuser_dsn(f"rows_{request.param}")
    admin = await migrate._connected(dsn)
    await migrate._roles(admin, migrate.app_password(keys))
    made = Old(dsn, admin)
    await made.upgrade(revision_before(request.param))
    yield made
    await admin.close()


@pytest.mark.parametrize("old", ["one_queue"], indirect=True)
async def test_cards_in_review_are_cases_of_the_one_queue(old: Old, keys: Keys) -> None:
    await old.put("shops", shop_id=7, name="山间茶铺")
    await old.put("products", shop_id=7, product_id=70, title="茶盏", delivery="shipped")
    for goods_id in (1, 2):
        card = {"name": f"茶盏 {goods_id}", "url": "pages/a", "cover_media_id": "m1"}
        await old.put(
            "live_goods", shop_id=7, goods_id=goods_id, product_id=70, price_type=1, price_fen=9900, origin="console",
            audit_state="in_audit", audit_id=10 * goods_id + 1, **card,
        )  # fmt: skip
        seen = {**card, "goods_id": goods_id, "price_type": 1, "price_fen": 9900, "price2_fen": None}
        for audit_id, state in ((10 * goods_id, "rejected"), (10 * goods_id + 1, "waiting")):
            decided = {"decided_at": AT} if state == "rejected" else {"waiting_since": AT}
            previous = None if state == "rejected" else json.dumps(seen)
            await old.put(
                "review_cases", shop_id=7, audit_id=audit_id, goods_id=goods_id, state=state,
                submitted=json.dumps(seen), previous=previous, **decided,
            )  # fmt: skip
    await old.put(
        "live_goods_history", shop_id=7, entry_id=1, goods_id=1, became="in_audit", audit_id=11, actor="staff:41"
    )
    await migrate.migrate(old.dsn, keys)
    db = connect(migrate.app_dsn(old.dsn, keys), Clock())
    async with db.read(ShopId(7)) as tx:
        page = await reviews.waiting(tx, cursor=None, limit=None)
        first, second = page.items
    await db.dispose()
    assert (first.kind, first.subject, first.title, first.persons) == (ReviewKind.GOODS, "goods:1", "茶盏 1", 1)
    assert (first.submitted_by, second.submitted_by) == ("staff:41", "system:liveshelf")
    assert (first.follows, second.follows) == (10, 20)
    assert first.submitted.name == "茶盏 1"
    assert first.previous == first.submitted
    assert (first.state, first.goods_id) == (CaseState.WAITING, 1)


async def fill(old: Old) -> None:
    """Two shops as they were before: one whose opening waits and is late, one that is open with things under way."""
    await old.put("policy", policy_id=1, profile="own_house", changed_by="cli")
    for shop in (7, 8):
        await old.put("shops", shop_id=shop, name=f"店 {shop}", opened_at=AT if shop == 8 else None)
    application = {"submissions": 1, "submitted_at": AT, "expected_on": date(2026, 3, 5), "due_at": DUE}
    await old.put(
        "qualification_applications", shop_id=7, kind="opening", state="submitted", subject="sole_trader",
        overdue_at=DUE, **application,
    )  # fmt: skip
    await old.put(
        "qualification_applications", shop_id=8, kind="opening", state="approved", subject="enterprise",
        decided_at=AT, **application,
    )  # fmt: skip
    await old.put(
        "qualification_applications", shop_id=8, kind="live", state="submitted", mode="self_run",
        categories=json.dumps([1304, 801]), **application,
    )  # fmt: skip
    moves = [(7, 700, "opening", "staff:41"), (8, 800, "opening", "staff:51"), (8, 801, "live", "staff:52")]
    for shop, move_id, kind, actor in moves:
        await old.put(
            "qualification_moves", shop_id=shop, move_id=move_id, kind=kind, was="draft", became="submitted",
            actor=actor,
        )  # fmt: skip
    await old.put(
        "qualification_moves", shop_id=8, move_id=799, kind="opening", was="submitted", became="rejected",
        actor="reviewer:9", reasons=json.dumps(["paper_unclear", "other"]),
    )  # fmt: skip
    papers = [
        (7, 71, "business_licence", "waiting"),
        (7, 72, "corporate_account", "waiting"),
        (7, 73, "brand_authorisation", "waiting"),
        (8, 81, "business_licence", "approved"),
        (8, 82, "food_licence", "waiting"),
        (8, 83, "customs_filing", "rejected"),
    ]
    for shop, paper_id, kind, state in papers:
        await old.put(
            "qualification_papers", shop_id=shop, paper_id=paper_id, kind=kind, state=state, submitted_by="staff:41",
            expected_on=date(2026, 3, 3), due_at=DUE, overdue_at=DUE if paper_id in {72, 82} else None,
            file_sha256="0" * 64, content_type="image/jpeg", pages=1,
            reasons=json.dumps(["paper_doubtful"] if state == "rejected" else []),
        )  # fmt: skip
    late = [(7, "application", "application:opening"), (7, "paper", "paper:72"), (8, "paper", "paper:82")]
    for breach_id, (shop, what, subject) in enumerate(late, 1):
        await old.put(
            "clock_breaches", shop_id=shop, breach_id=breach_id, clock=f"qualifications.{what}_late", subject=subject,
            due_at=DUE,
        )  # fmt: skip


@pytest.mark.parametrize("old", ["opening_cases"], indirect=True)
async def test_open_applications_and_papers_are_cases_of_the_one_queue_and_are_decided_there(
    old: Old, keys: Keys
) -> None:
    await fill(old)
    await migrate.migrate(old.dsn, keys)
    assert await migrate.schema_differences(old.dsn) == []
    db = connect(migrate.app_dsn(old.dsn, keys), Clock())
    async with db.read() as tx:
        page = await reviews.waiting(tx, cursor=None, limit=None)
    found = {(int(one.shop), str(one.subject)): one for one in page.items}
    assert set(found) == {(7, "shop:7"), (7, "paper:73"), (8, "permission:8"), (8, "paper:82")}
    shop = found[7, "shop:7"]
    assert (shop.kind, shop.title, shop.persons, shop.due_at, shop.missed) == (ReviewKind.SHOP, "店 7", 1, DUE, True)
    assert (shop.submitted_by, shop.content.facts) == ("staff:41", {"subject": "sole_trader"})
    permission = found[8, "permission:8"]
    assert permission.content.facts == {"mode": "self_run", "categories": "1304, 801"}
    assert (found[8, "paper:82"].missed, found[7, "paper:73"].missed) == (True, False)

    # They are decided as if they had been submitted today, and what was late is settled with it.
    desk, verdict = Actor(ActorKind.REVIEWER, "cli"), Verdict(Stage.PERSON, passed=True)
    for one in page.items:
        await db.write(desk, one.shop, partial(casework.decide, audit_id=AuditId(one.audit_id), verdict=verdict))
    async with db.read(ShopId(7)) as tx:
        opening = await queries.application(tx, ApplicationKind.OPENING)
        papers = {one.paper_id: one.state for one in await queries.papers(tx)}
        late = (await breaches(tx)).items
    assert opening is not None
    assert opening.state is ApplicationState.APPROVED
    assert papers == {71: PaperState.APPROVED, 72: PaperState.APPROVED, 73: PaperState.APPROVED}
    assert all(one.settled_at for one in late)
    assert f"review:{shop.audit_id}" in {one.subject for one in late}
    async with db.read(ShopId(8)) as tx:
        live = await queries.application(tx, ApplicationKind.LIVE)
        rejected = await queries.paper(tx, 83)
        steps = await queries.steps(tx)
        late = (await breaches(tx)).items
    await db.dispose()
    assert live is not None
    assert live.state is ApplicationState.APPROVED
    assert rejected.reasons == ("paper_forged",)
    assert ("paper_unreadable", "other") in {one.reasons for one in steps[ApplicationKind.OPENING]}
    assert [(one.clock, one.settled_at is not None) for one in late] == [("reviews.due", True)]
