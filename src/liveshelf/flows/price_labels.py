"""Whether the price tags of a room's goods agree wherever a buyer meets them (L-305).

Five places say what a goods costs: its card in the library, the room's own card, the product's page, the printed label
or poster, and the checkout. Each is read where that place reads it, and compared with what the checkout would take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from liveshelf.flows import quote
from liveshelf.goods import queries as goods
from liveshelf.goods.types import LiveGoods, PriceTag, PriceType
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import GoodsId, SkuId
from liveshelf.platform.db import ReadTx
from liveshelf.rooms.messages import ShelfItem
from liveshelf.rooms.plans import NOTHING, GoodsPlan


class Source(StrEnum):
    """Where a price is said."""

    LIBRARY = "library"
    ROOM = "room"
    PAGE = "page"
    LABEL = "label"
    CHECKOUT = "checkout"


@dataclass(frozen=True, slots=True)
class Prices:
    """From what to what a goods costs, in fen, by who says so; one price is both. A label names the lower one."""

    goods_id: GoodsId
    said: Mapping[Source, tuple[int, int]]

    @property
    def disagreeing(self) -> list[Source]:
        """Who says something else than the checkout takes."""
        truth = self.said.get(Source.CHECKOUT)
        if truth is None:
            return []
        return [
            source
            for source, (low, high) in self.said.items()
            if low != truth[0] or (source is not Source.LABEL and high != truth[1])
        ]


async def compare(
    tx: ReadTx,
    cards: Sequence[LiveGoods],
    shown: Mapping[GoodsId, ShelfItem],
    plans: Mapping[GoodsId, GoodsPlan],
) -> list[Prices]:
    """What each place says of these goods; `shown` is the room's shelf as pages get it."""
    pages = await goods.skus(tx, [card.product_id for card in cards])
    taken = await _taken(tx, [sku.sku_id for many in pages.values() for sku in many])
    found = []
    for card in cards:
        skus = pages[card.product_id]
        said = {Source.LIBRARY: _of_tag(card.tag)}
        if item := shown.get(card.goods_id):
            price2 = None if item.price2_fen is None else Fen(item.price2_fen)
            said[Source.ROOM] = _of_tag(PriceTag(item.price_type, Fen(item.price_fen), price2))
        if skus:
            said[Source.PAGE] = (min(sku.price_fen for sku in skus), max(sku.price_fen for sku in skus))
        if label := plans.get(card.goods_id, NOTHING).label_fen:
            said[Source.LABEL] = (label, label)
        if amounts := [taken[sku.sku_id] for sku in skus if sku.sku_id in taken]:
            said[Source.CHECKOUT] = (min(amounts), max(amounts))
        found.append(Prices(card.goods_id, said))
    return found


async def _taken(tx: ReadTx, sku_ids: Sequence[SkuId]) -> dict[SkuId, int]:
    """What the checkout takes for one piece of each."""
    wishes = await quote.look(tx, [(sku_id, 1) for sku_id in sku_ids])
    return {wish.sku_id: int(wish.offer.price_fen) for wish in wishes if wish.offer is not None}


def _of_tag(tag: PriceTag) -> tuple[int, int]:
    high = tag.price2_fen if tag.price_type is PriceType.RANGE and tag.price2_fen is not None else tag.present_fen
    return int(tag.present_fen), int(high)
