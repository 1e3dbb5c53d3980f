"""Every audit state meets every call; who may touch which goods; ids that are nobody's."""

from __future__ import annotations

from typing import Any

import pytest

from liveshelf.goods.types import AuditState, Origin
from liveshelf.kernel.actors import SYSTEM
from liveshelf.shops import service
from tests.make.goods import MACHINE_PASS, PASS
from tests.make.wire import ADD, DELETE, LIST, STATUS, STORED, SUBMIT, UPDATE, WITHDRAW, Wire

U, P, A, R = AuditState.UNAUDITED, AuditState.IN_AUDIT, AuditState.APPROVED, AuditState.REJECTED
GONE = None
CONTENT = {"name": "换了名字"}
PRICE = {"price": 77}
CHANGES: dict[str, dict[str, Any]] = {"update content": CONTENT, "update price": PRICE}

# (state, call) -> (errcode, state afterwards). Every pair is here; the test below insists on it.
CALLS = ("withdraw", "withdraw other", "submit", "delete", "update content", "update price", "update nothing")
WALK: dict[tuple[AuditState, str], tuple[int, AuditState | None]] = {
    (U, "withdraw"): (300017, U),
    (U, "withdraw other"): (300017, U),
    (U, "submit"): (0, P),
    (U, "delete"): (0, GONE),
    (U, "update content"): (0, U),
    (U, "update price"): (0, U),
    (U, "update nothing"): (0, U),
    (P, "withdraw"): (0, U),
    (P, "withdraw other"): (300009, P),
    (P, "submit"): (300010, P),
    (P, "delete"): (300014, P),
    (P, "update content"): (300010, P),
    (P, "update price"): (300010, P),
    (P, "update nothing"): (300010, P),
    (A, "withdraw"): (300009, A),
    (A, "withdraw other"): (300009, A),
    (A, "submit"): (300010, A),
    (A, "delete"): (0, GONE),
    (A, "update content"): (300010, A),
    (A, "update price"): (0, A),
    (A, "update nothing"): (0, A),
    (R, "withdraw"): (300009, R),
    (R, "withdraw other"): (300009, R),
    (R, "submit"): (0, P),
    (R, "delete"): (0, GONE),
    (R, "update content"): (0, R),
    (R, "update price"): (0, R),
    (R, "update nothing"): (0, R),
}


def request(call: str, goods_id: int, audit_id: int) -> tuple[str, dict[str, Any]]:
    requests: dict[str, tuple[str, dict[str, Any]]] = {
        "withdraw": (WITHDRAW, {"goodsId": goods_id, "auditId": audit_id}),
        "withdraw other": (WITHDRAW, {"goodsId": goods_id, "auditId": audit_id + 1}),
        "submit": (SUBMIT, {"goodsId": goods_id}),
        "delete": (DELETE, {"goodsId": goods_id}),
    }
    return requests.get(call) or (UPDATE, {"goodsInfo": {"goodsId": goods_id, **CHANGES.get(call, {})}})


def test_the_walk_knows_every_pair():
    assert set(WALK) == {(state, call) for state in AuditState for call in CALLS}


@pytest.mark.feature("A-304")
@pytest.mark.feature("A-305")
@pytest.mark.feature("A-402")
@pytest.mark.feature("A-505")
@pytest.mark.feature("A-604")
@pytest.mark.feature("A-605")
@pytest.mark.feature("A-606")
@pytest.mark.feature("A-609")
@pytest.mark.feature("A-706")
@pytest.mark.feature("A-913")
@pytest.mark.feature("A-914")
@pytest.mark.feature("A-918")
@pytest.mark.feature("A-919")
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("state", AuditState)
async def test_every_state_meets_every_call(wire: Wire, state: AuditState, call: str):
    goods_id, audit_id = await wire.in_state(state)
    (before,) = await wire.stored(goods_id)
    errcode, after = WALK[state, call]
    assert await wire.code(*request(call, goods_id, audit_id)) == errcode
    left = await wire.stored(goods_id)
    if after is GONE:
        assert left == []
        return
    expected = {**before, "audit_status": STATUS[after]}
    if not errcode and call.startswith("update"):
        expected |= CHANGES.get(call, {})
    assert left == [expected]


@pytest.mark.feature("A-103")
@pytest.mark.feature("A-707")
@pytest.mark.feature("A-915")
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("state", AuditState)
async def test_goods_made_in_the_console_are_refused_whatever_their_state(wire: Wire, state: AuditState, call: str):
    goods_id, audit_id = await wire.in_state(state, origin=Origin.CONSOLE)
    (before,) = await wire.stored(goods_id)
    assert before["third_party_tag"] == 0
    assert await wire.code(*request(call, goods_id, audit_id)) == 300011
    assert await wire.stored(goods_id) == [before]


@pytest.mark.feature("A-501")
@pytest.mark.feature("A-902", half=True)
@pytest.mark.parametrize("call", CALLS)
async def test_an_unknown_goods_and_another_shops_are_the_same_to_every_call(wire: Wire, stranger: Wire, call: str):
    theirs, their_audit = await stranger.in_state(AuditState.UNAUDITED)
    assert await wire.code(*request(call, 999_999, 5)) == 1003
    assert await wire.code(*request(call, theirs, their_audit)) == 1003
    assert await wire.stored(theirs) == []
    assert len(await stranger.stored(theirs)) == 1


