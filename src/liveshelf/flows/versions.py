"""Changes of what was approved: prices change at once, everything else is a new version that waits for its review.

Buyers see what was approved until the new version passes. One version of a goods waits at a time; a newer change takes
its place, with what the older one said elsewhere. Over the wire the contract decides: there approved goods change in
nothing but their prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from liveshelf.flows import listing, mirror, submitted
from liveshelf.flows.submitted import card_of, draft_of
from liveshelf.goods import products, queries, service, versions
from liveshelf.goods.errors import NoVersionPending
from liveshelf.goods.types import (
    AuditState,
    CardChanges,
    CardContent,
    LiveGoods,
    Product,
    ProductDraft,
    Sku,
    SkuDraft,
    Version,
)
from liveshelf.kernel.ids import AuditId, GoodsId, MediaId, new_number
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.reviews import service as reviews
from liveshelf.reviews.types import Case, CaseState, Content, ReviewKind, Verdict, goods_ref
from liveshelf.rooms import service as rooms
from liveshelf.shops import service as shops
from liveshelf.stock import bounds
from liveshelf.stock import service as stock
from liveshelf.trail import service as trail

OPENING = "opening stock"
_SEEN = frozenset({AuditState.APPROVED, AuditState.IN_AUDIT})  # what a reviewer or a buyer has before them


async def change_card(tx: Tx, goods_id: GoodsId, changes: CardChanges) -> None:
    """Change a card from the console: prices at once, everything else at once too while nobody has approved the goods,
    else as a version that waits. Saying again what is approved takes a waiting change back.

    Raises as `listing.update`, but for approved goods.
    """
    prices = CardChanges(price_type=changes.price_type, price_fen=changes.price_fen, price2_fen=changes.price2_fen)
    found = await queries.live_goods(tx, [goods_id])
    if changes == prices or not found or found[0].audit_state is not AuditState.APPROVED:
        await listing.update(tx, goods_id, changes)
        return
    listing.check_form(changes)
    goods = await listing.update(tx, goods_id, prices)
    before = (await versions.pending(tx, [goods_id])).get(goods_id)
    base = goods if before is None or before.card is None else _overlaid(goods, before.card)
    card = await listing.card_after(tx, await shops.writable(tx), base, changes)
    wanted = _content_of(card)
    if wanted != content(goods):
        await propose(tx, goods, card=wanted)
    elif before is not None and before.card is not None:
        await cancel(tx, goods_id)
        if before.product is not None:
            await propose(tx, goods, product=before.product)


async def change_product(tx: Tx, product: Product, card: LiveGoods | None, draft: ProductDraft) -> bool:
    """Make a locked product equal to a checked draft with permanent pictures, or let what is not a price wait where it
    was approved or is under review. Whether anything waits.
    """
    present = (await queries.skus(tx, [product.product_id]))[product.product_id]
    if card is None or card.audit_state not in _SEEN or not versions.differs(draft, draft_of(product, present)):
        if card is not None:
            await cancel(tx, card.goods_id)
        await apply_product(tx, product, draft)
        return False
    await _reprice(tx, present, draft.skus)
    await products.touch(tx, product.product_id)
    await propose(tx, card, product=draft)
    return True


async def propose(
    tx: Tx, goods: LiveGoods, *, card: CardContent | None = None, product: ProductDraft | None = None
) -> AuditId:
    """Let a change wait for its review, together with what already waited of the same goods."""
    before = (await versions.pending(tx, [goods.goods_id])).get(goods.goods_id)
    if before is not None:
        await _close(tx, before)
        card, product = card or before.card, product or before.product
    version = Version(
        goods.goods_id, AuditId(new_number()), rejected=False, card=card, product=product, submitted_at=tx.now
    )
    await versions.put(tx, version)
    await reviews.submit(
        tx,
        goods_ref(goods.goods_id),
        kind=ReviewKind.GOODS,
        content=await _content(tx, goods, version),
        title=(card or content(goods)).name,
        audit_id=version.audit_id,
    )
    trail.record(tx, "goods.propose", f"goods:{goods.goods_id}", audit_id=str(version.audit_id))
    return version.audit_id


async def withdraw(tx: Tx, goods_id: GoodsId) -> None:
    """Take a waiting change back. Raises `GoodsMissing`, `NoVersionPending`."""
    await service.begin(tx)
    await service.locked(tx, goods_id)
    if not await cancel(tx, goods_id):
        raise NoVersionPending(goods_id=goods_id)
    trail.record(tx, "goods.withdraw_version", f"goods:{goods_id}")


async def cancel(tx: Tx, goods_id: GoodsId) -> bool:
    """Drop a waiting change, if there is one, because something else took its place."""
    dropped = await versions.drop(tx, goods_id)
    if dropped is None:
        return False
    await _close(tx, dropped)
    return True


async def _close(tx: Tx, version: Version) -> None:
    if not version.rejected:
        await reviews.withdraw(tx, version.audit_id)


async def of_case(tx: ReadTx, case: Case) -> Version | None:
    """The change that a case is about; `None` when it is about the goods' own submission."""
    found = (await versions.pending(tx, [case.goods_id])).get(case.goods_id)
    return found if found is not None and found.audit_id == case.audit_id else None


