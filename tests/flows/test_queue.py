"""The one queue: who may judge, who works on what, limits in working days, two persons, batches, appeals."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from liveshelf.accounts import service as accounts
from liveshelf.accounts.types import PlatformRole, Role
from liveshelf.adapters.storage import FolderStorage, Storage
from liveshelf.flows import casework, listing, review
from liveshelf.goods.types import AuditState
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import PLATFORM, AuditId, ShopId
from liveshelf.platform import calendar, limits
from liveshelf.platform.db import Database, Tx, connect
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import sweep
from liveshelf.reviews import judges, queries, service
from liveshelf.reviews._jobs import TIMERS
from liveshelf.reviews.errors import (
    AppealInvalid,
    AppealRefused,
    CaseNotTaken,
    CaseNotWaiting,
    CaseTaken,
    JudgesOwnCase,
    ReviewerNotIndependent,
    SubmissionInvalid,
)
from liveshelf.reviews.types import CaseState, Content, ReviewKind, Stage, SubjectRef, Verdict
from liveshelf.shops import policy
from tests.make import goods as make
from tests.make.accounts import account, bearer, platform_session, staff_session
from tests.make.shops import a_shop

ANNA, BERT = Actor(ActorKind.REVIEWER, "901"), Actor(ActorKind.REVIEWER, "902")
REFUSAL = Verdict(Stage.PERSON, passed=False, reasons=("paper_expired",), note="")
SUBJECT = SubjectRef("shop:1")
FORM = Content({"name": "山间茶铺"}, (), {"form": "person"})
(DUE,) = (one for one in TIMERS if one.name == service.DUE)


@pytest.fixture
async def shop(runtime: Runtime, tmp_path) -> ShopId:
    runtime.provide(Storage, FolderStorage(tmp_path / "media"))
    return (await a_shop(runtime.db)).shop


@pytest.fixture(autouse=True)
def _queue_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue by itself: nothing stands behind these cases that would follow their verdicts."""
    monkeypatch.setattr(casework, "FOLLOWERS", {})


async def submitted(
    db: Database, shop: ShopId, *, kind: ReviewKind = ReviewKind.SHOP, who: Actor = make.STAFF, content: Content = FORM
) -> AuditId:
    return await db.write(
        who, shop, lambda tx: service.submit(tx, SUBJECT, kind=kind, content=content, title="山间茶铺")
    )


async def case_of(db: Database, audit_id: int):
    async with db.read() as tx:
        return await queries.case_anywhere(tx, audit_id)


async def judged(db: Database, shop: ShopId, audit_id: AuditId, who: Actor, verdict: Verdict = make.PASS) -> CaseState:
    return await db.write(who, shop, lambda tx: casework.decide(tx, audit_id, verdict))


async def handled(db: Database, shop: ShopId, audit_id: AuditId, who: Actor, verb: Any, *args: Any) -> None:
    async def work(tx: Tx) -> None:
        await verb(tx, await queries.case(tx, audit_id), *args)

    await db.write(who, shop, work)


async def moved(runtime: Runtime, admin_dsn: str, to: datetime) -> None:
    async with runtime.db.read() as tx:
        by = to - tx.now
    owner = connect(admin_dsn, runtime.clock)
    await owner.advance_clock(by)
    await owner.dispose()


@pytest.mark.feature("L-601", half=True)
async def test_what_the_machine_can_not_look_at_needs_two_persons_who_are_not_one(db: Database, shop: ShopId):
    audit_id = await submitted(db, shop)
    assert (await case_of(db, audit_id)).state is CaseState.WAITING
    assert await judged(db, shop, audit_id, ANNA) is CaseState.WAITING
    with pytest.raises(JudgesOwnCase):
        await judged(db, shop, audit_id, ANNA)
    assert (await case_of(db, audit_id)).first_pass_by == str(ANNA)
    assert await judged(db, shop, audit_id, BERT) is CaseState.APPROVED
    with pytest.raises(CaseNotWaiting):
        await judged(db, shop, audit_id, BERT)


async def test_one_of_two_persons_refuses_for_both(db: Database, shop: ShopId):
    audit_id = await submitted(db, shop)
    await judged(db, shop, audit_id, ANNA)
    assert await judged(db, shop, audit_id, BERT, REFUSAL) is CaseState.REJECTED


