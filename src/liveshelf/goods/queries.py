"""Reads: the library, its history, products, SKUs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from liveshelf.goods import _sql
from liveshelf.goods.types import (
    AuditState,
    DeliveryKind,
    Library,
    LiveGoods,
    Move,
    Offer,
    Origin,
    PriceType,
    Product,
    Sku,
    Spec,
)
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import INT63_MAX, AuditId, GoodsId, MediaId, ProductId, SkuId
from liveshelf.kernel.text import is_plain
from liveshelf.platform.db import ReadTx


async def library(tx: ReadTx) -> Library:
    """The library's version and exact counts, in one row read."""
    row = await tx.one(_sql.LIBRARY)
    if row is None:
        return Library(0, dict.fromkeys(AuditState, 0))
    return Library(row.version, {state: getattr(row, state.value) for state in AuditState})


async def live_goods(tx: ReadTx, goods_ids: Iterable[int]) -> list[LiveGoods]:
    """The goods of these ids, in the order of the ids; unknown and deleted ones and repetitions are left out."""
    ids = list(dict.fromkeys(goods_ids))
    if not ids:
        return []
    found = {row.goods_id: as_live_goods(row) for row in await tx.all(_sql.GOODS_BY_IDS, ids=ids)}
    return [found[one] for one in ids if one in found]


async def goods_ever(tx: ReadTx, goods_ids: Iterable[int]) -> list[LiveGoods]:
    """The goods of these ids by id, as they stand or, once deleted, as they last stood."""
    ids = sorted(set(goods_ids))
    return [as_live_goods(row) for row in await tx.all(_sql.GOODS_EVER, ids=ids)] if ids else []


async def live_goods_page(tx: ReadTx, state: AuditState, offset: int, limit: int) -> list[LiveGoods]:
    """The goods in a state, by the time of entering it, then by id: what comes in appends, so no page repeats a
    goods.
    """
    rows = await tx.all(_sql.PAGE_BY_STATE, state=state.value, skip=offset, most=limit)
    return [as_live_goods(row) for row in rows]


async def newest_goods(
    tx: ReadTx, *, state: AuditState | None, text: str, before: int | None, limit: int
) -> list[LiveGoods]:
    """The goods with an id below `before`, newest first; `text` is looked for in the name."""
    rows = await tx.all(
        _sql.PAGE_NEWEST,
        state=state.value if state else None,
        pattern=_pattern(text),
        before=INT63_MAX if before is None else before,
        most=limit,
    )
    return [as_live_goods(row) for row in rows]


async def newest_for_sale(tx: ReadTx, *, limit: int) -> list[LiveGoods]:
    """The newest goods that buyers may be shown: approved, and their validity not over."""
    return [as_live_goods(row) for row in await tx.all(_sql.NEWEST_FOR_SALE, most=limit)]


async def cards_of(tx: ReadTx, product_ids: Iterable[int]) -> dict[ProductId, LiveGoods]:
    """The cards of products, by product; a product without one is left out."""
    ids = sorted(set(product_ids))
    rows = await tx.all(_sql.GOODS_OF_PRODUCTS, ids=ids) if ids else []
    return {ProductId(row.product_id): as_live_goods(row) for row in rows}


async def history(tx: ReadTx, goods_id: GoodsId) -> list[Move]:
    """What happened to a goods, oldest first; also after its deletion."""
    rows = await tx.all(_sql.HISTORY, which=goods_id)
    return [
        Move(row.was, row.became, None if row.audit_id is None else AuditId(row.audit_id), row.actor, row.note, row.at)
        for row in rows
    ]


async def product(tx: ReadTx, product_id: int) -> Product | None:
    """A product, or `None` when there is none or it was deleted."""
    row = await tx.one(_sql.PRODUCT, which=product_id)
    return None if row is None else as_product(row)


async def products(tx: ReadTx, product_ids: Iterable[int]) -> dict[ProductId, Product]:
    """The products of these ids, by id."""
    ids = sorted(set(product_ids))
    rows = await tx.all(_sql.PRODUCTS_BY_IDS, ids=ids) if ids else []
    return {ProductId(row.product_id): as_product(row) for row in rows}


