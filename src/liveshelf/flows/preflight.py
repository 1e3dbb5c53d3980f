"""The check before a broadcast: may the shop sell these goods live, are the prices the decided ones, is the stock
there, and do the price labels agree (L-105, L-303, L-305).

Each finding names its place to be settled. One that blocks keeps the room off the air through every door, until it is
settled or overridden by somebody who may, with a reason that is kept. The live permission itself is overridden by
nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from liveshelf.flows import price_labels
from liveshelf.goods import queries as goods
from liveshelf.goods.types import AuditState, DeliveryKind, LiveGoods, PriceType, Product, Sku
from liveshelf.kernel.ids import GoodsId, ProductId, RoomId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.qualifications import listing, live
from liveshelf.rooms import plans as room_plans
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.errors import OverrideInvalid, PreflightBlocked, RoomMissing
from liveshelf.rooms.messages import ShelfItem
from liveshelf.rooms.plans import NOTHING, GoodsPlan, Override
from liveshelf.rooms.settings import settings_of
from liveshelf.shops import queries as shops
from liveshelf.stock import queries as stock

DEEP_PERCENT = 10  # of the struck-out price: what sells below it is more often a slip of the keyboard than a bargain


class Area(StrEnum):
    """What the check covers; nothing else."""

    QUALIFICATION = "qualification"
    PRICES = "prices"
    STOCK = "stock"
    LABELS = "labels"


class Code(StrEnum):
    """What was found."""

    LIVE_PERMISSION = "live_permission"
    PAPERS = "papers"
    NOT_APPROVED = "not_approved"
    NOTHING_TO_BUY = "nothing_to_buy"
    NOT_AS_PLANNED = "not_as_planned"
    DEEP = "deep"
    NO_STOCK = "no_stock"
    LOW_STOCK = "low_stock"
    OVERSOLD = "oversold"
    BOOKS = "books"
    MISMATCH = "mismatch"


Facts = Mapping[str, int | str | list[str]]
# What nobody overrides: without it there is no broadcast.
FIRM = frozenset({Code.LIVE_PERMISSION})
WARNS = frozenset({Code.DEEP, Code.LOW_STOCK})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit, of a goods or of the whole room."""

    area: Area
    code: Code
    goods_id: GoodsId | None = None
    product_id: ProductId | None = None
    facts: Facts = field(default_factory=lambda: MappingProxyType({}))

    @property
    def key(self) -> str:
        """Names it as long as it is the same thing: an override holds for exactly this."""
        told = ",".join(f"{name}={value}" for name, value in sorted(self.facts.items()))
        return ":".join((self.code, str(self.goods_id or ""), told))

    @property
    def blocks(self) -> bool:
        """Whether it keeps the room off the air."""
        return self.code not in WARNS


