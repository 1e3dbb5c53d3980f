"""A buyer's cart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec
from litestar import get, patch, post, put

from liveshelf.customers.types import Buyer
from liveshelf.facades.native.buyers import buyer
from liveshelf.facades.native.quotes import AmountView, WishView, amount_views, wish_view
from liveshelf.facades.native.shell import RequestId, SmallId, once
from liveshelf.flows import cart as flow
from liveshelf.kernel.ids import RoomId, SkuId
from liveshelf.orders import cart
from liveshelf.orders.cart import CART_MAX
from liveshelf.orders.rules import QUANTITY_MAX
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime

Quantity = Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)]
SkuIds = Annotated[list[SmallId], msgspec.Meta(max_length=CART_MAX)]


class AddToCart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many more pieces of a SKU. `room_id` is the live room that the buyer is in."""

    request_id: RequestId
    sku_id: SmallId
    quantity: Quantity = 1
    room_id: SmallId | None = None


class SetQuantity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly so many pieces."""

    quantity: Quantity


class SomeLines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines of the cart, by their SKUs."""

    sku_ids: SkuIds


class CartLineView(WishView, frozen=True):
    """A line of the cart. `seen_fen` is the price that was shown when it was added."""

    selected: bool
    seen_fen: int


class CartView(msgspec.Struct, frozen=True):
    """The cart, added last first; `amounts` and `total_fen` are of what is selected and can be bought. `room_id` is to
    be named in the order: the room on air in which all of that was put in, and which sells it now.
    """

    lines: list[CartLineView]
    amounts: list[AmountView]
    total_fen: int
    needs_address: bool
    room_id: int | None


class CartCount(msgspec.Struct, frozen=True):
    """How many different things are in the cart."""

    count: int


@get("/storefront/{shop_id:int}/cart", dependencies=buyer(), tags=["cart"])
async def my_cart(buyer: Buyer, runtime: Runtime) -> CartView:
    """My cart, every line with its price and stock of now."""
    return await _shown(runtime, buyer)


@get("/storefront/{shop_id:int}/cart/count", dependencies=buyer(), tags=["cart"])
async def my_cart_count(buyer: Buyer, runtime: Runtime) -> CartCount:
    """How much is in my cart."""
    async with runtime.db.read(buyer.shop) as tx:
        return CartCount(await cart.count(tx, buyer.customer_id))


@post("/storefront/{shop_id:int}/cart/lines", dependencies=buyer(), tags=["cart"])
async def add_to_cart(data: AddToCart, buyer: Buyer, runtime: Runtime) -> CartView:
    """Put something in; what is there already becomes more, up to what one order takes."""
    room_id = None if data.room_id is None else RoomId(data.room_id)
    await runtime.db.write(
        buyer.actor,
        buyer.shop,
        lambda tx: flow.add(tx, buyer.customer_id, SkuId(data.sku_id), quantity=data.quantity, room_id=room_id),
        once=once("cart.add", data.request_id, data, int),
    )
    return await _shown(runtime, buyer)


@patch("/storefront/{shop_id:int}/cart/lines/{sku_id:int}", dependencies=buyer(), tags=["cart"])
async def set_cart_quantity(sku_id: SmallId, data: SetQuantity, buyer: Buyer, runtime: Runtime) -> CartView:
    """So many of it."""
    return await _changed(
        runtime,
        buyer,
        lambda tx: cart.set_quantity(tx, buyer.customer_id, SkuId(sku_id), quantity=data.quantity),
    )


@put("/storefront/{shop_id:int}/cart/selection", dependencies=buyer(), tags=["cart"])
async def select_in_cart(data: SomeLines, buyer: Buyer, runtime: Runtime) -> CartView:
    """Exactly these lines are to be bought next."""
    chosen = {SkuId(one) for one in data.sku_ids}
    return await _changed(runtime, buyer, lambda tx: cart.select(tx, buyer.customer_id, chosen))


@post("/storefront/{shop_id:int}/cart/remove", status_code=200, dependencies=buyer(), tags=["cart"])
async def remove_from_cart(data: SomeLines, buyer: Buyer, runtime: Runtime) -> CartView:
    """Take lines out. What is not there is no error."""
    gone = {SkuId(one) for one in data.sku_ids}
    return await _changed(runtime, buyer, lambda tx: cart.remove(tx, buyer.customer_id, gone))


async def _changed(runtime: Runtime, buyer: Buyer, work: Callable[[Tx], Awaitable[None]]) -> CartView:
    await runtime.db.write(buyer.actor, buyer.shop, work)
    return await _shown(runtime, buyer)


async def _shown(runtime: Runtime, buyer: Buyer) -> CartView:
    async with runtime.db.read(buyer.shop) as tx:
        shown = await flow.show(tx, buyer.customer_id)
    return CartView(
        [
            CartLineView(**msgspec.structs.asdict(wish_view(wish)), selected=line.selected, seen_fen=line.seen_fen)
            for line, wish in shown.lines
        ],
        amount_views(shown.selected.quote),
        shown.selected.quote.total_fen,
        shown.selected.needs_address,
        shown.room_id,
    )


ROUTES = [my_cart, my_cart_count, add_to_cart, set_cart_quantity, select_in_cart, remove_from_cart]