async def newest_products(tx: ReadTx, *, state: str | None, text: str, before: int | None, limit: int) -> list[Product]:
    """Products newest first. `state` is an audit state of the card, or `no_card`; `text` is looked for in the title."""
    rows = await tx.all(
        _sql.PRODUCTS_NEWEST,
        state=state,
        pattern=_pattern(text),
        before=INT63_MAX if before is None else before,
        most=limit,
    )
    return [as_product(row) for row in rows]


async def approved_by_category(tx: ReadTx) -> list[tuple[int | None, DeliveryKind, int]]:
    """How many approved cards there are of products in each category and delivered in each way."""
    rows = await tx.all(_sql.APPROVED_BY_CATEGORY)
    return [(row.category, DeliveryKind(row.delivery), row.many) for row in rows]


async def skus(tx: ReadTx, product_ids: Iterable[int]) -> dict[ProductId, list[Sku]]:
    """The SKUs of products in the merchant's order; a product without any has an empty list."""
    ids = sorted(set(product_ids))
    found: dict[ProductId, list[Sku]] = defaultdict(list, {ProductId(one): [] for one in ids})
    for row in await tx.all(_sql.SKUS_OF_PRODUCTS, ids=ids) if ids else []:
        found[ProductId(row.product_id)].append(as_sku(row))
    return dict(found)


async def offers(tx: ReadTx, sku_ids: Iterable[int]) -> dict[SkuId, Offer]:
    """What may be bought under these SKU ids; deleted SKUs and those of deleted products are left out."""
    ids = sorted(set(sku_ids))
    rows = await tx.quick(_sql.OFFERS, ids=ids) if ids else []
    return {
        SkuId(row.sku_id): Offer(
            SkuId(row.sku_id),
            ProductId(row.product_id),
            None if row.goods_id is None else GoodsId(row.goods_id),
            row.title,
            _specs(row.specs),
            MediaId(row.pictures[0]),
            Fen(row.price_fen),
            DeliveryKind(row.delivery),
        )
        for row in rows
    }


def as_live_goods(row: Row[Any]) -> LiveGoods:
    """The goods of a row."""
    return LiveGoods(
        GoodsId(row.goods_id),
        ProductId(row.product_id),
        Origin(row.origin),
        row.name,
        MediaId(row.cover_media_id),
        PriceType(row.price_type),
        Fen(row.price_fen),
        None if row.price2_fen is None else Fen(row.price2_fen),
        row.url,
        row.third_party_appid,
        None if row.goods_key is None else tuple(row.goods_key),
        AuditState(row.audit_state),
        None if row.audit_id is None else AuditId(row.audit_id),
        row.state_entered_at,
        row.created_at,
        row.valid_until,
        row.expired_at,
        row.is_ad,
    )


def as_product(row: Row[Any]) -> Product:
    """The product of a row."""
    return Product(
        ProductId(row.product_id),
        row.title,
        row.description,
        tuple(MediaId(one) for one in row.pictures),
        tuple(row.tags),
        DeliveryKind(row.delivery),
        row.version,
        row.created_at,
        row.updated_at,
        row.category,
    )


def as_sku(row: Row[Any]) -> Sku:
    """The SKU of a row."""
    before = None if row.list_price_fen is None else Fen(row.list_price_fen)
    return Sku(SkuId(row.sku_id), ProductId(row.product_id), _specs(row.specs), Fen(row.price_fen), before)


def _specs(stored: list[dict[str, str]]) -> tuple[Spec, ...]:
    return tuple(Spec(one["name"], one["value"]) for one in stored)


def _pattern(text: str) -> str | None:
    """The LIKE pattern of a text somewhere inside, with the wildcards in it taken literally."""
    text = "".join(char for char in text if is_plain(char))  # PostgreSQL can't hold the others, and no name has them
    if not text:
        return None
    for char in "\\%_":
        text = text.replace(char, f"\\{char}")
    return f"%{text}%"
