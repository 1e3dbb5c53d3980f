"""Opening a shop, from its papers to its first goods: each subject with its rights, and every way to be refused."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import event, text

from liveshelf.accounts import service as accounts
from liveshelf.accounts.types import PlatformRole, Role
from liveshelf.adapters.storage import Storage
from liveshelf.entry import registry
from liveshelf.flows import listing
from liveshelf.flows import papers as flow
from liveshelf.goods import queries as goods
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM
from liveshelf.kernel.time import CHINA
from liveshelf.platform import clock
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Tx, connect
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import sweep
from liveshelf.qualifications import paperwork, queries
from liveshelf.qualifications.rights import SUBJECT_PAPERS
from liveshelf.qualifications.types import PaperKind, Subject
from liveshelf.shops import policy
from liveshelf.shops.policy import Profile
from tests.make.accounts import account, bearer, platform_session
from tests.make.goods import MACHINE_PASS, PASS, REVIEWER, STAFF
from tests.make.papers import Merchant, credit_code, merchant, new, pdf
from tests.make.paying import till_of
from tests.make.selling import PRICE_FEN, addressed, bought, guest, wish
from tests.make.shops import a_shop, profile
from tests.make.telling import tell_all

RIGHTS = {
    Subject.PERSON: ["list_ordinary", "list_cross_border", "use_library"],
    Subject.SOLE_TRADER: ["list_ordinary", "list_cross_border", "use_library", "marketing"],
    Subject.ENTERPRISE: [
        "list_ordinary",
        "list_cross_border",
        "list_virtual",
        "use_library",
        "go_live",
        "marketing",
        "api",
    ],
}


async def advance(admin_dsn: str, by: timedelta) -> None:
    owner = connect(admin_dsn, Clock(movable=True))
    await owner.advance_clock(by)
    await owner.dispose()


async def fire(runtime: Runtime, name: str) -> int:
    timer = next(one for one in registry.timers() if one.name == name)
    return await sweep(runtime.db, timer)


@pytest.fixture
async def sole(client: httpx.AsyncClient, runtime: Runtime) -> Merchant:
    return await merchant(client, runtime)


@pytest.mark.feature("S-109")
@pytest.mark.feature("S-110")
@pytest.mark.feature("S-111", half=True)
@pytest.mark.feature("S-103")
@pytest.mark.parametrize("subject", Subject)
async def test_each_subject_opens_with_its_papers_and_has_its_rights(
    client: httpx.AsyncClient, runtime: Runtime, subject: Subject
) -> None:
    shop = await merchant(client, runtime)
    first = await shop.ok("GET", "/qualifications")
    assert (first["open"], first["opening"], first["papers"]) == (False, None, [])
    told_of = next(one for one in first["subjects"] if one["subject"] == subject.value)
    assert told_of["rights"] == RIGHTS[subject]
    await shop.ok("PUT", "/opening", {**new(), "subject": subject.value, "holder": "张三"})
    papers = [kind.value for kind in SUBJECT_PAPERS[subject]]
    for at, kind in enumerate(SUBJECT_PAPERS[subject]):
        status, code, facts = await shop.refused("POST", "/applications/opening/submit", new())
        assert (status, code, facts["missing"]) == (403, "qualifications.papers_missing", papers[at:])
        await shop.paper(kind)
    sent = await shop.ok("POST", "/applications/opening/submit", new())
    assert sent["opening"]["state"] == "submitted"
    assert sent["opening"]["holder"] == "张三"
    assert (await shop.refused("GET", "/nothing"))[0] == 404
    assert (await shop.product()).json()["code"] == "shops.not_open"
    done = await shop.decide("applications/opening")
    assert done["qualifications"]["open"] is True
    assert {one["state"] for one in done["qualifications"]["papers"]} == {"approved"}
    assert [step["became"] for step in done["qualifications"]["opening"]["steps"]] == ["submitted", "approved"]


@pytest.mark.feature("L-206")
@pytest.mark.feature("S-104")
@pytest.mark.feature("S-105")
async def test_only_an_enterprise_sells_what_is_virtual(client: httpx.AsyncClient, runtime: Runtime) -> None:
    steward = await platform_session(runtime, PlatformRole.STEWARD)
    for subject in (Subject.PERSON, Subject.SOLE_TRADER):
        shop = await merchant(client, runtime, steward=steward)
        await shop.opened(subject)
        for refused in (await shop.product(delivery="virtual"), await shop.product(category=2204)):
            assert (refused.status_code, refused.json()["code"]) == (403, "qualifications.right_missing")
            assert refused.json()["context"]["action"] == "list_virtual"
        # Made as a thing and turned into a service: refused as well.
        made = (await shop.product()).json()
        turned = await shop.call("PATCH", f"/products/{made['product_id']}", {"delivery": "virtual"})
        assert turned.json()["code"] == "qualifications.right_missing"
    company = await merchant(client, runtime, steward=steward)
    await company.opened(Subject.ENTERPRISE)
    without = await company.listed(delivery="virtual")
    assert without.json()["context"]["missing"] == ["icp_licence", "service_agreement"]
    await company.counts(PaperKind.ICP_LICENCE)
    assert (await company.listed(delivery="virtual")).json()["context"]["missing"] == ["service_agreement"]
    await company.counts(PaperKind.SERVICE_AGREEMENT)
    assert (await company.listed(delivery="virtual")).status_code == 201


@pytest.mark.feature("L-202")
@pytest.mark.feature("L-204")
@pytest.mark.feature("S-108")
async def test_goods_are_listed_with_all_their_papers_and_the_refusal_names_each_that_is_missing(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    shop = await merchant(client, runtime)
    await shop.opened(Subject.SOLE_TRADER)
    food = await shop.listed(category=801)
    assert food.status_code == 403
    assert food.json()["context"]["missing"] == ["brand_authorisation", "food_licence"]
    await shop.paper(PaperKind.BRAND_AUTHORISATION)
    waiting = await shop.listed(category=801)
    assert waiting.json()["context"]["missing"] == ["brand_authorisation", "food_licence"]
    await shop.counts(PaperKind.BRAND_AUTHORISATION)
    assert (await shop.listed(category=801)).json()["context"]["missing"] == ["food_licence"]
    plain = await shop.listed()
    assert plain.status_code == 201
    # Listed as one thing and made another: the papers of the other are asked for.
    path = f"/products/{plain.json()['product_id']}"
    assert (await shop.refused("PATCH", path, {"category": 801}))[1] == "qualifications.papers_missing"
    await shop.counts(PaperKind.FOOD_LICENCE)
    assert (await shop.listed(category=801)).status_code == 201


@pytest.mark.feature("L-205")
async def test_cross_border_goods_need_both_of_their_papers(client: httpx.AsyncClient, runtime: Runtime) -> None:
    shop = await merchant(client, runtime)
    await shop.opened(Subject.ENTERPRISE)
    assert (await shop.listed(category=2105)).json()["context"]["missing"] == ["customs_filing", "ciq_certificate"]
    await shop.counts(PaperKind.CUSTOMS_FILING)
    await shop.counts(PaperKind.CIQ_CERTIFICATE)
    assert (await shop.listed(category=2105)).status_code == 201


async def test_a_rejected_application_says_why_and_is_submitted_again(sole: Merchant) -> None:
    await sole.apply(Subject.SOLE_TRADER)
    assert (await sole.desk("POST", "/applications/opening/verdict", {**new(), "passed": False})).status_code == 422
    other = {**new(), "passed": False, "reasons": ["other"]}
    assert (await sole.desk("POST", "/applications/opening/verdict", other)).status_code == 422
    rejected = await sole.decide("applications/opening", "paper_unreadable", note="执照看不清")
    opening = rejected["qualifications"]["opening"]
    assert (opening["state"], opening["reasons"], opening["note"]) == ("rejected", ["paper_unreadable"], "执照看不清")
    assert opening["may"] == ["edit", "submit"]
    again = await sole.refused("POST", "/applications/opening/submit", new())
    assert again[1] == "qualifications.papers_missing"
    for kind in SUBJECT_PAPERS[Subject.SOLE_TRADER]:
        await sole.paper(kind)
    sent = await sole.ok("POST", "/applications/opening/submit", new())
    assert (sent["opening"]["state"], sent["opening"]["reasons"]) == ("submitted", [])
    done = await sole.decide("applications/opening")
    states = [step["became"] for step in done["qualifications"]["opening"]["steps"]]
    assert states == ["submitted", "rejected", "submitted", "approved"]
    decided = await sole.desk("POST", "/applications/opening/verdict", {**new(), "passed": True})
    assert (decided.status_code, decided.json()["code"]) == (409, "reviews.case_not_waiting")


async def test_of_two_verdicts_at_once_one_decides(sole: Merchant) -> None:
    await sole.apply(Subject.PERSON)
    verdicts = [
        {**new(), "passed": True, "reasons": []},
        {**new(), "passed": False, "reasons": ["holder_mismatch"]},
    ]
    answers = await asyncio.gather(*(sole.desk("POST", "/applications/opening/verdict", one) for one in verdicts))
    done, refused = sorted(answers, key=lambda one: one.status_code)
    assert done.status_code == 200
    # Decided already, or, seen a moment earlier, judged by the same person before.
    assert refused.json()["code"] in {"reviews.case_not_waiting", "reviews.own_case"}
    assert len((await sole.ok("GET", "/qualifications"))["opening"]["steps"]) == 2


@pytest.mark.feature("S-106")
async def test_without_a_payment_merchant_a_shop_can_not_open_for_orders(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    await profile(runtime.db, Profile.MARKETPLACE)  # where the simulator does not count as one
    shop = await merchant(client, runtime)
    shop.second = bearer(await another_steward(runtime))
    await shop.opened(Subject.ENTERPRISE)
    waits = await shop.ok("GET", "/qualifications")
    assert (waits["open"], waits["merchant_bound"], waits["opening"]["may"]) == (False, False, [])
    assert (await shop.refused("POST", "/open", new()))[1] == "qualifications.merchant_not_bound"
    assert (await shop.product()).json()["code"] == "shops.not_open"
    bound = {
        **new(),
        "mchid": "1900000001",
        "appid": "wx0123456789abcdef",
        "serial": "0A1B2C3D4E5F",
        "private_key": a_private_key(),
        "apiv3_key": "k" * 32,
    }
    assert (await shop.call("PUT", "/money/merchant", bound)).status_code == 204
    assert (await shop.ok("GET", "/qualifications"))["opening"]["may"] == ["open"]
    assert (await shop.ok("POST", "/open", new()))["open"] is True


async def another_steward(runtime: Runtime) -> str:
    """A session of a second person who decides about shops."""
    who = await account(runtime, "second-steward", platform_role=PlatformRole.STEWARD)
    return await runtime.db.write(SYSTEM, PLATFORM, lambda tx: accounts.start_session(tx, who))


def a_private_key() -> str:
    """A private key as a merchant's pages give it."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


