"""Checkout as it comes over HTTP: quotes, carts, odd input, addresses that only those see who need them."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.flows import listing
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.trail import queries as trail
from tests.make.accounts import bearer, staff_session
from tests.make.rooms import ANCHOR
from tests.make.selling import PRICE_FEN, Sold, level, something
from tests.make.shops import a_shop

AT_HOME = {"name": "张三", "phone": "13800138000", "code": "440305", "street": "科技园路 1 号 3 栋"}
COMPANY = {"kind": "company", "title": "阿清茶器有限公司", "tax_no": "9144030071526726XG", "email": "a@b.cn"}


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=5)


@pytest.fixture
async def buyer(client: httpx.AsyncClient, shop: ShopId) -> httpx.AsyncClient:
    """A browser that has been in the shop."""
    assert (await client.get(f"/v1/storefront/{shop}/me")).status_code == 200
    return client


async def call(client: httpx.AsyncClient, method: str, path: str, status: int, body: Any = None, **more: Any) -> Any:
    answer = await client.request(method, path, json=body, **more)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def draft(sold: Sold, quantity: Any = 1, **changes: Any) -> dict[str, Any]:
    return {
        "request_id": str(uuid.uuid4()),
        "lines": [{"sku_id": sold.sku_id, "quantity": quantity}],
        "expected_total_fen": PRICE_FEN,
        **changes,
    }


async def test_a_quote_says_where_every_fen_comes_from(buyer, db, shop, sold):
    other = await something(db, shop, on_hand=1)
    lines = [{"sku_id": sold.sku_id, "quantity": 2}, {"sku_id": other.sku_id, "quantity": 3}]
    told = await call(buyer, "POST", f"/v1/storefront/{shop}/quote", 200, {"lines": lines})
    assert [(one["state"], one["available"]) for one in told["lines"]] == [("ok", 5), ("short", 1)]
    assert told["amounts"] == [
        {"kind": "goods", "line_no": 1, "amount_fen": 2 * PRICE_FEN},
        {"kind": "freight", "line_no": None, "amount_fen": 0},
    ]
    assert (told["total_fen"], told["needs_address"]) == (2 * PRICE_FEN, True)
    placed = await call(
        buyer,
        "POST",
        f"/v1/storefront/{shop}/orders",
        201,
        draft(sold, lines=lines[:1], expected_total_fen=told["total_fen"]),
    )
    assert placed["amounts"] == told["amounts"]
    assert (await level(db, shop, other.sku_id)).held == 0


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**9, 2**63, 1e308, 1.5, "many", None, True, [1]])
async def test_odd_quantities_are_refused_and_move_nothing(buyer, db, shop, sold, quantity):
    doors = [
        ("POST", "orders", draft(sold, quantity)),
        ("POST", "quote", {"lines": [{"sku_id": sold.sku_id, "quantity": quantity}]}),
        ("POST", "cart/lines", {"request_id": "r", "sku_id": sold.sku_id, "quantity": quantity}),
        ("PATCH", f"cart/lines/{sold.sku_id}", {"quantity": quantity}),
    ]
    for method, path, body in doors:
        answer = await buyer.request(method, f"/v1/storefront/{shop}/{path}", json=body)
        assert answer.status_code in {400, 422}, (path, answer.text)
        assert answer.json()["code"].startswith(("request.", "orders."))
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held) == (5, 0)
    assert (await call(buyer, "GET", f"/v1/storefront/{shop}/cart", 200))["lines"] == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"request_id":"r","lines":[{"sku_id":1,"quantity":1e308}],"expected_total_fen":12800}',
        b'{"request_id":"r","lines":[{"sku_id":1,"quantity":1e999}],"expected_total_fen":12800}',
        b'{"request_id":"r","lines":[{"sku_id":1e308,"quantity":1}],"expected_total_fen":12800}',
        b'{"request_id":"r","lines":[{"sku_id":1,"quantity":1}],"expected_total_fen":1e308}',
        b'{"request_id":"r","lines":[{"sku_id":1,"quantity":1}],"expected_total_fen":-12800}',
        b'{"request_id":"r","lines":[{"sku_id":1,"quantity":1}],"expected_total_fen":12800,"currency":"USD"}',
        b'{"request_id":"r","lines":[{"sku_id":1,"quantity":1,"currency":"USD"}],"expected_total_fen":12800}',
        b'{"request_id":"r","lines":[{"sku_id":1,"quantity":1}],"expected_total_fen":{"CNY":12800,"USD":1}}',
        b'{"request_id":"r","lines":[{"sku_id":1,"quantity":1},{"sku_id":1,"quantity":1}],"expected_total_fen":25600}',
        b'{"request_id":"","lines":[{"sku_id":1,"quantity":1}],"expected_total_fen":12800}',
        b'{"request_id":"r","lines":[],"expected_total_fen":12800}',
        b'{"request_id":"r","lines":[{"sku_id":1,"quantity":1}],"expected_total_fen":12800,"note":"\\u0000"}',
        b'{"request_id":"r","lines":[{"sku_id":1,"quantity":NaN}],"expected_total_fen":12800}',
    ],
)
async def test_an_order_that_can_not_be_meant_is_refused_and_moves_nothing(buyer, db, shop, sold, body: bytes):
    answer = await buyer.post(
        f"/v1/storefront/{shop}/orders", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code in {400, 422}, answer.text
    assert (await level(db, shop, sold.sku_id)).held == 0
    assert (await call(buyer, "GET", f"/v1/storefront/{shop}/orders", 200))["items"] == []


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"note": "长" * 201}, 422, "request.invalid"),
        ({"invoice": {**COMPANY, "tax_no": "9144030071526726XH"}}, 422, "orders.invoice_invalid"),
        ({"invoice": {**COMPANY, "kind": "personal"}}, 422, "orders.invoice_invalid"),
        ({"address_id": 999}, 404, "customers.address_unknown"),
        ({"room_id": 999}, 404, "rooms.missing"),
        ({"expected_total_fen": PRICE_FEN + 1}, 409, "orders.price_changed"),
    ],
)
async def test_what_does_not_fit_is_named(buyer, db, shop, sold, changes, status: int, code: str):
    told = await call(buyer, "POST", f"/v1/storefront/{shop}/orders", status, draft(sold, **changes))
    assert told["code"] == code
    assert (await level(db, shop, sold.sku_id)).held == 0


async def test_another_shops_things_are_not_for_sale_here(buyer, db, shop):
    other = (await a_shop(db, "隔壁")).shop
    theirs = [await something(db, other) for _ in range(2)][-1]
    told = await call(buyer, "POST", f"/v1/storefront/{shop}/orders", 404, draft(theirs))
    assert told["code"] == "orders.not_for_sale"
    body = {"request_id": "r", "sku_id": theirs.sku_id, "quantity": 1}
    assert (await call(buyer, "POST", f"/v1/storefront/{shop}/cart/lines", 404, body))["code"] == "orders.not_for_sale"
    quoted = await call(
        buyer, "POST", f"/v1/storefront/{shop}/quote", 200, {"lines": [{"sku_id": theirs.sku_id, "quantity": 1}]}
    )
    assert [(one["state"], one["title"], one["price_fen"]) for one in quoted["lines"]] == [("off_sale", "", None)]
    assert quoted["total_fen"] == 0


async def test_a_cart_over_http_from_adding_to_the_order(buyer, db, shop, sold):
    at = f"/v1/storefront/{shop}/cart"
    other = await something(db, shop)
    body = {"request_id": "one", "sku_id": sold.sku_id, "quantity": 2}
    await call(buyer, "POST", f"{at}/lines", 201, body)
    cart = await call(buyer, "POST", f"{at}/lines", 201, body)  # the same wish again adds nothing
    assert [(one["sku_id"], one["quantity"]) for one in cart["lines"]] == [(sold.sku_id, 2)]
    await call(buyer, "POST", f"{at}/lines", 201, {"request_id": "two", "sku_id": other.sku_id})
    assert (await call(buyer, "GET", f"{at}/count", 200))["count"] == 2
    cart = await call(buyer, "PUT", f"{at}/selection", 200, {"sku_ids": [sold.sku_id]})
    assert (cart["total_fen"], cart["needs_address"]) == (2 * PRICE_FEN, True)
    lines = [{"sku_id": one["sku_id"], "quantity": one["quantity"]} for one in cart["lines"] if one["selected"]]
    await call(
        buyer,
        "POST",
        f"/v1/storefront/{shop}/orders",
        201,
        draft(sold, lines=lines, expected_total_fen=cart["total_fen"], from_cart=True),
    )
    cart = await call(buyer, "GET", at, 200)
    assert [one["sku_id"] for one in cart["lines"]] == [other.sku_id]
    await db.write(ANCHOR, shop, lambda tx: listing.delete(tx, other.goods_id, door=None))
    assert [one["state"] for one in (await call(buyer, "GET", at, 200))["lines"]] == ["off_sale"]
    assert (await call(buyer, "POST", f"{at}/remove", 200, {"sku_ids": [other.sku_id, 999]}))["lines"] == []


async def test_staff_see_where_it_goes_masked_and_each_whole_look_leaves_a_row(
    buyer: httpx.AsyncClient, db: Database, shop: ShopId, sold: Sold, runtime: Runtime
):
    kept = await call(buyer, "POST", f"/v1/storefront/{shop}/addresses", 201, {"request_id": "a", **AT_HOME})
    placed = await call(
        buyer,
        "POST",
        f"/v1/storefront/{shop}/orders",
        201,
        draft(sold, address_id=kept["address_id"], note="请放门口", invoice=COMPANY),
    )
    assert placed["needs_address"] is False
    at = f"/v1/shops/{shop}/orders/{placed['order_id']}/delivery"
    support = {"headers": bearer(await staff_session(runtime, shop, Role.OPERATOR))}
    seen = await call(buyer, "GET", at, 200, **support)
    assert (seen["address"]["name"], seen["address"]["phone"]) == ("张*", "138****8000")
    assert (seen["address"]["place"], seen["address"]["street"]) == ("广东省深圳市南山区", "***")
    assert seen["note"] == "请放门口"
    assert seen["invoice"]["tax_no"] != COMPANY["tax_no"]
    whole = await call(buyer, "POST", f"{at}/reveal", 200, **support)
    assert (whole["address"]["name"], whole["address"]["street"]) == ("张三", "科技园路 1 号 3 栋")
    assert whole["invoice"] == COMPANY
    async with db.read(shop) as tx:
        (row,) = [
            one for one in (await trail.newest(tx, cursor=None, limit=None)).items if one.action == "orders.reveal"
        ]
    assert row.subject == f"order:{placed['order_id']}"
    assert "张三" not in str(row)
    anchor = {"headers": bearer(await staff_session(runtime, shop, Role.ANCHOR))}
    await call(buyer, "POST", f"{at}/reveal", 403, **anchor)
    other = (await a_shop(db, "隔壁")).shop
    neighbour = {"headers": bearer(await staff_session(runtime, other, Role.OWNER))}
    await call(buyer, "GET", f"/v1/shops/{other}/orders/{placed['order_id']}/delivery", 404, **neighbour)
