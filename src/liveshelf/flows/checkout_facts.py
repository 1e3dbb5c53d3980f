"""What a batch of orders must know before it is decided: who buys, what is offered, what each room sells. One
statement each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from liveshelf.customers import addresses
from liveshelf.customers import service as customers
from liveshelf.customers.errors import AddressUnknown
from liveshelf.customers.types import KeptAddress
from liveshelf.goods import queries as goods
from liveshelf.goods.types import Offer
from liveshelf.kernel.ids import AddressId, CustomerId, GoodsId, RoomId, SkuId
from liveshelf.orders.errors import NotForSale, NotOnAir
from liveshelf.orders.types import Line
from liveshelf.platform.db import Tx
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.errors import RoomMissing
from liveshelf.rooms.queries import ForSale


class Asked(Protocol):
    """The part of a request that facts are needed for."""

    @property
    def customer_id(self) -> CustomerId: ...  # noqa: D102 - as named
    @property
    def lines(self) -> Sequence[tuple[SkuId, int]]: ...  # noqa: D102 - as named
    @property
    def room_id(self) -> RoomId | None: ...  # noqa: D102 - as named
    @property
    def address_id(self) -> AddressId | None: ...  # noqa: D102 - as named


@dataclass(frozen=True, slots=True)
class Facts:
    """The state of the shop that a batch is decided on; stock is not among it, it is decided under its lock."""

    buyers: dict[CustomerId, CustomerId]
    offers: dict[SkuId, Offer]
    rooms: dict[RoomId, ForSale]
    addresses: dict[AddressId, KeptAddress]
    _lines: dict[tuple[SkuId, int], Line] = field(default_factory=dict)

    def offer(self, sku_id: SkuId) -> Offer:
        """What is sold under this SKU; only goods that passed review are. Raises `NotForSale`."""
        offer = self.offers.get(sku_id)
        if offer is None or offer.goods_id is None:
            raise NotForSale(sku_id=sku_id)
        return offer

    def line(self, sku_id: SkuId, quantity: int) -> Line:
        """A line over so many pieces; the same object for everybody who buys as many. Raises `NotForSale`."""
        line = self._lines.get((sku_id, quantity))
        if line is None:
            offer = self.offer(sku_id)
            line = self._lines[sku_id, quantity] = Line(
                offer.sku_id,
                offer.product_id,
                offer.goods_id,
                offer.title,
                offer.specs,
                offer.picture_media_id,
                offer.price_fen,
                quantity,
                offer.delivery,
            )
        return line

    def check_card(self, lines: Sequence[tuple[SkuId, int]], goods_id: GoodsId) -> None:
        """Raises `NotForSale` when the card that the buyer saw is not the card of anything in the order."""
        if all(self.offer(sku_id).goods_id != goods_id for sku_id, _ in lines):
            raise NotForSale(goods_id=goods_id)

    def address(self, address_id: AddressId, buyer: CustomerId) -> bytes:
        """The buyer's address as it is kept. Raises `AddressUnknown`."""
        found = self.addresses.get(address_id)
        if found is None or found.customer_id != buyer:
            raise AddressUnknown(field="address_id")
        return found.sealed

    def check_room(self, room_id: RoomId, lines: Sequence[Line]) -> None:
        """Raises `RoomMissing`, or `NotOnAir` unless the room is on air and sells every line."""
        room = self.rooms.get(room_id)
        if room is None:
            raise RoomMissing(room_id=room_id)
        for line in lines:
            if not room.on_air or line.goods_id not in room.goods_ids:
                raise NotOnAir(sku_id=line.sku_id, room_id=room_id)


async def gather(tx: Tx, requests: Sequence[Asked]) -> Facts:
    """The facts for a batch: four statements at most."""
    if not requests:
        return Facts({}, {}, {}, {})
    room_ids = sorted({request.room_id for request in requests if request.room_id is not None})
    address_ids = {request.address_id for request in requests if request.address_id is not None}
    return Facts(
        await customers.present(tx, {request.customer_id for request in requests}),
        await goods.offers(tx, {sku_id for request in requests for sku_id, _ in request.lines}),
        await rooms.for_sale(tx, room_ids),
        await addresses.addresses(tx, address_ids),
    )
