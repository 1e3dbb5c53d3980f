"""Claims over the API: the operator opens and closes, the buyer says the word and has the answer at once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.customers import service as customers
from liveshelf.kernel.actors import SYSTEM
from liveshelf.platform.runtime import Runtime
from tests.make.accounts import bearer, staff_session
from tests.make.rooms import live_room
from tests.make.selling import PRICE_FEN, something
from tests.make.shops import a_shop


class Stage:
    """A live room with one goods, its operator, and buyers."""

    def __init__(self, runtime: Runtime, client: httpx.AsyncClient, shop: Any, sold: Any, room_id: Any, token: str):
        self.runtime, self.client, self.shop, self.sold = runtime, client, shop, sold
        self.desk = f"/v1/shops/{shop}/rooms/{room_id}/claims"
        self.page = f"/v1/storefront/{shop}/rooms/{room_id}"
        self.staff = bearer(token)

    async def buyer(self) -> dict[str, str]:
        db = self.runtime.db
        who, token = await db.write(SYSTEM, self.shop, customers.make_guest)
        assert who.customer_id
        return {"cookie": f"liveshelf_buyer_{self.shop}={token}"}

    async def open(self, **asked: Any) -> httpx.Response:
        body = {"request_id": "open", "goods_id": self.sold.goods_id, **asked}
        return await self.client.post(self.desk, json=body, headers=self.staff)

    async def say(self, who: dict[str, str], text: str, key: str = "k") -> Any:
        answer = await self.client.post(f"{self.page}/comments", json={"request_id": key, "text": text}, headers=who)
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture
async def stage(runtime: Runtime, client: httpx.AsyncClient) -> Stage:
    shop = (await a_shop(runtime.db)).shop
    sold = await something(runtime.db, shop, on_hand=1)
    room_id = await live_room(runtime.db, shop, [sold.goods_id])
    return Stage(runtime, client, shop, sold, room_id, await staff_session(runtime, shop, Role.OWNER))


async def test_from_the_word_to_the_order_that_can_be_paid(stage: Stage):
    first, second = await stage.buyer(), await stage.buyer()
    assert (await stage.say(await stage.buyer(), "扣1"))["claim"] is None  # nothing is offered yet
    (opened,) = (await stage.open()).json()["items"]
    assert (opened["keyword"], opened["buyer_max"], opened["hold_s"], opened["is_open"]) == ("1", 2, 180, True)
    said = await stage.say(first, "扣1")
    held = said["claim"]
    assert (said["text"], held["state"], held["total_fen"]) == ("扣1", "held", PRICE_FEN)
    assert held["expires_at"]
    assert (await stage.say(first, "扣1"))["claim"] == held  # the same request again
    order = await stage.client.get(f"/v1/storefront/{stage.shop}/orders/{held['order_id']}", headers=first)
    assert (order.json()["state"], order.json()["total_fen"]) == ("to_pay", PRICE_FEN)
    waits = (await stage.say(second, "+1"))["claim"]
    assert (waits["state"], waits["place"], waits["order_id"]) == ("waiting", 1, None)
    asked = (await stage.say(await stage.buyer(), "1 2"))["claim"]
    assert (asked["state"], asked["ask"], asked["keyword"]) == ("unclear", "quantity", "1")
    refused = (await stage.say(await stage.buyer(), "1 九件"))["claim"]
    assert (refused["state"], refused["code"], refused["most"], refused["left"]) == (
        "refused",
        "rooms.claim_over_max",
        2,
        2,
    )
    mine = (await stage.client.get(f"{stage.page}/claims", headers=first)).json()
    assert mine == {"words": {"1": stage.sold.goods_id}, "items": [held]}
    (seen,) = (await stage.client.get(stage.desk, headers=stage.staff)).json()["items"]
    assert (seen["won"], seen["waiting"]) == (1, 1)
    assert [(one["number"], one["state"]) for one in seen["claims"]] == [(2, "waiting"), (1, "held")]
    assert (await stage.client.get(f"{stage.desk}/funnel", headers=stage.staff)).json() == {
        "comments": 5,
        "claims": 2,
        "won": 1,
        "to_pay": 1,
        "paid": 0,
        "lapsed": 0,
        "waiting": 1,
    }
    closed = await stage.client.post(
        f"{stage.desk}/{seen['round_id']}/close", json={"request_id": "c"}, headers=stage.staff
    )
    assert [one["is_open"] for one in closed.json()["items"]] == [False]
    (ended,) = (await stage.client.get(f"{stage.page}/claims", headers=second)).json()["items"]
    assert (ended["state"], ended["place"]) == ("ended", None)


async def test_what_does_not_fit_is_refused_and_opens_nothing(stage: Stage):
    for asked, field in (
        ({"keyword": "要"}, "keyword"),
        ({"buyer_max": 0}, "buyer_max"),
        ({"hold_s": 5}, "hold_s"),
    ):
        answer = await stage.open(**asked)
        assert (answer.status_code, answer.json()["code"]) == (422, "rooms.claim_round_invalid")
        assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert (await stage.open(goods_id=2_000_000)).status_code == 404
    assert (await stage.client.get(stage.desk, headers=stage.staff)).json() == {"items": []}
    watching = bearer(await staff_session(stage.runtime, stage.shop, Role.LEGAL))
    body = {"request_id": "x", "goods_id": stage.sold.goods_id}
    assert (await stage.client.post(stage.desk, json=body, headers=watching)).status_code == 403


async def test_opening_again_with_the_same_id_opens_once(stage: Stage):
    first, again = await stage.open(), await stage.open()
    assert first.json() == again.json()
    other = await stage.open(request_id="other")
    assert (other.status_code, other.json()["code"]) == (409, "rooms.claim_round_open")