async def test_in_an_own_house_a_missing_brand_is_waived_once_and_a_marketplace_refuses_the_same(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    shop = await merchant(client, runtime)
    await shop.opened(Subject.SOLE_TRADER)
    made = (await shop.product()).json()
    goods = {"product_id": made["product_id"]}
    assert (await shop.call("POST", "/goods", {**new(), **goods})).json()["context"]["missing"] == [
        "brand_authorisation"
    ]
    wish = {**new(), "kind": "brand_authorisation", "reason": "无品牌手作", **goods}
    await profile(runtime.db, Profile.MARKETPLACE)
    assert (await shop.refused("POST", "/waivers", wish))[1] == "shops.not_waivable"
    await profile(runtime.db, Profile.OWN_HOUSE)
    assert (await shop.refused("POST", "/waivers", {**wish, **new(), "reason": " "}))[1] == "shops.waiver_invalid"
    assert (await shop.refused("POST", "/waivers", {**wish, **new(), "product_id": 99}))[0] == 404
    await shop.ok("POST", "/waivers", wish)
    await shop.ok("POST", "/waivers", wish)
    assert (await shop.call("POST", "/goods", {**new(), **goods})).status_code == 201
    [waiver] = (await shop.ok("GET", "/waivers"))["items"]
    assert (waiver["rule"], waiver["subject"]) == ("paper:brand_authorisation", f"product:{made['product_id']}")
    # It was for this product and for no other.
    assert (await shop.listed()).json()["context"]["missing"] == ["brand_authorisation"]


@pytest.mark.feature("L-208")
async def test_an_expired_licence_blocks_what_is_new_and_flags_what_is_live_before(
    client: httpx.AsyncClient, runtime: Runtime, admin_dsn: str
) -> None:
    shop = await merchant(client, runtime)
    await shop.opened(Subject.SOLE_TRADER)
    today = datetime.now(UTC).astimezone(CHINA).date()
    last = today + timedelta(days=40)
    await shop.counts(PaperKind.BRAND_AUTHORISATION, valid_until=last.isoformat())
    listed = (await shop.listed()).json()
    await approve(runtime, shop, listed["goods_id"])
    ends = datetime(last.year, last.month, last.day, tzinfo=CHINA) + timedelta(days=1)
    async with runtime.db.read() as tx:
        left = ends - tx.now
    await advance(admin_dsn, left - timedelta(days=30, seconds=60))
    assert await fire(runtime, "qualifications.paper_expiring") == 0
    assert (await shop.ok("GET", "/qualifications"))["flagged"] == []
    await advance(admin_dsn, timedelta(seconds=120))
    assert await fire(runtime, "qualifications.paper_expiring") == 1
    assert await fire(runtime, "qualifications.paper_expiring") == 0
    [flagged] = (await shop.ok("GET", "/qualifications"))["flagged"]
    assert flagged == {"kind": "brand_authorisation", "valid_until": last.isoformat(), "goods": 1}
    await tell_all(runtime)
    assert (await shop.listed()).status_code == 201
    await advance(admin_dsn, timedelta(days=30))
    assert await fire(runtime, "qualifications.paper_expired") == 1
    refused = (await shop.listed()).json()
    assert refused["code"] == "qualifications.papers_missing"
    assert refused["context"]["expired"] == ["brand_authorisation"]
    await shop.counts(PaperKind.BRAND_AUTHORISATION)
    assert (await shop.listed()).status_code == 201


async def approve(runtime: Runtime, shop: Merchant, goods_id: int) -> None:
    async with runtime.db.read(shop.shop) as tx:
        [card] = await goods.live_goods(tx, [goods_id])

    async def both(tx: Tx) -> None:
        assert card.audit_id is not None
        for verdict in (MACHINE_PASS, PASS):
            await listing.decide(tx, card.audit_id, verdict)

    await runtime.db.write(REVIEWER, shop.shop, both)


@pytest.mark.feature("S-109")
@pytest.mark.feature("S-110")
@pytest.mark.feature("S-111", half=True)
@pytest.mark.parametrize(("subject", "least", "most"), [("person", 1, 3), ("sole_trader", 3, 5), ("enterprise", 5, 7)])
async def test_the_maximum_is_a_clock_that_alarms_and_the_minimum_is_only_said(
    client: httpx.AsyncClient, runtime: Runtime, admin_dsn: str, subject: str, least: int, most: int
) -> None:
    shop = await merchant(client, runtime)
    sent = (await shop.apply(Subject(subject)))["opening"]
    assert _working_days_between(sent["submitted_at"], sent["expected_on"]) == least
    async with runtime.db.read() as tx:
        left = datetime.fromisoformat(sent["due_at"]) - tx.now
    await advance(admin_dsn, left - timedelta(seconds=30))
    assert await fire(runtime, "reviews.due") == 0
    await advance(admin_dsn, timedelta(seconds=60))
    assert await fire(runtime, "reviews.due") == 1
    assert (await shop.ok("GET", "/qualifications"))["opening"]["overdue"] is True
    day = (datetime.fromisoformat(sent["due_at"]).astimezone(CHINA) - timedelta(days=1)).date().isoformat()
    assert _working_days_between(sent["submitted_at"], day) == most
    # Late is no verdict: it is decided all the same.
    assert (await shop.decide("applications/opening"))["qualifications"]["open"] is True


def _working_days_between(first: str, last: str) -> int:
    """Counted by hand, from the year as it was announced."""

    years = json.loads((files("liveshelf.platform") / "data" / "working_days.json").read_bytes())
    off = {day for year in years.values() for day in year["off"]}
    on = {day for year in years.values() for day in year["on"]}
    day, end = datetime.fromisoformat(first).astimezone(CHINA).date(), datetime.fromisoformat(last).date()
    count = 0
    while day < end:
        day += timedelta(days=1)
        count += day.isoformat() in on or (day.weekday() < 5 and day.isoformat() not in off)
    return count


async def test_the_same_licence_in_two_shops_is_flagged_for_the_desk_and_for_nobody_else(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    one = await merchant(client, runtime)
    two = await merchant(client, runtime, steward=one.steward["authorization"].split()[1])
    for shop in (one, two):
        await shop.paper(PaperKind.BUSINESS_LICENCE, number_=credit_code(77))
    [seen] = (await two.desk("GET", "")).json()["qualifications"]["papers"]
    assert seen["shops_with_same_number"] == [one.shop]
    [own] = (await two.ok("GET", "/qualifications"))["papers"]
    assert own["shops_with_same_number"] == []


async def test_a_paper_lies_sealed_and_is_shown_through_a_link_to_whoever_asked(
    client: httpx.AsyncClient, runtime: Runtime, admin_dsn: str, sole: Merchant
) -> None:
    licence = credit_code(5)
    paper_id = await sole.paper(PaperKind.BUSINESS_LICENCE, data=pdf(2), number_=licence)
    async with runtime.db.read(sole.shop) as tx:
        paper = await queries.paper(tx, int(paper_id))
    stored = await runtime.need(Storage).get(paper.file_sha256)
    assert stored is not None
    assert b"%PDF" not in stored
    assert (
        paperwork.open_file(runtime.keys, stored) == pdf(2) or paperwork.open_file(runtime.keys, stored)[:5] == b"%PDF-"
    )
    admin = await asyncpg.connect(admin_dsn)
    row = str([dict(one) for one in await admin.fetch("SELECT * FROM qualification_papers")])
    await admin.close()
    assert licence not in row
    link = await sole.ok("POST", f"/papers/{paper_id}/link", new())
    shown = await client.get(link["url"], headers=sole.owner)
    assert shown.content[:5] == b"%PDF-"
    assert shown.headers["content-disposition"].startswith("attachment")
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (shown.headers["cache-control"], shown.headers["x-content-type-options"]) == ("no-store", "nosniff")
    # Nobody else's: not without a session, not with another one, not bent, not later.
    assert (await client.get(link["url"])).status_code == 401
    assert (await client.get(link["url"], headers=sole.steward)).json()["code"] == "qualifications.link_over"
    assert (await client.get(link["url"][:-2], headers=sole.owner)).status_code == 404
    looks = [one for one in (await sole.ok("GET", "/trail"))["items"] if one["action"] == "papers.view"]
    assert len(looks) == 1


async def test_a_link_ends_with_its_time_and_with_the_right_to_look(
    client: httpx.AsyncClient, runtime: Runtime, sole: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper_id = await sole.paper(PaperKind.IDENTITY_CARD)
    link = (await sole.desk("POST", f"/papers/{paper_id}/link", new())).json()
    shown = await client.get(link["url"], headers=sole.steward)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    now = clock.wall_now()
    monkeypatch.setattr(flow, "wall_now", lambda: now + timedelta(seconds=flow.LINK_S + 5))
    assert (await client.get(link["url"], headers=sole.steward)).json()["code"] == "qualifications.link_over"


async def test_bad_papers_are_refused_with_a_clear_reason_and_nothing_is_kept(sole: Merchant) -> None:
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"data": pdf(200)}, 422, "qualifications.paper_too_long"),
        ({"data": pdf(password="x")}, 422, "qualifications.paper_locked"),
        ({"data": b"%PDF-1.7 garbage %%EOF"}, 422, "qualifications.paper_unreadable"),
        ({"data": pdf() + b"PK"}, 422, "qualifications.paper_active"),
        ({"data": b"nothing known"}, 415, "media.type_refused"),
        ({"number_": "330106199001010000"}, 422, "qualifications.paper_number_invalid"),
        ({"valid_until": ""}, 422, "qualifications.paper_date_invalid"),
        ({"valid_until": "2001-01-01"}, 422, "qualifications.paper_date_invalid"),
        ({"valid_until": "soon"}, 422, "qualifications.paper_date_invalid"),
    ]
    for changes, status, code in cases:
        answer = await sole.send(PaperKind.IDENTITY_CARD, **changes)
        assert (answer.status_code, answer.json()["code"]) == (status, code), changes
    assert (await sole.ok("GET", "/qualifications"))["papers"] == []


