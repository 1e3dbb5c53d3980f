"""Buying over HTTP: the guest, the order, the pay page, and the member that the guest becomes."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.adapters.payments.port import PaymentProvider
from liveshelf.adapters.payments.wechat import WechatPay
from liveshelf.customers import service as customers
from liveshelf.customers.errors import CodeInvalid, CodeUsed
from liveshelf.entry.http import create_app
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database
from liveshelf.platform.outbound import Answer, Outbound
from liveshelf.platform.runtime import Runtime
from tests.make.accounts import bearer, staff_session
from tests.make.selling import PRICE_FEN, Sold, level, something
from tests.make.shops import a_shop


class Loop(Outbound):
    """Carries our calls and the simulator's into the application under test."""

    client: httpx.AsyncClient

    async def request(self, method: str, url: str, body: bytes = b"", headers=None, *, most=None) -> Answer:
        target = httpx.URL(url).raw_path.decode()
        got = await self.client.request(method, target, content=body, headers=headers)
        return Answer(got.status_code, dict(got.headers), got.content)


@dataclass
class Browser:
    """One buyer's browser at one shop."""

    http: httpx.AsyncClient
    shop: ShopId

    async def call(self, method: str, path: str, status: int, **body: Any) -> Any:
        answer = await self.http.request(method, f"/v1/storefront/{self.shop}{path}", json=body or None)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def get(self, path: str, status: int = 200) -> Any:
        return await self.call("GET", path, status)

    async def post(self, path: str, status: int = 200, **body: Any) -> Any:
        return await self.call("POST", path, status, **body)

    async def order(self, sold: Sold, quantity: int = 1, status: int = 201, **changes: Any) -> Any:
        draft = {
            "request_id": str(uuid.uuid4()),
            "lines": [{"sku_id": sold.sku_id, "quantity": quantity}],
            "expected_total_fen": quantity * PRICE_FEN,
        }
        return await self.post("/orders", status, **{**draft, **changes})


AT_HOME = {"name": "张三", "phone": "13800138000", "code": "440305", "street": "科技园路 1 号 3 栋"}


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=5)


@pytest.fixture
async def browsers(runtime: Runtime, shop: ShopId) -> AsyncIterator[Callable[..., Browser]]:
    loop = Loop()
    inside = replace(runtime, outbound=loop, settings=replace(runtime.settings, demo=True), adapters={})
    inside.provide(PaymentProvider, WechatPay(inside))
    app = create_app(inside)
    made: list[httpx.AsyncClient] = []

    def browser(at: ShopId = shop) -> Browser:
        transport = httpx.ASGITransport(app=app)
        made.append(httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000"))
        return Browser(made[-1], at)

    loop.client = browser().http
    async with app.running():
        yield browser
    for client in made:
        await client.aclose()


async def test_from_the_first_visit_to_a_paid_order(browsers, db, shop, sold, runtime):
    mine = browsers()
    await mine.get("/orders", 401)
    home = await mine.get("")
    assert [one["goods_id"] for one in home["goods"]] == [sold.goods_id]
    page = await mine.get(f"/goods/{sold.goods_id}")
    assert (page["available"], page["skus"][0]["price_fen"]) == (5, PRICE_FEN)

    me = await mine.get("/me")
    assert me["kind"] == "guest"
    assert (await mine.get("/me"))["customer_id"] == me["customer_id"]
    placed = await mine.order(sold, 2)
    assert (placed["state"], placed["may"], placed["payment"]) == ("to_pay", ["pay", "cancel"], None)
    assert [(step["by"], step["what"]) for step in placed["timeline"]] == [("buyer", "placed")]
    assert (await mine.get(f"/goods/{sold.goods_id}"))["available"] == 3

    refused = await mine.post(f"/orders/{placed['order_id']}/pay", 409, request_id="p1")
    assert refused["code"] == "orders.address_needed"
    kept = await mine.post("/addresses", 201, request_id="a1", **AT_HOME)
    chosen = await mine.call(
        "PUT", f"/orders/{placed['order_id']}/delivery", 200, request_id="c1", address_id=kept["address_id"]
    )
    assert chosen["address"]["place"] == "广东省深圳市南山区"
    started = await mine.post(f"/orders/{placed['order_id']}/pay", request_id="p1")
    shown = await mine.http.get(started["pay_url"], headers={"accept-language": "en-GB,en"})
    assert "256" in shown.text
    assert "Simulated payment" in shown.text
    assert 'data-testid="sim-pay"' in shown.text
    pressed = await mine.http.post(started["pay_url"])
    assert (pressed.status_code, pressed.headers["location"]) == (303, f"/shop/{shop}/orders/{placed['order_id']}")

    paid = await mine.get(f"/orders/{placed['order_id']}")
    assert (paid["state"], paid["may"], paid["payment"]["state"]) == ("to_ship", ["ask_address"], "paid")
    assert [(step["by"], step["what"]) for step in paid["timeline"]] == [("buyer", "placed"), ("provider", "paid")]
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.sold) == (3, 0, 2)

    staff = bearer(await staff_session(runtime, shop, Role.SERVICE))
    listed = (await mine.http.get(f"/v1/shops/{shop}/orders?state=to_ship&q=青瓷", headers=staff)).json()
    assert [one["order_id"] for one in listed["items"]] == [placed["order_id"]]
    assert {state: many for state, many in listed["counts"].items() if many} == {"to_ship": 1}
    assert listed["items"][0]["may"] == ["ship", "flag", "remark"]


