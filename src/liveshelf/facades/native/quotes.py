"""What something would cost, before it is ordered: every fen with its reason."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import post

from liveshelf.facades.native.products import SpecView
from liveshelf.facades.native.shell import SmallId
from liveshelf.flows import quote as flow
from liveshelf.flows.quote import Quoted, Wish, WishState
from liveshelf.goods.types import DeliveryKind
from liveshelf.kernel.ids import ShopId, SkuId
from liveshelf.media.types import media_path
from liveshelf.orders.rules import LINES_MAX, QUANTITY_MAX, check_lines
from liveshelf.platform.runtime import Runtime
from liveshelf.pricing.types import ItemKind, Quote


class LineDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many pieces of a SKU."""

    sku_id: SmallId
    quantity: Annotated[int, msgspec.Meta(ge=1, le=QUANTITY_MAX)]


Lines = Annotated[list[LineDraft], msgspec.Meta(min_length=1, max_length=LINES_MAX)]


class QuoteDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody thinks of buying."""

    lines: Lines


class AmountView(msgspec.Struct, frozen=True):
    """One amount with its reason. `line_no` counts from 1; absent for what concerns the whole order."""

    kind: ItemKind
    line_no: int | None
    amount_fen: int


class WishView(msgspec.Struct, frozen=True):
    """A line as it could be bought now. Nothing but `sku_id` is known of what is not sold any more."""

    sku_id: int
    goods_id: int | None
    title: str
    specs: list[SpecView]
    picture_url: str | None
    price_fen: int | None
    quantity: int
    amount_fen: int | None
    available: int
    state: WishState
    delivery: DeliveryKind | None


class QuoteView(msgspec.Struct, frozen=True):
    """The lines, and what those of them that can be bought cost: `total_fen` is the sum of `amounts`."""

    lines: list[WishView]
    amounts: list[AmountView]
    total_fen: int
    needs_address: bool


@post("/storefront/{shop_id:int}/quote", status_code=200, tags=["orders"])
async def get_quote(shop_id: SmallId, data: QuoteDraft, runtime: Runtime) -> QuoteView:
    """What these lines would cost now. Nothing is held by it."""
    lines = [(SkuId(line.sku_id), line.quantity) for line in data.lines]
    check_lines(lines)
    async with runtime.db.read(ShopId(shop_id)) as tx:
        return quote_view(await flow.quoted(tx, lines))


def quote_view(quoted: Quoted) -> QuoteView:
    """A quote as it is sent."""
    return QuoteView(
        [wish_view(wish) for wish in quoted.wishes],
        amount_views(quoted.quote),
        quoted.quote.total_fen,
        quoted.needs_address,
    )


def amount_views(quote: Quote) -> list[AmountView]:
    """The items of a quote as they are sent."""
    return [AmountView(item.kind, item.line_no, item.amount_fen) for item in quote.items]


def wish_view(wish: Wish) -> WishView:
    """A line as it is sent."""
    offer = wish.offer
    return WishView(
        wish.sku_id,
        offer.goods_id if offer else None,
        offer.title if offer else "",
        [SpecView(spec.name, spec.value) for spec in offer.specs] if offer else [],
        media_path(offer.picture_media_id) if offer else None,
        offer.price_fen if offer else None,
        wish.quantity,
        offer.price_fen * wish.quantity if offer else None,
        wish.available,
        wish.state,
        offer.delivery if offer else None,
    )


ROUTES = [get_quote]