async def test_who_may_do_what(client: httpx.AsyncClient, runtime: Runtime, sole: Merchant) -> None:
    paper_id = await sole.paper(PaperKind.IDENTITY_CARD)
    other = (await a_shop(runtime.db)).shop
    clerk = await account(runtime, "clerk")

    async def employ(tx: Tx) -> str:
        await accounts.join_shop(tx, clerk, Role.OPERATOR)
        return await accounts.start_session(tx, clerk)

    token = await runtime.db.write(SYSTEM, sole.shop, employ)
    assert (await client.get(f"/v1/shops/{sole.shop}/qualifications", headers=bearer(token))).status_code == 403
    stranger = bearer(await platform_session(runtime, PlatformRole.REVIEWER))
    assert (await client.get(f"/v1/merchants/{sole.shop}", headers=stranger)).status_code == 403
    assert (await client.get(f"/v1/shops/{other}/qualifications", headers=sole.owner)).status_code == 404
    elsewhere = await client.post(f"/v1/merchants/{other}/papers/{paper_id}/link", headers=sole.steward, json=new())
    assert elsewhere.json()["code"] == "qualifications.paper_unknown"
    assert (await client.get("/v1/merchants/999", headers=sole.steward)).status_code == 404


async def test_on_a_marketplace_nobody_decides_about_a_shop_they_work_in(
    client: httpx.AsyncClient, runtime: Runtime, sole: Merchant
) -> None:
    both = await account(runtime, "both", platform_role=PlatformRole.STEWARD)

    async def employ(tx: Tx) -> str:
        await accounts.join_shop(tx, both, Role.OWNER)
        return await accounts.start_session(tx, both)

    own = Merchant(client, sole.shop, owner="-", steward=await runtime.db.write(SYSTEM, sole.shop, employ))
    await profile(runtime.db, Profile.MARKETPLACE)
    await sole.apply(Subject.PERSON)
    refused = await own.desk("POST", "/applications/opening/verdict", {**new(), "passed": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "reviews.reviewer_not_independent")
    # What was submitted there stays a matter for two others; what is submitted in an own house is not.
    await sole.decide("applications/opening", "paper_unreadable")
    await profile(runtime.db, Profile.OWN_HOUSE)
    for kind in SUBJECT_PAPERS[Subject.PERSON]:
        await sole.paper(kind)
    await sole.ok("POST", "/applications/opening/submit", new())
    assert (await own.decide("applications/opening"))["qualifications"]["open"] is True
    assert "second_person" in {one["rule"] for one in (await sole.ok("GET", "/waivers"))["items"]}


async def test_anybody_who_is_signed_in_begins_a_shop_and_owns_it(client: httpx.AsyncClient, runtime: Runtime) -> None:
    who = await account(runtime, "newcomer")
    token = bearer(
        await runtime.db.write(SYSTEM, (await a_shop(runtime.db)).shop, lambda tx: accounts.start_session(tx, who))
    )
    wish = {"request_id": str(uuid.uuid4()), "name": "新店"}
    begun = [(await client.post("/v1/shops", headers=token, json=wish)).json()["shop_id"] for _ in range(2)]
    assert begun[0] == begun[1]
    mine = (await client.get("/v1/session", headers=token)).json()["shops"]
    assert [(one["name"], one["role"]) for one in mine] == [("新店", "owner")]
    for _ in range(2):
        assert (await client.post("/v1/shops", headers=token, json={**new(), "name": "又一家"})).status_code == 201
    fourth = await client.post("/v1/shops", headers=token, json={**new(), "name": "第四家"})
    assert fourth.json()["code"] == "qualifications.too_many_begun"


@pytest.mark.feature("L-106")
@pytest.mark.feature("L-107")
@pytest.mark.feature("L-109")
async def test_broadcasting_needs_a_permission_that_is_applied_for(client: httpx.AsyncClient, runtime: Runtime) -> None:
    shop = await merchant(client, runtime)
    await expect_no_room(shop, "uncertified")
    await shop.opened(Subject.ENTERPRISE)
    await expect_no_room(shop, "not_applied")
    live = {"mode": "self_run", "categories": [1305]}
    await shop.ok("PUT", "/live-permission", {**new(), **live})
    await expect_no_room(shop, "draft")
    unmatched = await shop.refused("POST", "/applications/live/submit", new())
    assert (unmatched[1], unmatched[2]["missing"]) == ("qualifications.categories_unmatched", ["brand_authorisation"])
    await shop.counts(PaperKind.BRAND_AUTHORISATION)
    await shop.ok("POST", "/applications/live/submit", new())
    await expect_no_room(shop, "submitted")
    await shop.decide("applications/live", "scope_exceeded")
    await expect_no_room(shop, "rejected")
    await shop.ok("POST", "/applications/live/submit", new())
    granted = await shop.decide("applications/live")
    assert granted["qualifications"]["live_missing"] is None
    assert (await room(shop)).status_code == 201
    actions = [one["action"] for one in (await shop.ok("GET", "/trail"))["items"]]
    assert {"applications.submitted", "applications.rejected", "applications.approved"} <= set(actions)
    # Granted: any category of its own can be listed.
    assert (await shop.listed(category=101)).status_code == 201


@pytest.mark.feature("L-109")
async def test_only_an_enterprise_broadcasts_by_itself(client: httpx.AsyncClient, runtime: Runtime) -> None:
    shop = await merchant(client, runtime)
    await shop.opened(Subject.SOLE_TRADER)
    await shop.ok("PUT", "/live-permission", {**new(), "mode": "self_run", "categories": [1305]})
    refused = await shop.refused("POST", "/applications/live/submit", new())
    assert (refused[1], refused[2]["subject"]) == ("qualifications.right_missing", "sole_trader")
    empty = await shop.refused("PUT", "/live-permission", {**new(), "mode": "self_run", "categories": [1]})
    assert empty[1] == "qualifications.category_unknown"


async def room(shop: Merchant) -> httpx.Response:
    begins = datetime.now(UTC) + timedelta(hours=2)
    return await shop.call(
        "POST",
        "/rooms",
        {
            **new(),
            "name": "秋茶专场直播",
            "anchor_name": "阿清",
            "starts_at": begins.isoformat(),
            "ends_at": (begins + timedelta(hours=2)).isoformat(),
        },
    )


async def expect_no_room(shop: Merchant, reason: str) -> None:
    refused = await room(shop)
    assert (refused.status_code, refused.json()["code"]) == (403, "qualifications.live_permission_missing"), (
        refused.text
    )
    assert refused.json()["context"]["reason"] == reason


async def test_staff_hear_of_verdicts_and_of_papers_that_end(runtime: Runtime, sole: Merchant) -> None:
    await sole.apply(Subject.PERSON)
    await sole.decide("applications/opening", "holder_mismatch")
    await tell_all(runtime)
    kinds = await _told(runtime, sole)
    assert "application_rejected" in kinds


async def _told(runtime: Runtime, shop: Merchant) -> list[str]:
    async with runtime.db.read(shop.shop) as tx:
        return [row.kind for row in await tx.all(text("SELECT kind FROM notices WHERE shop_id = :shop"))]


@pytest.mark.feature("S-114")
@pytest.mark.feature("S-115")
async def test_first_steps_move_on_by_what_happens(client: httpx.AsyncClient, runtime: Runtime) -> None:
    shop = await merchant(client, runtime)

    async def done() -> list[str]:
        return [one["task"] for one in (await shop.ok("GET", "/workbench"))["beginner"] if one["done"]]

    assert await done() == ["bind_merchant"]  # the simulator, in an own house
    await shop.opened(Subject.SOLE_TRADER)
    assert await done() == ["open_shop", "bind_merchant"]
    await shop.counts(PaperKind.BRAND_AUTHORISATION)
    # A product alone is not listed yet, and what is made without saying more is an ordinary thing in a parcel.
    sku = {"specs": [], "price_fen": PRICE_FEN, "stock": 3}
    made = (await shop.product(skus=[sku])).json()
    assert (made["delivery"], made["category"]) == ("shipped", None)
    assert await done() == ["open_shop", "bind_merchant"]
    listed = (await shop.call("POST", "/goods", {**new(), "product_id": made["product_id"]})).json()
    assert (await done())[-1] == "list_goods"
    await approve(runtime, shop, listed["goods_id"])
    assert (await done())[-1] == "see_approved"
    till = till_of(runtime)
    placed = await bought(runtime.db, shop.shop, wish(await guest(runtime.db, shop.shop), made["skus"][0]["sku_id"]))
    assert (await done())[-1] == "see_approved"
    await till.press(await till.start(shop.shop, await addressed(runtime.db, shop.shop, placed), request_id="1"))
    assert (await done())[-1] == "test_payment"
    await shop.decide("papers/" + await shop.paper(PaperKind.FOOD_LICENCE))
    await runtime.db.write(STAFF, shop.shop, lambda tx: policy.waive(tx, "live_permission", reason="自营直播"))
    assert (await room(shop)).status_code == 201
    assert (await shop.ok("GET", "/workbench"))["beginner"] == []


@pytest.mark.feature("S-111")
@pytest.mark.parametrize("subject", Subject)
async def test_only_an_enterprise_gets_a_key_of_the_api(
    client: httpx.AsyncClient, runtime: Runtime, subject: Subject
) -> None:
    shop = await merchant(client, runtime)
    assert (await shop.refused("POST", "/developer/secret"))[1] == "shops.not_open"
    await shop.opened(subject)
    assert (await shop.ok("GET", "/developer"))["appid"] == ""
    answer = await shop.call("POST", "/developer/secret")
    if subject is Subject.ENTERPRISE:
        assert answer.status_code == 201
        again = await shop.ok("POST", "/developer/secret")
        assert again["appid"] == answer.json()["appid"]
        assert again["secret"] != answer.json()["secret"]
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "qualifications.right_missing")
        assert answer.json()["context"]["action"] == "api"


