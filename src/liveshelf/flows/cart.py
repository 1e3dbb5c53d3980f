"""The cart as a buyer sees it: what may go in, and every line as it could be bought now."""

from __future__ import annotations

from dataclasses import dataclass

from liveshelf.flows import quote
from liveshelf.flows.quote import Quoted, Wish
from liveshelf.goods import queries as goods
from liveshelf.kernel.ids import CustomerId, SkuId
from liveshelf.orders import cart
from liveshelf.orders.errors import NotForSale
from liveshelf.orders.types import CartLine
from liveshelf.platform.db import ReadTx, Tx


@dataclass(frozen=True, slots=True)
class Cart:
    """Lines, each with how it could be bought now, and what the selected ones cost together."""

    lines: tuple[tuple[CartLine, Wish], ...]
    selected: Quoted


async def show(tx: ReadTx, customer_id: CustomerId) -> Cart:
    """The customer's cart: three statements, whatever is in it."""
    lines = await cart.lines(tx, customer_id)
    wishes = await quote.look(tx, [(line.sku_id, line.quantity) for line in lines])
    both = tuple(zip(lines, wishes, strict=True))
    return Cart(both, quote.of_wishes([wish for line, wish in both if line.selected]))


async def add(tx: Tx, customer_id: CustomerId, sku_id: SkuId, *, quantity: int) -> int:
    """So many more pieces; how many there are now. Raises `NotForSale`, `OrderLimit`, `CartFull`, `BuyerUnknown`."""
    offer = (await goods.offers(tx, [sku_id])).get(sku_id)
    if offer is None or offer.goods_id is None:
        raise NotForSale(sku_id=sku_id)
    return await cart.add(tx, customer_id, sku_id, quantity=quantity, seen_fen=offer.price_fen)