async def decide(tx: Tx, case: Case, verdict: Verdict) -> CaseState:
    """Give a stage's verdict on a change: passed, buyers see it; rejected, they go on seeing what they saw.

    Raises as `reviews.service.give`.
    """
    await service.begin(tx)
    goods = await service.locked(tx, case.goods_id)
    became = await reviews.give(tx, case, verdict)
    version = await of_case(tx, case)
    if version is not None and became is CaseState.APPROVED:
        await _passed(tx, goods, version)
    elif version is not None and became is CaseState.REJECTED:
        await versions.reject(tx, version)
    action = "reviews.approve" if verdict.passed else "reviews.reject"
    trail.record(tx, action, case.subject, audit_id=str(case.audit_id), reasons=list(verdict.reasons))
    return became


async def appeal(tx: Tx, case: Case, version: Version, words: str) -> None:
    """Ask others to look again at a rejected change. Raises as `reviews.service.appeal`."""
    await service.begin(tx)
    await service.locked(tx, case.goods_id)
    await reviews.appeal(tx, case, words)
    await versions.reopen(tx, version)


async def _passed(tx: Tx, goods: LiveGoods, version: Version) -> None:
    await versions.drop(tx, goods.goods_id)
    if version.card is not None:
        await mirror.follow(tx, goods, await service.edit(tx, goods, card_of(_overlaid(goods, version.card))))
    if version.product is not None:
        product = await products.locked(tx, goods.product_id)
        now = (await queries.skus(tx, [product.product_id]))[product.product_id]
        await apply_product(tx, product, versions.at_present_prices(version.product, now))
    if goods.audit_state is AuditState.APPROVED:
        await versions.passed(tx, version)
    await rooms.goods_changed(tx, goods.goods_id)


async def apply_product(tx: Tx, product: Product, draft: ProductDraft) -> None:
    """Make a locked product equal to a draft whose pictures are permanent, and open the stock of new SKUs."""
    added = await products.update(tx, product, draft, [MediaId(one) for one in draft.pictures])
    for sku_id, sku in added:
        await stock.open(tx, sku_id, sku.stock, OPENING)
    await bounds.product_grew(tx, product.product_id, [sku_id for sku_id, _ in added])


def content(goods: LiveGoods) -> CardContent:
    """What a card says besides its prices."""
    return _content_of(card_of(goods))


def _content_of(card: service.Card) -> CardContent:
    return CardContent(
        card.name, card.cover_media_id, card.url, card.third_party_appid, card.goods_key, is_ad=card.is_ad
    )


def working_draft(product: Product, skus: Sequence[Sku], version: Version | None) -> ProductDraft:
    """What the merchant goes on editing: the change that waits or was rejected, at the present prices, or else the
    product as it is.
    """
    if version is None or version.product is None:
        return draft_of(product, skus)
    return versions.at_present_prices(version.product, skus)


def _overlaid(goods: LiveGoods, card: CardContent) -> LiveGoods:
    return replace(
        goods,
        name=card.name,
        cover_media_id=card.cover_media_id,
        url=card.url,
        third_party_appid=card.third_party_appid,
        goods_key=card.goods_key,
        is_ad=card.is_ad,
    )


async def _reprice(tx: Tx, present: Sequence[Sku], wanted: Sequence[SkuDraft]) -> None:
    """Prices do not wait: those of SKUs that are there change at once."""
    now = {sku.sku_id: sku for sku in present}
    for sku in wanted:
        known = None if sku.sku_id is None else now.get(sku.sku_id)
        if known is not None and (known.price_fen, known.list_price_fen) != (sku.price_fen, sku.list_price_fen):
            await products.reprice(tx, known, price_fen=sku.price_fen, list_price_fen=sku.list_price_fen)


async def _content(tx: ReadTx, goods: LiveGoods, version: Version) -> Content:
    """What the reviewer sees: the card and the product as they would be."""
    card = card_of(goods if version.card is None else _overlaid(goods, version.card))
    return await submitted.content(tx, goods.goods_id, card, goods.product_id, change=version.product)