@pytest.mark.feature("L-204")
@pytest.mark.feature("L-205")
@pytest.mark.feature("L-206")
@pytest.mark.parametrize(
    ("kinds", "least", "most"),
    [
        ((PaperKind.BRAND_AUTHORISATION,), 1, 3),
        ((PaperKind.CUSTOMS_FILING, PaperKind.CIQ_CERTIFICATE), 3, 5),
        ((PaperKind.ICP_LICENCE, PaperKind.SERVICE_AGREEMENT), 2, 4),
    ],
)
async def test_a_papers_maximum_alarms_to_the_second_and_its_minimum_is_told_and_never_a_wait(
    client: httpx.AsyncClient, runtime: Runtime, admin_dsn: str, kinds: tuple[PaperKind, ...], least: int, most: int
) -> None:
    shop = await merchant(client, runtime)
    await shop.opened(Subject.ENTERPRISE)
    sent = [(await shop.send(kind)).json() for kind in kinds]
    for one in sent:
        assert _working_days_between(one["submitted_at"], one["expected_on"]) == least
        day = (datetime.fromisoformat(one["due_at"]).astimezone(CHINA) - timedelta(days=1)).date().isoformat()
        assert _working_days_between(one["submitted_at"], day) == most
    # The minimum is no wait: the first of them counts at once.
    await shop.decide(f"papers/{sent[0]['paper_id']}")
    async with runtime.db.read() as tx:
        left = datetime.fromisoformat(sent[-1]["due_at"]) - tx.now
    await advance(admin_dsn, left - timedelta(seconds=30))
    assert await fire(runtime, "reviews.due") == 0
    await advance(admin_dsn, timedelta(seconds=60))
    assert await fire(runtime, "reviews.due") == len(kinds) - 1
    await tell_all(runtime)
    papers = {one["paper_id"]: one for one in (await shop.ok("GET", "/qualifications"))["papers"]}
    assert [papers[one["paper_id"]]["overdue"] for one in sent] == [False, True][: len(kinds)]
    if len(kinds) > 1:
        assert "limit_missed" in await _told(runtime, shop)
        late = await shop.decide(f"papers/{sent[1]['paper_id']}")
        assert {one["state"] for one in late["qualifications"]["papers"]} == {"approved"}


