"""The cart as a buyer sees it: what may go in, and every line as it could be bought now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from liveshelf.flows import quote
from liveshelf.flows.quote import Quoted, Wish, WishState
from liveshelf.goods import queries as goods
from liveshelf.kernel.ids import CustomerId, RoomId, SkuId
from liveshelf.orders import cart
from liveshelf.orders.errors import NotForSale
from liveshelf.orders.types import CartLine
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.errors import RoomMissing


@dataclass(frozen=True, slots=True)
class Cart:
    """Lines, each with how it could be bought now, and what the selected ones cost together. `room_id` is the room in
    which they are bought: all were put in there, and it is on air and sells them all.
    """

    lines: tuple[tuple[CartLine, Wish], ...]
    selected: Quoted
    room_id: RoomId | None


async def show(tx: ReadTx, customer_id: CustomerId) -> Cart:
    """The customer's cart: four statements at most, whatever is in it."""
    lines = await cart.lines(tx, customer_id)
    wishes = await quote.look(tx, [(line.sku_id, line.quantity) for line in lines])
    both = tuple(zip(lines, wishes, strict=True))
    chosen = [(line, wish) for line, wish in both if line.selected]
    return Cart(both, quote.of_wishes([wish for _, wish in chosen]), await _room(tx, chosen))


async def add(tx: Tx, customer_id: CustomerId, sku_id: SkuId, *, quantity: int, room_id: RoomId | None = None) -> int:
    """So many more pieces, put in while in a live room if one is named; how many there are now.

    Raises `NotForSale`, `RoomMissing`, `OrderLimit`, `CartFull`, `BuyerUnknown`.
    """
    offer = (await goods.offers(tx, [sku_id])).get(sku_id)
    if offer is None or offer.goods_id is None:
        raise NotForSale(sku_id=sku_id)
    if room_id is not None and not await rooms.for_sale(tx, [room_id]):
        raise RoomMissing(room_id=room_id)
    return await cart.add(tx, customer_id, sku_id, quantity=quantity, seen_fen=offer.price_fen, room_id=room_id)


async def _room(tx: ReadTx, chosen: Sequence[tuple[CartLine, Wish]]) -> RoomId | None:
    granted = [(line.room_id, wish.offer) for line, wish in chosen if wish.state is WishState.OK]
    named = {room_id for room_id, _ in granted}
    room_id = named.pop() if len(named) == 1 else None
    room = None if room_id is None else (await rooms.for_sale(tx, [room_id])).get(room_id)
    if room is None or not room.on_air:
        return None
    return room_id if all(offer is not None and offer.goods_id in room.goods_ids for _, offer in granted) else None
