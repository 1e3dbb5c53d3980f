"""The console's and the buyer's doors to orders: permissions, views, filters, and bad input."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.customers import service as customers
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.orders import queries
from liveshelf.orders.types import Filter, Flag
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from tests.make.accounts import bearer, staff_session
from tests.make.order_work import paid_order
from tests.make.paying import Till, till_of
from tests.make.selling import PRICE_FEN, Sold, bought, guest, home, something, wish
from tests.make.shops import a_shop

SF = {"carrier": "SF", "tracking_no": "SF1234567890123"}


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return till_of(runtime)


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=50)


@pytest.fixture
async def owner(runtime: Runtime, shop: ShopId) -> dict[str, str]:
    return bearer(await staff_session(runtime, shop, Role.OWNER))


class Desk:
    """Somebody of the staff at one order."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str], base: str) -> None:
        self._client, self._headers, self._base, self._number = client, headers, base, 0

    async def post(self, path: str, **body: object) -> httpx.Response:
        self._number += 1
        body.setdefault("request_id", f"{path}-{self._number}")
        return await self._client.post(f"{self._base}{path}", json=body, headers=self._headers)

    async def get(self, path: str = "") -> httpx.Response:
        return await self._client.get(f"{self._base}{path}", headers=self._headers)


async def test_an_order_is_worked_on_to_its_end(db, shop, client, owner, till, sold, runtime):
    paid = await paid_order(db, shop, till, sold, 2)
    desk = Desk(client, owner, f"/v1/shops/{shop}/orders/{paid.order_id}")
    seen = (await desk.get()).json()
    assert seen["may"] == ["ship", "flag", "remark"]
    assert (await desk.post("/remark", remark="送礼", flag="red")).json()["work"]["flag"] == "red"
    flagged = (await desk.post("/cases", kind="buyer_unreachable", note="打不通")).json()
    (case,) = flagged["work"]["cases"]
    assert (case["state"], case["may"], case["at_limit"]) == ("open", ["settle"], "refund")
    listed = (await client.get(f"/v1/shops/{shop}/abnormal-orders", headers=owner)).json()
    assert [row["order"]["order_id"] for row in listed["items"]] == [str(paid.order_id)]
    settled = (await desk.post(f"/cases/{case['case_id']}/settle", answer="打通了")).json()
    assert settled["work"]["cases"][0]["state"] == "settled"
    packed = (await desk.post("/parcels", how="pack", **SF, lines=[{"sku_id": sold.sku_id, "quantity": 1}])).json()
    (parcel,) = packed["work"]["parcels"]
    assert parcel["may"] == ["hand_over", "correct", "unpack"]
    again = await desk.post("/parcels", request_id="twice", **SF)
    once_more = await desk.post("/parcels", request_id="twice", **SF)
    assert again.status_code == once_more.status_code == 200
    assert len(once_more.json()["work"]["parcels"]) == 2
    done = (await desk.post(f"/parcels/{parcel['parcel_id']}/hand-over")).json()
    assert (done["state"], done["may"]) == ("to_receive", ["flag", "remark"])
    for path in (f"/parcels/{parcel['parcel_id']}/unpack", "/parcels/7/hand-over"):
        assert (await desk.post(path)).status_code in {404, 409}
    cookie = await db.write(SYSTEM, shop, lambda tx: customers.start_session(tx, paid.customer_id))
    buyer = {"cookie": f"liveshelf_buyer_{shop}={cookie}"}
    mine = f"/v1/storefront/{shop}/orders/{paid.order_id}"
    shown = (await client.get(mine, headers=buyer)).json()
    assert shown["may"] == ["receive", "extend"]
    assert (shown["work"]["cases"], shown["work"]["remark"], shown["work"]["flag"]) == ([], "", None)
    assert {"flagged", "packed", "abnormal_settled"}.isdisjoint(step["what"] for step in shown["timeline"])
    assert all(step["by"] in {"buyer", "staff", "system", "provider"} for step in shown["timeline"])
    received = await client.post(f"{mine}/receive", json={"request_id": "r"}, headers=buyer)
    assert received.json()["state"] == "done"


async def test_a_price_changes_once_for_who_saw_the_present_one(db, shop, client, owner, sold):
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id, 2))
    desk = Desk(client, owner, f"/v1/shops/{shop}/orders/{placed.order_id}")
    changed = await desk.post("/price", seen_fen=2 * PRICE_FEN, total_fen=999, reason="老客")
    assert (changed.json()["total_fen"], changed.json()["lines"][0]["due_fen"]) == (999, 999)
    late = await desk.post("/price", seen_fen=2 * PRICE_FEN, total_fen=5, reason="再来")
    assert (late.status_code, late.json()["code"]) == (409, "orders.price_changed")
    for bad in (0, -1, 10**20, 1.5, "x", None):
        answer = await desk.post("/price", seen_fen=999, total_fen=bad, reason="坏")
        assert answer.status_code in {400, 422}, bad
    assert (await desk.get()).json()["total_fen"] == 999