async def queue(client: httpx.AsyncClient, token: dict[str, str], **query: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/reviews", headers=token, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_what_a_shop_submits_stands_in_the_one_queue_for_those_who_decide_about_shops(
    client: httpx.AsyncClient, runtime: Runtime, sole: Merchant
) -> None:
    await sole.paper(PaperKind.BRAND_AUTHORISATION)
    await sole.paper(PaperKind.BUSINESS_LICENCE)
    assert {one["kind"] for one in await queue(client, sole.steward)} == {"paper"}
    await sole.apply(Subject.SOLE_TRADER)
    waiting = await queue(client, sole.steward)
    # Papers of the application are judged with it; their own cases are gone.
    assert sorted(one["kind"] for one in waiting) == ["paper", "shop"]
    shop = next(one for one in waiting if one["kind"] == "shop")
    shown = (await sole.ok("GET", "/qualifications"))["opening"]
    assert (shop["audit_id"], shop["due_at"]) == (shown["audit_id"], shown["due_at"])
    assert "山间茶铺" not in str(shop["content"])  # whose shop it is stays sealed
    # Whoever looks at goods neither sees them nor decides them; who decides about shops sees no goods.
    reviewer = bearer(await platform_session(runtime, PlatformRole.REVIEWER))
    assert await queue(client, reviewer) == []
    path = f"/v1/reviews/{shop['audit_id']}"
    for method, part, body in (("GET", "", None), ("POST", "/approve", new()), ("POST", "/take", new())):
        refused = await client.request(method, path + part, headers=reviewer, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "accounts.not_permitted")
    # Assigned, noted, decided: by the queue's own verbs.
    taken = await client.post(f"{path}/take", headers=sole.steward, json=new())
    assert taken.json()["mine"] is True
    done = await client.post(f"{path}/approve", headers=sole.steward, json=new())
    assert (done.status_code, done.json()["state"]) == (200, "approved")
    assert (await sole.ok("GET", "/qualifications"))["open"] is True
    assert [one["kind"] for one in await queue(client, sole.steward, state="decided")] == ["shop"]


