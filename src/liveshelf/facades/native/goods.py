"""The live goods library for the console: list, add, change, submit, withdraw, delete."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, patch, post, put
from litestar.params import QueryParameter

from liveshelf.accounts.types import Operator
from liveshelf.facades.native.cards import GoodsMoveView, GoodsView, goods_views, move_views
from liveshelf.facades.native.shell import Cursor, Limit, RequestId, SmallId, once, staff
from liveshelf.flows import catalog, listing, versions
from liveshelf.goods import queries, validity
from liveshelf.goods.errors import GoodsMissing, ProductMissing
from liveshelf.goods.types import AuditState, CardChanges, CardDraft, Listed, LiveGoods, Origin
from liveshelf.kernel.ids import AuditId, GoodsId, ProductId, ShopId
from liveshelf.kernel.paging import below, clamp_limit, page_of
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime

Text = Annotated[str, msgspec.Meta(max_length=200)]
MediaName = Annotated[str, msgspec.Meta(max_length=64)]
Money = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Kind = Annotated[int, msgspec.Meta(ge=0, le=9)]
State = Annotated[AuditState | None, QueryParameter(name="state")]  # the bare name means another thing to Litestar
Query = Annotated[str, QueryParameter(max_length=100, description="Text to look for in the name.")]


class GoodsPage(msgspec.Struct, frozen=True):
    """A page of cards; `total` counts the whole state, or the library when none was asked for."""

    items: list[GoodsView]
    next: str | None
    total: int | None


class GoodsDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A card for a product. What is absent is proposed from the product. `is_ad` marks it as advertising."""

    request_id: RequestId
    product_id: SmallId
    name: Text | None = None
    cover_media_id: MediaName | None = None
    price_type: Kind | None = None
    price_fen: Money | None = None
    price2_fen: Money | None = None
    url: Annotated[str, msgspec.Meta(max_length=2048)] | None = None
    is_ad: bool = False


class GoodsChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes of a card; what is absent or null stays."""

    name: Text | None = None
    cover_media_id: MediaName | None = None
    price_type: Kind | None = None
    price_fen: Money | None = None
    price2_fen: Money | None = None
    url: Annotated[str, msgspec.Meta(max_length=2048)] | None = None
    is_ad: bool | None = None


class Validity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when a goods may be sold; null means without an end."""

    valid_until: Annotated[datetime, msgspec.Meta(tz=True)] | None


@get("/shops/{shop_id:int}/goods", dependencies=staff("goods.read"), tags=["goods"])
async def list_goods(
    operator: Operator,
    runtime: Runtime,
    *,
    wanted: State = None,
    q: Query = "",
    cursor: Cursor = None,
    limit: Limit = None,
) -> GoodsPage:
    """The library, newest first."""
    size = clamp_limit(limit)
    before = below(cursor)
    async with runtime.db.read(operator.shop) as tx:
        rows = await queries.newest_goods(tx, state=wanted, text=q, before=before, limit=size + 1)
        page = page_of(rows, size, lambda card: (card.goods_id,))
        counts = (await queries.library(tx)).counts
        total = None if q else counts[wanted] if wanted else sum(counts.values())
        return GoodsPage(await goods_views(tx, page.items), page.next, total)


@post("/shops/{shop_id:int}/goods", dependencies=staff("goods.write"), tags=["goods"])
async def add_goods(data: GoodsDraft, operator: Operator, runtime: Runtime) -> GoodsView:
    """Put a product into the library and submit it for review."""
    async with runtime.db.read(operator.shop) as tx:
        product = await queries.product(tx, data.product_id)
        if product is None:
            raise ProductMissing(product_id=data.product_id)
        proposed = await catalog.proposal(tx, product)
    cover = await catalog.cover_for(runtime, operator.actor, operator.shop, data.cover_media_id or proposed.picture)
    own_price = data.price_type is not None or data.price_fen is not None or data.price2_fen is not None
    tag = proposed.tag
    draft = CardDraft(
        name=proposed.name if data.name is None else data.name,
        cover_media_id=cover,
        price_type=tag.price_type.value if data.price_type is None else data.price_type,
        price_fen=tag.price_fen if data.price_fen is None else data.price_fen,
        price2_fen=data.price2_fen if own_price else tag.price2_fen,
        url=proposed.url if data.url is None else data.url,
        product_id=ProductId(data.product_id),
        is_ad=data.is_ad,
    )
    listed = await runtime.db.write(
        operator.actor,
        operator.shop,
        lambda tx: listing.add_and_submit(tx, draft, origin=Origin.CONSOLE),
        once=once("goods.add", data.request_id, data, Listed),
    )
    return await _shown(runtime, operator.shop, listed.goods_id)


