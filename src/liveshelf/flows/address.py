"""Where an order goes: the buyer says it after the order was placed, with one of their addresses."""

from __future__ import annotations

from liveshelf.customers import addresses
from liveshelf.kernel.ids import AddressId, CustomerId, OrderId
from liveshelf.orders import delivery
from liveshelf.orders import service as orders
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
