"""Reads: rooms, shelves, comments, and the snapshot that a page begins with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from liveshelf.customers import queries as customers
from liveshelf.goods import queries as goods
from liveshelf.goods.types import LiveGoods
from liveshelf.kernel.ids import INT63_MAX, AuditId, CustomerId, GoodsId, RoomId, SkuId
from liveshelf.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from liveshelf.media.types import media_path
from liveshelf.orders import queries as orders
from liveshelf.orders.types import Figures
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import ReadTx
from liveshelf.rooms import _sql
from liveshelf.rooms.messages import Author, Comment, ShelfItem, StockItem
from liveshelf.rooms.types import COMMENTS_SHOWN, ON_AIR, PRESENCE_FRESH, Room, RoomAudit, RoomCard, RoomState, Switches
from liveshelf.stock import queries as stock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_STOCK_BITS = 32  # of a stock version below the product's version; pages read it as a number of at most 53 bits
_SWITCHES = tuple(Switches.__dataclass_fields__)
_PLAIN = (
    "starts_at",
    "ends_at",
    "started_at",
    "ended_at",
    "anchor_name",
    "anchor_wechat",
    "sub_anchor_wechat",
    "creator_wechat",
    "cover_media_id",
    "share_media_id",
    "feeds_media_id",
    "live_type",
    "has_picture",
    "is_paused_by_picture",
    "pushed_goods_id",
    "pushed_at",
    "likes",
    "notice",
    "created_at",
    "muted_at",
    "is_ad",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A goods' place on a shelf, the number that the host calls it by, its place in the quick bar, and at which number
    of the room it was pushed; none of the two while it is not there.
    """

    goods_id: GoodsId
    position: int
    on_sale: bool
    number: int
    quick_place: int | None = None
    pinned_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Selling:
    """What of a product's stock counts for a goods on a shelf."""

    goods_id: GoodsId
    product_version: int
    sku_ids: tuple[SkuId, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A room as a page begins with it; its `seq` and its content are of the same instant."""

    card: RoomCard
    shelf: list[ShelfItem]
    comments: list[Comment]
    pinned: list[GoodsId]
    quick_bar: list[GoodsId]


@dataclass(frozen=True, slots=True)
class Desk:
    """The snapshot for the people who run the room, with the room's figures."""

    snapshot: Snapshot
    figures: Figures


@dataclass(frozen=True, slots=True)
class ForSale:
    """Whether a room is on air, and which goods are on sale on its shelf."""

    on_air: bool
    goods_ids: frozenset[GoodsId]


@dataclass(frozen=True, slots=True)
class Pulse:
    """The few numbers of a room that a gateway asks for once a second."""

    room_id: RoomId
    seq: int
    likes: int
    viewers: int
    deleted: bool


async def room(tx: ReadTx, room_id: RoomId) -> Room | None:
    """The room, or `None` when there is none or it was deleted."""
    row = await tx.one(_sql.ROOM, room=room_id)
    return None if row is None else as_room(row)


async def public_room(tx: ReadTx, room_id: RoomId) -> Room | None:
    """The room, if buyers may know of it: it has passed its review."""
    found = await room(tx, room_id)
    return found if found is not None and found.audit_state is RoomAudit.APPROVED else None


async def card(tx: ReadTx, room_id: RoomId) -> RoomCard | None:
    """The room with its shelf's size and its viewers, or `None`."""
    row = await tx.one(_sql.CARD, room=room_id, fresh=_fresh())
    return None if row is None else _as_card(row)


async def cards(
    tx: ReadTx, *, states: Sequence[RoomState] = (), cursor: str | None = None, limit: int
) -> Page[RoomCard]:
    """A page of rooms, latest planned start first; `states` empty means all. Raises `CursorInvalid`."""
    statement, args = _sql.CARDS_PAGE, {"fresh": _fresh(), "most": limit + 1}
    if states:
        statement, args = statement.where(_sql.CARDS_IN), args | {"states": list(states)}
    if last := decode_cursor(cursor, int, int):
        statement = statement.where(_sql.CARDS_AFTER)
        args |= {"last_start": _instant_of(int(last[0])), "last_room": min(int(last[1]), INT63_MAX)}
    found = [_as_card(row) for row in await tx.all(statement, **args)]
    return page_of(found, limit, lambda one: (_number_of(one.room.starts_at), one.room.room_id))


async def rooms_at(tx: ReadTx, *, first: int, limit: int) -> tuple[list[Room], int]:
    """Rooms by their index in the list of all, latest planned start first, and how many there are in all."""
    total = int(await tx.scalar(_sql.COUNT_ROOMS))
    if first >= total:
        return [], total
    return [as_room(row) for row in await tx.all(_sql.ROOMS_AT, first=first, most=limit)], total


async def places(tx: ReadTx, room_id: RoomId) -> list[Place]:
    """The shelf's places in order."""
    return [_as_place(row) for row in await tx.all(_sql.SHELF, room=room_id)]


def pinned(at: Sequence[Place]) -> list[GoodsId]:
    """What of these places is pushed, the newest first."""
    pushed = [(place.pinned_seq, place.goods_id) for place in at if place.pinned_seq is not None]
    return [goods_id for _, goods_id in sorted(pushed, reverse=True)]


def quick_bar(at: Sequence[Place]) -> list[GoodsId]:
    """What of these places stands in the quick bar, in its order."""
    quick = [(place.quick_place, place.goods_id) for place in at if place.quick_place is not None]
    return [goods_id for _, goods_id in sorted(quick)]


async def shelves(tx: ReadTx, room_ids: Sequence[RoomId]) -> dict[RoomId, list[LiveGoods]]:
    """The live goods on the shelves of several rooms, each in the shelf's order."""
    if not room_ids:
        return {}
    rows = await tx.all(_sql.SHELVES, rooms=list(room_ids))
    known = {one.goods_id: one for one in await goods.live_goods(tx, sorted({row.goods_id for row in rows}))}
    found: dict[RoomId, list[LiveGoods]] = defaultdict(list)
    for row in rows:
        if row.goods_id in known:
            found[row.room_id].append(known[row.goods_id])
    return found


async def shelf(tx: ReadTx, room_id: RoomId) -> list[ShelfItem]:
    """The shelf as pages show it, in order, with what is off sale."""
    return await shelf_items(tx, await places(tx, room_id))


async def shelf_items(tx: ReadTx, at: Sequence[Place]) -> list[ShelfItem]:
    """The items that stand at some places."""
    if not at:
        return []
    known = {one.goods_id: one for one in await goods.live_goods(tx, [place.goods_id for place in at])}
    skus = await goods.skus(tx, sorted({one.product_id for one in known.values()}))
    levels = await stock.levels(tx, [sku.sku_id for of_one in skus.values() for sku in of_one])
    items = []
    for place in at:
        if (one := known.get(place.goods_id)) is None:
            continue
        sku_ids = [sku.sku_id for sku in skus.get(one.product_id, ())]
        present = [levels[sku_id] for sku_id in sku_ids if sku_id in levels]
        items.append(
            ShelfItem(
                goods_id=one.goods_id,
                product_id=one.product_id,
                sku_ids=list(sku_ids),
                name=one.name,
                cover_url=media_path(one.cover_media_id),
                price_type=one.price_type,
                price_fen=one.price_fen,
                price2_fen=one.price2_fen,
                on_sale=place.on_sale,
                position=place.position,
                available=sum(level.available for level in present),
                sold=sum(level.sold for level in present),
                number=place.number,
                is_ad=one.is_ad,
            )
        )
    return items


async def selling(tx: ReadTx, room_id: RoomId) -> list[Selling]:
    """Which SKUs each goods of the shelf sells."""
    known = await goods.live_goods(tx, [place.goods_id for place in await places(tx, room_id)])
    product_ids = sorted({one.product_id for one in known})
    products, skus = await goods.products(tx, product_ids), await goods.skus(tx, product_ids)
    return [
        Selling(one.goods_id, products[one.product_id].version, tuple(sku.sku_id for sku in skus[one.product_id]))
        for one in known
        if one.product_id in products
    ]


async def stock_items(tx: ReadTx, of: Sequence[Selling]) -> list[StockItem]:
    """How many there are of each goods. The version grows with every change of its SKUs' stock and of the product
    itself.
    """
    levels = await stock.levels(tx, [sku_id for one in of for sku_id in one.sku_ids])
    items = []
    for one in of:
        present = [levels[sku_id] for sku_id in one.sku_ids if sku_id in levels]
        # The product's version first: when a SKU goes, the sum over the others may be lower than before.
        version = (one.product_version << _STOCK_BITS) + sum(level.version for level in present)
        available, sold = sum(level.available for level in present), sum(level.sold for level in present)
        items.append(StockItem(one.goods_id, available, sold, version))
    return items


async def public_cards(tx: ReadTx, *, states: Sequence[RoomState], limit: int) -> list[RoomCard]:
    """The rooms in these states that passed their review, latest planned start first."""
    rows = await tx.all(_sql.PUBLIC_CARDS, states=list(states), fresh=_fresh(), most=limit)
    return [_as_card(row) for row in rows]


async def public_snapshot(tx: ReadTx, room_id: RoomId) -> Snapshot | None:
    """`snapshot` of a room that buyers may know of."""
    found = await snapshot(tx, room_id)
    return found if found is not None and found.card.room.audit_state is RoomAudit.APPROVED else None


async def snapshot(tx: ReadTx, room_id: RoomId) -> Snapshot | None:
    """The room as a page begins with it, or `None`. Read it in one `db.read`, so that number and content agree."""
    found = await card(tx, room_id)
    if found is None:
        return None
    at = await places(tx, room_id)
    items, said = await shelf_items(tx, at), await comments_newest(tx, found.room)
    return Snapshot(found, items, said, pinned(at), quick_bar(at))


async def desk(tx: ReadTx, room_id: RoomId) -> Desk | None:
    """The snapshot and the figures of a room, or `None`."""
    found = await snapshot(tx, room_id)
    return None if found is None else Desk(found, await orders.room_figures(tx, room_id))


async def comments_newest(tx: ReadTx, of: Room) -> list[Comment]:
    """The newest comments, oldest first, without hidden ones."""
    rows = await tx.all(_sql.COMMENTS_NEWEST, room=of.room_id, most=COMMENTS_SHOWN)
    return await as_comments(tx, of, rows[::-1])


async def comments_after(tx: ReadTx, of: Room, *, after: int, most: int) -> list[Comment]:
    """The newest comments with higher ids than `after`, at most `most`, oldest first, without hidden ones."""
    rows = await tx.all(_sql.COMMENTS_AFTER, room=of.room_id, after=after, most=most)
    return await as_comments(tx, of, rows[::-1])


async def hidden_since(tx: ReadTx, room_id: RoomId, since: datetime, *, most: int) -> list[int]:
    """Ids of comments hidden at or after an instant of business time."""
    return [row.comment_id for row in await tx.all(_sql.HIDDEN_SINCE, room=room_id, since=since, most=most)]


async def on_air(tx: ReadTx) -> list[RoomId]:
    """Every room of the shop that is on air, in the order in which whoever changes several locks them."""
    return [RoomId(row.room_id) for row in await tx.all(_sql.ON_AIR_NOW)]


async def anybody_watched(tx: ReadTx) -> bool:
    """Whether a broadcast of any shop of the installation has a picture or a viewer now."""
    return await tx.scalar(_sql.SHOP_WATCHED, fresh=_fresh()) is not None


async def on_air_with(tx: ReadTx, goods_ids: Sequence[GoodsId]) -> dict[GoodsId, RoomId]:
    """In which broadcast each goods is on sale now; goods that are in none are absent."""
    if not goods_ids:
        return {}
    return {row.goods_id: RoomId(row.room_id) for row in await tx.all(_sql.ON_AIR_WITH, goods=list(goods_ids))}


async def for_sale(tx: ReadTx, room_ids: Sequence[RoomId]) -> dict[RoomId, ForSale]:
    """What can be bought in each of these rooms now; rooms that do not exist are absent."""
    if not room_ids:
        return {}
    found: dict[RoomId, tuple[bool, set[GoodsId]]] = {}
    for row in await tx.quick(_sql.FOR_SALE, rooms=sorted(set(room_ids))):
        _, on_sale = found.setdefault(RoomId(row.room_id), (row.state in ON_AIR, set()))
        if row.goods_id is not None:
            on_sale.add(GoodsId(row.goods_id))
    return {room_id: ForSale(on_air, frozenset(on_sale)) for room_id, (on_air, on_sale) in found.items()}


async def pulses(tx: ReadTx, room_ids: Sequence[RoomId]) -> list[Pulse]:
    """The pulse of several rooms, deleted ones too."""
    rows = await tx.all(_sql.PULSE, rooms=list(room_ids), fresh=_fresh())
    return [Pulse(RoomId(r.room_id), r.seq, r.likes, int(r.viewers), r.deleted_at is not None) for r in rows]


async def as_comments(tx: ReadTx, of: Room, rows: Sequence[Row[Any]]) -> list[Comment]:
    """Comments of rows, with their authors' present names."""
    buyers = sorted({CustomerId(row.customer_id) for row in rows if row.customer_id is not None})
    people = await customers.customers(tx, buyers)
    return [
        Comment(
            str(row.comment_id),
            Author("staff", of.anchor_name)
            if row.customer_id is None
            else Author("buyer", people[CustomerId(row.customer_id)].name),
            row.text,
            row.at.isoformat().replace("+00:00", "Z"),
        )
        for row in rows
    ]


def as_room(row: Row[Any]) -> Room:
    """The room of a row."""
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return Room(
        room_id=RoomId(row.room_id),
        name=row.name,
        state=RoomState(row.state),
        seq=row.seq,
        audit_state=RoomAudit(row.audit_state),
        audit_id=None if row.audit_id is None else AuditId(row.audit_id),
        switches=Switches(**{name: values[name] for name in _SWITCHES}),
        **{name: values[name] for name in _PLAIN},
    )


def _as_card(row: Row[Any]) -> RoomCard:
    return RoomCard(as_room(row), row.shelf_count, int(row.viewers))


def _as_place(row: Row[Any]) -> Place:
    return Place(GoodsId(row.goods_id), row.position, row.on_sale, row.number, row.quick_place, row.pinned_seq)


def _number_of(at: datetime) -> int:
    """An instant as whole microseconds, for cursors."""
    return (at - _EPOCH) // _MICROSECOND


def _instant_of(number: int) -> datetime:
    try:
        return _EPOCH + number * _MICROSECOND
    except OverflowError as error:
        raise CursorInvalid from error


def _fresh() -> datetime:
    return wall_now() - PRESENCE_FRESH