@pytest.mark.feature("A-504")
async def test_deletion_is_final_and_ids_are_never_used_again(wire: Wire):
    goods_id, audit_id = await wire.in_state(AuditState.UNAUDITED)
    assert await wire.code(DELETE, {"goodsId": goods_id}) == 0
    for call in CALLS:
        assert await wire.code(*request(call, goods_id, audit_id)) == 1003
    assert (await wire.add())["goodsId"] > goods_id


@pytest.mark.feature("A-301")
@pytest.mark.feature("A-401")
@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (WITHDRAW, {"goodsId": 1}, "auditId"),
        (WITHDRAW, {"auditId": 1}, "goodsId"),
        (WITHDRAW, {"auditid": 1, "goodsId": 1}, "auditId"),
        (SUBMIT, {}, "goodsId"),
        (SUBMIT, {"goodsId": 0}, "goodsId"),
        (DELETE, {"goodsId": ""}, "goodsId"),
        (DELETE, {"goodsId": None}, "goodsId"),
    ],
)
async def test_a_missing_id_is_named(wire: Wire, path: str, body: dict[str, Any], field: str):
    answer = await wire.post(path, body)
    assert answer["errcode"] == 200002
    assert answer["errmsg"].startswith(f"{field} must not be empty")


@pytest.mark.parametrize("value", ["x", -1, 1.5, [1], {"a": 1}, True, 2**63, "1" * 30, "１"])
async def test_what_is_no_id_is_a_wrong_parameter(wire: Wire, value: Any):
    assert await wire.code(DELETE, {"goodsId": value}) == 200002


@pytest.mark.feature("A-404")
async def test_a_new_submission_kills_the_old_audit_id(wire: Wire):
    added = await wire.add()
    goods_id, first = added["goodsId"], added["auditId"]
    assert await wire.code(WITHDRAW, {"goodsId": goods_id, "auditId": first}) == 0
    second = (await wire.post(SUBMIT, {"goodsId": str(goods_id)}))["auditId"]
    assert second != first
    assert await wire.code(WITHDRAW, {"goodsId": goods_id, "auditId": first}) == 300009
    assert await wire.code(WITHDRAW, {"goodsId": str(goods_id), "auditId": str(second)}) == 0


@pytest.mark.feature("A-609")
async def test_a_rejected_goods_is_changed_and_submitted_again(wire: Wire):
    goods_id, first = await wire.in_state(AuditState.REJECTED)
    assert await wire.code(UPDATE, {"goodsInfo": {"goodsId": goods_id, "name": "更好的名字", "url": "pages/c"}}) == 0
    assert await wire.status(goods_id) == 3
    assert (await wire.post(SUBMIT, {"goodsId": goods_id}))["auditId"] != first
    assert await wire.status(goods_id) == 1


async def test_an_approved_goods_takes_the_whole_object_when_only_prices_differ(wire: Wire):
    """Some SDKs send every field on a price change, the cover as the address that they were given."""
    goods_id, _ = await wire.in_state(AuditState.APPROVED)
    (now,) = await wire.stored(goods_id)
    whole = {
        "goodsId": goods_id,
        "name": now["name"],
        "url": now["url"],
        "coverImgUrl": now["cover_img_url"],
        "priceType": 3,
        "price": 300,
        "price2": 250.5,
        "thirdPartyAppid": "",
    }
    assert await wire.code(UPDATE, {"goodsInfo": whole}) == 0
    assert await wire.stored(goods_id) == [{**now, "price_type": 3, "priceType": 3, "price": 300, "price2": 250.5}]
    assert await wire.code(UPDATE, {"goodsInfo": {**whole, "price": 400, "name": "别的"}}) == 300010
    (after,) = await wire.stored(goods_id)
    assert after["price"] == 300


@pytest.mark.feature("A-101")
@pytest.mark.feature("A-107")
async def test_all_seven_calls_say_errcode_0_in_success(wire: Wire):
    added = await wire.add()
    goods_id = added["goodsId"]
    answers = [
        added,
        await wire.post(WITHDRAW, {"goodsId": goods_id, "auditId": added["auditId"]}),
        await wire.post(UPDATE, {"goodsInfo": {"goodsId": goods_id, "price": 5}}),
        await wire.post(SUBMIT, {"goodsId": goods_id}),
    ]
    audit_id = answers[-1]["auditId"]
    for verdict in (MACHINE_PASS, PASS):
        await wire.decide(audit_id, verdict)
    answers += [
        await wire.post(STORED, {"goods_ids": [goods_id]}),
        await wire.get(LIST, {"status": 2}),
        await wire.post(DELETE, {"goodsId": goods_id}),
    ]
    assert [answer["errcode"] for answer in answers] == [0] * 7
    assert [answer["errmsg"] for answer in answers] == ["ok"] * 7


@pytest.mark.feature("A-905", half=True)
async def test_a_blocked_shop_creates_and_changes_nothing(wire: Wire):
    goods_id, _ = await wire.in_state(AuditState.UNAUDITED)
    info = await wire.info()
    await wire.runtime.db.write(SYSTEM, wire.made.shop, service.block)
    assert await wire.code(ADD, {"goodsInfo": info}) == 300001
    assert await wire.code(UPDATE, {"goodsInfo": {"goodsId": goods_id, "price": 5}}) == 300001
    assert (await wire.get(LIST, {"status": 0}))["total"] == 1
    await wire.runtime.db.write(SYSTEM, wire.made.shop, service.unblock)
    assert await wire.code(ADD, {"goodsInfo": info}) == 0
