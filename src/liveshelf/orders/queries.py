"""Reads: orders, lists of them, timelines and figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row

from liveshelf.customers import queries as customers
from liveshelf.customers.queries import Finder
from liveshelf.fulfilment import queries as parcels
from liveshelf.goods.types import DeliveryKind, Spec
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import (
    INT63_MAX,
    CustomerId,
    GoodsId,
    MediaId,
    OrderId,
    ProductId,
    RoomId,
    SkuId,
)
from liveshelf.kernel.paging import Page, below, clamp_limit, encode_cursor, page_of
from liveshelf.orders import _delivery_sql, _sql
from liveshelf.orders.errors import OrderUnknown
from liveshelf.orders.types import (
    EVERY,
    AddressWhy,
    CloseReason,
    Delivery,
    Entry,
    Figures,
    Filter,
    Flag,
    Line,
    Order,
    OrderState,
    Why,
)
from liveshelf.platform.db import ReadTx
from liveshelf.stock.types import Purchase

SEARCH_DEPTH = 2_000  # orders looked through for one page: some tens of milliseconds
NUMBER_MIN = 5  # characters from which a text may be a number of an order or a parcel


async def order(tx: ReadTx, order_id: OrderId, *, customer_id: CustomerId | None = None) -> Order:
    """The order of an id; only the buyer's own when one is named. Raises `OrderUnknown`."""
    found = (await orders(tx, [order_id])).get(order_id)
    if found is None or customer_id not in {None, found.customer_id}:
        raise OrderUnknown
    return found


async def orders(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, Order]:
    """The orders of these ids with their lines, newest first."""
    ids = sorted(set(order_ids))
    if not ids:
        return {}
    lines: dict[int, list[Line]] = defaultdict(list)
    # The latest of a line comes last, and stays.
    agreed = {(row.order_id, row.line_no): Fen(row.became_fen) for row in await tx.all(_sql.AGREED, ids=ids)}
    for row in await tx.all(_sql.LINES, ids=ids):
        lines[row.order_id].append(_line(row, agreed.get((row.order_id, row.line_no))))
    return {OrderId(row.order_id): _order(row, lines[row.order_id]) for row in await tx.all(_sql.BY_IDS, ids=ids)}


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Of some orders: how many wait for their money, were paid (whatever came after), and closed without being paid."""

    to_pay: int
    paid: int
    lost: int


async def outcomes(tx: ReadTx, order_ids: Iterable[OrderId]) -> Outcomes:
    """What became of these orders, counted."""
    (row,) = await tx.all(_sql.OUTCOMES, ids=sorted(set(order_ids)))
    return Outcomes(row.to_pay, row.paid, row.lost)


async def buyers(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, CustomerId]:
    """Whose orders these are."""
    ids = sorted(set(order_ids))
    rows = await tx.all(_sql.BUYERS, ids=ids) if ids else []
    return {OrderId(row.order_id): CustomerId(row.customer_id) for row in rows}


async def of_customer(
    tx: ReadTx,
    customer_id: CustomerId,
    *,
    states: Collection[OrderState] = (),
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Order]:
    """A buyer's orders, newest first; only those in these states when any are named."""
    most = clamp_limit(limit)
    statement = _sql.OF_CUSTOMER.where(_sql.IN_STATES) if states else _sql.OF_CUSTOMER
    args = {"states": sorted(states)} if states else {}
    rows = await tx.all(statement, customer=customer_id, before=below(cursor), most=most + 1, **args)
    return await _page(tx, rows, most)


