"""One line for all that happened to an order: its own life, its money on the way back, its after-sale cases."""

from __future__ import annotations

import pytest

from liveshelf.accounts.types import Role
from liveshelf.aftersales import granting, service
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import Keys
from tests.make.accounts import bearer, staff_session
from tests.make.aftersales import SUPPORT, Desk
from tests.make.paying import till_of
from tests.make.selling import PRICE_FEN, Sold, bought, guest, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop)


@pytest.fixture
def desk(db: Database, shop: ShopId, runtime: Runtime, keys: Keys) -> Desk:
    return Desk(db, shop, till_of(runtime), keys)


async def test_refunds_and_cases_stand_in_the_orders_own_line(desk, sold, shop, client, runtime):
    order = await desk.sent(sold, 2)
    case = await desk.apply(order, reason_code="changed_mind", text="颜色不喜欢")
    await desk.do(case, lambda tx, one, _order: service.note(tx, one, "先退给他"))
    await desk.do(
        case, lambda tx, one, _order: granting.offer(tx, one, role=SUPPORT, amount_fen=100, text="退一元可以吗")
    )
    await desk.buyer(case, lambda tx, one, order_: granting.accept_offer(tx, one, order_, offer_fen=100))
    (refund,) = await desk.till.refunds(shop, order.order_id)
    headers = bearer(await staff_session(runtime, shop, Role.SERVICE))
    seen = (await client.get(f"/v1/shops/{shop}/orders/{order.order_id}", headers=headers)).json()
    steps = [(one["about"], one["what"], one["by"]) for one in seen["timeline"]]
    assert steps[:2] == [("order", "placed", "buyer"), ("order", "paid", "provider")]
    assert next(one for one in steps if one[0] != "order") == ("aftersale", "applied", "buyer")
    assert {("aftersale", "note"), ("aftersale", "offered"), ("refund", "owed")} <= {one[:2] for one in steps}
    assert ("order", "aftersale") not in {one[:2] for one in steps}  # the case tells it, with its reason
    assert [one["at"] for one in seen["timeline"]] == sorted(one["at"] for one in seen["timeline"])
    by_what = {one["what"]: one for one in seen["timeline"]}
    assert by_what["applied"]["facts"]["text"] == "颜色不喜欢"
    assert by_what["applied"]["facts"]["case_id"] == str(case.case_id)
    assert by_what["applied"]["facts"]["reason_zh"]
    assert by_what["note"]["facts"]["internal"] is True
    assert by_what["owed"]["facts"]["amount_fen"] == refund.amount_fen == 100
    assert by_what["owed"]["facts"]["reason_code"] == "aftersale"
    listed = (await client.get(f"/v1/shops/{shop}/orders", headers=headers)).json()
    assert {one["about"] for one in listed["items"][0]["timeline"]} == {"order"}


async def test_lines_get_prices_of_their_own(db, desk, sold, shop, client, runtime):
    other = await something(db, shop, name="碧螺春")
    two = ((sold.sku_id, 1), (other.sku_id, 1))
    placed = await bought(
        db, shop, wish(await guest(db, shop), sold.sku_id, lines=two, expected_total_fen=2 * PRICE_FEN)
    )
    headers = bearer(await staff_session(runtime, shop, Role.OPERATOR))
    path = f"/v1/shops/{shop}/orders/{placed.order_id}"
    facts = {
        "request_id": "p",
        "seen_fen": 2 * PRICE_FEN,
        "reason": "老客",
        "lines": [{"sku_id": other.sku_id, "amount_fen": 1}],
    }
    changed = (await client.post(f"{path}/price", json=facts, headers=headers)).json()
    assert [line["due_fen"] for line in changed["lines"]] == [PRICE_FEN, 1]
    assert changed["total_fen"] == PRICE_FEN + 1
