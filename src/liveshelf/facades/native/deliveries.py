"""Where an order goes and what came along with it: whole for its buyer, masked for staff until they ask for it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post, put

from liveshelf.accounts.types import Operator
from liveshelf.customers import postal
from liveshelf.customers.types import Address, Buyer
from liveshelf.facades.native.buyers import buyer
from liveshelf.facades.native.shell import LongId, RequestId, SmallId, instant, once, staff
from liveshelf.flows import address as flow
from liveshelf.kernel.ids import AddressId, OrderId
from liveshelf.orders import papers, queries
from liveshelf.orders.papers import EMAIL_MAX, NOTE_MAX, TITLE_MAX, Invoice, InvoiceKind
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import Keys
from liveshelf.trail import service as trail

Note = Annotated[str, msgspec.Meta(max_length=NOTE_MAX)]


class InvoiceIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the invoice is to say (发票抬头). A company gives its tax number."""

    kind: InvoiceKind
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=TITLE_MAX)]
    tax_no: Annotated[str, msgspec.Meta(max_length=32)] = ""
    email: Annotated[str, msgspec.Meta(max_length=EMAIL_MAX)] = ""


class InvoiceView(msgspec.Struct, frozen=True):
    """What the invoice is to say."""

    kind: InvoiceKind
    title: str
    tax_no: str
    email: str


class PlaceView(msgspec.Struct, frozen=True):
    """Where an order goes: its own copy. `version` counts its changes."""

    version: int
    since: str
    name: str
    phone: str
    place: str
    street: str


class DeliveryView(msgspec.Struct, frozen=True):
    """Where an order goes, and the buyer's note and invoice. `address` is absent until it was given, and once its
    customer was erased.
    """

    address: PlaceView | None
    note: str
    invoice: InvoiceView | None


class ChooseAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of my addresses."""

    request_id: RequestId
    address_id: SmallId


@get("/storefront/{shop_id:int}/orders/{order_id:int}/delivery", dependencies=buyer(), tags=["orders"])
async def my_delivery(order_id: LongId, buyer: Buyer, runtime: Runtime) -> DeliveryView:
    """Where my order goes, and what I sent along."""
    return await _mine(runtime, buyer, OrderId(order_id))


@put("/storefront/{shop_id:int}/orders/{order_id:int}/delivery", dependencies=buyer(), tags=["orders"])
async def choose_address(order_id: LongId, data: ChooseAddress, buyer: Buyer, runtime: Runtime) -> DeliveryView:
    """Send my order to one of my addresses; possible until it is paid."""
    await runtime.db.write(
        buyer.actor,
        buyer.shop,
        lambda tx: flow.choose(
            tx, OrderId(order_id), customer_id=buyer.customer_id, address_id=AddressId(data.address_id)
        ),
        once=once("orders.choose_address", data.request_id, (order_id, data), int),
    )
    return await _mine(runtime, buyer, OrderId(order_id))


@get("/shops/{shop_id:int}/orders/{order_id:int}/delivery", dependencies=staff("orders.read"), tags=["orders"])
async def masked_delivery(order_id: LongId, operator: Operator, runtime: Runtime) -> DeliveryView:
    """Where an order goes, with what tells who it is left out."""
    async with runtime.db.read(operator.shop) as tx:
        await queries.order(tx, OrderId(order_id))
        return await delivery_view(tx, runtime.keys, OrderId(order_id), whole=False)


@post(
    "/shops/{shop_id:int}/orders/{order_id:int}/delivery/reveal",
    status_code=200,
    dependencies=staff("orders.write"),
    tags=["orders"],
)
async def reveal_delivery(order_id: LongId, operator: Operator, runtime: Runtime) -> DeliveryView:
    """Where an order goes, whole. Every look is written into the trail."""

    async def look(tx: Tx) -> DeliveryView:
        await queries.order(tx, OrderId(order_id))
        trail.record(tx, "orders.reveal", f"order:{order_id}")
        return await delivery_view(tx, runtime.keys, OrderId(order_id))

    return await runtime.db.write(operator.actor, operator.shop, look)


async def delivery_view(tx: ReadTx, keys: Keys, order_id: OrderId, *, whole: bool = True) -> DeliveryView:
    """What goes with an order; masked unless `whole`."""
    kept = (await queries.delivery(tx, [order_id])).get(order_id)
    sealed = (await queries.papers(tx, [order_id])).get(order_id)
    place = None
    if kept is not None and kept.sealed is not None:
        address = postal.open_address(keys, kept.sealed)
        place = _place(kept.version, instant(kept.at), address if whole else postal.masked(address))
    said = None if sealed is None else papers.open_papers(keys, sealed)
    invoice = said.invoice if said else None
    if invoice is not None and not whole:
        invoice = papers.masked(invoice)
    return DeliveryView(place, said.note if said else "", _invoice(invoice) if invoice else None)


async def _mine(runtime: Runtime, buyer: Buyer, order_id: OrderId) -> DeliveryView:
    async with runtime.db.read(buyer.shop) as tx:
        await queries.order(tx, order_id, customer_id=buyer.customer_id)
        return await delivery_view(tx, runtime.keys, order_id)


def _place(version: int, since: str, address: Address) -> PlaceView:
    return PlaceView(version, since, address.name, address.phone, postal.place_text(address), address.street)


def _invoice(invoice: Invoice) -> InvoiceView:
    return InvoiceView(invoice.kind, invoice.title, invoice.tax_no, invoice.email)


ROUTES = [my_delivery, choose_address, masked_delivery, reveal_delivery]
