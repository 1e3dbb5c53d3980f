"""What a buyer does with a paid order: confirm its receipt, ask for more time, ask for another address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from litestar import get, post

from liveshelf.customers.types import Buyer
from liveshelf.facades.native.buyers import buyer
from liveshelf.facades.native.order_views import OrderView, order_views
from liveshelf.facades.native.shell import LongId, Plain, RequestId, SmallId, instant, once
from liveshelf.flows import address as flow
from liveshelf.fulfilment import codes
from liveshelf.kernel.ids import AddressId, OrderId
from liveshelf.orders import address_requests, queries, shipping
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime

_ORDER = "/storefront/{shop_id:int}/orders/{order_id:int}"


class WantedAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of my addresses, to send the order to instead."""

    request_id: RequestId
    address_id: SmallId


class CodeView(msgspec.Struct, frozen=True):
    """A redeem code of the buyer's own."""

    sku_id: int
    code: str
    given_at: str


@post(f"{_ORDER}/receive", status_code=200, dependencies=buyer(), tags=["orders"])
async def confirm_receipt(order_id: LongId, data: Plain, buyer: Buyer, runtime: Runtime) -> OrderView:
    """I have it: the order is done."""

    async def work(tx: Tx) -> None:
        await shipping.receive(tx, OrderId(order_id), customer_id=buyer.customer_id)

    return await _done(runtime, buyer, order_id, work, mark=("orders.receive", data.request_id, None))


@post(f"{_ORDER}/extend", status_code=200, dependencies=buyer(), tags=["orders"])
async def extend_receipt(order_id: LongId, data: Plain, buyer: Buyer, runtime: Runtime) -> OrderView:
    """It takes longer to arrive: seven more days before it counts as received, once."""

    async def work(tx: Tx) -> None:
        await shipping.extend_receive(tx, OrderId(order_id), customer_id=buyer.customer_id)

    return await _done(runtime, buyer, order_id, work, mark=("orders.extend", data.request_id, None))


@post(f"{_ORDER}/address-request", status_code=200, dependencies=buyer(), tags=["orders"])
async def ask_for_address(order_id: LongId, data: WantedAddress, buyer: Buyer, runtime: Runtime) -> OrderView:
    """Ask the shop to send it elsewhere, up to two hours after the order and before anything was handed over."""

    async def work(tx: Tx) -> None:
        await flow.ask_change(
            tx, OrderId(order_id), customer_id=buyer.customer_id, address_id=AddressId(data.address_id)
        )

    return await _done(runtime, buyer, order_id, work, mark=("orders.ask_address", data.request_id, data))


@post(f"{_ORDER}/address-request/withdraw", status_code=200, dependencies=buyer(), tags=["orders"])
async def withdraw_request(order_id: LongId, data: Plain, buyer: Buyer, runtime: Runtime) -> OrderView:
    """Leave the address as it is after all."""

    async def work(tx: Tx) -> None:
        await address_requests.withdraw(tx, OrderId(order_id), customer_id=buyer.customer_id)

    return await _done(runtime, buyer, order_id, work, mark=("orders.withdraw_address", data.request_id, None))


@get(f"{_ORDER}/codes", dependencies=buyer(), tags=["orders"])
async def my_codes(order_id: LongId, buyer: Buyer, runtime: Runtime) -> list[CodeView]:
    """The redeem codes that came with my order."""
    async with runtime.db.read(buyer.shop) as tx:
        await queries.order(tx, OrderId(order_id), customer_id=buyer.customer_id)
        given = await codes.of_order(tx, OrderId(order_id))
    return [
        CodeView(one.sku_id, runtime.keys.decrypt(codes.PURPOSE, one.cipher), instant(one.given_at)) for one in given
    ]


async def _done(
    runtime: Runtime,
    buyer: Buyer,
    order_id: int,
    work: Callable[[Tx], Awaitable[None]],
    *,
    mark: tuple[str, str, object],
) -> OrderView:
    operation, request_id, request = mark
    told = once(operation, request_id, [str(order_id), request], type(None))
    await runtime.db.write(buyer.actor, buyer.shop, work, once=told)
    async with runtime.db.read(buyer.shop) as tx:
        order = await queries.order(tx, OrderId(order_id), customer_id=buyer.customer_id)
        (view,) = await order_views(tx, [order], as_buyer=True)
    return view


ROUTES = [confirm_receipt, extend_receipt, ask_for_address, withdraw_request, my_codes]
