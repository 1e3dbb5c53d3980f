"""What is rehearsed: the room as its shop planned it, read once, and built again elsewhere.

Names, numbers, prices, specs and stock come out alike; pictures and descriptions are not needed and left behind, and of
buyers and orders nothing is read at all. Names that a fresh installation would refuse, because its words are others,
become plain ones: the rehearsal is not about them.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from liveshelf.accounts import service as accounts
from liveshelf.accounts.types import Role
from liveshelf.flows import casework, listing
from liveshelf.goods import products, queries
from liveshelf.goods.types import (
    AuditState,
    CardDraft,
    DeliveryKind,
    LiveGoods,
    Origin,
    ProductDraft,
    SkuDraft,
    Spec,
)
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import PLATFORM, GoodsId, MediaId, RoomId, ShopId, SkuId
from liveshelf.media import service as media
from liveshelf.media.types import Picture
from liveshelf.platform.db import Database, ReadTx, Tx
from liveshelf.reviews.types import Stage, Verdict
from liveshelf.rooms import presence, quickbar, settings
from liveshelf.rooms import queries as room_queries
from liveshelf.rooms import service as rooms
from liveshelf.rooms.errors import QuickBarFull
from liveshelf.rooms.types import RoomDraft, RoomState
from liveshelf.shops import service as shops
from liveshelf.stock import queries as stock_queries
from liveshelf.stock import service as stock
from liveshelf.timeline import service as timeline

_BATCH = 20  # goods of one transaction
_OPENING = "rehearsal"
_HOURS = timedelta(hours=20)  # of the copy's plan, however long the room's is: its clock is moved


@dataclass(frozen=True, slots=True)
class Piece:
    """A SKU of the room, with what of it can be bought."""

    specs: tuple[Spec, ...]
    price_fen: int
    list_price_fen: int | None
    pieces: int


@dataclass(frozen=True, slots=True)
class Ware:
    """A goods of the shelf, in its order."""

    name: str
    price_type: int
    price_fen: int
    price2_fen: int | None
    delivery: DeliveryKind
    on_sale: bool
    quick_place: int | None  # in the quick bar
    skus: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """The room that is to be rehearsed."""

    name: str
    anchor_name: str
    starts_at: datetime
    ends_at: datetime
    settings: settings.RoomSettings
    wares: tuple[Ware, ...]

    @property
    def hours(self) -> int:
        """How long it is planned, in whole hours."""
        return -(-int((self.ends_at - self.starts_at).total_seconds()) // 3600)


@dataclass(frozen=True, slots=True)
class OnSale:
    """A SKU of the copy that can be bought."""

    sku_id: SkuId
    price_fen: int
    pieces: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A goods on the copy's shelf."""

    goods_id: GoodsId
    number: int
    on_sale: bool
    delivery: DeliveryKind
    skus: tuple[OnSale, ...]

    @property
    def pieces(self) -> int:
        """How many there are of all its SKUs."""
        return sum(sku.pieces for sku in self.skus)


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy, on air. `operator` is the session of the person at its desk."""

    shop: ShopId
    room_id: RoomId
    operator: str
    shelf: tuple[Shown, ...]

    @property
    def for_sale(self) -> list[Shown]:
        """What of the shelf can be pushed, and be bought where there are pieces."""
        return [one for one in self.shelf if one.on_sale]


async def read(tx: ReadTx, room_id: RoomId) -> Script | None:
    """The room as it is planned; `None` when it is not there, or has begun or ended."""
    room = await room_queries.room(tx, room_id)
    if room is None or room.state is not RoomState.SCHEDULED:
        return None
    places = await room_queries.places(tx, room_id)
    cards = {one.goods_id: one for one in await queries.live_goods(tx, [place.goods_id for place in places])}
    # What is not approved is not shown; the room's own check says so.
    shown = [place for place in places if _is_shown(cards.get(place.goods_id))]
    product_ids = [cards[place.goods_id].product_id for place in shown]
    found, skus = await queries.products(tx, product_ids), await queries.skus(tx, product_ids)
    levels = await stock_queries.levels(tx, [sku.sku_id for many in skus.values() for sku in many])
    wares = []
    for place in shown:
        card = cards[place.goods_id]
        pieces = tuple(
            Piece(
                sku.specs,
                sku.price_fen,
                sku.list_price_fen,
                levels[sku.sku_id].available if sku.sku_id in levels else 0,
            )
            for sku in skus[card.product_id]
        )
        prices = (int(card.price_type), card.price_fen, card.price2_fen)
        delivery = found[card.product_id].delivery
        wares.append(Ware(card.name, *prices, delivery, place.on_sale, place.quick_place, pieces))
    kept = await settings.settings_of(tx)
    return Script(room.name, room.anchor_name, room.starts_at, room.ends_at, kept, tuple(wares))


async def build(db: Database, script: Script) -> Copy:
    """The same room in an empty installation, on air. What must be ready before a start is the room's own to be asked
    for, and not asked of the copy.
    """
    shop = (await db.write(SYSTEM, PLATFORM, lambda tx: shops.create_shop(tx, "彩排 Rehearsal", sandbox=True))).shop_id
    cover = await db.write(SYSTEM, shop, _placeholder)
    listed: list[GoodsId] = []
    for first in range(0, len(script.wares), _BATCH):
        batch = script.wares[first : first + _BATCH]
        listed += await db.write(SYSTEM, shop, lambda tx, batch=batch: _list(tx, batch, cover))  # type: ignore[misc]
    room_id = await db.write(SYSTEM, shop, lambda tx: _open(tx, script, listed))
    operator = await db.write(SYSTEM, shop, _operator)
    async with db.read(shop) as tx:
        return Copy(shop, room_id, operator, await shelf(tx, room_id))


def _is_shown(card: LiveGoods | None) -> bool:
    return card is not None and card.audit_state is AuditState.APPROVED


async def _placeholder(tx: Tx) -> MediaId:
    picture = Picture(b"-", "image/jpeg", 300, 300, 1)
    return (await media.keep(tx, picture, "0" * 64, kind="image", temporary=False)).media_id


async def _list(tx: Tx, wares: tuple[Ware, ...], cover: MediaId) -> list[GoodsId]:
    listed = []
    for ware in wares:
        drafts = tuple(SkuDraft(one.specs, one.price_fen, one.list_price_fen, stock=one.pieces) for one in ware.skus)
        draft = ProductDraft(ware.name, "", (cover,), (), drafts, ware.delivery)
        product_id, sku_ids = await products.create(tx, draft, [cover])
        for sku_id, sku in zip(sku_ids, drafts, strict=True):
            await stock.open(tx, sku_id, sku.stock, _OPENING)
        card = CardDraft(
            ware.name,
            cover,
            ware.price_type,
            ware.price_fen,
            ware.price2_fen,
            "pages/goods/detail?id=1",
            product_id=product_id,
        )
        try:
            one = await listing.add_and_submit(tx, card, origin=Origin.CONSOLE)
        except DomainError:  # a word that is allowed there and not here
            one = await listing.add_and_submit(tx, replace(card, name=f"彩排商品 {product_id}"), origin=Origin.CONSOLE)
        for stage in (Stage.MACHINE, Stage.PERSON):
            await listing.decide(tx, one.audit_id, Verdict(stage, passed=True))
        listed.append(one.goods_id)
    return listed


async def _open(tx: Tx, script: Script, listed: list[GoodsId]) -> RoomId:
    await settings.set_settings(tx, script.settings)
    begins, ends = tx.now + timedelta(minutes=5), tx.now + _HOURS
    draft = RoomDraft(script.name, begins, ends, script.anchor_name)
    try:
        room = await rooms.create(tx, draft)
    except DomainError:  # as above
        room = await rooms.create(tx, replace(draft, name="彩排专场", anchor_name="彩排主播"))
    for stage in (Stage.MACHINE, Stage.PERSON):
        assert room.audit_id is not None, "a new room waits for its review"  # noqa: S101
        await casework.decide(tx, room.audit_id, Verdict(stage, passed=True))
    if listed:
        await rooms.put_on_shelf(tx, room.room_id, listed)
        pairs = list(zip(listed, script.wares, strict=True))
        for goods_id, ware in pairs:
            if not ware.on_sale:
                await rooms.take_off_sale(tx, room.room_id, goods_id)
        quick = sorted((ware.quick_place, goods_id) for goods_id, ware in pairs if ware.quick_place is not None)
        # What stands in a bar may be more than may be added to one by now.
        with contextlib.suppress(QuickBarFull):
            await quickbar.add(tx, room.room_id, [goods_id for _, goods_id in quick])
    await rooms.start(tx, room.room_id)
    await presence.begin(tx, room.room_id)
    await timeline.begin(tx, room.room_id)
    return room.room_id


async def _operator(tx: Tx) -> str:
    unmatched = "-"  # nobody signs in with a password here
    account_id = await accounts.create_account(
        tx, username="rehearsal", display_name="rehearsal", password=unmatched * 20, password_hash=unmatched
    )
    await accounts.join_shop(tx, account_id, Role.OWNER)
    return await accounts.start_session(tx, account_id)


async def shelf(tx: ReadTx, room_id: RoomId) -> tuple[Shown, ...]:
    """The copy's shelf as it stands, with what can be bought now."""
    places = await room_queries.places(tx, room_id)
    cards = {one.goods_id: one for one in await queries.live_goods(tx, [place.goods_id for place in places])}
    skus = await queries.skus(tx, [card.product_id for card in cards.values()])
    found = await queries.products(tx, [card.product_id for card in cards.values()])
    levels = await stock_queries.levels(tx, [sku.sku_id for many in skus.values() for sku in many])
    return tuple(
        Shown(
            place.goods_id,
            place.number,
            place.on_sale,
            found[cards[place.goods_id].product_id].delivery,
            tuple(
                OnSale(sku.sku_id, sku.price_fen, levels[sku.sku_id].available, tuple(one.value for one in sku.specs))
                for sku in skus[cards[place.goods_id].product_id]
            ),
        )
        for place in places
    )