async def page(
    tx: ReadTx, wanted: Filter = EVERY, *, cursor: str | None = None, limit: int | None = None
) -> Page[Order]:
    """The shop's orders, newest first. Text is an order's number, a tracking number, or part of what was bought; what
    it says of a buyer's phone `resolved` finds out before.

    What no index answers is looked for among `SEARCH_DEPTH` orders at a time, so a page is quick however many orders
    there are: it may be short, or empty, and still lead to older ones by its `next`.
    """
    most = clamp_limit(limit)
    statement, args = _sql.PAGE, dict[str, object](before=below(cursor))
    if wanted.state is not None:
        statement, args = statement.where(_sql.IN_STATE), {**args, "state": wanted.state.value}
    if wanted.room_id is not None:
        statement, args = statement.where(_sql.IN_ROOM), {**args, "room": wanted.room_id}
    if wanted.buyers:
        statement, args = statement.where(_sql.OF_BUYERS), {**args, "buyers": list(wanted.buyers)}
    text = wanted.text.strip()
    if text and (numbered := await _numbered(tx, text)):
        statement, args, text = statement.where(_sql.AMONG), {**args, "ids": numbered}, ""
    matching = _matching(wanted, text)
    if not matching:
        return await _page(tx, await tx.all(statement, **args, most=most + 1), most)
    window = [row.order_id for row in await tx.all(statement, **args, most=SEARCH_DEPTH)]
    narrow, more = _sql.FOUND, dict[str, object](ids=window, most=most + 1)
    for condition, values in matching:
        narrow, more = narrow.where(condition), {**more, **values}
    rows = await tx.all(narrow, **more) if window else []
    found = await _page(tx, rows, most)
    if found.next is None and len(window) == SEARCH_DEPTH:
        return Page(found.items, encode_cursor(window[-1]))
    return found


async def resolved(tx: ReadTx, keys: Finder, wanted: Filter) -> Filter:
    """The same filter, with the buyers that its text means: the last four digits of a phone, or all of it. A text
    that names no buyer with an order stays what it is, so goods called 2026 are found as long as no phone ends so.
    """
    found = await customers.by_phone(tx, keys, wanted.text)
    if not found or await tx.scalar(_sql.ANY_OF_BUYERS, buyers=found) is None:
        return wanted
    return replace(wanted, text="", buyers=tuple(found))


async def counts(tx: ReadTx) -> dict[OrderState, int]:
    """How many orders are in each state, counted up to `COUNTED`: more is not read one by one, and costs to count."""
    row = await tx.one(_sql.COUNTS)
    return {state: int(getattr(row, state.value)) for state in OrderState}


async def timelines(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, list[Entry]]:
    """What happened to each order, oldest first."""
    found: dict[OrderId, list[Entry]] = defaultdict(list)
    for row in await tx.all(_sql.HISTORY, ids=sorted(set(order_ids))):
        found[OrderId(row.order_id)].append(Entry(row.at, row.actor, Why(row.why), row.facts or {}))
    return found


async def delivery(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, Delivery]:
    """Where each order goes, as it stands; an order without an address is left out."""
    return {order_id: versions[-1] for order_id, versions in (await deliveries(tx, order_ids)).items()}


async def deliveries(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, list[Delivery]]:
    """Every version of where each order goes, oldest first."""
    found: dict[OrderId, list[Delivery]] = defaultdict(list)
    for row in await tx.all(_delivery_sql.ADDRESSES, ids=sorted(set(order_ids))):
        found[OrderId(row.order_id)].append(
            Delivery(OrderId(row.order_id), row.version, row.sealed, AddressWhy(row.why), row.actor, row.at)
        )
    return dict(found)


async def addressed(tx: ReadTx, order_ids: Iterable[OrderId]) -> set[OrderId]:
    """Which of these orders have an address."""
    rows = await tx.all(_delivery_sql.ADDRESSED, ids=sorted(set(order_ids)))
    return {OrderId(row.order_id) for row in rows}


async def papers(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, bytes]:
    """The sealed papers of these orders; an order without any, or whose customer was erased, is left out."""
    rows = await tx.all(_delivery_sql.PAPERS, ids=sorted(set(order_ids)))
    return {OrderId(row.order_id): row.sealed for row in rows if row.sealed is not None}


async def purchases(tx: ReadTx, customer_ids: Sequence[CustomerId], sku_ids: Sequence[SkuId]) -> list[Purchase]:
    """What these buyers have of these SKUs in orders that are not closed."""
    rows = await tx.all(_sql.PURCHASES, customers=list(customer_ids), skus=list(sku_ids))
    return [
        Purchase(CustomerId(row.customer_id), OrderId(row.order_id), SkuId(row.sku_id), row.quantity, row.unpaid)
        for row in rows
    ]


