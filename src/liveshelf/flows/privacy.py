"""A copy of all that a shop keeps of one person, as a file that they can read and take elsewhere."""

from __future__ import annotations

from typing import Any

import msgspec

from liveshelf.aftersales import queries as cases
from liveshelf.customers import addresses, postal, privacy
from liveshelf.customers import queries as customers
from liveshelf.customers.types import customer_actor
from liveshelf.flows import join
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import CustomerId, OrderId, ShopId
from liveshelf.messages import queries as messages
from liveshelf.orders import papers, titles
from liveshelf.orders import queries as orders
from liveshelf.payments import queries as payments
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import Keys
from liveshelf.rooms import claims, followers, talk

PAGE = 50
ORDERS_MAX = 5_000  # one person's; whoever has more is a business, and asks the shop


async def make_copy(runtime: Runtime, shop: ShopId, request_id: int) -> None:
    """The job: read everything, page by page, and keep it sealed. Done again it changes nothing."""
    async with runtime.db.read(shop) as tx:
        asked = await privacy.request(tx, request_id)
        if asked.done_at is not None:
            return
        told = await _person(tx, runtime.keys, asked.customer_id)
    told["orders"] = await _orders(runtime, shop, asked.customer_id)
    content = msgspec.json.format(msgspec.json.encode(told), indent=2).decode()
    await runtime.db.write(SYSTEM, shop, lambda tx: privacy.keep_copy(tx, runtime.keys, request_id, content))


async def erase(tx: Tx, customer_id: CustomerId) -> None:
    """Staff erase a customer who asked the shop to. Raises `CustomerUnknown`."""
    await privacy.check_known(tx, customer_id)
    await join.leave(tx, customer_id)


async def _person(tx: ReadTx, keys: Keys, customer_id: CustomerId) -> dict[str, Any]:
    who = (await customers.customers(tx, [customer_id]))[customer_id]
    phone = await customers.own_phone(tx, keys, customer_id)
    book = await addresses.book(tx, customer_id)
    notices = await messages.page(tx, str(customer_actor(customer_id)), limit=100)
    return {
        "customer": {"id": customer_id, "openid": who.openid, "kind": who.kind, "name": who.name, "phone": phone},
        "consents": await privacy.consents(tx, customer_id),
        "addresses": [postal.open_address(keys, one.sealed) for one in book],
        "invoice_titles": [titles.open_title(keys, one.sealed) for one in await titles.titles(tx, customer_id)],
        "comments": await talk.comments_of(tx, customer_id),
        "follows_broadcasts": await followers.follows(tx, customer_id),
        "claims": await claims.told_of(tx, customer_id),
        "notices": notices.items,
    }


async def _orders(runtime: Runtime, shop: ShopId, customer_id: CustomerId) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(found) < ORDERS_MAX:
        async with runtime.db.read(shop) as tx:
            page = await orders.of_customer(tx, customer_id, cursor=cursor, limit=PAGE)
            found += await _described(tx, runtime.keys, [one.order_id for one in page.items])
        cursor = page.next
        if cursor is None:
            break
    return found


async def _described(tx: ReadTx, keys: Keys, ids: list[OrderId]) -> list[dict[str, Any]]:
    found, said = await orders.orders(tx, ids), await orders.papers(tx, ids)
    goes, refunds = await orders.deliveries(tx, ids), await payments.refunds_of(tx, ids)
    claims: dict[OrderId, list[dict[str, Any]]] = {}
    for case in await cases.of_orders(tx, ids):
        words = await cases.log(tx, case.case_id, internal=False)
        claims.setdefault(case.order_id, []).append({"case": case, "log": words})
    return [
        {
            "order": found[order_id],
            "addresses": [postal.open_address(keys, one.sealed) for one in goes.get(order_id, []) if one.sealed],
            "papers": papers.open_papers(keys, said[order_id]) if order_id in said else None,
            "refunds": refunds.get(order_id, []),
            "aftersales": claims.get(order_id, []),
        }
        for order_id in ids
    ]
