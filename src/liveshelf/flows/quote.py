"""What a buyer sees before they order: each wish as it could be bought now, and what all would cost, item by item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from liveshelf.goods import queries as goods
from liveshelf.goods.types import DeliveryKind, Offer
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import SkuId
from liveshelf.platform.db import ReadTx
from liveshelf.pricing.rules import quote
from liveshelf.pricing.types import Priced, Quote
from liveshelf.stock import queries as stock


class WishState(StrEnum):
    """Whether a wish can be granted now."""

    OK = "ok"
    SHORT = "short"  # some are there, but fewer
    SOLD_OUT = "sold_out"
    OFF_SALE = "off_sale"  # not sold here, or not any more


@dataclass(frozen=True, slots=True)
class Wish:
    """So many pieces of a SKU, as they could be bought now. `offer` is absent for what is not known any more."""

    sku_id: SkuId
    quantity: int
    state: WishState
    available: int
    offer: Offer | None


@dataclass(frozen=True, slots=True)
class Quoted:
    """Wishes with what those that can be granted cost together. `needs_address` says that a parcel goes out."""

    wishes: tuple[Wish, ...]
    quote: Quote
    needs_address: bool


async def look(tx: ReadTx, lines: Sequence[tuple[SkuId, int]]) -> list[Wish]:
    """Each wish with its offer and state, in the same order: two statements for however many."""
    ids = [sku_id for sku_id, _ in lines]
    offers = await goods.offers(tx, ids)
    levels = await stock.levels(tx, ids)

    def wish(sku_id: SkuId, quantity: int) -> Wish:
        offer = offers.get(sku_id)
        level = levels.get(sku_id)
        available = max(0, level.available) if level else 0
        if offer is None or offer.goods_id is None:
            return Wish(sku_id, quantity, WishState.OFF_SALE, 0, offer)
        if quantity <= available:
            return Wish(sku_id, quantity, WishState.OK, available, offer)
        return Wish(sku_id, quantity, WishState.SHORT if available else WishState.SOLD_OUT, available, offer)

    return [wish(sku_id, quantity) for sku_id, quantity in lines]


async def quoted(tx: ReadTx, lines: Sequence[tuple[SkuId, int]]) -> Quoted:
    """The wishes and the quote of those that can be granted."""
    return of_wishes(await look(tx, lines))


def of_wishes(wishes: Sequence[Wish]) -> Quoted:
    """What those of the wishes that can be granted cost together."""
    granted = [(wish, wish.offer) for wish in wishes if wish.state is WishState.OK and wish.offer is not None]
    shipped = any(offer.delivery is DeliveryKind.SHIPPED for _, offer in granted)
    amounts = [Fen(offer.price_fen * wish.quantity) for wish, offer in granted]
    priced = [Priced(amount, amount) for amount in amounts]
    return Quoted(tuple(wishes), quote(priced, shipped=shipped), shipped)
