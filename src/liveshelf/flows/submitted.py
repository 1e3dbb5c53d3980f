"""What the machine and a reviewer see of goods: the whole card and the whole product, whichever of them changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from liveshelf.goods import queries as library
from liveshelf.goods.service import Card
from liveshelf.goods.types import LiveGoods, Product, ProductDraft, Sku, SkuDraft
from liveshelf.kernel.ids import GoodsId, ProductId
from liveshelf.platform.db import ReadTx
from liveshelf.reviews.types import CardSeen, Content


def card_of(goods: LiveGoods) -> Card:
    """What the card of a goods says."""
    return Card(
        goods.name,
        goods.cover_media_id,
        goods.tag,
        goods.url,
        goods.third_party_appid,
        goods.goods_key,
        is_ad=goods.is_ad,
    )


def draft_of(product: Product, skus: Sequence[Sku]) -> ProductDraft:
    """The product as it is, in the form of a draft."""
    kept = tuple(SkuDraft(sku.specs, sku.price_fen, sku.list_price_fen, sku.sku_id) for sku in skus)
    return ProductDraft(
        product.title,
        product.description,
        tuple(product.pictures),
        product.tags,
        kept,
        product.delivery,
        product.category,
    )


async def content(
    tx: ReadTx, goods_id: GoodsId, card: Card, product_id: ProductId, *, change: ProductDraft | None = None
) -> Content:
    """A goods as it is submitted: with its product as it is, or as a change would make it. The cover comes first."""
    tag = card.tag
    seen = CardSeen(
        goods_id,
        card.name,
        card.cover_media_id,
        tag.price_type.value,
        tag.price_fen,
        tag.price2_fen,
        card.url,
        is_ad=card.is_ad,
    ).content
    draft = change or await _present(tx, product_id)
    if draft is None:
        return seen
    choices = "; ".join(" ".join(f"{spec.name}: {spec.value}" for spec in sku.specs) for sku in draft.skus)
    title = "" if draft.title == card.name else draft.title
    texts = {"title": title, "detail": draft.description, "choices": choices, "tags": " ".join(draft.tags)}
    others = tuple(one for one in draft.pictures if one not in seen.pictures)
    return replace(
        seen,
        texts={**seen.texts, **{name: text for name, text in texts.items() if text}},
        pictures=(*seen.pictures, *others),
        facts={**seen.facts, "delivery": draft.delivery.value, "category": draft.category},
    )


async def _present(tx: ReadTx, product_id: ProductId) -> ProductDraft | None:
    found = (await library.products(tx, [product_id])).get(product_id)
    return None if found is None else draft_of(found, (await library.skus(tx, [product_id]))[product_id])
