"""The life of a live goods: added, submitted, reviewed, changed, withdrawn, deleted.

One set of verbs for both doors. `door=Origin.API` is the wire's, which may only operate goods made over it. Every
verb enters the line of the shop's library changes first (`goods.service.begin`), then locks the goods, then its
review case, then rooms: one order for all, so that of an approval and a withdrawal that race exactly one happens.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import fields, replace
from typing import TypeAlias

from liveshelf.compliance import queries as compliance
from liveshelf.compliance.rules import refuse_flagged_picture, refuse_illegal_name
from liveshelf.flows import mirror, submitted
from liveshelf.flows.submitted import card_of
from liveshelf.goods import queries as library
from liveshelf.goods import rules, service, versions
from liveshelf.goods.errors import AuditStateRefuses, CoverTooLarge, CoverUnavailable, GoodsNotFromApi
from liveshelf.goods.types import AuditState, CardChanges, CardDraft, DeliveryKind, Listed, LiveGoods, Origin
from liveshelf.kernel.ids import AuditId, GoodsId, ProductId
from liveshelf.media import queries as media_queries
from liveshelf.media import service as media
from liveshelf.media.errors import MediaMissing
from liveshelf.media.rules import COVER_SIDE
from liveshelf.media.types import Media, media_path
from liveshelf.platform.db import Tx
from liveshelf.qualifications import listing as qualified
from liveshelf.qualifications import reach
from liveshelf.reviews import queries as cases
from liveshelf.reviews import service as reviews
from liveshelf.reviews.errors import AppealRefused, CaseNotWaiting
from liveshelf.reviews.types import CaseState, ReviewKind, Stage, Verdict, goods_ref
from liveshelf.rooms import service as rooms
from liveshelf.shops import queries as shop_queries
from liveshelf.shops import service as shops
from liveshelf.shops.types import Shop
from liveshelf.trail import service as trail

Spend: TypeAlias = Callable[[Tx], Awaitable[None]]  # takes one submission from a quota, or raises

VOIDED = "the approval was given in development mode, which is off"


async def add_and_submit(tx: Tx, draft: CardDraft, *, origin: Origin, spend: Spend | None = None) -> Listed:
    """Put a goods into the library and submit it. Without `product_id` it gets a product of its own with one SKU.

    Raises `ShopBlocked`, the leaves of the field rules, `NameIllegal`, `CoverUnavailable`, `CoverTooLarge`,
    `PictureIllegal`, `PageUnknown`, `RightMissing`, `OutsideReach`,
    `PapersMissing`, and whatever `spend` raises; then nothing is stored.
    """
    card = await _checked(tx, draft)
    entered = await service.begin(tx)
    product_id = await mirror.product_of(tx, draft, card)
    await _must_qualify(tx, product_id)
    if spend is not None:
        await spend(tx)
    listed = await service.add(tx, card, product_id, origin=origin, entered=entered)
    await _open_case(tx, listed, card, product_id)
    trail.record(tx, "goods.add", f"goods:{listed.goods_id}", name=card.name, audit_id=str(listed.audit_id))
    return listed


async def add_unsubmitted(tx: Tx, draft: CardDraft, *, origin: Origin) -> GoodsId:
    """Put a goods into the library whose submission has failed (300021): it is there, un-audited. Raises as
    `add_and_submit`.
    """
    card = await _checked(tx, draft)
    entered = await service.begin(tx)
    product_id = await mirror.product_of(tx, draft, card)
    goods_id = await service.add_unsubmitted(tx, card, product_id, origin=origin, entered=entered)
    trail.record(tx, "goods.add", f"goods:{goods_id}", name=card.name)
    return goods_id


async def submit(tx: Tx, goods_id: GoodsId, *, door: Origin | None = None, spend: Spend | None = None) -> AuditId:
    """Submit again what was withdrawn or rejected; the new audit id replaces the old one.

    Raises `ShopBlocked`, `GoodsMissing`, `GoodsNotFromApi`, `AuditStateRefuses`, `NameIllegal`, and what `spend`
    raises.
    """
    await shops.writable(tx)
    entered = await service.begin(tx)
    goods = await _opened(tx, goods_id, door)
    if goods.audit_state in {AuditState.IN_AUDIT, AuditState.APPROVED}:
        raise AuditStateRefuses(goods_id=goods_id, state=goods.audit_state.value)
    await _must_qualify(tx, goods.product_id)
    refuse_illegal_name(goods.name, lexicon=await compliance.lexicon(tx))
    if spend is not None:
        await spend(tx)
    audit_id = await service.submit(tx, goods, entered=entered)
    await _open_case(tx, Listed(goods_id, audit_id), card_of(goods), goods.product_id)
    trail.record(tx, "goods.submit", f"goods:{goods_id}", audit_id=str(audit_id))
    return audit_id


async def withdraw(tx: Tx, goods_id: GoodsId, audit_id: AuditId, *, door: Origin | None = None) -> None:
    """Take a pending submission back. Raises `GoodsMissing`, `GoodsNotFromApi`, `NotSubmitted`, `WithdrawRefused`."""
    entered = await service.begin(tx)
    goods = await _opened(tx, goods_id, door)
    await service.withdraw(tx, goods, audit_id, entered=entered)
    await reviews.withdraw(tx, audit_id)
    trail.record(tx, "goods.withdraw", f"goods:{goods_id}", audit_id=str(audit_id))


async def update(tx: Tx, goods_id: GoodsId, changes: CardChanges, *, door: Origin | None = None) -> LiveGoods:
    """Change a card as its state allows: everything while un-audited or rejected, the prices while approved.

    What equals the stored value is no change; nor is the cover's own address, or the media it was copied from.
    Raises `ShopBlocked`, `GoodsMissing`, `GoodsNotFromApi`, `AuditStateRefuses`, and as `add_and_submit` for the
    fields.
    """
    shop = await shops.writable(tx)
    check_form(changes)
    await service.begin(tx)
    goods = await _opened(tx, goods_id, door)
    if goods.audit_state is AuditState.IN_AUDIT:
        raise AuditStateRefuses(goods_id=goods_id, state=goods.audit_state.value)
    card = await _changed(tx, shop, goods, changes)
    if card == card_of(goods):
        return goods
    changed = await service.edit(tx, goods, card)
    await mirror.follow(tx, goods, changed)
    if changed.audit_state is AuditState.APPROVED:
        await rooms.price_changed(tx, changed)
    prices = {"was_fen": goods.tag.present_fen, "is_fen": changed.tag.present_fen} if goods.tag != changed.tag else {}
    trail.record(tx, "goods.update", f"goods:{goods_id}", fields=_differences(card_of(goods), card), **prices)
    return changed


async def delete(tx: Tx, goods_id: GoodsId, *, door: Origin | None = None) -> None:
    """Delete for good, and take it off every shelf in the same breath. Goods made over the API take their product
    along.

    Raises `GoodsMissing`, `GoodsNotFromApi`, `DeleteInAudit`.
    """
    await service.begin(tx)
    goods = await _opened(tx, goods_id, door)
    await service.delete(tx, goods)
    waiting = await versions.drop(tx, goods_id)
    if waiting is not None and not waiting.rejected:
        await reviews.withdraw(tx, waiting.audit_id)
    await rooms.take_off_everywhere(tx, goods_id)
    await mirror.end(tx, goods)
    trail.record(tx, "goods.delete", f"goods:{goods_id}", name=goods.name, state=goods.audit_state.value)


async def decide(tx: Tx, audit_id: AuditId, verdict: Verdict) -> CaseState:
    """Give a stage's verdict on a case of a goods, and move the goods when that decides it. Returns what the case
    became.

    Raises `CaseMissing`, and as `reviews.service.give`.
    """
    case = await cases.case(tx, audit_id)
    if verdict.passed and verdict.stage is Stage.MACHINE and not verdict.development:
        return await reviews.give(tx, case, verdict)
    entered = await service.begin(tx)
    found = await library.live_goods(tx, [case.goods_id])
    if not found:
        raise CaseNotWaiting(audit_id=str(audit_id), state=case.state.value)
    goods = await service.locked(tx, case.goods_id)
    became = await reviews.give(tx, case, verdict)
    if became is CaseState.APPROVED:
        development = verdict.development
        await service.approve(tx, goods, audit_id, note=verdict.note, development=development, entered=entered)
    elif became is CaseState.REJECTED:
        await service.reject(tx, goods, audit_id, note=verdict.note, entered=entered)
    action = "reviews.approve" if verdict.passed else "reviews.reject"
    trail.record(tx, action, f"goods:{goods.goods_id}", audit_id=str(audit_id), reasons=list(verdict.reasons))
    return became


async def appeal(tx: Tx, audit_id: AuditId, words: str) -> None:
    """Ask others to look again at a rejected goods: it is in audit once more, under the same submission.

    Raises `CaseMissing`, `GoodsMissing`, and as `reviews.service.appeal`; `AppealRefused` also when the goods was
    submitted again since.
    """
    entered = await service.begin(tx)
    case = await cases.case(tx, audit_id)
    goods = await service.locked(tx, case.goods_id)
    if goods.audit_id != audit_id or goods.audit_state is not AuditState.REJECTED:
        raise AppealRefused(audit_id=str(audit_id), state=goods.audit_state.value)
    await reviews.appeal(tx, case, words)
    await service.reopen(tx, goods, note=words, entered=entered)


async def void_development_verdicts(tx: Tx) -> int:
    """Put back before a person what only development mode approved, off all shelves. For a start with the mode off.

    Returns how many goods of the shop that were.
    """
    waiting = await cases.approved_in_development(tx, ReviewKind.GOODS)
    if not waiting:
        return 0
    voided = 0
    for audit_id, number in waiting:
        goods_id = GoodsId(number)
        entered = await service.begin(tx)
        found = await library.live_goods(tx, [goods_id])
        if not found or found[0].audit_id != audit_id or found[0].audit_state is not AuditState.APPROVED:
            continue  # deleted: nothing of it is shown any more
        await service.void_approval(tx, await service.locked(tx, goods_id), note=VOIDED, entered=entered)
        await reviews.void(tx, audit_id, kind=ReviewKind.GOODS)
        await rooms.take_off_everywhere(tx, goods_id)
        trail.record(tx, "reviews.void", f"goods:{goods_id}", audit_id=str(audit_id))
        voided += 1
    return voided


async def _open_case(tx: Tx, listed: Listed, card: service.Card, product_id: ProductId) -> None:
    goods_id = listed.goods_id
    await reviews.submit(
        tx,
        goods_ref(goods_id),
        kind=ReviewKind.GOODS,
        content=await submitted.content(tx, goods_id, card, product_id),
        title=card.name,
        audit_id=listed.audit_id,
    )


async def _checked(tx: Tx, draft: CardDraft) -> service.Card:
    """The card with its cover copied, once nothing is wrong with it: the form first, then each field in the order of
    its code.
    """
    shop = await shops.writable(tx)
    rules.check_url(draft.url)
    rules.check_price_type(draft.price_type)
    third_party, keys = rules.check_third_party(draft.third_party_appid), rules.check_goods_key(draft.goods_key)
    name = rules.check_name(draft.name)
    tag = rules.check_prices(draft.price_type, draft.price_fen, draft.price2_fen)
    refuse_illegal_name(name, lexicon=await compliance.lexicon(tx))
    cover = await _cover(tx, draft.cover_media_id)
    rules.check_page(draft.url, shop.pages)
    return service.Card(name, cover.media_id, tag, draft.url, third_party, keys, is_ad=draft.is_ad)


async def _must_qualify(tx: Tx, product_id: ProductId) -> None:
    """Whoever acts may list this product in this shop, and every paper that it needs counts."""
    shop = await shop_queries.shop(tx)
    product = (await library.products(tx, [product_id]))[product_id]
    virtual = product.delivery is DeliveryKind.VIRTUAL
    await qualified.must_list(tx, shop, product.category, virtual=virtual)
    await qualified.must_have_papers(tx, shop, product.category, virtual=virtual, product=product_id)


async def _cover(tx: Tx, media_id: str) -> Media:
    try:
        cover = await media.make_permanent(tx, media_id)
    except MediaMissing as error:
        raise CoverUnavailable(field="cover_media_id") from error
    if max(cover.width, cover.height) > COVER_SIDE:
        raise CoverTooLarge(field="cover_media_id", width=cover.width, height=cover.height, side_max=COVER_SIDE)
    refuse_flagged_picture(cover.fingerprint)
    return cover


async def _opened(tx: Tx, goods_id: GoodsId, door: Origin | None) -> LiveGoods:
    goods = await service.locked(tx, goods_id)
    if door is Origin.API and goods.origin is not Origin.API:
        raise GoodsNotFromApi(goods_id=goods_id)
    if tx.actor.kind in reach.GUESTS:
        found = await library.products(tx, [goods.product_id])
        await reach.must_cover(tx, *(one.category for one in found.values()))
    return goods


def check_form(changes: CardChanges) -> None:
    """What is wrong whatever the goods: refused before anything is looked up."""
    if changes.url is not None:
        rules.check_url(changes.url)
    if changes.price_type is not None:
        rules.check_price_type(changes.price_type)
    rules.check_third_party(changes.third_party_appid or "")
    rules.check_goods_key(changes.goods_key)


async def _changed(tx: Tx, shop: Shop, goods: LiveGoods, changes: CardChanges) -> service.Card:
    """The card after the changes. Raises `AuditStateRefuses` when approved goods would change in more than their
    prices.
    """
    if goods.audit_state is AuditState.APPROVED and await _says_else(tx, goods, changes):
        raise AuditStateRefuses(goods_id=goods.goods_id, state=goods.audit_state.value)
    return await card_after(tx, shop, goods, changes)


async def card_after(tx: Tx, shop: Shop, goods: LiveGoods, changes: CardChanges) -> service.Card:
    """The card after the changes, whatever the state of the goods. Raises the leaves of the field rules."""
    present = card_of(goods)
    cover = changes.cover if changes.cover is not None and not await _is_cover(tx, goods, changes.cover) else None
    wanted = _named(present, changes)
    if wanted.name != present.name:
        refuse_illegal_name(rules.check_name(wanted.name), lexicon=await compliance.lexicon(tx))
    wanted = replace(wanted, tag=rules.merged_prices(goods, changes))
    if cover is not None:
        wanted = replace(wanted, cover_media_id=(await _cover(tx, cover)).media_id)
    if wanted.url != present.url:
        rules.check_page(wanted.url, shop.pages)
    return wanted


async def _says_else(tx: Tx, goods: LiveGoods, changes: CardChanges) -> bool:
    if changes.cover is not None and not await _is_cover(tx, goods, changes.cover):
        return True
    return _named(card_of(goods), changes) != card_of(goods)


def _named(present: service.Card, changes: CardChanges) -> service.Card:
    return replace(
        present,
        name=present.name if changes.name is None else changes.name,
        url=present.url if changes.url is None else changes.url,
        third_party_appid=(
            present.third_party_appid if changes.third_party_appid is None else changes.third_party_appid
        ),
        goods_key=present.goods_key if changes.goods_key is None else changes.goods_key,
        is_ad=present.is_ad if changes.is_ad is None else changes.is_ad,
    )


async def _is_cover(tx: Tx, goods: LiveGoods, named: str) -> bool:
    """Whether what was sent names the cover that the goods has: its id, its address, or another media of the same
    content.
    """
    if named == goods.cover_media_id or named.endswith(media_path(goods.cover_media_id)):
        return True
    sent, kept = await media_queries.stored(tx, named), await media_queries.stored(tx, goods.cover_media_id)
    return sent is not None and kept is not None and sent.sha256 == kept.sha256


def _differences(before: service.Card, after: service.Card) -> list[str]:
    return [one.name for one in fields(service.Card) if getattr(before, one.name) != getattr(after, one.name)]