async def test_cases_of_shops_and_papers_are_decided_in_one_press(
    client: httpx.AsyncClient, runtime: Runtime, sole: Merchant
) -> None:
    await sole.opened(Subject.SOLE_TRADER)
    for kind in (PaperKind.BRAND_AUTHORISATION, PaperKind.FOOD_LICENCE):
        await sole.paper(kind)
    ids = [one["audit_id"] for one in await queue(client, sole.steward)]
    batch = {**new(), "audit_ids": [*ids, "77"], "passed": True}
    outcomes = (await client.post("/v1/reviews/verdicts", headers=sole.steward, json=batch)).json()
    assert [one["state"] for one in outcomes] == ["approved", "approved", None]
    assert (await sole.listed(category=801)).status_code == 201


async def test_on_a_marketplace_two_persons_open_a_shop(
    client: httpx.AsyncClient, runtime: Runtime, sole: Merchant
) -> None:
    await profile(runtime.db, Profile.MARKETPLACE)
    await sole.apply(Subject.PERSON)
    first = await sole.decide("applications/opening")
    assert first["qualifications"]["opening"]["state"] == "submitted"
    again = await sole.desk("POST", "/applications/opening/verdict", {**new(), "passed": True})
    assert (again.status_code, again.json()["code"]) == (403, "reviews.own_case")
    second = Merchant(client, sole.shop, owner="-", steward=await another_steward(runtime))
    assert (await second.decide("applications/opening"))["qualifications"]["opening"]["state"] == "approved"


