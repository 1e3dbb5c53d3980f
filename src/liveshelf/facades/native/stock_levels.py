"""Stock as the console lists it: every SKU in every pool, what bounds its selling, and who lost what was promised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from litestar import get, post, put
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator
from liveshelf.batches import service as batches
from liveshelf.facades.native.products import SpecView
from liveshelf.facades.native.shell import Cursor, Limit, RequestId, SmallId, instant, once, staff
from liveshelf.flows import stock_file
from liveshelf.goods import queries as goods
from liveshelf.goods.types import Offer
from liveshelf.kernel.ids import SkuId
from liveshelf.media.types import media_path
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import bounds, oversold, queries, service
from liveshelf.stock.errors import StockUnknown
from liveshelf.stock.rules import LIMIT_MAX, ON_HAND_MAX
from liveshelf.stock.types import Cause, Level, OwnBounds, Pool, Show
from liveshelf.trail import service as trail

_PRODUCTS_FOUND = 50  # by a search; their SKUs are one page's worth

Pieces = Annotated[int, msgspec.Meta(ge=0, le=ON_HAND_MAX)]
Most = Annotated[int, msgspec.Meta(ge=1, le=LIMIT_MAX)]
Search = Annotated[str, QueryParameter(max_length=100, description="Part of the product's title.")]
Shown = Annotated[Show, QueryParameter(description="All, those with little left, or those short of what is promised.")]


class PoolView(msgspec.Struct, frozen=True):
    """The counters of one pool. `short` is how many promised pieces are gone."""

    pool: Pool
    on_hand: int
    held: int
    available: int
    sold: int
    short: int


class StockView(msgspec.Struct, frozen=True):
    """One SKU. `safety` and `low_at` are in force; the `own_…` ones are null where the shop's are followed."""

    sku_id: int
    product_id: int
    title: str
    specs: list[SpecView]
    picture_url: str
    pools: list[PoolView]
    safety: int
    low_at: int
    low: bool
    own_safety: int | None
    own_low_at: int | None
    sku_limit: int | None
    product_limit: int | None


class StockPage(msgspec.Struct, frozen=True):
    """A page of SKUs."""

    items: list[StockView]
    next: str | None
    total: int | None
    low: int


class StockBounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What bounds the selling of a SKU; null follows the shop, and for limits there is none."""

    request_id: RequestId
    safety: Pieces | None
    low_at: Pieces | None
    sku_limit: Most | None
    product_limit: Most | None


class StockSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shop's safety stock and threshold, for SKUs without their own."""

    request_id: RequestId
    safety: Pieces
    low_at: Pieces


class StockSettingsView(msgspec.Struct, frozen=True):
    """The shop's safety stock and threshold."""

    safety: int
    low_at: int


class StockTransfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pieces to be set apart."""

    request_id: RequestId
    source: Pool
    target: Pool
    count: Annotated[int, msgspec.Meta(ge=1, le=ON_HAND_MAX)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class StockExport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The language of the file's headings."""

    request_id: RequestId
    language: Literal["zh", "en"] = "zh"


class StockExportBegun(msgspec.Struct, frozen=True):
    """The batch that makes the file."""

    batch_id: str


class OversoldView(msgspec.Struct, frozen=True):
    """An order that lost what it was promised. `refund_fen` is 0 when nobody had paid."""

    order_id: str
    sku_id: int
    title: str
    specs: list[SpecView]
    pool: Pool
    cause: Cause
    quantity: int
    refund_fen: int
    detected_at: str
    closed_at: str


class OversoldPage(msgspec.Struct, frozen=True):
    """A page of orders that lost what they were promised."""

    items: list[OversoldView]
    next: str | None
    total: int | None


@get("/shops/{shop_id:int}/stock", dependencies=staff("goods.read"), tags=["stock"])
async def list_stock(
    operator: Operator,
    runtime: Runtime,
    *,
    q: Search = "",
    show: Shown = Show.ALL,
    cursor: Cursor = None,
    limit: Limit = None,
) -> StockPage:
    """SKUs with their stock, newest first."""
    async with runtime.db.read(operator.shop) as tx:
        named = await named_skus(tx, q) if q.strip() else None
        page = await queries.page(tx, show=show, named=named, cursor=cursor, limit=limit)
        return StockPage(await _views(tx, page.items), page.next, page.total, await queries.low_count(tx))


