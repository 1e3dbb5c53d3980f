"""People's own data: what they agree to, a copy of all of it, and being forgotten everywhere at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import LargeBinary, select

from liveshelf.accounts.types import Role
from liveshelf.aftersales import queries
from liveshelf.aftersales.types import CaseKind
from liveshelf.customers import addresses, privacy
from liveshelf.customers import service as customers
from liveshelf.customers.errors import CustomerUnknown, ExportTooSoon, ExportUnknown
from liveshelf.customers.postal import check_address, keep_address
from liveshelf.customers.privacy import Purpose
from liveshelf.customers.types import AddressDraft, Buyer, CustomerKind, customer_actor
from liveshelf.entry import registry
from liveshelf.flows import join
from liveshelf.flows import privacy as flow
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import CustomerId, ShopId
from liveshelf.orders import delivery, titles
from liveshelf.orders.papers import Invoice, InvoiceKind, Papers, seal_papers
from liveshelf.orders.types import AddressWhy, OrderState
from liveshelf.payments.types import RefundReason
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import claims, talk
from liveshelf.rooms.claim_rules import Wanted
from liveshelf.rooms.claim_types import Guard, Said
from liveshelf.trail import queries as trail
from liveshelf.trail import service as trail_service
from tests.make.accounts import bearer, staff_session
from tests.make.aftersales import Desk
from tests.make.paying import till_of
from tests.make.rooms import ANCHOR, live_room
from tests.make.selling import KEYS, bought, fire, guest, order, something, wish
from tests.make.shops import a_shop

PURPOSES = (
    "customer-phone",
    "customer-address",
    "order-papers",
    "invoice-title",
    "privacy-copy",
    "batch-row",
    "batch-file",
    "return-address",
)
MARKS = ("魏无踪", "13911112222", "隐姓埋名路", "悄悄话", "说漏了嘴", "不合身")


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
def desk(db: Database, runtime: Runtime, shop: ShopId) -> Desk:
    return Desk(db, shop, till_of(runtime), runtime.keys)


async def somebody(runtime: Runtime, desk: Desk) -> tuple[CustomerId, Any]:
    """A member who has left traces wherever one can, and one of whose orders is over."""
    db, shop = desk.db, desk.shop
    first = await guest(db, shop)
    buyer = Buyer(shop, first, "", CustomerKind.GUEST)
    await join.register(runtime, buyer, "", phone="13911112222", password="a long password", name="魏无踪")
    sold, room_id = await something(db, shop, on_hand=9), await live_room(db, shop)
    sealed = keep_address(KEYS, check_address(AddressDraft("魏无踪", "13911112222", "440305", "隐姓埋名路 7 号")))

    async def traces(tx: Tx) -> None:
        await addresses.add(tx, first, sealed)
        said = Invoice(InvoiceKind.PERSONAL, "魏无踪", "", "")
        await titles.keep(tx, first, titles.seal_title(KEYS, said))
        await talk.comment(tx, room_id, text="我是魏无踪，说漏了嘴", customer_id=first, name="魏无踪")
        await privacy.say(tx, first, Purpose.MARKETING, given=True)
        trail_service.record(tx, "test.note", f"customer:{first}", note="魏无踪")

    await db.write(customer_actor(first), shop, traces)
    papers = seal_papers(KEYS, Papers("悄悄话", None))
    placed = await bought(db, shop, wish(first, sold.sku_id, papers=papers))

    async def send_there(tx: Tx) -> None:
        await delivery.set_address(tx, placed.order_id, sealed.cipher, why=AddressWhy.CHOSEN)

    await db.write(customer_actor(first), shop, send_there)
    await desk.till.press(await desk.till.start(shop, placed))
    paid = await order(db, shop, placed.order_id)
    await desk.apply(paid, CaseKind.REFUND, text="魏无踪觉得不合身")
    return first, paid


async def found_anywhere(db: Database) -> Iterator[str]:
    """Every place in the whole database where a mark of the person stands, sealed or not."""
    places = []
    async with db.engine.connect() as conn:
        for table in registry.tables().sorted_tables:
            for row in (await conn.execute(select(table))).mappings():
                for column in table.columns:
                    text = _plain(row[column.name]) if isinstance(column.type, LargeBinary) else str(row[column.name])
                    places += [f"{table.name}.{column.name}: {mark}" for mark in MARKS if mark in text]
    return iter(sorted(set(places)))


def _plain(value: Any) -> str:
    """A sealed value opened with whichever key fits."""
    if value is None:
        return ""
    for purpose in PURPOSES:
        try:
            return KEYS.decrypt(purpose, bytes(value))
        except (ValueError, InvalidTag):
            continue
    return bytes(value).decode("utf-8", "replace")


async def test_whoever_leaves_is_found_nowhere_and_the_trail_still_verifies(runtime, db, desk, shop):
    who, paid = await somebody(runtime, desk)
    await db.write(SYSTEM, shop, lambda tx: trail_service.seal(tx, runtime.keys))
    request = await db.write(SYSTEM, shop, lambda tx: privacy.ask_copy(tx, who))
    await flow.make_copy(runtime, shop, request)
    before = list(await found_anywhere(db))
    assert len(before) >= 9, before
    (case,) = await _cases(desk, paid)
    await desk.approve(case)
    assert (await order(db, shop, paid.order_id)).state in {OrderState.CLOSED, OrderState.TO_SHIP}
    await db.write(SYSTEM, shop, lambda tx: join.leave(tx, who))
    await _end(db, shop, paid)
    await fire(db, "orders.forgotten")
    assert list(await found_anywhere(db)) == []
    await db.write(SYSTEM, shop, lambda tx: trail_service.seal(tx, runtime.keys))
    async with db.read(shop) as tx:
        assert await trail.verify(tx, runtime.keys) == []


async def _cases(desk: Desk, paid: Any) -> list[Any]:
    async with desk.db.read(desk.shop) as tx:
        return await queries.of_orders(tx, [paid.order_id])


async def _end(db: Database, shop: ShopId, paid: Any) -> None:
    """The order is over, by whatever way."""
    async with db.engine.begin() as conn:
        await conn.exec_driver_sql(
            f"UPDATE orders SET state = 'closed', close_reason = 'refunded', closed_at = created_at"
            f" WHERE shop_id = {shop} AND order_id = {paid.order_id} AND state <> 'closed'"
        )


async def test_money_that_comes_late_for_somebody_who_left_goes_back(runtime, db, desk, shop, clock):
    who = await guest(db, shop)
    sold = await something(db, shop, on_hand=5)
    placed = await bought(db, shop, wish(who, sold.sku_id))
    desk.till.wire.up = False
    await desk.till.press(await desk.till.start(shop, placed))
    clock.set_offset(placed.expires_at - wall_now() + timedelta(seconds=1))
    await fire(db, "orders.unpaid")
    assert (await order(db, shop, placed.order_id)).state is OrderState.CLOSED
    await db.write(SYSTEM, shop, lambda tx: join.leave(tx, who))
    headers, body = desk.till.wire.sent[0]
    await desk.till.receive(shop, headers, body)
    assert (await order(db, shop, placed.order_id)).state is OrderState.CLOSED  # nobody is left to send it to
    (owed,) = await desk.till.refunds(shop, placed.order_id)
    assert (owed.amount_fen, owed.reason) == (placed.total_fen, RefundReason.LATE_PAYMENT)


async def test_a_copy_has_everything_is_sealed_and_ends_after_a_week(runtime, db, desk, shop, clock):
    who, paid = await somebody(runtime, desk)
    request = await db.write(SYSTEM, shop, lambda tx: privacy.ask_copy(tx, who))
    with pytest.raises(ExportTooSoon):
        await db.write(SYSTEM, shop, lambda tx: privacy.ask_copy(tx, who))
    for _ in range(2):
        await flow.make_copy(runtime, shop, request)
    async with db.read(shop) as tx:
        text = await privacy.copy_of(tx, runtime.keys, request, customer_id=who)
        asked = await privacy.request(tx, request)
    told = json.loads(text)
    assert all(mark in text for mark in MARKS)
    assert told["customer"]["phone"] == "13911112222"
    assert told["orders"][0]["order"]["order_id"] == paid.order_id
    assert asked.forget_at is not None
    for late, there in ((timedelta(seconds=-2), True), (timedelta(seconds=2), False)):
        clock.set_offset(asked.forget_at + late - wall_now())
        await fire(db, "customers.forget_copies")
        async with db.read(shop) as tx:
            assert (await privacy.request(tx, request)).ready == there


async def test_consent_is_off_until_said_and_every_answer_is_kept(db, shop):
    who = await guest(db, shop)

    async def say(purpose: Purpose, *, given: bool) -> None:
        await db.write(SYSTEM, shop, lambda tx: privacy.say(tx, who, purpose, given=given))

    async with db.read(shop) as tx:
        assert not await privacy.agrees(tx, who, Purpose.ANALYTICS)
    for given in (True, True, False, True):
        await say(Purpose.MARKETING, given=given)
    async with db.read(shop) as tx:
        assert await privacy.agrees(tx, who, Purpose.MARKETING)
        assert not await privacy.agrees(tx, who, Purpose.ANALYTICS)
    async with db.engine.connect() as conn:
        kept = (await conn.exec_driver_sql("SELECT given, wording FROM customer_consents ORDER BY consent_id")).all()
    assert [row.given for row in kept] == [True, False, True]
    assert {row.wording for row in kept} == {privacy.WORDING}


async def test_the_buyers_and_the_shops_doors(runtime, client, db, desk, shop):
    who, _ = await somebody(runtime, desk)
    token = await db.write(SYSTEM, shop, lambda tx: customers.start_session(tx, who))
    mine, me = f"/v1/storefront/{shop}/me", {"cookie": f"liveshelf_buyer_{shop}={token}"}
    assert [one["given"] for one in (await client.get(f"{mine}/consents", headers=me)).json()] == [True, False]
    body = {"request_id": "c", "given": True}
    assert (await client.put(f"{mine}/consents/analytics", headers=me, json=body)).json()[1]["given"]
    assert (await client.put(f"{mine}/consents/selling", headers=me, json=body)).status_code == 404
    asked = await client.post(f"{mine}/copies", headers=me, json={"request_id": "k"})
    again = await client.post(f"{mine}/copies", headers=me, json={"request_id": "k"})
    assert asked.json()["copy_id"] == again.json()["copy_id"]
    number = asked.json()["copy_id"]
    assert (await client.get(f"{mine}/copies/{number}/file", headers=me)).status_code == 404  # not made yet
    await flow.make_copy(runtime, shop, int(number))
    file = await client.get(f"{mine}/copies/{number}/file", headers=me)
    assert file.headers["content-disposition"].startswith("attachment")
    assert "魏无踪" in file.text
    legal = bearer(await staff_session(runtime, shop, Role.LEGAL))
    desk_url = f"/v1/shops/{shop}/privacy"
    (row,) = (await client.get(f"{desk_url}/requests", headers=legal)).json()["items"]
    assert (row["kind"], row["may"]) == ("export", ["read"])
    assert (await client.get(f"{desk_url}/requests/{number}/file", headers=legal)).status_code == 200
    gone = [
        (await client.post(f"{desk_url}/customers/{who}/erase", headers=legal, json={"request_id": "e"})).status_code
        for _ in range(2)
    ]
    assert gone == [204, 404]
    assert (await client.get(f"{mine}/consents", headers=me)).status_code == 401
    kinds = [one["kind"] for one in (await client.get(f"{desk_url}/requests", headers=legal)).json()["items"]]
    assert kinds == ["erasure", "export"]
    assert (await client.get(f"{desk_url}/requests/{number}/file", headers=legal)).status_code == 404
    service = bearer(await staff_session(runtime, shop, Role.SERVICE))
    assert (await client.get(f"{desk_url}/requests", headers=service)).status_code == 403


async def test_nobody_reads_anothers_copy_and_nobody_erases_whom_they_do_not_know(runtime, db, shop):
    one, other = await guest(db, shop), await guest(db, shop)
    request = await db.write(SYSTEM, shop, lambda tx: privacy.ask_copy(tx, one))
    await flow.make_copy(runtime, shop, request)
    async with db.read(shop) as tx:
        with pytest.raises(ExportUnknown):
            await privacy.copy_of(tx, runtime.keys, request, customer_id=other)
    with pytest.raises(CustomerUnknown):
        await db.write(SYSTEM, shop, lambda tx: flow.erase(tx, CustomerId(99_999)))


async def test_what_people_say_is_kept_for_ninety_days_to_the_second(db, shop, clock):
    who, room_id = await guest(db, shop), await live_room(db, shop)
    await db.write(SYSTEM, shop, lambda tx: talk.comment(tx, room_id, text="好看", customer_id=who, name=""))
    began = wall_now()
    for late, left in ((timedelta(seconds=-5), 1), (timedelta(seconds=5), 0)):
        clock.set_offset(began + talk.COMMENTS_KEPT + late - wall_now())
        await fire(db, "rooms.forget_comments")
        async with db.read(shop) as tx:
            assert len(await talk.comments_of(tx, who)) == left


async def test_claims_are_kept_for_ninety_days_to_the_second(db, shop, clock):
    who, sold = await guest(db, shop), await something(db, shop)
    room_id = await live_room(db, shop, [sold.goods_id])

    async def claim(tx):
        of = await claims.open_round(tx, room_id, sold.goods_id, keyword="1", buyer_max=2, hold_s=180)
        said = Said(1, who, Wanted(sold.goods_id, sold.sku_id, 1))
        assert await claims.line_up(tx, of, [said], guard=Guard(3, 3)) == [1]

    began = wall_now()
    await db.write(ANCHOR, shop, claim)
    for late, left in ((timedelta(seconds=-5), 1), (timedelta(seconds=5), 0)):
        clock.set_offset(began + claims.CLAIMS_KEPT + late - wall_now())
        await fire(db, "rooms.forget_claims")
        async with db.read(shop) as tx:
            assert len(await claims.told_of(tx, who)) == left


async def test_addresses_of_orders_are_kept_for_three_years_to_the_second(runtime, db, desk, shop, clock):
    _, paid = await somebody(runtime, desk)
    await _end(db, shop, paid)
    ended = (await order(db, shop, paid.order_id)).created_at
    for late, there in ((timedelta(seconds=-5), True), (timedelta(seconds=5), False)):
        clock.set_offset(ended + timedelta(days=3 * 365) + late - wall_now())
        await fire(db, "orders.forget_old")
        async with db.engine.connect() as conn:
            left = (await conn.exec_driver_sql("SELECT count(sealed) FROM order_addresses")).scalar_one()
        assert (left > 0) == there
