"""Stock over the native API: lists, bounds, transfers, what other systems say, and who may."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import audit
from tests.make.accounts import bearer, staff_session
from tests.make.selling import Sold, bought, guest, level, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=10)


class Desk:
    """A member of the shop at the API."""

    def __init__(self, client: httpx.AsyncClient, shop: ShopId, token: str) -> None:
        self._client, self._base, self._headers = client, f"/v1/shops/{shop}", bearer(token)

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = await self._client.get(self._base + path, headers=self._headers, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(self, how: str, path: str, body: dict[str, Any], expect: int = 200) -> dict[str, Any]:
        answer = await self._client.request(how, self._base + path, headers=self._headers, json=body)
        assert answer.status_code == expect, answer.text
        return answer.json()


@pytest.fixture
async def desk(client: httpx.AsyncClient, runtime: Runtime, shop: ShopId) -> Desk:
    return Desk(client, shop, await staff_session(runtime, shop))


def with_id(**body: Any) -> dict[str, Any]:
    return {"request_id": str(uuid.uuid4()), **body}


BOUNDS = {"safety": 2, "low_at": None, "sku_limit": 3, "product_limit": 5}


async def test_staff_see_every_sku_with_its_pools_and_bounds(desk: Desk, db, shop, sold):
    other = await something(db, shop, on_hand=3, name="白瓷茶壶")
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id, 4))
    shown = await desk.send("PUT", f"/skus/{sold.sku_id}/stock-bounds", with_id(**BOUNDS))
    assert (shown["safety"], shown["low_at"], shown["own_low_at"]) == (2, 5, None)
    assert (shown["sku_limit"], shown["product_limit"], shown["low"]) == (3, 5, True)
    move = with_id(source="general", target="store", count=1, reason="门店")
    shown = await desk.send("POST", f"/skus/{sold.sku_id}/transfers", move, 201)
    again = await desk.send("POST", f"/skus/{sold.sku_id}/transfers", move, 201)
    assert shown == again
    assert [(one["pool"], one["on_hand"], one["held"], one["available"]) for one in shown["pools"]] == [
        ("general", 9, 4, 3),
        ("store", 1, 0, 1),
    ]
    page = await desk.get("/stock")
    assert [one["sku_id"] for one in page["items"]] == [other.sku_id, sold.sku_id]
    assert page["low"] == 2
    assert [one["title"] for one in (await desk.get("/stock", q="茶壶"))["items"]] == ["白瓷茶壶"]
    assert (await desk.get(f"/skus/{sold.sku_id}/stock")) == page["items"][1]
    first = await desk.get("/stock", limit=1)
    assert [one["sku_id"] for one in (await desk.get("/stock", cursor=first["next"]))["items"]] == [sold.sku_id]
    settings = await desk.send("PUT", "/stock/settings", with_id(safety=0, low_at=1))
    assert settings == await desk.get("/stock/settings") == {"safety": 0, "low_at": 1}
    assert (await desk.get("/stock", show="low"))["items"] == []


async def test_a_count_below_what_is_held_must_be_meant(desk: Desk, db, shop, sold):
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id, 4))
    path = f"/skus/{sold.sku_id}/stock"
    refused = await desk.send("PUT", path, with_id(reason="盘点", set=1), 409)
    assert refused["code"] == "stock.below_held"
    await desk.send("PUT", path, with_id(reason="盘点", set=1, although_held=True))
    assert (await level(db, shop, sold.sku_id)).short == 3
    (short,) = (await desk.get("/stock", show="short"))["items"]
    assert short["pools"][0]["short"] == 3
    assert (await desk.get("/stock/oversold"))["items"] == []


async def test_another_system_gets_an_answer_for_each_change(desk: Desk, db, shop, sold):
    many = [
        {"reference": "A1", "sku_id": sold.sku_id, "set": 7, "sequence": 2},
        {"reference": "A2", "sku_id": sold.sku_id, "adjust": -1, "sequence": 1},
        {"reference": "A3", "sku_id": 99_999, "set": 7, "sequence": 3},
        {"reference": "A4", "sku_id": sold.sku_id, "set": 70_000_000, "sequence": 4},
    ]
    body = {"source": "erp", "changes": many}
    first = (await desk.send("POST", "/stock/changes", body))["items"]
    assert [(one["outcome"], one["code"], one["on_hand"]) for one in first] == [
        ("applied", None, 7),
        ("outdated", None, 7),
        ("refused", "stock.unknown", None),
        ("refused", "stock.count_invalid", 7),
    ]
    again = (await desk.send("POST", "/stock/changes", body))["items"]
    assert all(one["repeated"] for one in again)
    assert [one["reference"] for one in (await desk.get("/stock/changes", outcome="refused"))["items"]] == ["A4", "A3"]
    timed = {"reference": "T", "sku_id": sold.sku_id, "set": 9, "at": "2026-11-26T10:00:00+08:00"}
    (kept,) = (await desk.send("POST", "/stock/changes", {"source": "wms", "changes": [timed]}))["items"]
    assert kept["outcome"] == "applied"
    assert (await level(db, shop, sold.sku_id)).on_hand == 9


@pytest.mark.parametrize(
    "change",
    [
        {"set": 1},
        {"set": 1, "adjust": 1, "sequence": 1},
        {"sequence": 1},
        {"set": 1, "sequence": 1, "at": "2026-11-26T10:00:00+08:00"},
        {"set": 1, "at": "2026-11-26T10:00:00"},
        {"set": 1, "sequence": -1},
        {"set": 1e308, "sequence": 1},
        {"set": 10**12, "sequence": 1},
        {"set": 1, "sequence": 2**63},
        {"set": 1, "sequence": 1, "reference": ""},
        {"set": 1, "sequence": 1, "reference": "a\x00b"},
        {"set": 1, "sequence": 1, "pool": "elsewhere"},
        {"set": 1, "sequence": 1, "sku_id": 0},
        {"set": 1, "sequence": 1, "extra": 1},
    ],
)
async def test_a_call_that_cannot_be_changes_nothing(desk: Desk, db, shop, sold, change: dict[str, Any]):
    right = {"reference": "R", "sku_id": sold.sku_id, "set": 3, "sequence": 9}
    wrong = {"reference": "W", "sku_id": sold.sku_id, **change}
    answer = await desk._client.post(
        f"{desk._base}/stock/changes", headers=desk._headers, json={"source": "erp", "changes": [right, wrong]}
    )
    assert answer.status_code in {400, 422}, answer.text
    assert (await level(db, shop, sold.sku_id)).on_hand == 10


@pytest.mark.parametrize(
    "body",
    [
        {**BOUNDS, "safety": -1},
        {**BOUNDS, "low_at": 10**9},
        {**BOUNDS, "sku_limit": 0},
        {**BOUNDS, "product_limit": 10_000},
        {"safety": 1},
    ],
)
async def test_bounds_that_cannot_be_are_refused(desk: Desk, db, shop, sold, body: dict[str, Any]):
    refused = await desk.send("PUT", f"/skus/{sold.sku_id}/stock-bounds", with_id(**body), 422)
    assert refused["code"]
    now = await level(db, shop, sold.sku_id)
    assert (now.safety, now.limited) == (0, False)


async def test_another_shops_sku_is_unknown_and_support_may_only_look(
    client: httpx.AsyncClient, runtime: Runtime, db, shop, sold
):
    other = (await a_shop(db, "隔壁")).shop
    theirs = Desk(client, other, await staff_session(runtime, other))
    await theirs.send("PUT", f"/skus/{sold.sku_id}/stock-bounds", with_id(**BOUNDS), 404)
    move = with_id(source="general", target="store", count=1, reason="x")
    await theirs.send("POST", f"/skus/{sold.sku_id}/transfers", move, 404)
    support = Desk(client, shop, await staff_session(runtime, shop, Role.SERVICE))
    assert (await support.get("/stock"))["items"]
    await support.send("PUT", f"/skus/{sold.sku_id}/stock-bounds", with_id(**BOUNDS), 403)
    change = {"reference": "A1", "sku_id": sold.sku_id, "set": 7, "sequence": 2}
    await support.send("POST", "/stock/changes", {"source": "erp", "changes": [change]}, 403)


async def test_a_stocktake_from_opening_to_closing(desk: Desk, db, shop, sold):
    other = await something(db, shop, name="白瓷茶壶")
    opened = await desk.send("POST", "/stocktakes", with_id(title="十一月"), 201)
    path = f"/stocktakes/{opened['stocktake_id']}"
    line = await desk.send("PUT", f"{path}/lines/{sold.sku_id}", with_id(counted=7))
    assert (line["on_hand"], line["counted"], line["difference"]) == (10, 7, -3)
    shown = await desk.get(path, show="open")
    assert [one["sku_id"] for one in shown["items"]] == [other.sku_id]
    assert [one["sku_id"] for one in (await desk.get(path, q="茶壶"))["items"]] == [other.sku_id]
    assert (shown["stocktake"]["lines"], shown["stocktake"]["counted"]) == (2, 1)
    refused = await desk.send("POST", "/stocktakes", with_id(title="又一次"), 409)
    assert refused["code"] == "stock.stocktake_open"
    closing = with_id(reason="月末")
    closed = await desk.send("POST", f"{path}/close", closing)
    assert closed == await desk.send("POST", f"{path}/close", closing)
    assert (closed["state"], closed["different"]) == ("closed", 1)
    assert (await level(db, shop, sold.sku_id)).on_hand == 7
    assert (await desk.send("POST", f"{path}/cancel", with_id(), 409))["code"] == "stock.stocktake_ended"
    assert [one["title"] for one in (await desk.get("/stocktakes"))["items"]] == ["十一月"]
    await desk.send("PUT", f"/stocktakes/99/lines/{sold.sku_id}", with_id(counted=1), 404)
    for counted in (-1, 10**9, 1e308):
        await desk.send("PUT", f"{path}/lines/{sold.sku_id}", with_id(counted=counted), 422)


async def test_staff_can_have_the_books_read_again(desk: Desk, client, db, shop, sold):
    answer = await client.post(f"{desk._base}/stock/audits", headers=desk._headers, json=with_id())
    assert answer.status_code == 202
    await audit.run(db, shop)
    items = (await desk.get("/stock/audits"))["items"]
    assert [(one["kind"], one["differences"]) for one in items] == [("full", []), ("recent", [])]
