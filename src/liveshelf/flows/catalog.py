"""Products as the console works with them: the product, the stock of its SKUs, and its card kept in step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from liveshelf.adapters.storage import Storage
from liveshelf.flows import listing, versions
from liveshelf.flows.upload import in_decoder
from liveshelf.goods import matrix, products, queries, rules, service
from liveshelf.goods.errors import CoverUnavailable, FieldInvalid, ProductHasCard
from liveshelf.goods.types import (
    AuditState,
    CardChanges,
    DeliveryKind,
    LiveGoods,
    PriceTag,
    Product,
    ProductDraft,
    Version,
)
from liveshelf.goods.versions import pending as pending_versions
from liveshelf.kernel.actors import Actor
from liveshelf.kernel.ids import MediaId, ProductId, ShopId
from liveshelf.kernel.text import cut_units
from liveshelf.media import queries as media_queries
from liveshelf.media import service as media
from liveshelf.media.errors import MediaMissing
from liveshelf.media.rules import COVER_SIDE, square
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import categories, reach
from liveshelf.qualifications import listing as qualified
from liveshelf.rooms import service as rooms
from liveshelf.shops import queries as shop_queries
from liveshelf.shops import service as shops
from liveshelf.stock import service as stock
from liveshelf.trail import service as trail


@dataclass(frozen=True, slots=True)
class Proposal:
    """A card that a product suggests; its cover is still to be rendered from `picture`."""

    name: str
    picture: MediaId
    tag: PriceTag
    url: str


async def create_product(tx: Tx, draft: ProductDraft) -> ProductId:
    """Make a product with its SKUs and their opening stock. Raises `ShopNotOpen`, `ShopBlocked`,
    `FieldInvalid`, `PriceInvalid`, `CategoryUnknown`, `RightMissing`, `OutsideReach`.
    """
    shop = await shops.writable(tx)
    matrix.check_product(draft)
    categories.category(draft.category)
    virtual = draft.delivery is DeliveryKind.VIRTUAL
    await qualified.must_list(tx, shop, draft.category, virtual=virtual)
    product_id, sku_ids = await products.create(tx, draft, await _pictures(tx, draft))
    for sku_id, sku in zip(sku_ids, draft.skus, strict=True):
        await stock.open(tx, sku_id, sku.stock, versions.OPENING)
    trail.record(tx, "products.create", f"product:{product_id}", title=draft.title, skus=len(sku_ids))
    return product_id


async def update_product(tx: Tx, product_id: ProductId, draft: ProductDraft, *, version: int | None = None) -> None:
    """Make the product equal to the draft; where it was approved or is under review, prices change at once and the rest
    waits for its own review (`flows.versions`). Its card follows with its price where it showed the product's price and
    may change.

    Raises `ShopBlocked`, `ProductMissing`, `ProductChanged` (when `version` is not the present one), and for the
    fields as `create_product`, and `PapersMissing` when goods that are listed would need others.
    """
    shop = await shops.writable(tx)
    matrix.check_product(draft)
    categories.category(draft.category)
    virtual = draft.delivery is DeliveryKind.VIRTUAL
    await qualified.must_list(tx, shop, draft.category, virtual=virtual)
    card = (await queries.cards_of(tx, [product_id])).get(product_id)
    if card is not None:
        await service.begin(tx)  # first in line, before the product: the order that every change of a card keeps
    product = await products.locked(tx, product_id, version=version)
    await reach.must_cover(tx, product.category)  # theirs before the change, not only after it
    if card is not None and (draft.category, draft.delivery) != (product.category, product.delivery):
        # Listed as one thing and made another: what that needs is asked for before it can pass.
        await qualified.must_have_papers(tx, shop, draft.category, virtual=virtual, product=product_id)
    before = rules.proposed_tag((await queries.skus(tx, [product_id]))[product_id])
    draft = replace(draft, pictures=tuple(await _pictures(tx, draft)))
    waits = await versions.change_product(tx, product, card, draft)
    trail.record(tx, "products.update", f"product:{product_id}", title=draft.title, waits=waits)
    if card is not None:
        await _card_follows(tx, card, before)


async def waiting(tx: ReadTx, product_ids: Iterable[int]) -> dict[ProductId, Version]:
    """The changes of products that wait for their review or were rejected last, by product."""
    cards = await queries.cards_of(tx, product_ids)
    pending = await pending_versions(tx, [card.goods_id for card in cards.values()])
    return {one: pending[card.goods_id] for one, card in cards.items() if card.goods_id in pending}


async def delete_product(tx: Tx, product_id: ProductId) -> None:
    """Delete a product that has no card in the library. Raises `ProductMissing`, `ProductHasCard`."""
    product = await products.locked(tx, product_id)
    await reach.must_cover(tx, product.category)
    if await queries.cards_of(tx, [product_id]):
        raise ProductHasCard(product_id=product_id)
    await products.delete(tx, product_id)
    trail.record(tx, "products.delete", f"product:{product_id}", title=product.title)


async def proposal(tx: ReadTx, product: Product) -> Proposal:
    """The card that a product suggests: its title cut to length, its first picture, its prices, a link to it."""
    skus = (await queries.skus(tx, [product.product_id]))[product.product_id]
    pages = (await shop_queries.shop(tx)).pages
    name = cut_units(product.title.strip(), rules.NAME_UNITS).strip()
    url = rules.proposed_url(product.product_id, pages)
    return Proposal(name, product.pictures[0], rules.proposed_tag(skus), url)


async def _card_follows(tx: Tx, card: LiveGoods, before: PriceTag) -> None:
    """Show the new price on the card, where that showed the old one and its state allows it."""
    after = rules.proposed_tag((await queries.skus(tx, [card.product_id]))[card.product_id])
    if after != before and card.tag == before and card.audit_state is not AuditState.IN_AUDIT:
        changes = CardChanges(price_type=after.price_type.value, price_fen=after.price_fen, price2_fen=after.price2_fen)
        await listing.update(tx, card.goods_id, changes)
    await rooms.goods_changed(tx, card.goods_id)


async def _pictures(tx: Tx, draft: ProductDraft) -> Sequence[MediaId]:
    """The pictures as permanent media. Raises `FieldInvalid` naming the one that is unknown or has expired."""
    kept = []
    for at, media_id in enumerate(draft.pictures):
        try:
            kept.append((await media.make_permanent(tx, media_id)).media_id)
        except MediaMissing as error:
            raise FieldInvalid("This picture is unknown or has expired.", field=f"pictures[{at}]") from error
    return kept


async def cover_for(runtime: Runtime, actor: Actor, shop: ShopId, media_id: str) -> MediaId:
    """A cover made from a picture: itself when it is small enough, else a square cut from its middle, kept for good.

    Raises `CoverUnavailable`.
    """
    async with runtime.db.read(shop) as tx:
        picture = await media_queries.media(tx, media_id)
    if picture is None:
        raise CoverUnavailable(field="cover_media_id")
    if max(picture.width, picture.height) <= COVER_SIDE:
        return picture.media_id
    storage = runtime.need(Storage)
    data = await storage.get(picture.sha256)
    if data is None:
        raise CoverUnavailable(field="cover_media_id")
    cover = await in_decoder(lambda: square(data))
    sha256 = await storage.put(cover.data)
    return (await runtime.db.write(actor, shop, lambda tx: media.keep_permanent(tx, cover, sha256))).media_id