async def test_the_cookie_is_hidden_from_scripts_and_of_one_shop(browsers, shop):
    answer = await browsers().http.get(f"/v1/storefront/{shop}/me")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"liveshelf_buyer_{shop}=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie  # plain http here; with an https address it is there


async def test_what_refuses_an_order_says_so(browsers, sold):
    mine = browsers()
    await mine.get("/me")
    short = await mine.order(sold, 6, 409)
    assert (short["code"], short["context"]) == ("stock.insufficient", {"sku_id": sold.sku_id, "available": 5})
    changed = await mine.order(sold, 1, 409, expected_total_fen=1)
    assert (changed["code"], changed["context"]) == ("orders.price_changed", {"total_fen": PRICE_FEN})
    wrong: tuple[dict[str, Any], ...] = (
        {"lines": []},
        {"lines": [{"sku_id": sold.sku_id, "quantity": 0}]},
        {"lines": [{"sku_id": sold.sku_id, "quantity": 1e308}]},
        {"lines": [{"sku_id": 2**63, "quantity": 1}]},
        {"lines": [{"sku_id": "x", "quantity": 1}]},
        {"expected_total_fen": -1},
        {"room_id": 0},
        {"request_id": ""},
        {"coupon": "x"},
    )
    for bad in wrong:
        assert (await mine.order(sold, 1, 422, **bad))["code"] == "request.invalid"
    assert (await mine.get("/orders"))["items"] == []


async def test_strangers_see_nothing(browsers, db, sold):
    mine, other = browsers(), browsers()
    await mine.get("/me")
    await other.get("/me")
    order_id = (await mine.order(sold))["order_id"]
    for path in (f"/orders/{order_id}", "/orders/1", f"/orders/{2**63 - 1}"):
        await other.get(path, 404)
    await other.post(f"/orders/{order_id}/pay", 404, request_id="x")
    await other.post(f"/orders/{order_id}/cancel", 404, request_id="x")
    elsewhere = browsers((await a_shop(db, "隔壁")).shop)
    await elsewhere.get("/me")
    await elsewhere.get(f"/orders/{order_id}", 404)
    await elsewhere.get(f"/goods/{sold.goods_id}", 404)
    assert (await elsewhere.order(sold, 1, 404))["code"] == "orders.not_for_sale"
    nowhere = browsers(ShopId(999))
    for path in ("", "/me", "/goods/1"):
        await nowhere.get(path, 404)