@get("/shops/{shop_id:int}/skus/{sku_id:int}/stock", dependencies=staff("goods.read"), tags=["stock"])
async def one_stock(sku_id: SmallId, operator: Operator, runtime: Runtime) -> StockView:
    """One SKU with its stock."""
    return await _shown(runtime, operator, SkuId(sku_id))


@put("/shops/{shop_id:int}/skus/{sku_id:int}/stock-bounds", dependencies=staff("stock.write"), tags=["stock"])
async def bound_stock(sku_id: SmallId, data: StockBounds, operator: Operator, runtime: Runtime) -> StockView:
    """Set what bounds the selling of a SKU, and how many of it and of its product a buyer may have."""
    sku = SkuId(sku_id)

    async def work(tx: Tx) -> int:
        offer = await _known(tx, sku)
        siblings = [one.sku_id for one in (await goods.skus(tx, [offer.product_id]))[offer.product_id]]
        await bounds.set_for_sku(tx, sku, safety=data.safety, low_at=data.low_at)
        await bounds.limit_sku(tx, sku, data.sku_limit)
        await bounds.limit_product(tx, offer.product_id, siblings, most=data.product_limit)
        trail.record(
            tx,
            "stock.bound",
            f"sku:{sku_id}",
            safety=data.safety,
            low_at=data.low_at,
            sku_limit=data.sku_limit,
            product_limit=data.product_limit,
        )
        return sku_id

    await runtime.db.write(
        operator.actor, operator.shop, work, once=once("stock.bound", data.request_id, (sku_id, data), int)
    )
    return await _shown(runtime, operator, sku)


@get("/shops/{shop_id:int}/stock/settings", dependencies=staff("goods.read"), tags=["stock"])
async def stock_settings(operator: Operator, runtime: Runtime) -> StockSettingsView:
    """The shop's safety stock and threshold."""
    async with runtime.db.read(operator.shop) as tx:
        return StockSettingsView(*await bounds.in_force(tx))


@put("/shops/{shop_id:int}/stock/settings", dependencies=staff("stock.write"), tags=["stock"])
async def set_stock_settings(data: StockSettings, operator: Operator, runtime: Runtime) -> StockSettingsView:
    """Set the shop's safety stock and threshold: every SKU without its own follows at once."""

    async def work(tx: Tx) -> int:
        await bounds.set_for_shop(tx, safety=data.safety, low_at=data.low_at)
        trail.record(tx, "stock.settings", "stock", safety=data.safety, low_at=data.low_at)
        return data.safety

    await runtime.db.write(operator.actor, operator.shop, work, once=once("stock.settings", data.request_id, data, int))
    return StockSettingsView(data.safety, data.low_at)


@post("/shops/{shop_id:int}/skus/{sku_id:int}/transfers", dependencies=staff("stock.write"), tags=["stock"])
async def transfer_stock(sku_id: SmallId, data: StockTransfer, operator: Operator, runtime: Runtime) -> StockView:
    """Set pieces apart, from one pool to another. What buyers hold stays where it is."""
    sku = SkuId(sku_id)

    async def work(tx: Tx) -> int:
        await service.transfer(tx, sku, data.count, data.reason, source=data.source, target=data.target)
        trail.record(
            tx,
            "stock.transfer",
            f"sku:{sku_id}",
            count=data.count,
            source=data.source.value,
            target=data.target.value,
            reason=data.reason,
        )
        return sku_id

    await runtime.db.write(
        operator.actor, operator.shop, work, once=once("stock.transfer", data.request_id, (sku_id, data), int)
    )
    return await _shown(runtime, operator, sku)