@pytest.mark.feature("L-601", half=True)
async def test_in_an_own_house_of_one_that_person_is_the_human_look_and_the_waiver_is_on_record(
    runtime: Runtime, shop: ShopId
):
    db = runtime.db
    sole = await account(runtime, "sole")
    await db.write(SYSTEM, shop, lambda tx: accounts.join_shop(tx, sole, Role.OWNER))
    me = Actor(ActorKind.REVIEWER, str(sole))
    listed, other = [await make.added(db, shop) for _ in range(2)]
    for one in (listed, other):
        await judged(db, shop, one.audit_id, review.MACHINE, make.MACHINE_PASS)
    # What the machine can't look at still needs others.
    paper = await submitted(db, shop)
    with pytest.raises(ReviewerNotIndependent):
        await judged(db, shop, paper, me)
    await judged(db, shop, listed.audit_id, me)
    assert (await make.goods(db, shop, listed.goods_id)).audit_state is AuditState.APPROVED
    async with db.read(shop) as tx:
        given = [waiver for waiver in await policy.waivers(tx) if waiver.rule == judges.SECOND_PERSON]
    assert [waiver.actor for waiver in given] == [str(me)]
    # On a marketplace nobody is waived.
    await db.write(SYSTEM, PLATFORM, lambda tx: policy.set_policy(tx, policy.Profile.MARKETPLACE))
    with pytest.raises(ReviewerNotIndependent):
        await judged(db, shop, other.audit_id, me)


async def test_two_first_passes_at_once_are_one(db: Database, shop: ShopId):
    for _ in range(5):
        audit_id = await submitted(db, shop)
        done = await asyncio.gather(
            judged(db, shop, audit_id, ANNA), judged(db, shop, audit_id, ANNA), return_exceptions=True
        )
        assert sum(one is CaseState.WAITING for one in done) == 1
        case = await case_of(db, audit_id)
        assert (case.state, case.first_pass_by) == (CaseState.WAITING, str(ANNA))


async def test_nobody_judges_what_they_have_submitted(db: Database, shop: ShopId):
    audit_id = await submitted(db, shop, who=Actor(ActorKind.STAFF, "901"))
    for verb in (service.take, service.take_over):
        with pytest.raises(JudgesOwnCase):
            await handled(db, shop, audit_id, ANNA, verb)
    with pytest.raises(JudgesOwnCase):
        await judged(db, shop, audit_id, ANNA)
    # Software with the same number in its name is somebody else.
    other = await submitted(db, shop, who=Actor(ActorKind.CREDENTIAL, "901"))
    await judged(db, shop, other, ANNA)


async def test_a_case_that_somebody_works_on_is_left_to_them(db: Database, shop: ShopId):
    audit_id = await submitted(db, shop)
    await handled(db, shop, audit_id, ANNA, service.take)
    with pytest.raises(CaseTaken):
        await judged(db, shop, audit_id, BERT)
    with pytest.raises(CaseTaken):
        await handled(db, shop, audit_id, BERT, service.take)
    with pytest.raises(CaseNotTaken):
        await handled(db, shop, audit_id, BERT, service.release)
    await handled(db, shop, audit_id, ANNA, service.take)  # twice is no error
    await handled(db, shop, audit_id, ANNA, service.release)
    await handled(db, shop, audit_id, BERT, service.take)
    await handled(db, shop, audit_id, ANNA, service.take_over)
    assert (await case_of(db, audit_id)).taken_by == str(ANNA)
    await handled(db, shop, audit_id, ANNA, service.hand_over, BERT)
    await judged(db, shop, audit_id, BERT)
    assert (await case_of(db, audit_id)).taken_by is None  # free again for the second person


async def test_of_two_who_take_a_case_at_once_one_has_it(db: Database, shop: ShopId):
    for _ in range(8):
        audit_id = await submitted(db, shop)
        done = await asyncio.gather(
            *(handled(db, shop, audit_id, who, service.take) for who in (ANNA, BERT)), return_exceptions=True
        )
        assert [isinstance(one, CaseTaken) for one in done].count(True) == 1


async def test_a_case_is_not_handed_to_somebody_who_may_not_judge_it(runtime: Runtime, shop: ShopId):
    db = runtime.db
    insider = await account(runtime, "insider")
    await db.write(SYSTEM, shop, lambda tx: accounts.join_shop(tx, insider, Role.SERVICE))
    audit_id = await submitted(db, shop)
    await handled(db, shop, audit_id, ANNA, service.take)
    with pytest.raises(ReviewerNotIndependent):
        await handled(db, shop, audit_id, ANNA, service.hand_over, Actor(ActorKind.REVIEWER, str(insider)))