async def newest_unshipped(tx: ReadTx, sku_id: SkuId, *, before: int = INT63_MAX) -> OrderId | None:
    """The newest order below `before` that has this SKU and of which nothing was shipped."""
    found = await tx.scalar(_sql.NEWEST_UNSHIPPED, sku=sku_id, before=before)
    return None if found is None else OrderId(found)


async def of_room(tx: ReadTx, room_id: RoomId, *, after: int, most: int) -> list[Order]:
    """Orders that were placed in a room with higher numbers than `after`, at most `most`, oldest first."""
    rows = await tx.all(_sql.OF_ROOM_AFTER, room=room_id, after=after, most=most)
    return list((await orders(tx, [OrderId(row.order_id) for row in rows])).values())[::-1]


async def room_figures(tx: ReadTx, room_id: RoomId) -> Figures:
    """What a room sold."""
    return await _figures(tx, _sql.SALES_OF_ROOM, _sql.PIECES_OF_ROOM, room=room_id)


async def figures_since(tx: ReadTx, since: datetime) -> Figures:
    """What the shop sold since an instant."""
    return await _figures(tx, _sql.SALES_SINCE, _sql.PIECES_SINCE, since=since)


async def _figures(tx: ReadTx, sales: Any, pieces: Any, **args: object) -> Figures:  # noqa: ANN401 - statements
    row = await tx.one(sales, **args)
    sold, paid = (int(row.orders), int(row.paid_fen)) if row is not None else (0, 0)
    return Figures(sold, Fen(paid), int(await tx.scalar(pieces, **args)))


async def _page(tx: ReadTx, rows: Sequence[Row[Any]], most: int) -> Page[Order]:
    found = await orders(tx, [row.order_id for row in rows])
    return page_of(list(found.values()), most, lambda one: (one.order_id,))


async def _numbered(tx: ReadTx, text: str) -> list[int]:
    """The orders that a number names: its own, or one that stands on a parcel."""
    plain = "".join(text.split()).upper()
    if not (plain.isascii() and len(plain) >= NUMBER_MIN and any(char.isdigit() for char in plain)):
        return []
    found: list[int] = [*await parcels.orders_of_tracking(tx, plain)]
    if plain.isdigit() and int(plain) <= INT63_MAX:
        found += [row.order_id for row in await tx.all(_sql.BY_IDS, ids=[int(plain)])]
    return found


def _matching(wanted: Filter, text: str) -> list[tuple[ColumnElement[bool], dict[str, object]]]:
    """What is to be looked for row by row, with its values."""
    found: list[tuple[ColumnElement[bool], dict[str, object]]] = []
    if text:
        found.append((_sql.NAMED, {"pattern": _pattern(text)}))
    if wanted.since is not None:
        found.append((_sql.SINCE, {"since": wanted.since}))
    if wanted.until is not None:
        found.append((_sql.UNTIL, {"until": wanted.until}))
    if wanted.flag is not None:
        found.append((_sql.FLAGGED, {"colour": wanted.flag.value}))
    return found


def _pattern(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _order(row: Row[Any], lines: Sequence[Line]) -> Order:
    return Order(
        OrderId(row.order_id),
        CustomerId(row.customer_id),
        OrderState(row.state),
        Fen(row.total_fen),
        None if row.room_id is None else RoomId(row.room_id),
        row.created_at,
        row.expires_at,
        row.paid_at,
        row.closed_at,
        None if row.close_reason is None else CloseReason(row.close_reason),
        tuple(lines),
        row.shipped_at,
        row.done_at,
        row.receive_due_at,
        row.receipt_extended_at is not None,
        row.remark or "",
        None if row.flag is None else Flag(row.flag),
    )


def _line(row: Row[Any], agreed_fen: Fen | None) -> Line:
    return Line(
        SkuId(row.sku_id),
        ProductId(row.product_id),
        None if row.goods_id is None else GoodsId(row.goods_id),
        row.title,
        tuple(Spec(spec["name"], spec["value"]) for spec in row.specs),
        MediaId(row.picture_media_id),
        Fen(row.price_fen),
        row.quantity,
        DeliveryKind(row.delivery),
        agreed_fen,
    )
