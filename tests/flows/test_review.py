"""The two stages of a review: the machine's job, a person's verdict, withdrawal, and development mode."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from liveshelf.accounts import service as accounts
from liveshelf.accounts.types import Role
from liveshelf.adapters.reading.port import FixedReader, Reader
from liveshelf.adapters.storage import FolderStorage, Storage
from liveshelf.compliance import packaged
from liveshelf.entry import cli_reviews
from liveshelf.flows import listing, review, upload
from liveshelf.flows.reactions import REACTIONS
from liveshelf.goods import queries as goods
from liveshelf.goods.types import AuditState, CardChanges, Listed, Origin
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import AuditId, RoomId, ShopId
from liveshelf.platform.db import connect
from liveshelf.platform.events import Relay
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import sweep
from liveshelf.reviews import queries
from liveshelf.reviews._jobs import TIMERS
from liveshelf.reviews.errors import CaseMissing, CaseNotWaiting, ReasonsInvalid, ReviewerNotIndependent
from liveshelf.reviews.reasons import CATALOGUE, check_rejection
from liveshelf.reviews.types import CaseState, Stage, Verdict
from liveshelf.rooms import queries as rooms
from tests.make import goods as make
from tests.make import pictures
from tests.make import rooms as make_rooms
from tests.make.accounts import account
from tests.make.shops import a_shop


@pytest.fixture
def shopkeeping(runtime: Runtime, tmp_path) -> Runtime:
    runtime.provide(Storage, FolderStorage(tmp_path / "media"))
    return runtime


@pytest.fixture
async def shop(shopkeeping: Runtime) -> ShopId:
    return (await a_shop(shopkeeping.db)).shop


async def submitted(runtime: Runtime, shop: ShopId, data: bytes | None = None, **changes: Any) -> Listed:
    """A goods with a real picture, submitted."""
    cover = await upload.upload(runtime, make.SOFTWARE, shop, data or pictures.jpeg(), temporary=True)
    return await make.added(runtime.db, shop, cover_media_id=cover.media_id, **changes)


async def case_of(runtime: Runtime, audit_id: AuditId):
    async with runtime.db.read() as tx:
        return await queries.case_anywhere(tx, audit_id)


async def decide(runtime: Runtime, shop: ShopId, audit_id: AuditId, verdict: Verdict, who: Actor = make.REVIEWER):
    return await runtime.db.write(who, shop, lambda tx: listing.decide(tx, audit_id, verdict))


async def test_a_submission_is_passed_by_the_machine_then_approved_by_a_person(shopkeeping: Runtime, shop: ShopId):
    listed = await submitted(shopkeeping, shop)
    assert (await case_of(shopkeeping, listed.audit_id)).state is CaseState.MACHINE
    await review.machine_pass(shopkeeping, shop, audit_id=listed.audit_id)
    case = await case_of(shopkeeping, listed.audit_id)
    assert case.state is CaseState.WAITING
    assert case.waiting_since is not None
    assert (await make.goods(shopkeeping.db, shop, listed.goods_id)).audit_state is AuditState.IN_AUDIT
    async with shopkeeping.db.read() as tx:
        assert [one.audit_id for one in (await queries.waiting(tx, cursor=None, limit=None)).items] == [listed.audit_id]
    await decide(shopkeeping, shop, listed.audit_id, make.PASS)
    assert (await make.goods(shopkeeping.db, shop, listed.goods_id)).audit_state is AuditState.APPROVED
    async with shopkeeping.db.read(shop) as tx:
        given = (await queries.verdicts(tx, [listed.audit_id]))[listed.audit_id]
        moves = await goods.history(tx, listed.goods_id)
    assert [(one.verdict.stage, one.verdict.passed, one.verdict.development) for one in given] == [
        (Stage.MACHINE, True, False),
        (Stage.PERSON, True, False),
    ]
    assert [(move.was, move.became) for move in moves] == [(None, "in_audit"), ("in_audit", "approved")]


async def test_a_person_can_not_decide_before_the_machine_has(shopkeeping: Runtime, shop: ShopId):
    listed = await submitted(shopkeeping, shop)
    with pytest.raises(CaseNotWaiting):
        await decide(shopkeeping, shop, listed.audit_id, make.PASS)
    assert (await make.goods(shopkeeping.db, shop, listed.goods_id)).audit_state is AuditState.IN_AUDIT


async def test_a_rejection_names_reasons_and_the_goods_can_be_changed_and_submitted_again(
    shopkeeping: Runtime, shop: ShopId
):
    db = shopkeeping.db
    listed = await submitted(shopkeeping, shop)
    await review.machine_pass(shopkeeping, shop, audit_id=listed.audit_id)
    verdict = Verdict(Stage.PERSON, passed=False, reasons=("picture_unclear", "name_mismatch"), note="换一张清晰的图")
    await decide(shopkeeping, shop, listed.audit_id, verdict)
    async with db.read(shop) as tx:
        reasons = await queries.reject_reasons(tx, [listed.audit_id])
    assert reasons == {listed.audit_id: ("picture_unclear", "name_mismatch")}
    await db.write(make.SOFTWARE, shop, lambda tx: listing.update(tx, listed.goods_id, CardChanges(name="青瓷杯")))
    again = await db.write(make.SOFTWARE, shop, lambda tx: listing.submit(tx, listed.goods_id))
    case = await case_of(shopkeeping, again)
    assert case.previous is not None
    assert (case.previous.name, case.submitted.name) == ("青瓷茶盏", "青瓷杯")
    await review.machine_pass(shopkeeping, shop, audit_id=again)
    await decide(shopkeeping, shop, again, make.PASS)
    assert (await make.goods(db, shop, listed.goods_id)).audit_state is AuditState.APPROVED
    with pytest.raises(CaseNotWaiting):
        await decide(shopkeeping, shop, again, verdict)


async def test_what_is_withdrawn_while_it_waits_can_not_be_decided_any_more(shopkeeping: Runtime, shop: ShopId):
    listed = await submitted(shopkeeping, shop)
    await review.machine_pass(shopkeeping, shop, audit_id=listed.audit_id)
    await shopkeeping.db.write(
        make.SOFTWARE, shop, lambda tx: listing.withdraw(tx, listed.goods_id, listed.audit_id, door=Origin.API)
    )
    with pytest.raises(CaseNotWaiting):
        await decide(shopkeeping, shop, listed.audit_id, make.PASS)
    await shopkeeping.db.write(make.SOFTWARE, shop, lambda tx: listing.delete(tx, listed.goods_id))
    with pytest.raises(CaseNotWaiting):
        await decide(shopkeeping, shop, listed.audit_id, make.PASS)
    async with shopkeeping.db.read() as tx:
        assert (await queries.waiting(tx, cursor=None, limit=None)).total == 0


async def test_the_machine_leaves_alone_what_was_withdrawn_decided_or_never_there(shopkeeping: Runtime, shop: ShopId):
    listed = await submitted(shopkeeping, shop)
    for _ in range(2):
        await review.machine_pass(shopkeeping, shop, audit_id=listed.audit_id)
    await review.machine_pass(shopkeeping, shop, audit_id=5)
    async with shopkeeping.db.read(shop) as tx:
        assert len((await queries.verdicts(tx, [listed.audit_id]))[listed.audit_id]) == 1
    with pytest.raises(CaseMissing):
        await decide(shopkeeping, shop, AuditId(5), make.PASS)


async def test_the_machine_refuses_a_picture_with_a_code_and_shows_soft_findings_to_the_person(
    shopkeeping: Runtime, shop: ShopId
):
    sheet = pictures.image()
    code = zxingcpp.create_barcode("weixin://elsewhere", zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
    sheet.paste(Image.fromarray(code), (10, 10))
    refused = await submitted(shopkeeping, shop, pictures.encoded(sheet))
    await review.machine_pass(shopkeeping, shop, audit_id=refused.audit_id)
    assert (await make.goods(shopkeeping.db, shop, refused.goods_id)).audit_state is AuditState.REJECTED
    noted = await submitted(shopkeeping, shop, name="顶级青瓷", price_fen=1)
    await review.machine_pass(shopkeeping, shop, audit_id=noted.audit_id)
    async with shopkeeping.db.read(shop) as tx:
        given = await queries.verdicts(tx, [refused.audit_id, noted.audit_id])
        assert await queries.reject_reasons(tx, given) == {refused.audit_id: ("picture_code",)}
    assert given[noted.audit_id][0].verdict.passed
    assert [one.rule for one in given[noted.audit_id][0].verdict.findings] == [
        "absolute_hint",
        "price.suspicious",
        "picture.text_unread",
    ]


@pytest.mark.feature("S-931")
async def test_contact_details_written_in_the_cover_refuse_it(shopkeeping: Runtime, shop: ShopId):
    shopkeeping.provide(Reader, FixedReader("手工茶盏", "加微信 tea_2026a"))
    listed = await submitted(shopkeeping, shop)
    await review.machine_pass(shopkeeping, shop, audit_id=listed.audit_id)
    assert (await make.goods(shopkeeping.db, shop, listed.goods_id)).audit_state is AuditState.REJECTED
    async with shopkeeping.db.read(shop) as tx:
        given = await queries.verdicts(tx, [listed.audit_id])
    assert given[listed.audit_id][0].verdict.reasons == ("picture_code",)
    assert any(one.rule.startswith("picture.contact") for one in given[listed.audit_id][0].verdict.findings)


async def test_a_frame_with_a_finding_joins_the_queue_and_a_clean_one_is_not_kept(shopkeeping: Runtime, shop: ShopId):
    assert await review.frame_seen(shopkeeping, shop, RoomId(3), pictures.jpeg(640, 360), second=10) is None
    shopkeeping.provide(Reader, FixedReader("加微信 tea_2026a"))
    audit_id = await review.frame_seen(shopkeeping, shop, RoomId(3), pictures.jpeg(640, 360), second=20)
    assert audit_id is not None
    await review.machine_pass(shopkeeping, shop, audit_id=audit_id)
    async with shopkeeping.db.read(shop) as tx:
        case = await queries.case(tx, audit_id)
        given = await queries.verdicts(tx, [audit_id])
    assert (case.subject, case.state) == ("frame:3:20", CaseState.REJECTED)
    assert case.content.facts == {"room_id": 3, "second": 20}
    assert given[audit_id][0].verdict.reasons == ("picture_code",)
    assert given[audit_id][0].verdict.findings[0].lexicon == packaged.version()


async def test_a_reviewer_does_not_judge_goods_of_a_shop_they_belong_to(shopkeeping: Runtime, shop: ShopId):
    listed = await submitted(shopkeeping, shop)
    await review.machine_pass(shopkeeping, shop, audit_id=listed.audit_id)
    insider, colleague = [await account(shopkeeping, name) for name in ("insider", "colleague")]
    await shopkeeping.db.write(SYSTEM, shop, lambda tx: accounts.join_shop(tx, colleague, Role.OWNER))
    await shopkeeping.db.write(SYSTEM, shop, lambda tx: accounts.join_shop(tx, insider, Role.SERVICE))
    with pytest.raises(ReviewerNotIndependent):
        await decide(shopkeeping, shop, listed.audit_id, make.PASS, Actor(ActorKind.REVIEWER, str(insider)))
    outsider = await account(shopkeeping, "outsider")
    await decide(shopkeeping, shop, listed.audit_id, make.PASS, Actor(ActorKind.REVIEWER, str(outsider)))


async def test_a_lost_job_is_asked_for_again_within_minutes(shopkeeping: Runtime, shop: ShopId, admin_dsn: str):
    deferred: list[tuple[str, dict[str, object]]] = []

    async def defer(jobs):
        deferred.extend((name, dict(args)) for name, args in jobs)

    relay = Relay(shopkeeping.db, shopkeeping.bus, defer, REACTIONS)
    listed = await submitted(shopkeeping, shop)
    wanted = ("reviews.machine_pass", {"shop_id": shop, "audit_id": listed.audit_id})
    await relay.sweep()
    assert wanted in deferred
    deferred.clear()
    (timer,) = (one for one in TIMERS if one.name == "reviews.machine_overdue")
    assert await sweep(shopkeeping.db, timer) == 0
    owner = connect(admin_dsn, shopkeeping.clock)
    await owner.advance_clock(timedelta(minutes=2))
    await owner.dispose()
    assert await sweep(shopkeeping.db, timer) == 1
    assert await sweep(shopkeeping.db, timer) == 0
    await relay.sweep()
    assert deferred == [wanted]


async def test_development_mode_approves_by_machine_alone_with_a_mark_that_is_void_without_it(
    shopkeeping: Runtime, shop: ShopId
):
    db = shopkeeping.db
    developing = replace(shopkeeping, settings=replace(shopkeeping.settings, development_review=True))
    listed, gone = [await submitted(developing, shop) for _ in range(2)]
    for one in (listed, gone):
        await review.machine_pass(developing, shop, audit_id=one.audit_id)
        assert (await make.goods(db, shop, one.goods_id)).audit_state is AuditState.APPROVED
    real = await make.goods_in(db, shop, AuditState.APPROVED)
    async with db.read(shop) as tx:
        assert (await queries.verdicts(tx, [listed.audit_id]))[listed.audit_id][-1].verdict.development
    room_id = await make_rooms.live_room(db, shop, [listed.goods_id, real.goods_id])
    await db.write(make.SOFTWARE, shop, lambda tx: listing.delete(tx, gone.goods_id))

    assert await db.write(SYSTEM, shop, listing.void_development_verdicts) == 1
    assert (await make.goods(db, shop, listed.goods_id)).audit_state is AuditState.IN_AUDIT
    assert (await make.goods(db, shop, real.goods_id)).audit_state is AuditState.APPROVED
    assert (await case_of(shopkeeping, listed.audit_id)).state is CaseState.WAITING
    async with db.read(shop) as tx:
        assert [place.goods_id for place in await rooms.places(tx, room_id)] == [real.goods_id]
        assert (await goods.history(tx, listed.goods_id))[-1].note == listing.VOIDED
    assert await db.write(SYSTEM, shop, listing.void_development_verdicts) == 0

    await decide(shopkeeping, shop, listed.audit_id, make.PASS)
    assert (await make.goods(db, shop, listed.goods_id)).audit_state is AuditState.APPROVED
    assert await db.write(SYSTEM, shop, listing.void_development_verdicts) == 0  # a person has passed it since


async def test_the_command_line_lists_and_decides(shopkeeping: Runtime, shop: ShopId):
    one, two = [await submitted(shopkeeping, shop) for _ in range(2)]
    for listed in (one, two):
        await review.machine_pass(shopkeeping, shop, audit_id=listed.audit_id)
    assert [case["audit_id"] for case in await cli_reviews.waiting(shopkeeping)] == [
        str(one.audit_id),
        str(two.audit_id),
    ]
    told = await cli_reviews.decide(shopkeeping, one.audit_id, cli_reviews.approval(""))
    assert told["state"] == "approved"
    told = await cli_reviews.decide(shopkeeping, two.audit_id, cli_reviews.rejection(("link_wrong",), ""))
    assert told["state"] == "rejected"
    assert await cli_reviews.waiting(shopkeeping) == []


async def test_decided_cases_are_listed_latest_first_page_by_page(shopkeeping: Runtime, shop: ShopId):
    listed = [await make.goods_in(shopkeeping.db, shop, AuditState.APPROVED) for _ in range(3)]
    async with shopkeeping.db.read() as tx:
        first = await queries.decided(tx, cursor=None, limit=2)
        rest = await queries.decided(tx, cursor=first.next, limit=2)
    seen = [one.audit_id for one in (*first.items, *rest.items)]
    assert seen == [one.audit_id for one in reversed(listed)]
    assert rest.next is None


@pytest.mark.parametrize("reasons", [[], ["nonsense"], [one.code for one in CATALOGUE[:6]]])
def test_a_rejection_has_one_to_five_known_reasons(reasons):
    with pytest.raises(ReasonsInvalid):
        check_rejection(reasons, "")


def test_another_reason_needs_a_note():
    with pytest.raises(ReasonsInvalid):
        check_rejection(["other"], " ")
    assert check_rejection(["other", "other"], "说明") == ("other",)
