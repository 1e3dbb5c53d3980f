"""Products for the console: a product with its SKU matrix, its stock, and the card it suggests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from litestar import delete, get, patch, post
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator
from liveshelf.facades.native.cards import GoodsBrief, brief
from liveshelf.facades.native.shell import Cursor, Limit, RequestId, SmallId, instant, once, staff
from liveshelf.flows import catalog, versions
from liveshelf.goods import matrix, queries
from liveshelf.goods.errors import ProductMissing
from liveshelf.goods.types import DeliveryKind, PriceType, Product, ProductDraft, Sku, SkuDraft, Spec, Version
from liveshelf.kernel.ids import ProductId, ShopId, SkuId
from liveshelf.kernel.paging import below, clamp_limit, page_of
from liveshelf.media.types import media_path
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import queries as stock

Money = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Title = Annotated[str, msgspec.Meta(max_length=200)]
Description = Annotated[str, msgspec.Meta(max_length=matrix.DESCRIPTION_MAX)]
Label = Annotated[str, msgspec.Meta(max_length=40)]
Pictures = Annotated[list[Annotated[str, msgspec.Meta(max_length=64)]], msgspec.Meta(max_length=matrix.PICTURES_MAX)]
Tags = Annotated[list[Label], msgspec.Meta(max_length=matrix.TAGS_MAX)]
Query = Annotated[str, QueryParameter(max_length=100, description="Text to look for in the title.")]
State = Annotated[
    Literal["no_card", "unaudited", "in_audit", "approved", "rejected"] | None,
    QueryParameter(
        name="state",  # the bare name means another thing to Litestar
        description="`no_card`, or the state of the product's card.",
    ),
]


class SpecView(msgspec.Struct, frozen=True):
    """One choice: 颜色 = 红."""

    name: Label
    value: Label


class SkuIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A SKU of a draft. `stock` is the opening stock of a new one and ignored for one that is there."""

    specs: Annotated[list[SpecView], msgspec.Meta(max_length=matrix.SPECS_MAX)]
    price_fen: Money
    list_price_fen: Money | None = None
    sku_id: SmallId | None = None
    stock: Annotated[int, msgspec.Meta(ge=0, le=matrix.STOCK_MAX)] = 0


Category = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]  # 0 is none
Skus = Annotated[list[SkuIn], msgspec.Meta(max_length=matrix.SKUS_MAX)]


class ProductIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A product to be made."""

    request_id: RequestId
    title: Title
    pictures: Pictures
    skus: Skus
    description: Description = ""
    tags: Tags = []
    delivery: DeliveryKind = DeliveryKind.SHIPPED
    category: Category | None = None


class ProductChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes of a product; what is absent or null stays. `skus` replaces the matrix: SKUs named stay, missing ones
    go. A `category` of 0 takes it away.
    """

    title: Title | None = None
    description: Description | None = None
    pictures: Pictures | None = None
    tags: Tags | None = None
    skus: Skus | None = None
    delivery: DeliveryKind | None = None
    category: Category | None = None
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None


class PictureView(msgspec.Struct, frozen=True):
    """One picture."""

    media_id: str
    url: str


class SkuView(msgspec.Struct, frozen=True):
    """A SKU with its stock."""

    sku_id: int
    specs: list[SpecView]
    price_fen: int
    list_price_fen: int | None
    on_hand: int
    held: int
    available: int


class SkuPending(msgspec.Struct, frozen=True):
    """A SKU of a waiting change; a new one has no number and its opening stock."""

    sku_id: int | None
    specs: list[SpecView]
    price_fen: int
    list_price_fen: int | None
    stock: int


class ProductPending(msgspec.Struct, frozen=True):
    """A change of the product that waits for its review, or was rejected. Buyers see what was approved."""

    audit_id: str
    rejected: bool
    submitted_at: str
    title: str
    description: str
    pictures: list[PictureView]
    tags: list[str]
    delivery: DeliveryKind
    category: int | None
    skus: list[SkuPending]