async def test_an_appeal_brings_an_application_back_with_its_papers_before_somebody_else(
    client: httpx.AsyncClient, runtime: Runtime, sole: Merchant
) -> None:
    await sole.apply(Subject.SOLE_TRADER)
    await sole.decide("applications/opening", "paper_forged")
    opening = (await sole.ok("GET", "/qualifications"))["opening"]
    words = {**new(), "text": "原件在此，请再看一次"}
    await sole.ok("POST", f"/reviews/{opening['audit_id']}/appeal", words)
    shown = await sole.ok("GET", "/qualifications")
    assert (shown["opening"]["state"], shown["missing"]) == ("submitted", [])
    assert {one["state"] for one in shown["papers"]} == {"waiting"}
    assert [step["became"] for step in shown["opening"]["steps"]] == ["submitted", "rejected", "submitted"]
    # Its papers stay what they are while somebody looks at them, and the first judge is not heard again.
    assert (await sole.send(PaperKind.BUSINESS_LICENCE)).json()["code"] == "qualifications.application_refuses"
    again = await sole.desk("POST", "/applications/opening/verdict", {**new(), "passed": True})
    assert again.json()["code"] == "reviews.own_case"
    second = Merchant(client, sole.shop, owner="-", steward=await another_steward(runtime))
    assert (await second.decide("applications/opening"))["qualifications"]["open"] is True


