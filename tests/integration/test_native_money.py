"""Money over the native API: who may see it, who may act, and what is refused."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from liveshelf.accounts.types import Role
from liveshelf.adapters.payments.merchants import MerchantBook, simulated_number
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import ShopId
from liveshelf.payments import refunds
from liveshelf.payments.types import RefundReason
from liveshelf.platform.runtime import Runtime
from tests.make.accounts import bearer, staff_session
from tests.make.paying import till_of
from tests.make.selling import PRICE_FEN, addressed, bought, guest, something, wish
from tests.make.shops import a_shop

READS = ("balances", "entries", "refunds", "days", "differences")


@pytest.fixture
async def shop(db) -> ShopId:
    return (await a_shop(db)).shop


async def call(client: httpx.AsyncClient, who: dict[str, str], method: str, path: str, **body: Any) -> httpx.Response:
    sent = {"request_id": str(uuid.uuid4()), **body} if method != "GET" else None
    return await client.request(method, path, headers=who, json=sent)


async def test_owners_act_operators_look_and_others_see_nothing(client, runtime: Runtime, shop):
    base = f"/v1/shops/{shop}/money"
    seen = {}
    for role in Role:
        who = bearer(await staff_session(runtime, shop, role))
        seen[role] = [(await call(client, who, "GET", f"{base}/{name}")).status_code for name in READS]
        seen[role].append((await call(client, who, "GET", f"{base}/merchant")).status_code)
        paid = await call(client, who, "POST", f"{base}/payouts", reference="1", amount_fen=5)
        seen[role].append(paid.status_code)
    assert seen[Role.OWNER] == [200] * 6 + [204]
    assert seen[Role.OPERATOR] == [200] * 5 + [403, 403]
    for role in (Role.ANCHOR, Role.SERVICE, Role.DEVELOPER):
        assert set(seen[role]) == {403}
    neighbour = (await a_shop(runtime.db, "邻居")).shop
    stranger = bearer(await staff_session(runtime, neighbour, Role.OWNER))
    assert (await call(client, stranger, "GET", f"{base}/balances")).status_code in {403, 404}


async def test_what_moved_is_shown_as_it_is(client, runtime: Runtime, db, shop):
    till = till_of(runtime)
    sold = await something(db, shop, on_hand=1)
    placed = await addressed(db, shop, await bought(db, shop, wish(await guest(db, shop), sold.sku_id)))
    await till.press(await till.start(shop, placed))

    async def owe(tx):
        await refunds.owe(tx, placed.order_id, amount_fen=Fen(800), reason=RefundReason.OVERSOLD, key="a")

    await db.write(SYSTEM, shop, owe)
    who = bearer(await staff_session(runtime, shop, Role.OWNER))
    base = f"/v1/shops/{shop}/money"
    shown = (await call(client, who, "GET", f"{base}/balances")).json()
    assert {one["account"]: one["fen"] for one in shown["accounts"] if one["fen"]} == {
        "provider": PRICE_FEN,
        "sales": -PRICE_FEN,
        "returns": 800,
        "owed": -800,
    }
    assert shown["may"] == ["write"]
    entries = (await call(client, who, "GET", f"{base}/entries?limit=1")).json()
    assert (entries["items"][0]["kind"], entries["items"][0]["order_id"]) == ("refund_owed", str(placed.order_id))
    assert (await call(client, who, "GET", f"{base}/entries?cursor={entries['next']}")).json()["items"][0][
        "kind"
    ] == "paid"
    (refund,) = (await call(client, who, "GET", f"{base}/refunds?state=owed")).json()["items"]
    assert (refund["amount_fen"], refund["reason"], refund["late"]) == (800, "oversold", False)
    assert (await call(client, who, "GET", f"{base}/refunds?trouble=true")).json()["items"] == []
    (day,) = (await call(client, who, "GET", f"{base}/days")).json()["items"]
    assert (day["merchant"], day["done"]) == (simulated_number(shop), False)
    early = await call(client, who, "POST", f"{base}/days/{day['merchant']}/{day['day']}/compare")
    assert (early.status_code, early.json()["code"]) == (404, "billing.day_unknown")
    gone = await call(client, who, "POST", f"{base}/differences/4711/close", reason="x")
    assert (gone.status_code, gone.json()["code"]) == (404, "billing.difference_unknown")
    for change in ({"amount_fen": 0}, {"amount_fen": -1}, {"amount_fen": 1e308}, {"reference": ""}):
        assert (
            await call(client, who, "POST", f"{base}/payouts", **{"reference": "r", "amount_fen": 1, **change})
        ).status_code in {400, 422}
    for amount, status in ((5, 204), (5, 204), (6, 409)):
        assert (
            await call(client, who, "POST", f"{base}/payouts", reference="2026", amount_fen=amount)
        ).status_code == status


def merchant(**changes: str) -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    facts = {"mchid": "1900000109", "appid": "wx1234567890", "serial": "5157F09EFDC096DE", "private_key": pem}
    return {**facts, "apiv3_key": "0123456789abcdef" * 2, **changes}


async def test_a_merchants_keys_go_in_sealed_and_never_come_out(client, runtime: Runtime, db, shop):
    who = bearer(await staff_session(runtime, shop, Role.OWNER))
    path = f"/v1/shops/{shop}/money/merchant"
    assert (await call(client, who, "GET", path)).json()["simulated"] is True
    facts = merchant()
    assert (await call(client, who, "PUT", path, **facts)).status_code == 204
    for wrong in (
        {"private_key": "x"},
        {"apiv3_key": "short"},
        {"mchid": "abc"},
        {"public_key_id": "PUB", "public_key": "x"},
    ):
        assert (await call(client, who, "PUT", path, **merchant(**wrong))).status_code in {400, 422}
    real = replace(runtime, settings=replace(runtime.settings, simulated_payment=False), adapters={})
    found = await MerchantBook(real).of_shop(shop)
    assert found is not None
    assert (found.mchid, found.private_key, found.apiv3_key) == (
        facts["mchid"],
        facts["private_key"],
        facts["apiv3_key"],
    )
    assert facts["apiv3_key"] not in repr(found)
    assert await MerchantBook(real).by_number("1900000109") == found
    async with db.engine.connect() as conn:
        kept = (await conn.exec_driver_sql("SELECT payment_merchants::text FROM payment_merchants")).scalar_one()
    assert facts["apiv3_key"] not in kept
    neighbour = (await a_shop(db, "邻居")).shop
    other = bearer(await staff_session(runtime, neighbour, Role.OWNER))
    taken = await call(client, other, "PUT", f"/v1/shops/{neighbour}/money/merchant", **facts)
    assert (taken.status_code, taken.json()["code"]) == (409, "payments.merchant_taken")
    # Another merchant from now on; what was paid under the first one is refunded there.
    assert (await call(client, who, "PUT", path, **merchant(mchid="1900000110"))).status_code == 204
    book = MerchantBook(real)
    now, before = await book.of_shop(shop), await book.by_number("1900000109")
    assert now is not None
    assert before is not None
    assert (now.mchid, before.shop) == ("1900000110", shop)
