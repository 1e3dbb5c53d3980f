"""After-sales over the native API: who may what, bad input, and the whole way of a refund."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from liveshelf.accounts import service as accounts
from liveshelf.accounts.types import PlatformRole, Role
from liveshelf.aftersales import granting
from liveshelf.aftersales.types import CaseState
from liveshelf.customers import service as customers
from liveshelf.customers.types import customer_actor
from liveshelf.flows import aftersale
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.payments import queries as payments
from liveshelf.payments import refunds
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from tests.make.accounts import account, bearer, reviewer_session, staff_session
from tests.make.aftersales import SUPPORT, Desk
from tests.make.paying import till_of
from tests.make.pictures import jpeg
from tests.make.selling import PRICE_FEN, Sold, fire, guest, something
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=10)


@pytest.fixture
async def desk(db: Database, runtime: Runtime, shop: ShopId) -> Desk:
    return Desk(db, shop, till_of(runtime), runtime.keys)


async def cookie(desk: Desk, customer_id: Any) -> dict[str, str]:
    token = await desk.db.write(
        customer_actor(customer_id), desk.shop, lambda tx: customers.start_session(tx, customer_id)
    )
    return {"cookie": f"liveshelf_buyer_{desk.shop}={token}"}


def wish(**changes: Any) -> dict[str, Any]:
    return {
        "request_id": "apply-1",
        "kind": "refund",
        "reason": "changed_mind",
        "lines": [{"line_no": 1, "quantity": 1}],
        **changes,
    }


async def test_the_whole_way_of_a_refund(desk: Desk, sold: Sold, client: httpx.AsyncClient, runtime: Runtime):
    paid = await desk.paid(sold)
    buyer = await cookie(desk, paid.customer_id)
    place = f"/v1/storefront/{desk.shop}/orders/{paid.order_id}/aftersales"
    asked = (await client.get(place, headers=buyer)).json()
    assert [(line["quantity"], line["shipped"], line["worth_fen"]) for line in asked["lines"]] == [(1, 0, [PRICE_FEN])]
    assert len(asked["reasons"]) == 7
    made = await client.post(place, headers=buyer, json=wish())
    assert made.status_code == 201, made.text
    again = await client.post(place, headers=buyer, json=wish())
    assert again.json()["case_id"] == made.json()["case_id"]
    assert made.json()["may"] == ["withdraw", "say"]

    support = bearer(await staff_session(runtime, desk.shop, Role.SERVICE))
    queue = (await client.get(f"/v1/shops/{desk.shop}/aftersales", headers=support)).json()
    assert queue["counts"]["to_do"] == {"many": 1, "breached": 0}
    (one,) = queue["items"]
    assert one["may"] == ["approve", "refuse", "promise", "say", "note"]
    case = f"/v1/shops/{desk.shop}/aftersales/{one['case_id']}"
    body = {"request_id": "r1", "step": 0}
    done = await client.post(f"{case}/approve", headers=support, json=body)
    assert done.status_code == 200, done.text
    assert (done.json()["state"], done.json()["refund"]["state"]) == ("refunding", "owed")
    assert (await client.post(f"{case}/approve", headers=support, json=body)).json()["state"] == "refunding"
    refused = await client.post(f"{case}/approve", headers=support, json={**body, "request_id": "r2"})
    assert (refused.status_code, refused.json()["code"]) == (409, "aftersales.state_refuses")

    await aftersale.settled(runtime, desk.shop, key=f"aftersale:{one['case_id']}")
    mine = (await client.get(f"/v1/storefront/{desk.shop}/aftersales", headers=buyer)).json()["items"]
    assert [(entry["state"], entry["refund"]["amount_fen"]) for entry in mine] == [("refunded", PRICE_FEN)]


@pytest.mark.parametrize(
    ("role", "status"), [(Role.SERVICE, 200), (Role.OPERATOR, 200), (Role.ANCHOR, 403), (Role.DEVELOPER, 403)]
)
async def test_who_reads_cases(desk: Desk, client: httpx.AsyncClient, runtime: Runtime, role: Role, status: int):
    who = bearer(await staff_session(runtime, desk.shop, role))
    assert (await client.get(f"/v1/shops/{desk.shop}/aftersales", headers=who)).status_code == status
    assert (await client.get(f"/v1/shops/{desk.shop}/aftersales-setup", headers=who)).status_code == 403


async def test_strangers_meet_nothing(desk: Desk, sold: Sold, client: httpx.AsyncClient, runtime: Runtime):
    case = await desk.apply(await desk.sent(sold))
    stranger = await cookie(desk, await guest(desk.db, desk.shop))
    mine = f"/v1/storefront/{desk.shop}/aftersales/{case.case_id}"
    assert (await client.get(mine, headers=stranger)).status_code == 404
    withdraw = await client.post(f"{mine}/withdraw", headers=stranger, json={"request_id": "x"})
    assert (withdraw.status_code, withdraw.json()["code"]) == (404, "aftersales.unknown")
    other = (await a_shop(desk.db, "别家")).shop
    owner = bearer(await staff_session(runtime, other))
    theirs = f"/v1/shops/{other}/aftersales/{case.case_id}"
    assert (await client.get(theirs, headers=owner)).status_code == 404
    body = {"request_id": "y", "step": 0}
    assert (await client.post(f"{theirs}/approve", headers=owner, json=body)).status_code == 404
    for platform in (await reviewer_session(runtime), await staff_session(runtime, desk.shop)):
        assert (await client.get("/v1/arbitrations", headers=bearer(platform))).status_code == 403
    assert (await desk.case(case.case_id)).state is CaseState.APPLIED


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": []},
        {"lines": [{"line_no": 1, "quantity": 0}]},
        {"lines": [{"line_no": 1, "quantity": 10**9}]},
        {"lines": [{"line_no": 99, "quantity": 1}]},
        {"amount_fen": -1},
        {"amount_fen": 10**15},
        {"amount_fen": 1e308},
        {"kind": "gift"},
        {"reason": "no_such"},
        {"text": "字" * 501},
        {"pictures": ["x"] * 10},
        {"pictures": ["no-such-picture"]},
        {"currency": "USD"},
    ],
)
async def test_bad_applications_are_refused(desk: Desk, sold: Sold, client: httpx.AsyncClient, wrong: dict[str, Any]):
    sent = await desk.sent(sold)
    buyer = await cookie(desk, sent.customer_id)
    place = f"/v1/storefront/{desk.shop}/orders/{sent.order_id}/aftersales"
    answer = await client.post(place, headers=buyer, json=wish(**wrong))
    assert answer.status_code in {400, 409, 422}, answer.text
    assert (await client.get(place, headers=buyer)).json()["cases"] == []


async def test_pictures_of_a_case_are_kept_and_shown_to_both(
    desk: Desk, sold: Sold, client: httpx.AsyncClient, runtime: Runtime
):
    sent = await desk.sent(sold)
    buyer = await cookie(desk, sent.customer_id)
    form = {"file": ("a.jpg", jpeg(), "image/jpeg")}
    shown = await client.post(f"/v1/storefront/{desk.shop}/pictures", headers=buyer, files=form)
    assert shown.status_code == 201, shown.text
    place = f"/v1/storefront/{desk.shop}/orders/{sent.order_id}/aftersales"
    draft = wish(reason="quality", pictures=[shown.json()["media_id"]])
    made = (await client.post(place, headers=buyer, json=draft)).json()
    support = bearer(await staff_session(runtime, desk.shop, Role.SERVICE))
    case = f"/v1/shops/{desk.shop}/aftersales/{made['case_id']}"
    (url,) = (await client.get(case, headers=support)).json()["log"][0]["picture_urls"]
    assert (await client.get(url)).status_code == 200
    mine = await client.post(f"/v1/shops/{desk.shop}/aftersales/pictures", headers=support, files=form)
    assert mine.status_code == 201, mine.text


async def test_notes_are_for_the_staff(desk: Desk, sold: Sold, client: httpx.AsyncClient, runtime: Runtime):
    case = await desk.apply(await desk.sent(sold))
    support = bearer(await staff_session(runtime, desk.shop, Role.SERVICE))
    place = f"/v1/shops/{desk.shop}/aftersales/{case.case_id}"
    noted = await client.post(f"{place}/note", headers=support, json={"request_id": "n", "text": "熟客"})
    assert noted.json()["log"][-1]["internal"] is True
    parked = await client.post(f"{place}/say", headers=support, json={"request_id": "s", "text": "看一下"})
    assert (parked.status_code, parked.json()["code"]) == (409, "aftersales.promise_needed")
    naive = {"request_id": "t", "text": "看一下", "until": "2030-01-01T00:00:00"}
    assert (await client.post(f"{place}/say", headers=support, json=naive)).status_code == 422
    buyer = await cookie(desk, case.customer_id)
    mine = (await client.get(f"/v1/storefront/{desk.shop}/aftersales/{case.case_id}", headers=buyer)).json()
    assert [entry["said"] for entry in mine["log"]] == ["applied"]
    assert mine["log"][0]["by"] == ""


async def test_the_platforms_desk(desk: Desk, sold: Sold, client: httpx.AsyncClient, runtime: Runtime):
    case = await desk.apply(await desk.sent(sold))
    await desk.do(case, lambda tx, one, _o: granting.refuse(tx, one, role=SUPPORT, text="超出范围"))
    buyer = await cookie(desk, case.customer_id)
    mine = f"/v1/storefront/{desk.shop}/aftersales/{case.case_id}"
    called = await client.post(f"{mine}/call-arbiter", headers=buyer, json={"request_id": "c", "text": "请看图"})
    assert called.json()["arbitration"]["why"] == "请看图"

    who = await account(runtime, "arbiter", platform_role=PlatformRole.ARBITER)

    arbiter = bearer(await runtime.db.write(SYSTEM, PLATFORM, lambda tx: accounts.start_session(tx, who)))
    (waiting,) = (await client.get("/v1/arbitrations", headers=arbiter)).json()["items"]
    assert (waiting["case_id"], waiting["may"]) == (str(case.case_id), ["decide"])
    assert (await client.get("/v1/reviews", headers=arbiter)).status_code == 403
    place = f"/v1/arbitrations/{case.case_id}/decide"
    above = {"request_id": "d1", "amount_fen": PRICE_FEN + 1, "reason": "全退"}
    assert (await client.post(place, headers=arbiter, json=above)).json()["code"] == "aftersales.amount_invalid"
    decided = await client.post(place, headers=arbiter, json={**above, "request_id": "d2", "amount_fen": 100})
    assert (decided.json()["state"], decided.json()["amount_fen"]) == ("refunding", 100)
    assert (await client.get("/v1/arbitrations", headers=arbiter)).json()["items"] == []
    (done,) = (await client.get("/v1/arbitrations?state=decided", headers=arbiter)).json()["items"]
    assert done["arbitration"]["reason"] == "全退"
    assert (await client.get(mine, headers=buyer)).json()["arbitration"]["amount_fen"] == 100


@pytest.mark.feature("S-316", half=True)
async def test_a_shop_sets_up_its_after_sales(desk: Desk, sold: Sold, client: httpx.AsyncClient, runtime: Runtime):
    owner = bearer(await staff_session(runtime, desk.shop))
    place = f"/v1/shops/{desk.shop}/aftersales-setup"
    setup = (await client.get(place, headers=owner)).json()
    assert len(setup["reasons"]) == 7
    mine = [{name: value for name, value in one.items() if name != "kinds"} for one in setup["reasons"]]
    mine[0] |= {"zh": "就是不想要", "active": True}
    mine[1] |= {"active": False}
    saved = await client.put(f"{place}/reasons", headers=owner, json={"request_id": "r", "reasons": mine[::-1]})
    assert saved.status_code == 200, saved.text
    assert saved.json()["reasons"][-1]["zh"] == "就是不想要"
    less = await client.put(f"{place}/reasons", headers=owner, json={"request_id": "q", "reasons": mine[1:]})
    assert less.json()["code"] == "aftersales.reasons_incomplete"

    bands = [{"upto_fen": 100, "steps": []}, {"upto_fen": None, "steps": ["owner"]}]
    flow = {"request_id": "f", "after": 0, "bands": bands}
    assert (await client.put(f"{place}/flow", headers=owner, json=flow)).json()["flow"]["version"] == 1
    assert (await client.put(f"{place}/flow", headers=owner, json=flow)).json()["flow"]["version"] == 1
    late = {**flow, "request_id": "g"}
    assert (await client.put(f"{place}/flow", headers=owner, json=late)).json()["code"] == "aftersales.flow_changed"
    gap = {**flow, "request_id": "h", "after": 1, "bands": [{"upto_fen": 100, "steps": []}]}
    assert (await client.put(f"{place}/flow", headers=owner, json=gap)).json()["code"] == "aftersales.flow_invalid"

    home = {"request_id": "a", "name": "阿清", "phone": "13800138000", "region": "浙江 杭州", "street": "龙井路 1 号"}
    kept = (await client.post(f"{place}/addresses", headers=owner, json=home)).json()["addresses"]
    assert [(one["name"], one["standard"]) for one in kept] == [("阿清", True)]
    other = (await a_shop(desk.db, "别家")).shop
    theirs = bearer(await staff_session(runtime, other))
    gone = await client.delete(f"/v1/shops/{other}/aftersales-setup/addresses/{kept[0]['address_id']}", headers=theirs)
    assert gone.json()["code"] == "aftersales.address_unknown"
    bad = await client.post(f"{place}/addresses", headers=owner, json={**home, "request_id": "b", "phone": "电话"})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "phone")

    sent = await desk.sent(sold)
    buyer = await cookie(desk, sent.customer_id)
    asked = await client.get(f"/v1/storefront/{desk.shop}/orders/{sent.order_id}/aftersales", headers=buyer)
    assert len(asked.json()["reasons"]) == 6


@pytest.mark.feature("S-318", half=True)
async def test_a_case_shows_when_its_money_arrives(
    desk: Desk, sold: Sold, client: httpx.AsyncClient, runtime: Runtime, clock: Clock
):
    case = await desk.approve(await desk.apply(await desk.paid(sold)))

    async def send(tx: Tx) -> None:
        (refund,) = (await payments.refunds_of(tx, [case.order_id]))[case.order_id]
        await refunds.mark_sent(tx, refund, provider_ref="r-1")

    await desk.db.write(SYSTEM, desk.shop, send)
    buyer = await cookie(desk, case.customer_id)
    mine = f"/v1/storefront/{desk.shop}/aftersales/{case.case_id}"
    refund = (await client.get(mine, headers=buyer)).json()["refund"]
    assert refund["arrive_from_on"] < refund["arrive_by_on"]
    assert (refund["state"], refund["overdue"]) == ("sent", False)
    clock.set_offset(timedelta(days=9))
    assert await fire(desk.db, "payments.refund_arrival") == 1
    assert (await client.get(mine, headers=buyer)).json()["refund"]["overdue"] is True