async def test_another_address_is_asked_for_and_answered(db, shop, client, owner, till, sold, runtime):
    paid = await paid_order(db, shop, till, sold, 1)
    wanted = await home(db, shop, paid.customer_id, street="新路 9 号")
    cookie = await db.write(SYSTEM, shop, lambda tx: customers.start_session(tx, paid.customer_id))
    buyer = {"cookie": f"liveshelf_buyer_{shop}={cookie}"}
    mine = f"/v1/storefront/{shop}/orders/{paid.order_id}/address-request"
    asked = await client.post(mine, json={"request_id": "a", "address_id": wanted}, headers=buyer)
    assert asked.json()["may"] == ["withdraw_address"]
    listed = (await client.get(f"/v1/shops/{shop}/address-requests", headers=owner)).json()
    (row,) = listed["items"]
    assert "*" in row["wanted"]["phone"]
    desk = Desk(client, owner, f"/v1/shops/{shop}/address-requests/{row['request']['request_id']}")
    whole = (await desk.post("/whole")).json()
    assert whole["wanted"]["street"] == "新路 9 号"
    answer = await desk.post("/approve")
    assert answer.json()["work"]["address_requests"][0]["state"] == "approved"
    assert (await desk.post("/refuse", reason="太晚")).status_code == 409
    trail = (await client.get(f"/v1/shops/{shop}/trail", headers=owner)).json()
    assert "address.read" in {row["action"] for row in trail["items"]}


@pytest.mark.parametrize(("role", "status"), [(Role.ANCHOR, 403), (Role.DEVELOPER, 403), (Role.SERVICE, 200)])
async def test_who_may_not_write_orders_changes_nothing(db, shop, client, runtime, till, sold, role, status):
    paid = await paid_order(db, shop, till, sold, 1)
    headers = bearer(await staff_session(runtime, shop, role))
    desk = Desk(client, headers, f"/v1/shops/{shop}/orders/{paid.order_id}")
    assert (await desk.post("/remark", remark="x", flag=None)).status_code == status
    assert (await desk.post("/parcels", **SF)).status_code == status


async def test_lists_are_narrowed_and_lead_on_to_what_lies_deeper(db, shop, client, owner, sold, monkeypatch):
    monkeypatch.setattr("liveshelf.orders.queries.SEARCH_DEPTH", 4)
    who = await guest(db, shop)
    other = await something(db, shop, name="碧螺春")
    odd = await bought(db, shop, wish(who, other.sku_id))
    placed = [await bought(db, shop, wish(who, sold.sku_id)) for _ in range(9)]
    desk = Desk(client, owner, f"/v1/shops/{shop}/orders/{placed[0].order_id}")
    await desk.post("/remark", remark="", flag="blue")
    found, cursor = [], None
    for _ in range(9):
        async with db.read(shop) as tx:
            page = await queries.page(tx, Filter(text="碧螺春"), cursor=cursor, limit=2)
        found += [one.order_id for one in page.items]
        if (cursor := page.next) is None:
            break
    titles = {line.title for one in [odd] for line in one.lines}
    assert found == ([odd.order_id] if "碧螺春" in "".join(titles) else [])
    async with db.read(shop) as tx:
        by_number = await queries.page(tx, Filter(text=str(odd.order_id)))
        flagged = await queries.page(tx, Filter(flag=Flag.BLUE), cursor=None)
        later = await queries.page(tx, Filter(since=tx.now + timedelta(days=1)))
        assert (await queries.counts(tx))[odd.state] == 10
    assert [one.order_id for one in by_number.items] == [odd.order_id]
    assert flagged.next is not None or [one.order_id for one in flagged.items] == [placed[0].order_id]
    assert later.items == []
    base = f"/v1/shops/{shop}/orders"
    for bad in ("state=lost", "flag=pink", "since=yesterday", "room_id=-1", "room_id=99999999999", "limit=0"):
        assert (await client.get(f"{base}?{bad}", headers=owner)).status_code in {400, 422}, bad
    for odd_text in ("%25%25", "%5C", "999999999999999999999", "%F0%9F%8D%B5", "SF1234567890123"):
        assert (await client.get(f"{base}?q={odd_text}", headers=owner)).status_code == 200


async def test_a_parcels_number_finds_its_order(db, shop, client, owner, till, sold):
    paid = await paid_order(db, shop, till, sold, 1)
    desk = Desk(client, owner, f"/v1/shops/{shop}/orders/{paid.order_id}")
    await desk.post("/parcels", **SF)
    found = (await client.get(f"/v1/shops/{shop}/orders?q=sf 1234567890123", headers=owner)).json()
    assert [one["order_id"] for one in found["items"]] == [str(paid.order_id)]