async def test_cancelling_frees_the_stock_and_can_be_pressed_twice(browsers, db, shop, sold):
    mine = browsers()
    await mine.get("/me")
    order_id = (await mine.order(sold, 5))["order_id"]
    for _ in range(2):
        cancelled = await mine.post(f"/orders/{order_id}/cancel", request_id="c")
        assert (cancelled["state"], cancelled["close_reason"], cancelled["may"]) == ("closed", "cancelled", [])
    assert (await mine.post(f"/orders/{order_id}/pay", 409, request_id="p"))["code"] == "orders.not_to_pay"
    assert (await level(db, shop, sold.sku_id)).available == 5


async def test_a_guest_who_signs_in_brings_the_orders_along(browsers, sold):
    first, second = browsers(), browsers()
    await first.get("/me")
    await first.order(sold)
    member = await first.post("/me/register", phone="138 0013-8000", password="long enough", name="小林")
    assert (member["kind"], member["name"]) == ("member", "小林")
    assert len((await first.get("/orders"))["items"]) == 1
    await first.post("/me/register", 409, phone="13800138001", password="long enough", name="x")

    await second.get("/me")
    await second.order(sold)
    assert (await second.post("/me/register", 409, phone="13800138000", password="long enough", name="x"))[
        "code"
    ] == "customers.phone_taken"
    assert (await second.post("/me/sign-in", 401, phone="13800138000", password="wrong one"))["code"] == (
        "customers.sign_in_refused"
    )
    old = dict(second.http.cookies)
    assert await second.post("/me/sign-in", phone="13800138000", password="long enough") == member
    assert dict(second.http.cookies) != old
    assert len((await second.get("/orders"))["items"]) == 2
    third = browsers()
    third.http.cookies.update(old)
    await third.get("/orders", 401)

    await second.call("DELETE", "/me/session", 204)
    await second.get("/orders", 401)
    assert (await first.call("PATCH", "/me", 200, name="林"))["name"] == "林"


async def test_too_many_tries_have_to_wait(browsers):
    mine = browsers()
    await mine.get("/me")
    codes = [
        (
            await mine.http.post(f"/v1/storefront/{mine.shop}/me/sign-in", json={"phone": "x", "password": "y"})
        ).status_code
        for _ in range(12)
    ]
    assert codes == [422] * 10 + [429] * 2


async def test_who_is_erased_leaves_orders_without_a_name(browsers, db, shop, sold, runtime):
    mine = browsers()
    await mine.get("/me")
    await mine.post("/me/register", phone="13900139000", password="long enough", name="小林")
    order_id = (await mine.order(sold))["order_id"]
    await mine.call("DELETE", "/me", 204)
    await mine.get("/orders", 401)
    staff = bearer(await staff_session(runtime, shop))
    kept = (await mine.http.get(f"/v1/shops/{shop}/orders/{order_id}", headers=staff)).json()
    assert kept["customer"]["name"] == "已注销"
    again = browsers()
    await again.get("/me")
    await again.post("/me/register", phone="13900139000", password="long enough", name="新来的")


async def test_a_login_code_works_once_for_five_minutes(browsers, db, shop, monkeypatch):
    mine = browsers()
    await mine.post("/me/login-code", 401)
    await mine.get("/me")
    code = (await mine.post("/me/login-code"))["code"]
    assert len(code) == 32
    openid, session_key = await db.write(SYSTEM, shop, lambda tx: customers.use_code(tx, code))
    assert (openid[0], len(openid), len(session_key)) == ("o", 28, 24)
    with pytest.raises(CodeUsed):
        await db.write(SYSTEM, shop, lambda tx: customers.use_code(tx, code))
    with pytest.raises(CodeInvalid):
        await db.write(SYSTEM, shop, lambda tx: customers.use_code(tx, "x"))
    late = (await mine.post("/me/login-code"))["code"]
    monkeypatch.setattr(customers, "wall_now", lambda: wall_now() + customers.CODE_LIFE)
    with pytest.raises(CodeInvalid):
        await db.write(SYSTEM, shop, lambda tx: customers.use_code(tx, late))


