"""Where an order goes: the buyer says it after the order was placed, and asks for another once it is paid."""

from __future__ import annotations

from liveshelf.customers import addresses
from liveshelf.kernel.ids import AddressId, CustomerId, OrderId
from liveshelf.orders import address_requests, delivery
from liveshelf.orders import service as orders
from liveshelf.orders.errors import AddressRequestOver
from liveshelf.orders.types import AddressWhy
from liveshelf.platform.db import Tx


async def choose(tx: Tx, order_id: OrderId, *, customer_id: CustomerId, address_id: AddressId) -> int:
    """The order goes to this address of the buyer's; possible until it is paid. Returns the address's version.

    Raises `OrderUnknown`, `OrderNotToPay`, `AddressUnknown`.
    """
    order = await orders.lock(tx, order_id, customer_id=customer_id)
    orders.check_to_pay(order, tx.now)
    kept = await addresses.address(tx, address_id, customer_id=customer_id)
    return await delivery.set_address(tx, order_id, kept.sealed, why=AddressWhy.CHOSEN)


async def ask_change(tx: Tx, order_id: OrderId, *, customer_id: CustomerId, address_id: AddressId) -> int:
    """The buyer wants a paid order sent to another of their addresses; staff answer. Returns the request's id.

    Raises `OrderUnknown`, `AddressNotChangeable`, `AddressRequestOpen`, `AddressUnknown`.
    """
    kept = await addresses.address(tx, address_id, customer_id=customer_id)
    return await address_requests.ask(tx, order_id, customer_id=customer_id, address=kept.sealed)


async def grant_change(tx: Tx, request_id: int) -> OrderId:
    """Staff grant it: the order goes there from now on, as the next version of its address. Returns the order.

    Raises `AddressRequestUnknown`, `AddressRequestOver`, `AddressNotChangeable`.
    """
    request = await address_requests.approve(tx, request_id)
    if request.address is None:
        raise AddressRequestOver
    await delivery.set_address(tx, request.order_id, request.address, why=AddressWhy.CHANGED)
    return request.order_id