class ProductView(msgspec.Struct, frozen=True):
    """A product with its SKUs and its card."""

    product_id: int
    title: str
    description: str
    pictures: list[PictureView]
    tags: list[str]
    delivery: DeliveryKind
    category: int | None
    skus: list[SkuView]
    card: GoodsBrief | None
    created_at: str
    updated_at: str
    version: int
    pending: ProductPending | None


class ProductPage(msgspec.Struct, frozen=True):
    """A page of products."""

    items: list[ProductView]
    next: str | None
    total: int | None


class CardProposal(msgspec.Struct, frozen=True):
    """The card that a product suggests."""

    name: str
    cover_media_id: str
    cover_url: str
    price_type: PriceType
    price_fen: int
    price2_fen: int | None
    url: str


@get("/shops/{shop_id:int}/products", dependencies=staff("goods.read"), tags=["products"])
async def list_products(
    operator: Operator,
    runtime: Runtime,
    *,
    wanted: State = None,
    q: Query = "",
    cursor: Cursor = None,
    limit: Limit = None,
) -> ProductPage:
    """Products, newest first."""
    size = clamp_limit(limit)
    before = below(cursor)
    async with runtime.db.read(operator.shop) as tx:
        rows = await queries.newest_products(tx, state=wanted, text=q, before=before, limit=size + 1)
        page = page_of(rows, size, lambda product: (product.product_id,))
        return ProductPage(await _views(tx, page.items), page.next, page.total)


@post("/shops/{shop_id:int}/products", dependencies=staff("goods.write"), tags=["products"])
async def create_product(data: ProductIn, operator: Operator, runtime: Runtime) -> ProductView:
    """Make a product with its SKUs and their opening stock."""
    draft = ProductDraft(
        data.title,
        data.description,
        tuple(data.pictures),
        tuple(data.tags),
        tuple(_sku(sku) for sku in data.skus),
        data.delivery,
        data.category or None,
    )
    product_id = await runtime.db.write(
        operator.actor,
        operator.shop,
        lambda tx: catalog.create_product(tx, draft),
        once=once("products.create", data.request_id, data, int),
    )
    return await _shown(runtime, operator.shop, product_id)


@get("/shops/{shop_id:int}/products/{product_id:int}", dependencies=staff("goods.read"), tags=["products"])
async def one_product(product_id: SmallId, operator: Operator, runtime: Runtime) -> ProductView:
    """One product."""
    return await _shown(runtime, operator.shop, product_id)


@patch("/shops/{shop_id:int}/products/{product_id:int}", dependencies=staff("goods.write"), tags=["products"])
async def change_product(
    product_id: SmallId, data: ProductChanges, operator: Operator, runtime: Runtime
) -> ProductView:
    """Change a product. With `version`, only if nobody else has changed it since."""
    async with runtime.db.read(operator.shop) as tx:
        product = await _known(tx, product_id)
        skus = await queries.skus(tx, [product_id])
        waiting = await catalog.waiting(tx, [product_id])
    # What is not named stays as it was said last, also where that still waits.
    present = versions.working_draft(product, skus[product.product_id], waiting.get(product.product_id))
    draft = ProductDraft(
        present.title if data.title is None else data.title,
        present.description if data.description is None else data.description,
        present.pictures if data.pictures is None else tuple(data.pictures),
        present.tags if data.tags is None else tuple(data.tags),
        present.skus if data.skus is None else tuple(_sku(sku) for sku in data.skus),
        present.delivery if data.delivery is None else data.delivery,
        present.category if data.category is None else data.category or None,
    )
    # What was not named comes from the version just read, so that one must still be there when it is written.
    version = product.version if data.version is None else data.version
    await runtime.db.write(
        operator.actor,
        operator.shop,
        lambda tx: catalog.update_product(tx, ProductId(product_id), draft, version=version),
    )
    return await _shown(runtime, operator.shop, product_id)


