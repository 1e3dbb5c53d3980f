"""What a buyer's invoices say, kept for the next order."""

from __future__ import annotations

import msgspec
from litestar import delete, get, post

from liveshelf.customers.types import Buyer
from liveshelf.facades.native.buyers import buyer
from liveshelf.facades.native.deliveries import InvoiceIn
from liveshelf.facades.native.shell import LongId, RequestId, once
from liveshelf.orders import titles
from liveshelf.orders.papers import Invoice, InvoiceKind
from liveshelf.platform.runtime import Runtime

_TITLES = "/storefront/{shop_id:int}/invoice-titles"


class NewTitle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A title to keep."""

    request_id: RequestId
    invoice: InvoiceIn


class TitleView(msgspec.Struct, frozen=True):
    """A kept title."""

    title_id: str
    kind: InvoiceKind
    title: str
    tax_no: str
    email: str


@get(_TITLES, dependencies=buyer(), tags=["orders"])
async def my_titles(buyer: Buyer, runtime: Runtime) -> list[TitleView]:
    """My invoice titles, the one used last first."""
    return await _shown(runtime, buyer)


@post(_TITLES, status_code=200, dependencies=buyer(), tags=["orders"])
async def keep_title(data: NewTitle, buyer: Buyer, runtime: Runtime) -> list[TitleView]:
    """Keep one for the next order. The same kind, title and tax number is the same title; of more than ten, those not
    used for longest go.
    """
    said = data.invoice
    sealed = titles.seal_title(runtime.keys, Invoice(said.kind, said.title, said.tax_no, said.email))
    await runtime.db.write(
        buyer.actor,
        buyer.shop,
        lambda tx: titles.keep(tx, buyer.customer_id, sealed),
        once=once("titles.keep", data.request_id, sealed.hash.hex(), int),
    )
    return await _shown(runtime, buyer)


@delete(f"{_TITLES}/{{title_id:int}}", dependencies=buyer(), tags=["orders"])
async def remove_title(title_id: LongId, buyer: Buyer, runtime: Runtime) -> None:
    """Forget one. Orders that took it keep it."""
    await runtime.db.write(buyer.actor, buyer.shop, lambda tx: titles.remove(tx, buyer.customer_id, title_id))


async def _shown(runtime: Runtime, buyer: Buyer) -> list[TitleView]:
    async with runtime.db.read(buyer.shop) as tx:
        kept = await titles.titles(tx, buyer.customer_id)
    found = [(one.title_id, titles.open_title(runtime.keys, one.sealed)) for one in kept]
    return [TitleView(str(number), one.kind, one.title, one.tax_no, one.email) for number, one in found]


ROUTES = [my_titles, keep_title, remove_title]