@post("/shops/{shop_id:int}/stock/exports", status_code=201, dependencies=staff("goods.read"), tags=["stock"])
async def export_stock(data: StockExport, operator: Operator, runtime: Runtime) -> StockExportBegun:
    """Begin to write all stock into an XLSX file, which has a column for what is counted. The batch has the file."""

    async def work(tx: Tx) -> int:
        options = {"language": data.language}
        return await batches.begin_export(tx, stock_file.EXPORT, file_name="stock.xlsx", options=options)

    batch_id: int = await runtime.db.write(
        operator.actor, operator.shop, work, once=once("stock.export", data.request_id, data, int)
    )
    return StockExportBegun(str(batch_id))


@get("/shops/{shop_id:int}/stock/oversold", dependencies=staff("orders.read"), tags=["stock"])
async def list_oversold(
    operator: Operator, runtime: Runtime, *, cursor: Cursor = None, limit: Limit = None
) -> OversoldPage:
    """Orders that lost what they were promised, newest first."""
    async with runtime.db.read(operator.shop) as tx:
        page = await oversold.lost(tx, cursor=cursor, limit=limit)
        offers = await goods.offers(tx, [one.sku_id for one in page.items])
    items = [
        OversoldView(
            str(one.order_id),
            one.sku_id,
            offers[one.sku_id].title if one.sku_id in offers else "",
            specs_of(offers.get(one.sku_id)),
            one.pool,
            one.cause,
            one.quantity,
            one.refund_fen,
            instant(one.detected_at),
            instant(one.closed_at),
        )
        for one in page.items
    ]
    return OversoldPage(items, page.next, page.total)


async def named_skus(tx: ReadTx, text: str) -> list[SkuId]:
    """The SKUs of products whose title has this text."""
    products = await goods.newest_products(tx, state=None, text=text.strip(), before=None, limit=_PRODUCTS_FOUND)
    skus = await goods.skus(tx, [product.product_id for product in products])
    return [sku.sku_id for many in skus.values() for sku in many]


async def _known(tx: ReadTx, sku_id: SkuId) -> Offer:
    offer = (await goods.offers(tx, [sku_id])).get(sku_id)
    if offer is None:
        raise StockUnknown(sku_id=sku_id)
    return offer


async def _shown(runtime: Runtime, operator: Operator, sku_id: SkuId) -> StockView:
    async with runtime.db.read(operator.shop) as tx:
        found = await _views(tx, [sku_id])
    if not found:
        raise StockUnknown(sku_id=sku_id)
    return found[0]


async def _views(tx: ReadTx, sku_ids: Sequence[SkuId]) -> list[StockView]:
    """The SKUs in the given order; one that was deleted is left out."""
    offers = await goods.offers(tx, sku_ids)
    levels = await queries.all_levels(tx, sku_ids)
    own = await queries.own_bounds(tx, sku_ids)
    of_sku: dict[SkuId, int] = {}
    of_product: dict[SkuId, int] = {}
    for limit in await bounds.limits(tx, sku_ids):
        for one in limit.sku_ids:
            (of_sku if limit.product_id is None else of_product)[one] = limit.most
    found = []
    for sku_id in sku_ids:
        offer, general = offers.get(sku_id), levels.get((sku_id, Pool.GENERAL))
        if offer is None or general is None:
            continue
        bound = own.get(sku_id, OwnBounds(None, None))
        found.append(
            StockView(
                sku_id,
                offer.product_id,
                offer.title,
                specs_of(offer),
                media_path(offer.picture_media_id),
                [_pool(pool, levels[sku_id, pool]) for pool in Pool if (sku_id, pool) in levels],
                general.safety,
                general.low_at,
                general.available <= general.low_at,
                bound.safety,
                bound.low_at,
                of_sku.get(sku_id),
                of_product.get(sku_id),
            )
        )
    return found


def _pool(pool: Pool, level: Level) -> PoolView:
    return PoolView(pool, level.on_hand, level.held, level.available, level.sold, level.short)


def specs_of(offer: Offer | None) -> list[SpecView]:
    """The choices that make the SKU."""
    return [] if offer is None else [SpecView(spec.name, spec.value) for spec in offer.specs]


ROUTES = [
    list_stock,
    one_stock,
    bound_stock,
    stock_settings,
    set_stock_settings,
    transfer_stock,
    export_stock,
    list_oversold,
]
