"""A card and its product: goods made over the API get a product of their own, and a card's price is what its only SKU
costs.
"""

from __future__ import annotations

from liveshelf.goods import products, queries
from liveshelf.goods.errors import ProductHasCard
from liveshelf.goods.service import Card
from liveshelf.goods.types import CardDraft, LiveGoods, Origin, PriceTag, PriceType, ProductDraft, SkuDraft
from liveshelf.kernel.ids import ProductId
from liveshelf.platform.db import Tx
from liveshelf.shops import queries as shops
from liveshelf.stock import service as stock

OPENING = "goods added over the API"


async def product_of(tx: Tx, draft: CardDraft, card: Card) -> ProductId:
    """The product that a new card is for: the one it names, or one made from the card with a single SKU and the
    shop's opening stock.

    Raises `ProductMissing`, and `ProductHasCard` when the named product is in the library already.
    """
    if draft.product_id is None:
        return await _made(tx, card)
    product = await products.locked(tx, draft.product_id)
    if await queries.cards_of(tx, [product.product_id]):
        raise ProductHasCard(product_id=product.product_id)
    return product.product_id


async def follow(tx: Tx, before: LiveGoods, after: LiveGoods) -> None:
    """Let the product follow its changed card: the price while it has one SKU; title and picture of API goods while
    they are the card's.
    """
    product = (await queries.products(tx, [after.product_id])).get(after.product_id)
    if product is None:
        return
    skus = (await queries.skus(tx, [product.product_id]))[product.product_id]
    prices = (after.tag.present_fen, list_price(after.tag))
    if after.tag != before.tag and len(skus) == 1 and prices != (skus[0].price_fen, skus[0].list_price_fen):
        await products.reprice(tx, skus[0], price_fen=prices[0], list_price_fen=prices[1])
    title = after.name if product.title == before.name else product.title
    pictures = (after.cover_media_id,) if product.pictures == (before.cover_media_id,) else product.pictures
    if after.origin is Origin.API and (title, pictures) != (product.title, product.pictures):
        await products.retitle(tx, product, title=title, pictures=pictures)


async def end(tx: Tx, goods: LiveGoods) -> None:
    """What a deleted card takes along: the product that was made for it. A product made in the console stays."""
    if goods.origin is Origin.API:
        await products.delete(tx, goods.product_id)


def list_price(tag: PriceTag) -> int | None:
    """The struck-out price that a tag shows beside the present one."""
    return tag.price_fen if tag.price_type is PriceType.DISCOUNT else None


async def _made(tx: Tx, card: Card) -> ProductId:
    on_hand = (await shops.shop(tx)).wire_stock
    sku = SkuDraft((), card.tag.present_fen, list_price(card.tag), stock=on_hand)
    draft = ProductDraft(card.name, "", (card.cover_media_id,), (), (sku,))
    product_id, [sku_id] = await products.create(tx, draft, [card.cover_media_id])
    await stock.open(tx, sku_id, on_hand, OPENING)
    return product_id
