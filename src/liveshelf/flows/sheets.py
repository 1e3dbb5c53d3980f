"""What goes onto paper for an order: a packing list and label (发货单) a parcel, and where it goes.

A few statements for however many orders. Names, phones and streets are cut short unless the caller has made sure that
whoever asks may see them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from liveshelf.customers import postal
from liveshelf.customers.types import Address
from liveshelf.fulfilment import queries as parcels
from liveshelf.fulfilment.types import Parcel, ParcelState
from liveshelf.kernel.ids import OrderId, SkuId
from liveshelf.orders import papers, queries, stops
from liveshelf.orders.errors import OrderUnknown
from liveshelf.orders.shipping import left_of
from liveshelf.orders.types import Filter, Line, Order, OrderState
from liveshelf.platform.db import ReadTx
from liveshelf.platform.signing import Keys

ORDERS_MAX = 500  # on one print: a rush of an afternoon, and as much paper as a tray holds
_PAGE = 100
_TO_PACK = frozenset({OrderState.TO_SHIP, OrderState.PARTLY_SHIPPED})


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of paper. `parcel` is absent for pieces that are in none yet; `note` is the buyer's, and whole or
    absent like the address.
    """

    order: Order
    parcel: Parcel | None
    lines: tuple[tuple[Line, int], ...]
    address: Address | None
    note: str


async def wanted(tx: ReadTx, keys: Keys, asked: Filter) -> tuple[list[OrderId], bool]:
    """The orders of a list that have something to pack, the oldest last; and whether there are more than
    `ORDERS_MAX`.
    """
    asked = await queries.resolved(tx, keys, asked)
    found: list[OrderId] = []
    cursor = None
    while len(found) <= ORDERS_MAX:
        page = await queries.page(tx, asked, cursor=cursor, limit=_PAGE)
        found += [one.order_id for one in page.items if one.state in _TO_PACK]
        if (cursor := page.next) is None:
            break
    return found[:ORDERS_MAX], len(found) > ORDERS_MAX


async def sheets(tx: ReadTx, keys: Keys, order_ids: Sequence[OrderId], *, whole: bool) -> list[Sheet]:
    """The sheets of these orders, in this order: one for each parcel that is still here and one for what is in none; of
    an order that has left, its parcels once more. Raises `OrderUnknown`.
    """
    found = await queries.orders(tx, order_ids)
    if missing := [one for one in order_ids if one not in found]:
        raise OrderUnknown(order_id=str(missing[0]))
    there = await parcels.of_orders(tx, order_ids)
    withdrawn = await parcels.withdrawn_of(tx, order_ids)
    stopped = await stops.stopped(tx, order_ids)
    places = await queries.delivery(tx, order_ids)
    said = await queries.papers(tx, order_ids)
    made: list[Sheet] = []
    for order in (found[one] for one in dict.fromkeys(order_ids)):
        boxes = there.get(order.order_id, [])
        kept = withdrawn.get(order.order_id, Counter()) + stopped.get(order.order_id, Counter())
        left = left_of(order, boxes, kept) if order.state in _TO_PACK else {}
        here = [one for one in boxes if one.state is ParcelState.PACKED]
        todo: list[tuple[Parcel | None, dict[SkuId, int]]] = [(one, dict(one.lines)) for one in here]
        if left:
            todo.append((None, left))
        place = places.get(order.order_id)
        address = None if place is None or place.sealed is None else postal.open_address(keys, place.sealed)
        note = papers.open_papers(keys, said[order.order_id]).note if whole and order.order_id in said else ""
        shown = address if whole or address is None else postal.masked(address)
        for parcel, pieces in todo or [(one, dict(one.lines)) for one in boxes]:
            made.append(Sheet(order, parcel, _lines(order, pieces), shown, note))
    return made


def _lines(order: Order, pieces: dict[SkuId, int]) -> tuple[tuple[Line, int], ...]:
    return tuple((line, pieces[line.sku_id]) for line in order.lines if pieces.get(line.sku_id))