async def test_who_leaves_gives_their_cases_back(db: Database, shop: ShopId):
    mine = [await submitted(db, shop) for _ in range(2)]
    for audit_id in mine:
        await handled(db, shop, audit_id, ANNA, service.take)
    async with db.read() as tx:
        assert await queries.shops_held(tx, ANNA) == [shop]
    assert await db.write(SYSTEM, shop, lambda tx: service.release_all(tx, ANNA)) == 2
    assert {(await case_of(db, one)).taken_by for one in mine} == {None}


@pytest.mark.feature("L-204", half=True)
@pytest.mark.feature("L-207")
async def test_a_case_that_is_not_decided_in_its_working_days_is_missed_a_second_later(
    runtime: Runtime, shop: ShopId, admin_dsn: str
):
    db = runtime.db
    # The eve of the National Day of 2027, which nobody has entered yet: entered here, with a make-up Sunday.
    off = [datetime(2027, 10, day, tzinfo=UTC).date() for day in range(1, 8)]
    on = [datetime(2027, 10, 10, tzinfo=UTC).date()]  # a Sunday
    await db.write(SYSTEM, PLATFORM, lambda tx: calendar.save_year(tx, 2027, calendar.Year(off, on)))
    await moved(runtime, admin_dsn, datetime(2027, 9, 30, 6, 0, tzinfo=UTC))
    audit_id = await submitted(db, shop)
    case = await case_of(db, audit_id)
    # Three working days: Friday 8, Sunday 10, Monday 11 October; the Monday ends at 16:00 UTC.
    due = datetime(2027, 10, 11, 16, 0, tzinfo=UTC)
    assert case.due_at == due
    await moved(runtime, admin_dsn, due - timedelta(seconds=2))
    assert await sweep(db, DUE) == 0
    await moved(runtime, admin_dsn, due + timedelta(seconds=1))
    assert await sweep(db, DUE) == 1
    assert await sweep(db, DUE) == 0
    assert (await case_of(db, audit_id)).missed
    await judged(db, shop, audit_id, ANNA, REFUSAL)
    async with db.read(shop) as tx:
        (breach,) = (await limits.breaches(tx, clock=service.DUE)).items
    assert (breach.subject, breach.due_at, breach.settled_at is not None) == (f"review:{audit_id}", due, True)


async def test_a_submission_after_a_rejection_shows_the_one_before(db: Database, shop: ShopId):
    first = await submitted(db, shop)
    await judged(db, shop, first, ANNA, REFUSAL)
    second = await submitted(db, shop, content=Content({"name": "山间茶铺二店"}))
    case = await case_of(db, second)
    assert case.follows == first
    assert case.before is not None
    assert (case.before.texts["name"], case.content.texts["name"]) == ("山间茶铺", "山间茶铺二店")


async def rejected_goods(db: Database, shop: ShopId, verdict: Verdict | None = None):
    listed = await make.added(db, shop)
    await judged(db, shop, listed.audit_id, review.MACHINE, verdict or make.MACHINE_PASS)
    if verdict is None:
        await judged(db, shop, listed.audit_id, ANNA, Verdict(Stage.PERSON, passed=False, reasons=("link_wrong",)))
    return listed


async def appealed(db: Database, shop: ShopId, audit_id: AuditId, words: str = "链接可以打开") -> None:
    await db.write(make.STAFF, shop, lambda tx: casework.appeal(tx, audit_id, words))


async def test_an_appeal_is_judged_by_somebody_else_and_once(db: Database, shop: ShopId):
    listed = await rejected_goods(db, shop)
    await appealed(db, shop, listed.audit_id)
    case = await case_of(db, listed.audit_id)
    assert (case.state, case.appeal, case.persons) == (CaseState.WAITING, "链接可以打开", 1)
    assert (await make.goods(db, shop, listed.goods_id)).audit_state is AuditState.IN_AUDIT
    with pytest.raises(JudgesOwnCase):
        await judged(db, shop, listed.audit_id, ANNA)
    await judged(db, shop, listed.audit_id, BERT)
    assert (await make.goods(db, shop, listed.goods_id)).audit_state is AuditState.APPROVED
    with pytest.raises(AppealRefused):
        await appealed(db, shop, listed.audit_id)


