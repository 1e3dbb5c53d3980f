"""How goods look in answers: whole, in brief, and one line of their history. Shared by the modules that show goods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from liveshelf.accounts import queries as accounts
from liveshelf.facades.native.shell import instant
from liveshelf.goods import queries as goods
from liveshelf.goods import rules, versions
from liveshelf.goods.types import AuditState, LiveGoods, Move, Origin, PriceType, Sku, Version
from liveshelf.kernel.actors import ActorKind
from liveshelf.kernel.ids import AuditId, ProductId, SkuId
from liveshelf.media.types import media_path
from liveshelf.platform.db import ReadTx
from liveshelf.reviews import queries as reviews
from liveshelf.stock import queries as stock
from liveshelf.stock.types import Level

_MACHINE = f"{ActorKind.SYSTEM.value}:"  # an approval by a program is one that development mode gave


class CardPending(msgspec.Struct, frozen=True):
    """A change of the card or its product that waits for its review, or was rejected for these reasons. Buyers see what
    was approved.
    """

    audit_id: str
    rejected: bool
    reasons: list[str]
    submitted_at: str
    name: str
    cover_url: str
    url: str
    is_ad: bool


class GoodsView(msgspec.Struct, frozen=True):
    """A card of the live goods library. `available` is what its product can still sell; `may` is what its state
    allows.
    """

    goods_id: int
    name: str
    cover_url: str
    url: str
    price_type: PriceType
    price_fen: int
    price2_fen: int | None
    origin: Origin
    state: AuditState
    audit_id: str | None
    reject_reasons: list[str]
    product_id: int | None
    available: int | None
    created_at: str
    state_entered_at: str
    may: list[rules.Verb]
    pending: CardPending | None
    valid_until: str | None
    expired_at: str | None
    is_ad: bool


class GoodsBrief(msgspec.Struct, frozen=True):
    """A card in brief."""

    goods_id: int
    name: str
    cover_url: str
    state: AuditState
    price_type: PriceType
    price_fen: int
    price2_fen: int | None


class GoodsMoveView(msgspec.Struct, frozen=True):
    """One line of a goods' history. `to` is an audit state, or `deleted`."""

    at: str
    was: str | None = msgspec.field(name="from")
    became: str = msgspec.field(name="to")
    by: str
    note: str
    development: bool


def brief(card: LiveGoods) -> GoodsBrief:
    """The card in brief."""
    return GoodsBrief(
        card.goods_id,
        card.name,
        media_path(card.cover_media_id),
        card.audit_state,
        card.price_type,
        card.price_fen,
        card.price2_fen,
    )


async def goods_views(tx: ReadTx, cards: Sequence[LiveGoods]) -> list[GoodsView]:
    """The cards as they are sent: seven statements for however many."""
    skus = await goods.skus(tx, [card.product_id for card in cards])
    levels = await stock.levels(tx, [sku.sku_id for many in skus.values() for sku in many])
    rejected = [card.audit_id for card in cards if card.audit_state is AuditState.REJECTED and card.audit_id]
    pending = await versions.pending(tx, [card.goods_id for card in cards])
    reasons = await reviews.reject_reasons(tx, [*rejected, *(one.audit_id for one in pending.values())])
    return [
        GoodsView(
            card.goods_id,
            card.name,
            media_path(card.cover_media_id),
            card.url,
            card.price_type,
            card.price_fen,
            card.price2_fen,
            card.origin,
            card.audit_state,
            None if card.audit_id is None else str(card.audit_id),
            list(reasons.get(card.audit_id, ())) if card.audit_id else [],
            card.product_id,
            _available(skus, levels, card.product_id),
            instant(card.created_at),
            instant(card.state_entered_at),
            list(rules.may(card.audit_state)),
            _pending(card, pending.get(card.goods_id), reasons),
            None if card.valid_until is None else instant(card.valid_until),
            None if card.expired_at is None else instant(card.expired_at),
            card.is_ad,
        )
        for card in cards
    ]


def _pending(
    card: LiveGoods, version: Version | None, reasons: Mapping[AuditId, tuple[str, ...]]
) -> CardPending | None:
    if version is None:
        return None
    shown = version.card
    return CardPending(
        str(version.audit_id),
        version.rejected,
        list(reasons.get(version.audit_id, ())) if version.rejected else [],
        instant(version.submitted_at),
        shown.name if shown else card.name,
        media_path(shown.cover_media_id if shown else card.cover_media_id),
        shown.url if shown else card.url,
        shown.is_ad if shown else card.is_ad,
    )


async def move_views(tx: ReadTx, moves: Sequence[Move]) -> list[GoodsMoveView]:
    """A history as it is sent, with the names of those who have one."""
    names = await accounts.names(tx, [move.actor for move in moves])
    return [
        GoodsMoveView(
            instant(move.at),
            move.was,
            move.became,
            names.get(move.actor, move.actor),
            move.note,
            move.became == AuditState.APPROVED and move.actor.startswith(_MACHINE),
        )
        for move in moves
    ]


def _available(skus: dict[ProductId, list[Sku]], levels: dict[SkuId, Level], product_id: ProductId) -> int | None:
    known = [levels[sku.sku_id].available for sku in skus.get(product_id, ()) if sku.sku_id in levels]
    return sum(known) if known else None
