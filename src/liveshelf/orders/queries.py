"""Reads: orders, lists of them, timelines and figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

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
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.orders import _delivery_sql, _sql
from liveshelf.orders.errors import OrderUnknown
from liveshelf.orders.types import AddressWhy, CloseReason, Delivery, Entry, Figures, Line, Order, OrderState, Why
from liveshelf.platform.db import ReadTx


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
    for row in await tx.all(_sql.LINES, ids=ids):
        lines[row.order_id].append(_line(row))
    return {OrderId(row.order_id): _order(row, lines[row.order_id]) for row in await tx.all(_sql.BY_IDS, ids=ids)}


async def buyers(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, CustomerId]:
    """Whose orders these are."""
    ids = sorted(set(order_ids))
    rows = await tx.all(_sql.BUYERS, ids=ids) if ids else []
    return {OrderId(row.order_id): CustomerId(row.customer_id) for row in rows}


async def of_customer(
    tx: ReadTx, customer_id: CustomerId, *, cursor: str | None = None, limit: int | None = None
) -> Page[Order]:
    """A buyer's orders, newest first."""
    most = clamp_limit(limit)
    rows = await tx.all(_sql.OF_CUSTOMER, customer=customer_id, before=below(cursor), most=most + 1)
    return await _page(tx, rows, most)


async def page(
    tx: ReadTx,
    *,
    state: OrderState | None = None,
    text: str = "",
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Order]:
    """The shop's orders, newest first. `text` is an order's number or part of what was bought."""
    most = clamp_limit(limit)
    statement, args = _sql.PAGE, dict[str, object](before=below(cursor), most=most + 1)
    if state is not None:
        statement, args = statement.where(_sql.IN_STATE), {**args, "state": state.value}
    if text := text.strip():
        number = int(text) if text.isascii() and text.isdigit() and int(text) <= INT63_MAX else 0
        statement, args = statement.where(_sql.MATCHES), {**args, "number": number, "pattern": _pattern(text)}
    return await _page(tx, await tx.all(statement, **args), most)


async def counts(tx: ReadTx) -> dict[OrderState, int]:
    """How many orders are in each state."""
    found = {row.state: row.many for row in await tx.all(_sql.COUNTS)}
    return {state: int(found.get(state.value, 0)) for state in OrderState}


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
    )


def _line(row: Row[Any]) -> Line:
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
    )