@dataclass(frozen=True, slots=True)
class Preflight:
    """All findings, and what of them was overridden."""

    findings: tuple[Finding, ...]
    overrides: tuple[Override, ...]

    @property
    def overridden(self) -> frozenset[str]:
        """Keys that do not block any more."""
        return frozenset(key for one in self.overrides for key in one.findings)

    @property
    def blocking(self) -> list[Finding]:
        """What keeps the room off the air now."""
        return [one for one in self.findings if one.blocks and (one.code in FIRM or one.key not in self.overridden)]


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the check is made of."""

    cards: Sequence[LiveGoods]
    shown: Mapping[GoodsId, ShelfItem]
    products: Mapping[ProductId, Product]
    skus: Mapping[ProductId, Sequence[Sku]]
    plans: Mapping[GoodsId, GoodsPlan]


async def look(tx: ReadTx, room_id: RoomId) -> Preflight:
    """The check as it is now. Raises `RoomMissing`."""
    if await rooms.room(tx, room_id) is None:
        raise RoomMissing(room_id=room_id)
    shelf = await rooms.shelf(tx, room_id)
    cards = await goods.live_goods(tx, [item.goods_id for item in shelf])
    product_ids = [card.product_id for card in cards]
    looked = _Looked(
        cards,
        {GoodsId(item.goods_id): item for item in shelf},
        await goods.products(tx, product_ids),
        await goods.skus(tx, product_ids),
        await room_plans.plans(tx, room_id),
    )
    findings = [
        *await _qualification(tx, looked),
        *_prices(looked),
        *await _stock(tx, looked),
        *await _labels(tx, looked),
    ]
    return Preflight(tuple(findings), tuple(await room_plans.overrides(tx, room_id)))


async def must_pass(tx: ReadTx, room_id: RoomId) -> None:
    """Raises `RoomMissing`, and `PreflightBlocked` naming what blocks."""
    if blocking := (await look(tx, room_id)).blocking:
        raise PreflightBlocked(room_id=room_id, findings=[one.key for one in blocking])


async def override(tx: Tx, room_id: RoomId, keys: Sequence[str], reason: str) -> None:
    """Let these findings not block the start. Raises `RoomMissing`, and `OverrideInvalid` for a reason that is none,
    and when one of the keys does not block now or can't be overridden.
    """
    may = {one.key for one in (await look(tx, room_id)).blocking if one.code not in FIRM}
    wanted = list(dict.fromkeys(keys))
    if not wanted or not set(wanted) <= may:
        raise OverrideInvalid(field="findings")
    await room_plans.override(tx, room_id, wanted, reason)


async def _qualification(tx: ReadTx, looked: _Looked) -> list[Finding]:
    found = []
    if (reason := await live.missing(tx)) is not None:
        found.append(Finding(Area.QUALIFICATION, Code.LIVE_PERMISSION, facts={"reason": reason}))
    shop = await shops.shop(tx)
    lacking: dict[tuple[int | None, bool], list[str]] = {}
    for card in looked.cards:
        if card.audit_state is not AuditState.APPROVED:
            found.append(Finding(Area.QUALIFICATION, Code.NOT_APPROVED, card.goods_id, card.product_id))
        product = looked.products.get(card.product_id)
        if product is None or shop.opened_under_waiver:
            continue
        kind = (product.category, product.delivery is DeliveryKind.VIRTUAL)
        if kind not in lacking:
            lacking[kind] = [one.value for one in await listing.lacking(tx, kind[0], virtual=kind[1])]
        if lacking[kind]:  # of the shop; the product may have a waiver of its own
            missing = await listing.lacking(tx, kind[0], virtual=kind[1], product=card.product_id)
            if missing:
                facts = {"papers": [one.value for one in missing]}
                found.append(Finding(Area.QUALIFICATION, Code.PAPERS, card.goods_id, card.product_id, facts))
    return found


def _prices(looked: _Looked) -> list[Finding]:
    found = []
    for card in looked.cards:
        tag, about = card.tag, (card.goods_id, card.product_id)
        planned = looked.plans.get(card.goods_id, NOTHING).planned_fen
        if not looked.skus.get(card.product_id):
            found.append(Finding(Area.PRICES, Code.NOTHING_TO_BUY, *about))
        if planned is not None and planned != tag.present_fen:
            facts = {"planned_fen": planned, "present_fen": int(tag.present_fen)}
            found.append(Finding(Area.PRICES, Code.NOT_AS_PLANNED, *about, facts))
        if tag.price_type is PriceType.DISCOUNT and tag.present_fen * 100 < tag.price_fen * DEEP_PERCENT:
            facts = {"list_fen": int(tag.price_fen), "present_fen": int(tag.present_fen)}
            found.append(Finding(Area.PRICES, Code.DEEP, *about, facts))
    return found


async def _stock(tx: ReadTx, looked: _Looked) -> list[Finding]:
    factor = (await settings_of(tx)).stock_factor
    sku_ids = [sku.sku_id for many in looked.skus.values() for sku in many]
    levels = await stock.levels(tx, sku_ids)
    wrong = {one.sku_id for one in await stock.differences(tx, sku_ids)} if sku_ids else set()
    found = []
    for card in looked.cards:
        item, about = looked.shown[card.goods_id], (card.goods_id, card.product_id)
        mine = [sku.sku_id for sku in looked.skus.get(card.product_id, ())]
        expected = looked.plans.get(card.goods_id, NOTHING).expected
        if wrong & set(mine):
            found.append(Finding(Area.STOCK, Code.BOOKS, *about))
        if short := sum(levels[one].short for one in mine if one in levels):
            found.append(Finding(Area.STOCK, Code.OVERSOLD, *about, {"short": short}))
        if item.on_sale and mine and item.available <= 0:
            found.append(Finding(Area.STOCK, Code.NO_STOCK, *about))
        elif expected is not None and item.available < expected * factor:
            facts = {"available": item.available, "expected": expected, "wanted": expected * factor, "factor": factor}
            found.append(Finding(Area.STOCK, Code.LOW_STOCK, *about, facts))
    return found


async def _labels(tx: ReadTx, looked: _Looked) -> list[Finding]:
    product_of = {card.goods_id: card.product_id for card in looked.cards}
    found = []
    for one in await price_labels.compare(tx, looked.cards, looked.shown, looked.plans):
        if not one.disagreeing:
            continue
        facts: dict[str, int | str | list[str]] = {"sources": [source.value for source in one.disagreeing]}
        facts |= {f"{source.value}_fen": low for source, (low, _) in one.said.items()}
        found.append(Finding(Area.LABELS, Code.MISMATCH, one.goods_id, product_of[one.goods_id], facts))
    return found