@get("/shops/{shop_id:int}/goods/{goods_id:int}", dependencies=staff("goods.read"), tags=["goods"])
async def one_goods(goods_id: SmallId, operator: Operator, runtime: Runtime) -> GoodsView:
    """One card."""
    return await _shown(runtime, operator.shop, goods_id)


@patch("/shops/{shop_id:int}/goods/{goods_id:int}", dependencies=staff("goods.write"), tags=["goods"])
async def change_goods(goods_id: SmallId, data: GoodsChanges, operator: Operator, runtime: Runtime) -> GoodsView:
    """Change a card: everything at once before review and after a rejection; once approved prices at once, and the rest
    as a change that waits for its own review.
    """
    cover = data.cover_media_id
    if cover is not None:
        cover = await catalog.cover_for(runtime, operator.actor, operator.shop, cover)
    changes = CardChanges(
        data.name, cover, data.price_type, data.price_fen, data.price2_fen, data.url, is_ad=data.is_ad
    )
    await runtime.db.write(
        operator.actor, operator.shop, lambda tx: versions.change_card(tx, GoodsId(goods_id), changes)
    )
    return await _shown(runtime, operator.shop, goods_id)


@delete("/shops/{shop_id:int}/goods/{goods_id:int}", dependencies=staff("goods.write"), tags=["goods"])
async def delete_goods(goods_id: SmallId, operator: Operator, runtime: Runtime) -> None:
    """Delete a card for good; it leaves every shelf at once."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: listing.delete(tx, GoodsId(goods_id)))


@post(
    "/shops/{shop_id:int}/goods/{goods_id:int}/submit",
    dependencies=staff("goods.write"),
    tags=["goods"],
    status_code=200,
)
async def submit_goods(goods_id: SmallId, operator: Operator, runtime: Runtime) -> GoodsView:
    """Submit again what was withdrawn or rejected."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: listing.submit(tx, GoodsId(goods_id)))
    return await _shown(runtime, operator.shop, goods_id)


@post(
    "/shops/{shop_id:int}/goods/{goods_id:int}/withdraw",
    dependencies=staff("goods.write"),
    tags=["goods"],
    status_code=200,
)
async def withdraw_goods(goods_id: SmallId, operator: Operator, runtime: Runtime) -> GoodsView:
    """Take the pending submission back."""
    async with runtime.db.read(operator.shop) as tx:
        audit_id = (await _one(tx, goods_id)).audit_id or AuditId(0)
    await runtime.db.write(operator.actor, operator.shop, lambda tx: listing.withdraw(tx, GoodsId(goods_id), audit_id))
    return await _shown(runtime, operator.shop, goods_id)


@post(
    "/shops/{shop_id:int}/goods/{goods_id:int}/withdraw-change",
    dependencies=staff("goods.write"),
    tags=["goods"],
    status_code=200,
)
async def withdraw_change(goods_id: SmallId, operator: Operator, runtime: Runtime) -> GoodsView:
    """Take back a change that waits for its review, or drop one that was rejected."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: versions.withdraw(tx, GoodsId(goods_id)))
    return await _shown(runtime, operator.shop, goods_id)


@put("/shops/{shop_id:int}/goods/{goods_id:int}/validity", dependencies=staff("goods.write"), tags=["goods"])
async def set_validity(goods_id: SmallId, data: Validity, operator: Operator, runtime: Runtime) -> GoodsView:
    """Say until when a goods may be sold. No review looks at it, and nothing of it is shown to buyers."""
    await runtime.db.write(
        operator.actor, operator.shop, lambda tx: validity.set_valid_until(tx, GoodsId(goods_id), data.valid_until)
    )
    return await _shown(runtime, operator.shop, goods_id)


@get("/shops/{shop_id:int}/goods/{goods_id:int}/history", dependencies=staff("goods.read"), tags=["goods"])
async def goods_history(goods_id: SmallId, operator: Operator, runtime: Runtime) -> list[GoodsMoveView]:
    """What happened to a card, oldest first; also after its deletion."""
    async with runtime.db.read(operator.shop) as tx:
        moves = await queries.history(tx, GoodsId(goods_id))
        if not moves:
            raise GoodsMissing(goods_id=goods_id)
        return await move_views(tx, moves)


async def _shown(runtime: Runtime, shop: ShopId, goods_id: int) -> GoodsView:
    async with runtime.db.read(shop) as tx:
        (view,) = await goods_views(tx, [await _one(tx, goods_id)])
    return view


async def _one(tx: ReadTx, goods_id: int) -> LiveGoods:
    found = await queries.live_goods(tx, [goods_id])
    if not found:
        raise GoodsMissing(goods_id=goods_id)
    return found[0]


ROUTES = [
    list_goods,
    add_goods,
    one_goods,
    change_goods,
    delete_goods,
    submit_goods,
    withdraw_goods,
    withdraw_change,
    set_validity,
    goods_history,
]
