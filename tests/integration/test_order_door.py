"""The door for orders: a short way for what is plain, the long way for everything else, one behaviour."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import asyncpg
import httpx
import pytest

from liveshelf.flows import checkout
from liveshelf.flows.checkout import CheckoutLanes, PlaceOrder
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import Database
from liveshelf.platform.groupcommit import LaneFull
from liveshelf.platform.hotpath import HotPath
from tests.make.selling import PRICE_FEN, Sold, level, something
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=3)


@pytest.fixture
async def buyer(client: httpx.AsyncClient, shop: ShopId) -> httpx.AsyncClient:
    await client.get(f"/v1/storefront/{shop}/me")
    return client


def wish(sold: Sold, **changes: Any) -> dict[str, Any]:
    line = {"sku_id": sold.sku_id, "quantity": 1}
    return {"request_id": str(uuid.uuid4()), "lines": [line], "expected_total_fen": PRICE_FEN, **changes}


async def test_a_plain_request_is_placed_and_answered_like_any_other(buyer, db, shop, sold):
    draft = wish(sold)
    answer = await buyer.post(f"/v1/storefront/{shop}/orders", json=draft)
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = await buyer.post(f"/v1/storefront/{shop}/orders", json=draft)
    read = await buyer.get(f"/v1/storefront/{shop}/orders/{answer.json()['order_id']}")
    assert answer.json() == again.json() == read.json()
    assert (await level(db, shop, sold.sku_id)).held == 1


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "application/json; charset=utf-8"}, None, 201),  # not plain, but right
        ({}, b"{", 400),
        ({}, b"[" * 100_000, 400),
        ({}, b"{}", 422),
        ({}, b'{"request_id": "x", "lines": [], "expected_total_fen": 1}', 422),
        ({}, b"x" * (1 << 20 | 1), 413),
    ],
)
async def test_what_is_not_plain_goes_the_long_way(buyer, shop, sold, headers, body, status):
    content = json.dumps(wish(sold)).encode() if body is None else body
    headers = {"content-type": "application/json", **headers}
    answer = await buyer.post(f"/v1/storefront/{shop}/orders", content=content, headers=headers)
    assert answer.status_code == status
    if status >= 400:
        assert answer.json()["code"].startswith("request.")


async def test_a_body_in_pieces_is_put_together(buyer, shop, sold):
    async def pieces():
        for byte in json.dumps(wish(sold)).encode():
            yield bytes([byte])

    headers = {"content-type": "application/json"}
    answer = await buyer.post(f"/v1/storefront/{shop}/orders", content=pieces(), headers=headers)
    assert answer.status_code == 201


async def test_nobody_and_another_shops_buyer_are_refused(buyer, client, db, shop, sold):
    other = (await a_shop(db, "隔壁")).shop
    theirs = client.cookies[f"liveshelf_buyer_{shop}"]
    for cookie in ("", f"liveshelf_buyer_{shop}=made-up", f"liveshelf_buyer_{other}={theirs}"):
        for number in (shop, other):
            client.cookies.clear()
            answer = await client.post(
                f"/v1/storefront/{number}/orders", json=wish(sold), headers={"cookie": cookie} if cookie else {}
            )
            assert (answer.status_code, answer.json()["code"]) == (401, "customers.unknown"), (cookie, number)


async def test_a_refusal_looks_as_everywhere(buyer, shop, sold):
    answer = await buyer.post(f"/v1/storefront/{shop}/orders", json=wish(sold, expected_total_fen=1))
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (answer.status_code, told["code"], told["context"]) == (
        409,
        "orders.price_changed",
        {"total_fen": PRICE_FEN},
    )


async def test_a_full_lane_says_the_place_and_when_to_come_back(buyer, shop, sold, runtime):
    async def full(_shop: ShopId, _request: object) -> None:
        raise LaneFull(place=2_001, retry_after_s=3)

    runtime.need(CheckoutLanes).submit = full
    answer = await buyer.post(f"/v1/storefront/{shop}/orders", json=wish(sold))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")
    assert answer.json()["context"] == {"place": 2_001, "retry_after_s": 3}


async def test_who_goes_away_while_waiting_does_not_buy(http_app, buyer, db, shop, sold, runtime, monkeypatch):
    monkeypatch.setattr("liveshelf.facades.native.callers.LOOK_S", 0.01)
    lanes = runtime.need(CheckoutLanes)
    gate = asyncio.Event()
    commit = lanes._commit

    async def slow(*args: Any) -> Any:
        await gate.wait()
        return await commit(*args)

    lanes._commit, lanes.DEPTH = slow, 1
    body = json.dumps(wish(sold)).encode()
    cookie = f"liveshelf_buyer_{shop}={buyer.cookies[f'liveshelf_buyer_{shop}']}"
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/v1/storefront/{shop}/orders",
        "client": ("127.0.0.1", 1),
        "headers": [
            (b"host", b"127.0.0.1:8000"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cookie", cookie.encode()),
        ],
    }
    first = asyncio.create_task(buyer.post(f"/v1/storefront/{shop}/orders", json=wish(sold)))
    await asyncio.sleep(0.1)
    messages = [{"type": "http.request", "body": body, "more_body": True}]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await http_app(dict(scope), receive, send)
    assert sent == []
    gate.set()
    assert (await first).status_code == 201
    await asyncio.sleep(0.1)
    assert (await level(db, shop, sold.sku_id)).held == 1


async def test_a_database_that_comes_back_is_waited_for(buyer, shop, sold, admin_dsn):
    assert (await buyer.post(f"/v1/storefront/{shop}/orders", json=wish(sold))).status_code == 201
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    await admin.close()
    assert (await buyer.post(f"/v1/storefront/{shop}/orders", json=wish(sold))).status_code == 201


async def test_a_rush_on_a_new_database_reads_no_more_the_more_orders_there_are(runtime, buyer, shop, db, admin_dsn):
    sold = await something(db, shop, on_hand=100_000)
    customer_id = (await buyer.get(f"/v1/storefront/{shop}/me")).json()["customer_id"]

    async def place(many: int) -> None:
        lines = ((sold.sku_id, 1),)
        drafts = [PlaceOrder(str(uuid.uuid4()), customer_id, lines, PRICE_FEN) for _ in range(many)]
        for draft in asyncio.as_completed([checkout.place(runtime, shop, one) for one in drafts]):
            await draft

    async def read() -> int:
        admin = await asyncpg.connect(admin_dsn)
        found = await admin.fetchval(
            "SELECT sum(idx_tup_read) FROM pg_stat_user_indexes"
            " WHERE relname = 'orders' AND indexrelname <> 'orders_pkey'"
        )
        await admin.close()
        return int(found)

    before = await read()
    for many in (1, 1, 1, 2, 5, 10, 150, 150, 150):
        await place(many)
    await runtime.need(HotPath).close()  # what its connections have counted is told when they end
    assert await read() - before < 20 * 470, (
        "foreign keys are checked through an index that leads to every order of the shop"
    )