@delete("/shops/{shop_id:int}/products/{product_id:int}", dependencies=staff("goods.write"), tags=["products"])
async def delete_product(product_id: SmallId, operator: Operator, runtime: Runtime) -> None:
    """Delete a product that has no card in the library."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: catalog.delete_product(tx, ProductId(product_id)))


@get(
    "/shops/{shop_id:int}/products/{product_id:int}/card-proposal",
    dependencies=staff("goods.write"),
    tags=["products"],
)
async def propose_card(product_id: SmallId, operator: Operator, runtime: Runtime) -> CardProposal:
    """The card that this product suggests, with a cover rendered for it."""
    async with runtime.db.read(operator.shop) as tx:
        proposed = await catalog.proposal(tx, await _known(tx, product_id))
    cover = await catalog.cover_for(runtime, operator.actor, operator.shop, proposed.picture)
    tag = proposed.tag
    return CardProposal(
        proposed.name, cover, media_path(cover), tag.price_type, tag.price_fen, tag.price2_fen, proposed.url
    )


async def _known(tx: ReadTx, product_id: int) -> Product:
    found = await queries.product(tx, product_id)
    if found is None:
        raise ProductMissing(product_id=product_id)
    return found


async def _shown(runtime: Runtime, shop: ShopId, product_id: int) -> ProductView:
    async with runtime.db.read(shop) as tx:
        (view,) = await _views(tx, [await _known(tx, product_id)])
    return view


async def _views(tx: ReadTx, products: Sequence[Product]) -> list[ProductView]:
    ids = [product.product_id for product in products]
    skus = await queries.skus(tx, ids)
    levels = await stock.levels(tx, [sku.sku_id for many in skus.values() for sku in many])
    cards = await queries.cards_of(tx, ids)
    waiting = await catalog.waiting(tx, ids)

    def sku_view(sku: Sku) -> SkuView:
        level = levels.get(sku.sku_id)
        on_hand, held, left = (level.on_hand, level.held, level.available) if level else (0, 0, 0)
        specs = [SpecView(spec.name, spec.value) for spec in sku.specs]
        return SkuView(sku.sku_id, specs, sku.price_fen, sku.list_price_fen, on_hand, held, left)

    return [
        ProductView(
            product.product_id,
            product.title,
            product.description,
            [PictureView(one, media_path(one)) for one in product.pictures],
            list(product.tags),
            product.delivery,
            product.category,
            [sku_view(sku) for sku in skus[product.product_id]],
            brief(cards[product.product_id]) if product.product_id in cards else None,
            instant(product.created_at),
            instant(product.updated_at),
            product.version,
            _pending(product, skus[product.product_id], waiting.get(product.product_id)),
        )
        for product in products
    ]


def _sku(sku: SkuIn) -> SkuDraft:
    specs = tuple(Spec(spec.name, spec.value) for spec in sku.specs)
    sku_id = None if sku.sku_id is None else SkuId(sku.sku_id)
    return SkuDraft(specs, sku.price_fen, sku.list_price_fen, sku_id, sku.stock)


def _pending(product: Product, skus: Sequence[Sku], version: Version | None) -> ProductPending | None:
    if version is None or version.product is None:
        return None
    draft = versions.working_draft(product, skus, version)
    return ProductPending(
        str(version.audit_id),
        version.rejected,
        instant(version.submitted_at),
        draft.title,
        draft.description,
        [PictureView(one, media_path(one)) for one in draft.pictures],
        list(draft.tags),
        draft.delivery,
        draft.category,
        [
            SkuPending(
                sku.sku_id,
                [SpecView(spec.name, spec.value) for spec in sku.specs],
                sku.price_fen,
                sku.list_price_fen,
                sku.stock,
            )
            for sku in draft.skus
        ],
    )


ROUTES = [list_products, create_product, one_product, change_product, delete_product, propose_card]