async def test_what_was_changed_since_its_rejection_has_no_appeal(sole: Merchant) -> None:
    await sole.apply(Subject.SOLE_TRADER)
    await sole.decide("applications/opening", "subject_mismatch")
    rejected = (await sole.ok("GET", "/qualifications"))["opening"]["audit_id"]
    await sole.ok("PUT", "/opening", {**new(), "subject": "person", "holder": "张三"})
    refused = await sole.refused("POST", f"/reviews/{rejected}/appeal", {**new(), "text": "没有错"})
    assert refused[:2] == (409, "reviews.appeal_refused")
    assert (await sole.ok("GET", "/qualifications"))["opening"]["state"] == "rejected"


async def test_a_rejected_paper_is_appealed_against_unless_a_newer_one_is_there(
    client: httpx.AsyncClient, runtime: Runtime, sole: Merchant
) -> None:
    await sole.opened(Subject.SOLE_TRADER)
    first = await sole.paper(PaperKind.BRAND_AUTHORISATION)
    await sole.decide(f"papers/{first}", "paper_mismatch")
    case = next(one for one in (await sole.ok("GET", "/reviews?kind=paper"))["items"] if one["state"] == "rejected")
    assert case["reasons"] == ["paper_mismatch"]
    await sole.ok("POST", f"/reviews/{case['audit_id']}/appeal", {**new(), "text": "品牌名一致"})
    second = Merchant(client, sole.shop, owner="-", steward=await another_steward(runtime))
    await second.decide(f"papers/{first}", "paper_mismatch")
    assert (await sole.refused("POST", f"/reviews/{case['audit_id']}/appeal", {**new(), "text": "x"}))[0] == 409
    newer = await sole.paper(PaperKind.FOOD_LICENCE)
    await sole.decide(f"papers/{newer}", "paper_mismatch")
    food = next(one for one in (await sole.ok("GET", "/reviews?kind=paper"))["items"] if one["subject"].endswith(newer))
    await sole.paper(PaperKind.FOOD_LICENCE)
    refused = await sole.refused("POST", f"/reviews/{food['audit_id']}/appeal", {**new(), "text": "x"})
    assert refused[:2] == (409, "reviews.appeal_refused")


async def test_a_newer_paper_takes_the_place_of_the_one_that_waits_in_the_queue_too(
    client: httpx.AsyncClient, sole: Merchant
) -> None:
    first = await sole.paper(PaperKind.BRAND_AUTHORISATION)
    second = await sole.paper(PaperKind.BRAND_AUTHORISATION)
    assert [one["subject"] for one in await queue(client, sole.steward)] == [f"paper:{second}"]
    gone = await sole.desk("POST", f"/papers/{first}/verdict", {**new(), "passed": True})
    assert (gone.status_code, gone.json()["code"]) == (409, "reviews.case_not_waiting")


async def test_a_page_of_the_desk_is_read_at_once_whichever_shops_it_shows(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    shops = [await merchant(client, runtime)]
    steward = shops[0].steward["authorization"].split()[1]
    shops += [await merchant(client, runtime, f"店 {at}", steward=steward) for at in range(4)]
    for shop in shops:
        await shop.apply(Subject.PERSON)
        await shop.paper(PaperKind.BRAND_AUTHORISATION)
    counts = []
    for path in ("/v1/merchants/applications", "/v1/merchants/papers"):
        for limit in (1, 5):
            with counting(runtime) as asked:
                page = (await client.get(path, headers=shops[0].steward, params={"limit": limit})).json()
            assert len(page["items"]) == limit
            counts.append(len(asked))
    assert (counts[0], counts[2]) == (counts[1], counts[3])


@contextlib.contextmanager
def counting(runtime: Runtime) -> Iterator[list[str]]:
    """Every statement that goes to the database meanwhile."""
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(runtime.db.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(runtime.db.engine.sync_engine, "before_cursor_execute", note)
