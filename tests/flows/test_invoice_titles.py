"""Saved invoice titles: kept sealed, known again, bounded, moved at the sign-in and erased with their buyer."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from liveshelf.customers import service as customers
from liveshelf.flows.join import leave, take_along
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import CustomerId, ShopId
from liveshelf.orders import titles
from liveshelf.orders.errors import InvoiceInvalid, TitleUnknown
from liveshelf.orders.papers import Invoice, InvoiceKind
from liveshelf.platform.db import Database
from tests.make.selling import KEYS, guest
from tests.make.shops import a_shop

TAX_NO = "91350100M000100Y43"
COMPANY = Invoice(InvoiceKind.COMPANY, "福州某某科技有限公司", TAX_NO, "a@example.com")


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


def person(name: str) -> Invoice:
    return Invoice(InvoiceKind.PERSONAL, name)


async def keep(db: Database, shop: ShopId, who: CustomerId, invoice: Invoice) -> int:
    sealed = titles.seal_title(KEYS, invoice)
    return await db.write(SYSTEM, shop, lambda tx: titles.keep(tx, who, sealed))


async def kept(db: Database, shop: ShopId, who: CustomerId) -> list[Invoice]:
    async with db.read(shop) as tx:
        return [titles.open_title(KEYS, one.sealed) for one in await titles.titles(tx, who)]


async def test_the_one_used_last_stands_first_and_the_same_one_is_one(db, shop):
    who = await guest(db, shop)
    first = await keep(db, shop, who, COMPANY)
    await keep(db, shop, who, person("张三"))
    changed = Invoice(COMPANY.kind, f" {COMPANY.title} ", TAX_NO.lower(), "b@example.com")
    assert await keep(db, shop, who, changed) == first
    assert [(one.title, one.email) for one in await kept(db, shop, who)] == [
        (COMPANY.title, "b@example.com"),
        ("张三", ""),
    ]


@pytest.mark.parametrize("tax_no", ["", "91350100M000100Y44", "1" * 18, "91350100M000100Y4"])
def test_a_company_has_a_tax_number_that_checks(tax_no):
    with pytest.raises(InvoiceInvalid):
        titles.seal_title(KEYS, Invoice(InvoiceKind.COMPANY, "某某公司", tax_no))


async def test_of_more_than_ten_the_oldest_go_whoever_saves_at_once(db, shop):
    who = await guest(db, shop)
    await asyncio.gather(*(keep(db, shop, who, person(f"甲{number}")) for number in range(14)))
    assert len(await kept(db, shop, who)) == titles.TITLES_MAX


async def test_they_are_their_buyers_alone(db, shop):
    mine, theirs = await guest(db, shop), await guest(db, shop)
    number = await keep(db, shop, theirs, COMPANY)
    with pytest.raises(TitleUnknown):
        await db.write(SYSTEM, shop, lambda tx: titles.remove(tx, mine, number))
    await db.write(SYSTEM, shop, lambda tx: titles.remove(tx, theirs, number))
    with pytest.raises(TitleUnknown):
        await db.write(SYSTEM, shop, lambda tx: titles.remove(tx, theirs, number))
    assert await kept(db, shop, theirs) == []


async def test_they_go_along_at_the_sign_in_and_away_with_their_buyer(db, shop, admin_dsn):
    who = await guest(db, shop)
    member = await db.write(
        SYSTEM, shop, lambda tx: customers.make_member(tx, name="小林", phone=None, password_hash=None)
    )
    await keep(db, shop, member.customer_id, COMPANY)
    for invoice in (COMPANY, person("张三")):
        await keep(db, shop, who, invoice)
    await db.write(SYSTEM, shop, lambda tx: take_along(tx, who, member.customer_id))
    assert {one.title for one in await kept(db, shop, member.customer_id)} == {COMPANY.title, "张三"}
    admin = await asyncpg.connect(admin_dsn)
    rows = await admin.fetch("SELECT sealed FROM invoice_titles")
    assert len(rows) == 2
    assert all("张三".encode() not in row["sealed"] for row in rows)
    await db.write(SYSTEM, shop, lambda tx: leave(tx, member.customer_id))
    assert await admin.fetchval("SELECT count(*) FROM invoice_titles") == 0
    await admin.close()


async def test_a_buyer_keeps_and_removes_titles_by_the_api(shop, client):
    base = f"/v1/storefront/{shop}/invoice-titles"
    await client.get(f"/v1/storefront/{shop}/me")
    said = {"kind": "company", "title": COMPANY.title, "tax_no": TAX_NO}
    made = await client.post(base, json={"request_id": "a", "invoice": said})
    assert made.status_code == 200, made.text
    assert [(one["title"], one["tax_no"]) for one in made.json()] == [(COMPANY.title, TAX_NO)]
    bad = await client.post(base, json={"request_id": "b", "invoice": {**said, "tax_no": "123"}})
    assert (bad.status_code, bad.json()["code"]) == (422, "orders.invoice_invalid")
    number = made.json()[0]["title_id"]
    assert (await client.delete(f"{base}/{number}")).status_code == 204
    assert (await client.delete(f"{base}/{number}")).json()["code"] == "orders.title_unknown"
    assert (await client.get(base)).json() == []
