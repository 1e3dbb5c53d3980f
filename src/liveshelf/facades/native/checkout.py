"""Buying: place an order, pay it, cancel it, and look at one's orders."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import segno
from litestar import Request, get, post
from litestar.params import QueryParameter

from liveshelf.adapters.payments.port import Scene
from liveshelf.customers.types import Buyer
from liveshelf.facades.native.buyers import buyer
from liveshelf.facades.native.deliveries import InvoiceIn, Note
from liveshelf.facades.native.order_views import OrderPage, OrderView, order_page, order_views, placed_just_now
from liveshelf.facades.native.quotes import Lines
from liveshelf.facades.native.shell import Cursor, Limit, LongId, Plain, RequestId, SmallId
from liveshelf.flows import checkout, pay
from liveshelf.flows.checkout import PlaceOrder
from liveshelf.kernel.fen import MAX_FEN
from liveshelf.kernel.ids import AddressId, GoodsId, OrderId, RoomId, SkuId
from liveshelf.orders import queries
from liveshelf.orders import service as orders
from liveshelf.orders.papers import Invoice, SealedPapers, check_papers, seal_papers
from liveshelf.orders.types import OrderState
from liveshelf.platform.runtime import Runtime

# The bare name means another thing to Litestar.
States = Annotated[list[OrderState] | None, QueryParameter(name="state")]


class OrderDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order at the total that the buyer saw. `address_id` may come later, but before it is paid."""

    request_id: RequestId
    lines: Lines
    expected_total_fen: Annotated[int, msgspec.Meta(ge=1, le=MAX_FEN)]
    room_id: SmallId | None = None
    goods_id: SmallId | None = None
    address_id: SmallId | None = None
    note: Note = ""
    invoice: InvoiceIn | None = None
    from_cart: bool = False


class StartPayment(msgspec.Struct, frozen=True):
    """Where the buyer is: in a phone's browser, before another screen, or inside WeChat (which knows the `openid`)."""

    request_id: RequestId
    scene: Scene = Scene.H5
    openid: Annotated[str, msgspec.Meta(max_length=128)] = ""


class PaymentView(msgspec.Struct, frozen=True):
    """A payment that waits for the buyer: the address where it is paid, the text of the code to scan, or what WeChat's
    page function takes. `code_image` is that code as a picture, an SVG in a `data:` address.
    """

    payment_id: str
    pay_url: str
    code_url: str
    code_image: str
    jsapi: dict[str, str]


@post("/storefront/{shop_id:int}/orders", dependencies=buyer(), tags=["orders"])
async def place_order(data: OrderDraft, buyer: Buyer, runtime: Runtime) -> OrderView:
    """Place an order: its stock is held until it is paid, cancelled, or its time is up."""
    request = PlaceOrder(
        data.request_id,
        buyer.customer_id,
        tuple((SkuId(line.sku_id), line.quantity) for line in data.lines),
        data.expected_total_fen,
        None if data.room_id is None else RoomId(data.room_id),
        None if data.goods_id is None else GoodsId(data.goods_id),
        None if data.address_id is None else AddressId(data.address_id),
        _papers(runtime, data),
        data.from_cart,
    )
    placed = await checkout.place(runtime, buyer.shop, request)
    if not placed.again:
        return placed_just_now(placed.order, buyer.name, addressed=data.address_id is not None)
    return await _shown(runtime, buyer, placed.order.order_id)


@get("/storefront/{shop_id:int}/orders", dependencies=buyer(), tags=["orders"])
async def my_orders(
    buyer: Buyer, runtime: Runtime, *, wanted: States = None, cursor: Cursor = None, limit: Limit = None
) -> OrderPage:
    """My orders, newest first; only those in one of the states named."""
    async with runtime.db.read(buyer.shop) as tx:
        page = await queries.of_customer(
            tx, buyer.customer_id, states=frozenset(wanted or ()), cursor=cursor, limit=limit
        )
        return await order_page(tx, page, as_buyer=True)


@get("/storefront/{shop_id:int}/orders/{order_id:int}", dependencies=buyer(), tags=["orders"])
async def my_order(order_id: LongId, buyer: Buyer, runtime: Runtime) -> OrderView:
    """One of my orders."""
    return await _shown(runtime, buyer, OrderId(order_id))


@post("/storefront/{shop_id:int}/orders/{order_id:int}/pay", status_code=200, dependencies=buyer(), tags=["orders"])
async def pay_order(
    order_id: LongId, data: StartPayment, *, buyer: Buyer, runtime: Runtime, request: Request[Any, Any, Any]
) -> PaymentView:
    """Begin to pay. Asking again leads to the same payment."""
    payer = pay.Payer(data.scene, request.client.host if request.client else "", data.openid)
    started = await pay.start(runtime, buyer, OrderId(order_id), request_id=data.request_id, payer=payer)
    image = _drawn(started.code_url) if started.code_url else ""
    return PaymentView(str(started.payment_id), started.pay_url, started.code_url, image, dict(started.jsapi))


@post("/storefront/{shop_id:int}/orders/{order_id:int}/cancel", status_code=200, dependencies=buyer(), tags=["orders"])
async def cancel_order(order_id: LongId, data: Plain, buyer: Buyer, runtime: Runtime) -> OrderView:  # noqa: ARG001 - cancelling twice is cancelling, so the id has nothing to guard
    """Cancel an order that is not paid; its stock is free at once."""
    await runtime.db.write(
        buyer.actor,
        buyer.shop,
        lambda tx: orders.cancel(tx, OrderId(order_id), customer_id=buyer.customer_id),
    )
    return await _shown(runtime, buyer, OrderId(order_id))


def _drawn(text: str) -> str:
    # Never a Micro QR, which most phones can't read.
    return segno.make(text, micro=False, error="m").svg_data_uri(scale=8, border=4, dark="#000", light="#fff")


def _papers(runtime: Runtime, data: OrderDraft) -> SealedPapers | None:
    wanted = data.invoice
    if wanted is None and not data.note:
        return None
    invoice = None if wanted is None else Invoice(wanted.kind, wanted.title, wanted.tax_no, wanted.email)
    checked = check_papers(data.note, invoice)
    return None if checked is None else seal_papers(runtime.keys, checked)


async def _shown(runtime: Runtime, buyer: Buyer, order_id: OrderId) -> OrderView:
    async with runtime.db.read(buyer.shop) as tx:
        order = await queries.order(tx, order_id, customer_id=buyer.customer_id)
        (view,) = await order_views(tx, [order], as_buyer=True)
    return view


ROUTES = [place_order, my_orders, my_order, pay_order, cancel_order]