async def test_demo_buyers_exist_only_in_demo_data(browsers, db, shop):
    mine = browsers()
    await mine.get("/me/demo-buyers", 404)
    who = await db.write(
        SYSTEM, shop, lambda tx: customers.make_member(tx, name="示例", phone=None, password_hash=None, demo=True)
    )
    real = await db.write(
        SYSTEM, shop, lambda tx: customers.make_member(tx, name="真人", phone=None, password_hash=None)
    )
    assert await mine.get("/me/demo-buyers") == [{"customer_id": who.customer_id, "name": "示例"}]
    await mine.post("/me/demo-buyer", 404, customer_id=real.customer_id)
    assert (await mine.post("/me/demo-buyer", customer_id=who.customer_id))["name"] == "示例"
    assert (await mine.get("/me"))["demo_buyers_available"] is True


async def test_stock_is_counted_by_staff_and_never_below_what_buyers_hold(browsers, db, shop, sold, runtime):
    mine = browsers()
    await mine.get("/me")
    await mine.order(sold, 3)
    owner, reader = [bearer(await staff_session(runtime, shop, role)) for role in (Role.OWNER, Role.SERVICE)]
    url = f"/v1/shops/{shop}/skus/{sold.sku_id}"

    async def put(status: int, who: dict[str, str], **body: Any) -> Any:
        answer = await mine.http.put(f"{url}/stock", json={"request_id": str(uuid.uuid4()), **body}, headers=who)
        assert answer.status_code == status, answer.text
        return answer.json()

    assert (await put(200, owner, set=9, reason="盘点"))["available"] == 6
    assert (await put(200, owner, adjust=-6, reason="损坏"))["available"] == 0
    assert (await put(409, owner, adjust=-1, reason="再少"))["context"]["held"] == 3
    assert (await put(422, owner, set=10**7, reason="x"))["code"] == "request.invalid"
    assert (await put(422, owner, set=1, adjust=1, reason="x"))["code"] == "stock.set_or_adjust"
    assert (await put(403, reader, set=1, reason="x"))["code"] == "accounts.not_permitted"
    body = {"request_id": "same", "adjust": 1, "reason": "到货"}
    for _ in range(2):
        await mine.http.put(f"{url}/stock", json=body, headers=owner)
    moves = (await mine.http.get(f"{url}/moves?limit=4", headers=reader)).json()
    assert [(one["kind"], one["quantity"], one["on_hand"]) for one in moves["items"]] == [
        ("adjust", 1, 4),
        ("adjust", -6, 3),
        ("set", 4, 9),
        ("hold", 3, 5),
    ]
    assert moves["items"][3]["by"] == "buyer"
    assert moves["next"]
    assert (await mine.http.get(f"/v1/shops/{shop}/skus/999/moves", headers=reader)).status_code == 404
    await level(db, shop, sold.sku_id)


async def test_notices_without_a_true_signature_and_odd_pay_pages_are_refused(browsers):
    http = browsers().http
    for provider in ("simulator", "wechat", "x" * 200):
        assert (await http.post(f"/v1/payments/{provider}/notify/9000000001", content=b"{}")).status_code in {
            401,
            404,
            409,
            422,
        }
    assert (await http.post("/v1/payments/simulator/notify/9000000001", content=b"x" * 100_000)).status_code == 413
    for token in ("x", "a.b", "é"):
        assert (await http.get(f"/simulator/pay/{token}")).status_code == 404
        assert (await http.post(f"/simulator/pay/{token}")).status_code == 404
