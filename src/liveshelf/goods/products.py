"""Commands on products and their SKUs. Stock belongs to `stock`; `flows.catalog` keeps the two together."""

from __future__ import annotations

from collections.abc import Sequence

from liveshelf.goods import _sql, queries
from liveshelf.goods.errors import FieldInvalid, ProductChanged, ProductMissing
from liveshelf.goods.queries import as_product
from liveshelf.goods.types import Product, ProductDraft, Sku, SkuDraft, Spec
from liveshelf.kernel.ids import MediaId, ProductId, SkuId
from liveshelf.platform.db import Tx


async def create(tx: Tx, draft: ProductDraft, pictures: Sequence[MediaId]) -> tuple[ProductId, list[SkuId]]:
    """Make a product from a checked draft; `pictures` are its permanent media. The SKU ids are in the draft's order."""
    product_id = ProductId(await tx.next_number("product"))
    await tx.execute(
        _sql.INSERT_PRODUCT.values(
            shop_id=tx.shop,
            product_id=product_id,
            title=draft.title,
            description=draft.description,
            pictures=list(pictures),
            tags=list(draft.tags),
            delivery=draft.delivery,
            category=draft.category,
            version=1,
            created_at=tx.now,
            updated_at=tx.now,
        )
    )
    return product_id, [await _insert_sku(tx, product_id, sku, position) for position, sku in enumerate(draft.skus)]


async def locked(tx: Tx, product_id: int, *, version: int | None = None) -> Product:
    """The product, kept from others until the commit. Raises `ProductMissing`; `ProductChanged` when it is not at
    `version`.
    """
    row = await tx.one(_sql.PRODUCT_LOCKED, which=product_id)
    if row is None:
        raise ProductMissing(product_id=product_id)
    if version is not None and row.version != version:
        raise ProductChanged(product_id=product_id, version=row.version)
    return as_product(row)


async def update(
    tx: Tx, product: Product, draft: ProductDraft, pictures: Sequence[MediaId]
) -> list[tuple[SkuId, SkuDraft]]:
    """Make a locked product equal to a checked draft: SKUs named are changed, others made, missing ones deleted.

    Returns the SKUs that were made. Raises `FieldInvalid` when a SKU named is not the product's.
    """
    present = {sku.sku_id: sku for sku in (await queries.skus(tx, [product.product_id]))[product.product_id]}
    await tx.execute(
        _sql.EDIT_PRODUCT.values(
            title=draft.title,
            description=draft.description,
            pictures=list(pictures),
            tags=list(draft.tags),
            delivery=draft.delivery,
            category=draft.category,
        ),
        which=product.product_id,
        moment=tx.now,
    )
    made = []
    for position, sku in enumerate(draft.skus):
        if sku.sku_id is None:
            made.append((await _insert_sku(tx, product.product_id, sku, position), sku))
        elif sku.sku_id in present:
            await _edit_sku(tx, product.product_id, sku.sku_id, **_columns(sku), position=position)
        else:
            raise FieldInvalid("This SKU is not the product's.", field=f"skus[{position}].sku_id")
    kept = {sku.sku_id for sku in draft.skus}
    for sku_id in sorted(set(present) - kept):
        await _edit_sku(tx, product.product_id, sku_id, deleted_at=tx.now)
    return made


async def reprice(tx: Tx, sku: Sku, *, price_fen: int, list_price_fen: int | None) -> None:
    """Change the price of one SKU."""
    await _edit_sku(tx, sku.product_id, sku.sku_id, price_fen=price_fen, list_price_fen=list_price_fen)
    await tx.execute(_sql.EDIT_PRODUCT, which=sku.product_id, moment=tx.now)


async def retitle(tx: Tx, product: Product, *, title: str, pictures: Sequence[MediaId]) -> None:
    """Change title and pictures, and nothing else."""
    await tx.execute(
        _sql.EDIT_PRODUCT.values(title=title, pictures=list(pictures)), which=product.product_id, moment=tx.now
    )


async def touch(tx: Tx, product_id: ProductId) -> None:
    """Give the product a new version, because a change of it waits: an editor with the older one has to look again."""
    await tx.execute(_sql.EDIT_PRODUCT, which=product_id, moment=tx.now)


async def delete(tx: Tx, product_id: ProductId) -> None:
    """Delete a product with its SKUs. Orders keep what they were placed with."""
    await tx.execute(_sql.EDIT_PRODUCT.values(deleted_at=tx.now), which=product_id, moment=tx.now)


async def _insert_sku(tx: Tx, product_id: ProductId, sku: SkuDraft, position: int) -> SkuId:
    sku_id = SkuId(await tx.next_number("sku"))
    row = {"shop_id": tx.shop, "sku_id": sku_id, "product_id": product_id, "position": position, **_columns(sku)}
    await tx.execute(_sql.INSERT_SKUS.values(row))
    return sku_id


async def _edit_sku(tx: Tx, product_id: ProductId, sku_id: SkuId, **columns: object) -> None:
    await tx.execute(_sql.EDIT_SKU.values(**columns), product=product_id, which=sku_id)


def _columns(sku: SkuDraft) -> dict[str, object]:
    return {"specs": _stored(sku.specs), "price_fen": sku.price_fen, "list_price_fen": sku.list_price_fen}


def _stored(specs: Sequence[Spec]) -> list[dict[str, str]]:
    return [{"name": spec.name, "value": spec.value} for spec in specs]