async def test_an_appeal_that_is_refused_is_the_last(db: Database, shop: ShopId):
    listed = await rejected_goods(db, shop)
    await appealed(db, shop, listed.audit_id)
    await judged(db, shop, listed.audit_id, BERT, Verdict(Stage.PERSON, passed=False, reasons=("link_wrong",)))
    assert (await make.goods(db, shop, listed.goods_id)).audit_state is AuditState.REJECTED
    with pytest.raises(AppealRefused):
        await appealed(db, shop, listed.audit_id)


async def test_what_only_the_machine_has_refused_needs_two_persons_to_pass(db: Database, shop: ShopId):
    listed = await rejected_goods(db, shop, Verdict(Stage.MACHINE, passed=False, reasons=("name_illegal",)))
    await appealed(db, shop, listed.audit_id)
    assert await judged(db, shop, listed.audit_id, ANNA) is CaseState.WAITING
    assert (await make.goods(db, shop, listed.goods_id)).audit_state is AuditState.IN_AUDIT
    assert await judged(db, shop, listed.audit_id, BERT) is CaseState.APPROVED
    assert (await make.goods(db, shop, listed.goods_id)).audit_state is AuditState.APPROVED


async def test_an_appeal_comes_within_fifteen_days(runtime: Runtime, shop: ShopId, admin_dsn: str):
    db = runtime.db
    late, in_time = [await rejected_goods(db, shop) for _ in range(2)]
    until = (await case_of(db, late.audit_id)).decided_at + service.APPEAL_WITHIN
    await moved(runtime, admin_dsn, until - timedelta(seconds=2))
    await appealed(db, shop, in_time.audit_id)
    await moved(runtime, admin_dsn, until + timedelta(seconds=1))
    with pytest.raises(AppealRefused):
        await appealed(db, shop, late.audit_id)
    case = await case_of(db, late.audit_id)
    assert (case.state, case.appeal) == (CaseState.REJECTED, None)


async def test_there_is_no_appeal_for_what_was_submitted_again_or_says_nothing(db: Database, shop: ShopId):
    listed = await rejected_goods(db, shop)
    for words in (" ", "长" * 501):
        with pytest.raises(AppealInvalid):
            await appealed(db, shop, listed.audit_id, words)
    await db.write(make.STAFF, shop, lambda tx: listing.submit(tx, listed.goods_id))
    with pytest.raises(AppealRefused):
        await appealed(db, shop, listed.audit_id)


async def test_the_machine_looks_at_other_kinds_too(runtime: Runtime, shop: ShopId):
    bad, good = Content({"name": "全网第一的茶"}), Content({"name": "周三喝茶"})
    refused = await submitted(runtime.db, shop, kind=ReviewKind.ROOM, content=bad)
    passed = await submitted(runtime.db, shop, kind=ReviewKind.ROOM, content=good)
    for audit_id in (refused, passed):
        await review.machine_pass(runtime, shop, audit_id=audit_id)
    assert (await case_of(runtime.db, refused)).state is CaseState.REJECTED
    assert (await case_of(runtime.db, passed)).state is CaseState.WAITING


@pytest.mark.parametrize(
    ("title", "content"),
    [
        ("", FORM),
        ("长" * 201, FORM),
        ("铺", Content({"name": "长" * 20_001})),
        ("铺", Content(pictures=tuple(str(one) for one in range(41)))),
    ],
)
async def test_a_case_stays_within_limits(db: Database, shop: ShopId, title: str, content: Content):
    with pytest.raises(SubmissionInvalid):
        await db.write(
            make.STAFF,
            shop,
            lambda tx: service.submit(tx, SUBJECT, kind=ReviewKind.SHOP, content=content, title=title),
        )


# --- over the API


