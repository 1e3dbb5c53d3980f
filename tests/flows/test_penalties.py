"""Three levels of violations: what each does, how it ends, how it is appealed, and that nothing else lifts a ban."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from liveshelf.accounts import service as accounts
from liveshelf.accounts.types import PlatformRole, Role
from liveshelf.flows import casework, go_live, listing, penalise
from liveshelf.goods import queries as goods
from liveshelf.goods.types import AuditState
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import PLATFORM, AuditId, ShopId
from liveshelf.penalties import queries, rules, service
from liveshelf.penalties._jobs import TIMERS
from liveshelf.penalties.errors import (
    PenaltyAppealRefused,
    PenaltyMissing,
    PenaltyOver,
    ReasonInvalid,
    RuleUnknown,
    ViolationInvalid,
)
from liveshelf.penalties.types import AppealState, Level, Penalty, PenaltyState, Standing, Violation
from liveshelf.platform.db import Tx, connect
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import sweep
from liveshelf.reviews import queries as cases
from liveshelf.reviews.errors import JudgesOwnCase, ReviewerNotIndependent
from liveshelf.reviews.types import ReviewKind, Stage, Verdict
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.types import RoomState
from liveshelf.shops.errors import ShopBlocked
from liveshelf.trail import queries as trail
from tests.make import goods as make
from tests.make import rooms as make_rooms
from tests.make.accounts import account, bearer, staff_session
from tests.make.shops import a_shop
from tests.make.wire import Wire

ANNA, BERT = Actor(ActorKind.REVIEWER, "901"), Actor(ActorKind.REVIEWER, "902")
REFUSAL = Verdict(Stage.PERSON, passed=False, reasons=("other",), note="证据充分")
(LIMIT,) = TIMERS


@pytest.fixture
async def shop(runtime: Runtime) -> ShopId:
    return (await a_shop(runtime.db)).shop


async def now_of(runtime: Runtime) -> datetime:
    async with runtime.db.read() as tx:
        return tx.now


async def imposed(runtime: Runtime, shop: ShopId, rule: str, who: Actor = ANNA, **more: Any) -> Penalty:
    violation = Violation(rule, "直播间口播", await now_of(runtime), **{"quote": "全网最好", **more})
    return await runtime.db.write(who, shop, lambda tx: penalise.impose(tx, violation))


async def standing(runtime: Runtime, shop: ShopId) -> Standing:
    async with runtime.db.read(shop) as tx:
        return await queries.in_force(tx)


async def penalty_of(runtime: Runtime, shop: ShopId, penalty_id: int) -> Penalty:
    async with runtime.db.read(shop) as tx:
        return await queries.penalty(tx, penalty_id)


async def reversed_(runtime: Runtime, shop: ShopId, penalty_id: int, reason: str = "证据不足") -> None:
    await runtime.db.write(BERT, shop, lambda tx: service.reverse(tx, penalty_id, reason))


async def moved(runtime: Runtime, admin_dsn: str, to: datetime) -> None:
    owner = connect(admin_dsn, runtime.clock)
    await owner.advance_clock(to - await now_of(runtime))
    await owner.dispose()


@pytest.mark.feature("L-606")
async def test_counterfeit_goods_end_the_broadcast_block_the_shop_and_leave_sale_until_a_reversal(
    runtime: Runtime, client: httpx.AsyncClient
):
    db = runtime.db
    made = await a_shop(db)
    shop = made.shop
    wire = await Wire(client, runtime, made).sign_in()
    sold, other = [await make.goods_in(db, shop, AuditState.APPROVED) for _ in range(2)]
    rejected = await make.goods_in(db, shop, AuditState.REJECTED)
    room_id = await make_rooms.live_room(db, shop, [sold.goods_id])
    planned = await make_rooms.room(db, shop)
    penalty = await imposed(runtime, shop, "counterfeit", room_id=room_id, video_s=95)
    assert penalty.level is Level.SEVERE
    # The running room is stopped in the same breath, and nothing new begins.
    async with db.read(shop) as tx:
        stopped = await rooms.room(tx, room_id)
    assert stopped is not None
    assert stopped.state is RoomState.BANNED
    with pytest.raises(ShopBlocked):
        await db.write(make.STAFF, shop, lambda tx: go_live.start(tx, planned))
    with pytest.raises(ShopBlocked):
        await make.added(db, shop)
    assert await wire.code("/wxaapi/broadcast/goods/add", {"goodsInfo": await wire.info()}) == 300001
    # The job takes the goods off sale; those that were not approved are left as they are.
    await penalise.enforce(runtime, shop)
    home = (await client.get(f"/v1/storefront/{shop}")).json()
    assert (home["goods"], home["rooms"], home["listed"]) == ([], [], False)
    assert (await client.get(f"/v1/storefront/{shop}/goods/{sold.goods_id}")).status_code == 404
    async with db.read(shop) as tx:
        skus = await goods.skus(tx, [1, 2])
        offers = await goods.offers(tx, [sku.sku_id for many in skus.values() for sku in many])
    assert {offer.goods_id for offer in offers.values()} == {None}
    # Only a reversal lifts it.
    await sweep(db, LIMIT)
    await db.write(make.STAFF, shop, lambda tx: service.acknowledge(tx, penalty.penalty_id))
    assert (await standing(runtime, shop)).banned
    await reversed_(runtime, shop, penalty.penalty_id)
    await penalise.enforce(runtime, shop)
    assert not (await standing(runtime, shop)).banned
    for one in (sold, other):
        assert (await make.goods(db, shop, one.goods_id)).audit_state is AuditState.APPROVED
    assert (await make.goods(db, shop, rejected.goods_id)).audit_state is AuditState.REJECTED
    await db.write(make.STAFF, shop, lambda tx: go_live.start(tx, planned))


async def test_goods_that_are_approved_during_a_ban_wait_for_its_reversal(runtime: Runtime, shop: ShopId):
    db = runtime.db
    listed = await make.added(db, shop)
    penalty = await imposed(runtime, shop, "counterfeit")

    async def both(tx: Tx) -> None:
        for verdict in (make.MACHINE_PASS, make.PASS):
            await casework.decide(tx, listed.audit_id, verdict)

    await db.write(make.REVIEWER, shop, both)
    assert (await make.goods(db, shop, listed.goods_id)).audit_state is AuditState.IN_AUDIT
    await reversed_(runtime, shop, penalty.penalty_id)
    await penalise.enforce(runtime, shop)
    assert (await make.goods(db, shop, listed.goods_id)).audit_state is AuditState.APPROVED


async def test_a_second_ban_keeps_the_shop_closed_when_the_first_is_reversed(runtime: Runtime, shop: ShopId):
    first = await imposed(runtime, shop, "counterfeit")
    second = await imposed(runtime, shop, "forbidden_goods")
    await reversed_(runtime, shop, first.penalty_id)
    assert (await standing(runtime, shop)).banned
    with pytest.raises(ShopBlocked):
        await make.added(runtime.db, shop)
    await reversed_(runtime, shop, second.penalty_id)
    await make.added(runtime.db, shop)


async def test_a_ban_stops_every_room_on_air_however_many(runtime: Runtime):
    db = runtime.db
    shop = (await a_shop(db)).shop
    room_id = await make_rooms.live_room(db, shop)
    copies = (
        "INSERT INTO rooms SELECT (jsonb_populate_record(r, jsonb_build_object('room_id', r.room_id + g))).*"
        f" FROM rooms r, generate_series(1, 120) g WHERE r.shop_id = {shop} AND r.room_id = {room_id}"
    )
    async with db.engine.begin() as conn:
        await conn.exec_driver_sql(copies)
    await imposed(runtime, shop, "counterfeit")
    async with db.read(shop) as tx:
        assert await rooms.on_air(tx) == []


@pytest.mark.feature("L-607")
async def test_an_exaggerated_claim_limits_traffic_for_seven_days_to_the_second(
    runtime: Runtime, client: httpx.AsyncClient, admin_dsn: str
):
    db = runtime.db
    made = await a_shop(db)
    shop = made.shop
    wire = await Wire(client, runtime, made).sign_in()
    on_air = await make_rooms.live_room(db, shop)
    notice = {"room_id": on_air, "user_openid": ["nobody"]}

    async def publicly_listed() -> set[int]:
        listed = await wire.post("/wxa/business/getliveinfo", {"start": 0, "limit": 9})
        return {one["is_feeds_public"] for one in listed["room_info"]}

    assert await publicly_listed() == {1}
    sold = await make.goods_in(db, shop, AuditState.APPROVED)
    room_id = await make_rooms.room(db, shop)
    penalty = await imposed(runtime, shop, "exaggerated_claim")
    assert penalty.ends_at == penalty.imposed_at + timedelta(days=7)
    home = (await client.get(f"/v1/storefront/{shop}")).json()
    assert (home["listed"], home["goods"], home["rooms"]) == (False, [], [])
    poster = await client.get(f"/room-posters/{shop}/{room_id}.png")
    assert (poster.status_code, poster.json()["code"]) == (403, "penalties.limited")
    assert await publicly_listed() == {0}
    refused = await wire.post("/wxa/business/push_message", notice)
    assert (refused["errcode"], "limited" in refused["errmsg"]) == (48001, True)
    # Direct links still work: the goods, the room, its code.
    assert (await client.get(f"/v1/storefront/{shop}/goods/{sold.goods_id}")).status_code == 200
    assert (await client.get(f"/v1/storefront/{shop}/rooms/{room_id}")).status_code == 200
    assert (await client.get(f"/room-codes/{shop}/{room_id}.png")).status_code == 200
    await make.added(db, shop)  # and the shop goes on working
    await moved(runtime, admin_dsn, penalty.ends_at - timedelta(seconds=2))
    assert await sweep(db, LIMIT) == 0
    assert not (await standing(runtime, shop)).public
    await moved(runtime, admin_dsn, penalty.ends_at + timedelta(seconds=1))
    assert await sweep(db, LIMIT) == 1
    assert (await standing(runtime, shop)).public
    assert (await client.get(f"/v1/storefront/{shop}")).json()["listed"] is True
    await wire.sign_in()  # tokens last two hours
    assert await publicly_listed() == {1}
    assert (await penalty_of(runtime, shop, penalty.penalty_id)).state is PenaltyState.ENDED


@pytest.mark.feature("L-607", half=True)
async def test_a_second_breach_starts_the_seven_days_anew_and_a_third_in_ninety_days_is_a_ban(
    runtime: Runtime, shop: ShopId, admin_dsn: str
):
    first = await imposed(runtime, shop, "exaggerated_claim")
    await moved(runtime, admin_dsn, first.imposed_at + timedelta(days=5))
    second = await imposed(runtime, shop, "misleading_price")
    assert second.level is Level.GENERAL
    assert (await standing(runtime, shop)).limited_until == second.imposed_at + timedelta(days=7)
    third = await imposed(runtime, shop, "off_platform")
    assert (third.level, third.raised_from) == (Level.SEVERE, Level.GENERAL)
    assert (await standing(runtime, shop)).banned


async def test_a_reversed_penalty_or_an_old_one_does_not_count_for_repetition(
    runtime: Runtime, shop: ShopId, admin_dsn: str
):
    for _ in range(2):
        one = await imposed(runtime, shop, "ad_unmarked")
        await reversed_(runtime, shop, one.penalty_id)
    assert (await imposed(runtime, shop, "ad_unmarked")).level is Level.MINOR
    assert (await imposed(runtime, shop, "ad_unmarked")).level is Level.MINOR
    await moved(runtime, admin_dsn, await now_of(runtime) + timedelta(days=31))
    assert (await imposed(runtime, shop, "ad_unmarked")).level is Level.MINOR


@pytest.mark.feature("L-608")
async def test_an_unmarked_advertisement_is_a_warning_that_is_counted_until_it_is_acknowledged(
    runtime: Runtime, client: httpx.AsyncClient, shop: ShopId
):
    headers = bearer(await staff_session(runtime, shop))
    penalty = await imposed(runtime, shop, "ad_unmarked")
    page = (await client.get(f"/v1/shops/{shop}/penalties", headers=headers)).json()
    assert page["standing"] == {"banned": False, "limited_until": None, "warnings_open": 1, "warnings": 1}
    path = f"/v1/shops/{shop}/penalties/{penalty.penalty_id}"
    answer = await client.post(f"{path}/acknowledge", json={"request_id": "a"}, headers=headers)
    assert (answer.json()["state"], answer.json()["acknowledged_by"]) == ("ended", f"owner-of-{shop}")
    page = (await client.get(f"/v1/shops/{shop}/penalties", headers=headers)).json()
    assert (page["standing"]["warnings_open"], page["standing"]["warnings"]) == (0, 1)
    answer = await client.post(f"{path}/acknowledge", json={"request_id": "b"}, headers=headers)
    assert answer.json()["code"] == "penalties.over"


@pytest.mark.feature("L-609")
async def test_a_penalty_links_its_evidence_and_its_appeal_is_heard_by_somebody_else(
    runtime: Runtime, client: httpx.AsyncClient, shop: ShopId
):
    db = runtime.db
    headers = bearer(await staff_session(runtime, shop))
    room_id = await make_rooms.room(db, shop)
    penalty = await imposed(runtime, shop, "exaggerated_claim", room_id=room_id, video_s=734)
    path = f"/v1/shops/{shop}/penalties/{penalty.penalty_id}"
    (seen,) = (await client.get(f"/v1/shops/{shop}/penalties", headers=headers)).json()["items"]
    assert (seen["room_id"], seen["video_s"], seen["quote"], seen["rule"], seen["imposed_by"]) == (
        room_id,
        734,
        "全网最好",
        "exaggerated_claim",
        "reviewer:901",
    )
    assert seen["may"] == ["acknowledge", "appeal"]
    answer = await client.post(f"{path}/appeal", json={"request_id": "a", "text": "口误，已更正"}, headers=headers)
    assert (answer.json()["appeal_state"], answer.json()["state"]) == ("open", "in_force")
    audit_id = int(answer.json()["appeal_audit_id"])
    async with db.read() as tx:
        case = await cases.case_anywhere(tx, audit_id)
    assert (case.kind, case.content.texts["quote"], case.content.facts["video_s"]) == (
        ReviewKind.APPEAL,
        "全网最好",
        734,
    )
    with pytest.raises(JudgesOwnCase):
        await db.write(ANNA, shop, lambda tx: casework.decide(tx, case.audit_id, make.PASS))
    await db.write(BERT, shop, lambda tx: casework.decide(tx, case.audit_id, make.PASS))
    found = await penalty_of(runtime, shop, penalty.penalty_id)
    assert (found.state, found.appeal_state, found.reversed_by) == (
        PenaltyState.REVERSED,
        AppealState.GRANTED,
        str(BERT),
    )
    assert (await standing(runtime, shop)).public
    async with db.read(shop) as tx:
        actions = {one.action for one in (await trail.newest(tx, cursor=None, limit=50)).items}
    assert {"penalties.impose", "penalties.appeal", "penalties.reverse"} <= actions


@pytest.mark.feature("L-609")
async def test_a_refused_appeal_leaves_the_penalty_and_there_is_no_other(runtime: Runtime, shop: ShopId):
    db = runtime.db
    penalty = await imposed(runtime, shop, "counterfeit")

    async def appealed() -> AuditId:
        return await db.write(make.STAFF, shop, lambda tx: service.appeal(tx, penalty.penalty_id, "是正品"))

    audit_id = await appealed()
    await db.write(BERT, shop, lambda tx: casework.decide(tx, audit_id, REFUSAL))
    found = await penalty_of(runtime, shop, penalty.penalty_id)
    assert (found.state, found.appeal_state) == (PenaltyState.IN_FORCE, AppealState.UPHELD)
    with pytest.raises(PenaltyAppealRefused):
        await appealed()


@pytest.mark.feature("L-609")
async def test_an_appeal_comes_within_fifteen_days(runtime: Runtime, shop: ShopId, admin_dsn: str):
    in_time = await imposed(runtime, shop, "ad_unmarked")
    late = await imposed(runtime, shop, "ad_unmarked")
    until = in_time.imposed_at + rules.APPEAL_WITHIN
    await moved(runtime, admin_dsn, until - timedelta(seconds=2))
    await runtime.db.write(make.STAFF, shop, lambda tx: service.appeal(tx, in_time.penalty_id, "已标明"))
    await moved(runtime, admin_dsn, late.imposed_at + rules.APPEAL_WITHIN + timedelta(seconds=1))
    with pytest.raises(PenaltyAppealRefused) as refused:
        await runtime.db.write(make.STAFF, shop, lambda tx: service.appeal(tx, late.penalty_id, "已标明"))
    assert refused.value.context["late"] is True


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"rule": "no_such_rule"}, RuleUnknown),
        ({"what": " "}, ViolationInvalid),
        ({"what": "长" * 1_001}, ViolationInvalid),
        ({"quote": "长" * 1_001}, ViolationInvalid),
        ({"video_s": 5}, ViolationInvalid),
        ({"happened_at": datetime.fromisoformat("2099-01-01T00:00:00+00:00")}, ViolationInvalid),
    ],
)
async def test_evidence_that_can_not_be_right_is_refused_and_nothing_follows(
    runtime: Runtime, shop: ShopId, changes: dict[str, Any], error: type[Exception]
):
    fields = {"rule": "counterfeit", "what": "假货", "happened_at": await now_of(runtime), **changes}
    with pytest.raises(error):
        await runtime.db.write(ANNA, shop, lambda tx: penalise.impose(tx, Violation(**fields)))
    assert await standing(runtime, shop) == Standing(banned=False, limited_until=None, warnings_open=0, warnings=0)


async def test_a_reviewer_does_not_penalise_their_own_shop(runtime: Runtime, shop: ShopId):
    insider = await account(runtime, "insider")
    await runtime.db.write(SYSTEM, shop, lambda tx: accounts.join_shop(tx, insider, Role.SERVICE))
    with pytest.raises(ReviewerNotIndependent):
        await imposed(runtime, shop, "counterfeit", Actor(ActorKind.REVIEWER, str(insider)))


async def test_a_reversal_says_why_and_happens_once(runtime: Runtime, shop: ShopId):
    penalty = await imposed(runtime, shop, "counterfeit")
    with pytest.raises(ReasonInvalid):
        await reversed_(runtime, shop, penalty.penalty_id, " ")
    done = await asyncio.gather(
        *(reversed_(runtime, shop, penalty.penalty_id) for _ in range(3)), return_exceptions=True
    )
    assert [type(one) for one in done if one is not None] == [PenaltyOver, PenaltyOver]
    with pytest.raises(PenaltyMissing):
        await reversed_(runtime, shop, 7)


async def test_only_the_right_people_impose_and_reverse(runtime: Runtime, client: httpx.AsyncClient, shop: ShopId):
    async def session(name: str, role: PlatformRole) -> dict[str, str]:
        who = await account(runtime, name, platform_role=role)
        return bearer(await runtime.db.write(SYSTEM, PLATFORM, lambda tx: accounts.start_session(tx, who)))

    reviewer, steward = await session("anna", PlatformRole.REVIEWER), await session("sten", PlatformRole.STEWARD)
    owner = bearer(await staff_session(runtime, shop))
    body = {
        "request_id": "i",
        "shop_id": shop,
        "rule": "counterfeit",
        "what": "假冒商标",
        "happened_at": (await now_of(runtime)).isoformat(),
    }
    assert (await client.post("/v1/penalties", json=body, headers=owner)).status_code == 403
    assert (await client.post("/v1/penalties", json=body, headers=steward)).status_code == 403
    made = (await client.post("/v1/penalties", json=body, headers=reviewer)).json()
    assert (made["level"], made["imposed_by"], made["may"]) == ("severe", "anna", [])
    again = (await client.post("/v1/penalties", json=body, headers=reviewer)).json()
    assert again["penalty_id"] == made["penalty_id"]  # the same press twice
    path = f"/v1/penalties/{made['penalty_id']}/reverse"
    reversal = {"request_id": "r", "reason": "鉴定为正品"}
    assert (await client.post(path, json=reversal, headers=reviewer)).status_code == 403
    assert (await client.post(path, json=reversal, headers=owner)).status_code == 403
    assert (await client.post(path, json=reversal, headers=steward)).json()["state"] == "reversed"
    listed = (await client.get("/v1/penalties?state=reversed&level=severe", headers=steward)).json()["items"]
    assert [one["penalty_id"] for one in listed] == [made["penalty_id"]]
    assert (await client.get("/v1/penalties?state=in_force", headers=steward)).json()["items"] == []
    setup = (await client.get("/v1/penalties/setup", headers=reviewer)).json()
    assert {one["code"] for one in setup["rules"]} == set(rules.BY_CODE)
    other = (await a_shop(runtime.db, "别家")).shop
    theirs = await imposed(runtime, other, "ad_unmarked")
    mine = f"/v1/shops/{shop}/penalties/{theirs.penalty_id}/acknowledge"
    assert (await client.post(mine, json={"request_id": "x"}, headers=owner)).status_code == 404


async def test_a_deleted_goods_is_not_put_back(runtime: Runtime, shop: ShopId):
    db = runtime.db
    kept = await make.goods_in(db, shop, AuditState.APPROVED)
    penalty = await imposed(runtime, shop, "counterfeit")
    await penalise.enforce(runtime, shop)
    await penalise.enforce(runtime, shop)  # twice does no harm
    await reversed_(runtime, shop, penalty.penalty_id)
    await penalise.enforce(runtime, shop)
    await db.write(make.STAFF, shop, lambda tx: listing.delete(tx, kept.goods_id))
    await penalise.enforce(runtime, shop)
    async with db.read(shop) as tx:
        assert await queries.taken_off(tx, limit=10) == []
        assert await goods.live_goods(tx, [kept.goods_id]) == []
