"""Commands: pack an order's pieces, hand parcels over, confirm receipt.

The order is locked first. It moves when a parcel is handed over, not when it is packed: packing is still at home.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from liveshelf.fulfilment import queries as parcel_queries
from liveshelf.fulfilment import service as fulfilment
from liveshelf.fulfilment.errors import PiecesTooMany
from liveshelf.fulfilment.types import Parcel, ParcelState
from liveshelf.kernel.ids import CustomerId, OrderId, SkuId
from liveshelf.orders import _sql, stops
from liveshelf.orders.abnormal import settle_by_itself
from liveshelf.orders.abnormal_kinds import AbnormalKind
from liveshelf.orders.address_requests import open_of
from liveshelf.orders.errors import (
    AddressRequestOpen,
    NothingToShip,
    OrderNotToReceive,
    OrderNotToShip,
    PiecesStopped,
    ReceiptExtended,
)
from liveshelf.orders.events import OrderDone, OrderShipped
from liveshelf.orders.service import lock, remember
from liveshelf.orders.types import Order, OrderState, Why
from liveshelf.platform.db import ReadTx, Tx

RECEIVE_LATER = timedelta(days=7)  # what the buyer may add, once
_TO_PACK = frozenset({OrderState.TO_SHIP, OrderState.PARTLY_SHIPPED})


async def pack(
    tx: Tx,
    order_id: OrderId,
    *,
    carrier: str,
    tracking_no: str,
    lines: Sequence[tuple[SkuId, int]] | None = None,
) -> Parcel:
    """Pack these pieces, or all that are left. They count as taken, and the order stays where it is.

    Raises `OrderUnknown`, `OrderNotToShip`, `NothingToShip`, `PiecesTooMany`, `CarrierUnknown`, `TrackingInvalid`.
    """
    order = await _to_pack(tx, order_id)
    left = await pieces_left(tx, order)
    wanted = Counter(left) if lines is None else Counter[SkuId]()
    for sku_id, quantity in lines or ():
        wanted[sku_id] += quantity
    if not wanted:
        raise NothingToShip
    for sku_id, quantity in wanted.items():
        if not 1 <= quantity <= left.get(sku_id, 0):
            raise PiecesTooMany(field="lines", sku_id=sku_id, left=left.get(sku_id, 0))
    parcel = await fulfilment.pack(tx, order_id, lines=sorted(wanted.items()), carrier=carrier, tracking_no=tracking_no)
    remember(tx, order_id, order.state, order.state, why=Why.PACKED, facts=_facts(parcel))
    return parcel


async def ship(
    tx: Tx,
    order_id: OrderId,
    *,
    carrier: str,
    tracking_no: str,
    lines: Sequence[tuple[SkuId, int]] | None = None,
) -> Parcel:
    """Pack and hand over at once. Raises as `pack` and `hand_over`."""
    parcel = await pack(tx, order_id, carrier=carrier, tracking_no=tracking_no, lines=lines)
    return await hand_over(tx, order_id, parcel_id=parcel.parcel_id)


async def hand_over(tx: Tx, order_id: OrderId, *, parcel_id: int) -> Parcel:
    """The carrier has this parcel. The order is partly shipped, or to receive once nothing is left here.

    Raises `OrderUnknown`, `OrderNotToShip`, `ParcelUnknown`, `ParcelGone`, `LabelVoid`,
    `AddressRequestOpen`, `PiecesStopped`.
    """
    order = await _to_pack(tx, order_id)
    if order_id in await open_of(tx, [order_id]):
        raise AddressRequestOpen  # a wish for another address is answered before anything leaves
    parcel = await fulfilment.hand_over(tx, order_id, parcel_id=parcel_id)
    parcels = (await parcel_queries.of_orders(tx, [order_id])).get(order_id, [])
    withdrawn = await parcel_queries.withdrawn_of(tx, [order_id])
    gone = parcel_queries.pieces(parcels, ParcelState.SENT) + withdrawn.get(order_id, Counter())
    stopped = (await stops.stopped(tx, [order_id])).get(order_id, Counter())
    for line in order.lines:
        if gone[line.sku_id] + stopped[line.sku_id] > line.quantity:
            raise PiecesStopped(sku_id=line.sku_id)
    whole = all(gone[line.sku_id] >= line.quantity for line in order.lines)
    if whole:
        await tx.execute(_sql.SHIP_ALL, order=order_id, moment=tx.now)
    elif order.state is OrderState.TO_SHIP:
        await tx.execute(_sql.SHIP_PART, order=order_id)
    became = OrderState.TO_RECEIVE if whole else OrderState.PARTLY_SHIPPED
    why = Why.SHIPPED if whole else Why.SHIPPED_PART
    remember(tx, order_id, order.state, became, why=why, facts=_facts(parcel))
    await settle_by_itself(tx, order_id, kind=AbnormalKind.LATE_SHIPMENT)
    tx.emit(
        OrderShipped(
            order_id=order_id,
            customer_id=order.customer_id,
            room_id=order.room_id,
            parcel_id=parcel_id,
            whole=whole,
        ),
        stream=f"order:{order_id}",
    )
    return parcel


async def correct(tx: Tx, order_id: OrderId, *, parcel_id: int, carrier: str, tracking_no: str) -> None:
    """Another carrier or number for a parcel that is still here; its label counts as issued again.

    Raises `OrderUnknown`, `OrderNotToShip`, `ParcelUnknown`, `ParcelGone`, `CarrierUnknown`, `TrackingInvalid`.
    """
    order = await _to_pack(tx, order_id)
    was = await fulfilment.correct(tx, order_id, parcel_id=parcel_id, carrier=carrier, tracking_no=tracking_no)
    facts = {**_facts(was), "became_carrier": carrier, "became_tracking_no": tracking_no}
    remember(tx, order_id, order.state, order.state, why=Why.PARCEL_CORRECTED, facts=facts)


async def unpack(tx: Tx, order_id: OrderId, *, parcel_id: int) -> None:
    """Take a packed parcel apart; its pieces are to be packed again. Raises as `correct`."""
    order = await _to_pack(tx, order_id)
    parcel = await fulfilment.undo(tx, order_id, parcel_id=parcel_id)
    remember(tx, order_id, order.state, order.state, why=Why.UNPACKED, facts=_facts(parcel))


async def receive(tx: Tx, order_id: OrderId, *, customer_id: CustomerId) -> None:
    """The buyer has it. Raises `OrderUnknown`, `OrderNotToReceive`; what is done stays done."""
    order = await lock(tx, order_id, customer_id=customer_id)
    if order.state is OrderState.DONE:
        return
    if await tx.scalar(_sql.RECEIVE, order=order_id, moment=tx.now) is None:
        raise OrderNotToReceive(state=order.state.value)
    _done(tx, order_id, why=Why.RECEIVED, customer_id=customer_id, room_id=order.room_id)


async def extend_receive(tx: Tx, order_id: OrderId, *, customer_id: CustomerId) -> None:
    """The buyer needs longer: `RECEIVE_LATER` more, once. Raises `OrderUnknown`, `OrderNotToReceive`,
    `ReceiptExtended`.
    """
    order = await lock(tx, order_id, customer_id=customer_id)
    if order.state is not OrderState.TO_RECEIVE:
        raise OrderNotToReceive(state=order.state.value)
    if await tx.scalar(_sql.EXTEND_RECEIVE, order=order_id, by=RECEIVE_LATER, moment=tx.now) is None:
        raise ReceiptExtended
    remember(tx, order_id, order.state, order.state, why=Why.RECEIPT_EXTENDED, facts={"days": RECEIVE_LATER.days})


async def receive_due(tx: Tx, limit: int) -> int:
    """Orders that nobody complained about count as received; how many it were."""
    rows = await tx.all(_sql.RECEIVE_DUE, moment=tx.now, most=limit)
    for row in rows:
        _done(tx, row.order_id, why=Why.RECEIVED_IN_TIME, customer_id=row.customer_id, room_id=row.room_id)
    return len(rows)


async def pieces_left(tx: ReadTx, order: Order) -> dict[SkuId, int]:
    """What of an order is in no parcel yet."""
    parcels = (await parcel_queries.of_orders(tx, [order.order_id])).get(order.order_id, [])
    withdrawn = (await parcel_queries.withdrawn_of(tx, [order.order_id])).get(order.order_id, Counter())
    return left_of(
        order, parcels, withdrawn + (await stops.stopped(tx, [order.order_id])).get(order.order_id, Counter())
    )


async def still_here(tx: ReadTx, order: Order, *, lines: Sequence[tuple[SkuId, int]]) -> list[tuple[SkuId, int]]:
    """How many of these pieces have not left the house, packed or not; lines of which none is here are left out."""
    parcels = (await parcel_queries.of_orders(tx, [order.order_id])).get(order.order_id, [])
    withdrawn = (await parcel_queries.withdrawn_of(tx, [order.order_id])).get(order.order_id, Counter())
    gone = parcel_queries.pieces(parcels, ParcelState.SENT) + withdrawn
    bought = {line.sku_id: line.quantity for line in order.lines}
    here = [(sku_id, min(count, bought.get(sku_id, 0) - gone[sku_id])) for sku_id, count in lines]
    return [(sku_id, count) for sku_id, count in here if count > 0]


async def withdraw(tx: Tx, order: Order, *, lines: Sequence[tuple[SkuId, int]]) -> None:
    """Pieces that are still here will not be sent: their money goes back, which is the caller's to owe. The caller
    holds the order locked. An order of which all the rest was sent is to receive by this.

    Raises `PiecesTooMany` for what has left already.
    """
    wanted = Counter[SkuId]()
    for sku_id, count in lines:
        wanted[sku_id] += count
    for parcel in await fulfilment.withdraw(tx, order.order_id, lines=sorted(wanted.items())):
        remember(tx, order.order_id, order.state, order.state, why=Why.UNPACKED, facts=_facts(parcel))
    parcels = (await parcel_queries.of_orders(tx, [order.order_id])).get(order.order_id, [])
    withdrawn = (await parcel_queries.withdrawn_of(tx, [order.order_id]))[order.order_id]
    gone = parcel_queries.pieces(parcels, ParcelState.SENT) + withdrawn
    bought = {line.sku_id: line.quantity for line in order.lines}
    for sku_id in wanted:
        if gone[sku_id] > bought.get(sku_id, 0):
            raise PiecesTooMany(field="lines", sku_id=sku_id, left=0)
    pieces = sum(wanted.values())
    if order.state is OrderState.PARTLY_SHIPPED and all(gone[sku_id] >= count for sku_id, count in bought.items()):
        await tx.execute(_sql.SHIP_ALL, order=order.order_id, moment=tx.now)
        remember(
            tx, order.order_id, order.state, OrderState.TO_RECEIVE, why=Why.REST_WITHDRAWN, facts={"pieces": pieces}
        )
    else:
        remember(tx, order.order_id, order.state, order.state, why=Why.REST_WITHDRAWN, facts={"pieces": pieces})


def left_of(order: Order, parcels: Sequence[Parcel], withdrawn: Counter[SkuId]) -> dict[SkuId, int]:
    """What of an order is in none of its parcels and is still to be sent."""
    taken = parcel_queries.pieces(parcels, ParcelState.PACKED, ParcelState.SENT) + withdrawn
    left = {line.sku_id: line.quantity - taken[line.sku_id] for line in order.lines}
    return {sku_id: count for sku_id, count in left.items() if count > 0}


async def _to_pack(tx: Tx, order_id: OrderId) -> Order:
    order = await lock(tx, order_id)
    if order.state not in _TO_PACK:
        raise OrderNotToShip(state=order.state.value)
    return order


def _done(tx: Tx, order_id: OrderId, *, why: Why, customer_id: int, room_id: int | None) -> None:
    remember(tx, order_id, OrderState.TO_RECEIVE, OrderState.DONE, why=why)
    tx.emit(
        OrderDone(order_id=order_id, customer_id=customer_id, room_id=room_id, by_itself=why is not Why.RECEIVED),
        stream=f"order:{order_id}",
    )


def _facts(parcel: Parcel) -> dict[str, object]:
    pieces = sum(quantity for _, quantity in parcel.lines)
    return {"carrier": parcel.carrier, "tracking_no": parcel.tracking_no, "pieces": pieces}