class Desk:
    """A reviewer at the console."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client, self._headers = client, bearer(token)

    async def __call__(self, method: str, path: str, **json: Any) -> Any:
        answer = await self._client.request(method, "/v1" + path, json=json or None, headers=self._headers)
        return answer.json() if answer.content else answer.status_code


async def test_many_cases_are_decided_at_once_and_one_that_can_not_be_holds_up_no_other(
    client: httpx.AsyncClient, runtime: Runtime, shop: ShopId
):
    db = runtime.db
    desk = Desk(client, await platform_session(runtime, PlatformRole.STEWARD))
    ids = [await submitted(db, shop) for _ in range(3)]
    await handled(db, shop, ids[1], ANNA, service.take)
    body = {"request_id": "b1", "audit_ids": [*(str(one) for one in ids), "7"], "passed": False}
    answer = await desk("POST", "/reviews/verdicts", **body, reasons=["paper_expired"])
    assert [(one["state"], one["code"]) for one in answer] == [
        ("rejected", None),
        (None, "reviews.case_taken"),
        ("rejected", None),
        (None, "reviews.case_missing"),
    ]
    again = await desk("POST", "/reviews/verdicts", **body, reasons=["paper_expired"])
    assert again == answer  # the same press twice decides once
    assert (await desk("POST", "/reviews/verdicts", request_id="b2", audit_ids=["1"], passed=False))["code"] == (
        "reviews.reasons_invalid"
    )


async def test_the_desk_shows_who_works_on_what_and_what_may_be_done(
    client: httpx.AsyncClient, runtime: Runtime, shop: ShopId
):
    db = runtime.db
    desk = Desk(client, await platform_session(runtime, PlatformRole.STEWARD))
    other = await account(runtime, "berta", platform_role=PlatformRole.STEWARD)
    one, two = [await submitted(db, shop) for _ in range(2)]
    seen = await desk("POST", f"/reviews/{one}/take", request_id="t")
    assert (seen["taken_by"], seen["mine"], seen["may"]) == ("steward", True, ["decide", "release", "hand_over"])
    await handled(db, shop, two, Actor(ActorKind.REVIEWER, str(other)), service.take)
    listed = await desk("GET", "/reviews?kind=shop")
    assert [(row["taken_by"], row["may"]) for row in listed["items"]] == [
        ("steward", ["decide", "release", "hand_over"]),
        ("berta", ["take_over"]),
    ]
    assert [row["audit_id"] for row in (await desk("GET", "/reviews?state=mine"))["items"]] == [str(one)]
    assert (await desk("GET", "/reviews?kind=goods"))["items"] == []
    people = await desk("GET", "/reviews/reviewers")
    assert {person["name"] for person in people} == {"berta", "steward"}
    given = await desk("POST", f"/reviews/{one}/hand-over", request_id="h", to=str(other))
    assert (given["taken_by"], given["mine"]) == ("berta", False)
    answer = await desk("POST", f"/reviews/{two}/hand-over", request_id="h2", to="5")
    assert answer["code"] == "reviews.reviewer_unknown"


async def test_a_shop_sees_its_own_cases_with_reasons_and_appeals(
    client: httpx.AsyncClient, runtime: Runtime, shop: ShopId
):
    db = runtime.db
    owner = Desk(client, await staff_session(runtime, shop))
    listed = await rejected_goods(db, shop)
    page = await owner("GET", f"/shops/{shop}/reviews")
    (seen,) = page["items"]
    assert (seen["state"], seen["reasons"], seen["may"]) == ("rejected", ["link_wrong"], ["appeal"])
    assert {one["code"] for one in page["reasons"]} >= {"link_wrong"}
    own = await owner("POST", f"/shops/{shop}/reviews/{listed.audit_id}/appeal", request_id="a", text="链接没问题")
    assert (own["state"], own["appeal"], own["may"]) == ("waiting", "链接没问题", [])
    assert own["due_at"] is not None
    elsewhere = (await a_shop(db, "别家")).shop
    theirs = await rejected_goods(db, elsewhere)
    answer = await owner("POST", f"/shops/{shop}/reviews/{theirs.audit_id}/appeal", request_id="b", text="别家的")
    assert answer["code"] == "reviews.case_missing"


async def test_a_longer_queue_costs_no_more_statements(client: httpx.AsyncClient, runtime: Runtime, shop: ShopId):
    db = runtime.db
    desks = [
        Desk(client, await platform_session(runtime, one)) for one in (PlatformRole.REVIEWER, PlatformRole.STEWARD)
    ]
    counts = []
    for _ in range(2):
        for _ in range(5):
            await rejected_goods(db, shop)
            await submitted(db, shop)
        noted: list[str] = []

        def note(_conn: Any, _cursor: Any, statement: str, *_: Any, noted: list[str] = noted) -> None:
            noted.append(statement)

        event.listen(db.engine.sync_engine, "before_cursor_execute", note)
        for desk in desks:  # of goods, and of shops
            await desk("GET", "/reviews")
            await desk("GET", "/reviews?state=decided")
        event.remove(db.engine.sync_engine, "before_cursor_execute", note)
        counts.append(len(noted))
    assert counts[0] == counts[1]
