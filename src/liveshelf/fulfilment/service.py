"""Commands: pack, correct, hand over, undo. The caller holds the order locked and knows what may be packed."""

from __future__ import annotations

from collections.abc import Sequence

from liveshelf.fulfilment import _sql
from liveshelf.fulfilment.carriers import clean_number
from liveshelf.fulfilment.errors import LabelVoid, ParcelGone, ParcelUnknown
from liveshelf.fulfilment.queries import of_orders
from liveshelf.fulfilment.types import Parcel, ParcelState
from liveshelf.kernel.ids import OrderId, SkuId, new_number
from liveshelf.platform.db import ReadTx, Tx


async def pack(
    tx: Tx, order_id: OrderId, *, lines: Sequence[tuple[SkuId, int]], carrier: str, tracking_no: str
) -> Parcel:
    """A parcel of these pieces, still here. Raises `CarrierUnknown`, `TrackingInvalid`."""
    number = clean_number(carrier, tracking_no)
    parcel = Parcel(
        new_number(), order_id, ParcelState.PACKED, carrier, number, False, tx.now, None, tuple(sorted(lines))
    )
    await tx.execute(
        _sql.INSERT.values(
            shop_id=tx.shop,
            parcel_id=parcel.parcel_id,
            order_id=order_id,
            state=parcel.state,
            carrier=carrier,
            tracking_no=number,
            label_void=False,
            packed_at=tx.now,
        )
    )
    rows = [
        {"shop_id": tx.shop, "parcel_id": parcel.parcel_id, "sku_id": sku_id, "quantity": quantity}
        for sku_id, quantity in parcel.lines
    ]
    await tx.conn.execute(_sql.INSERT_LINES, rows)
    return parcel


async def correct(tx: Tx, order_id: OrderId, *, parcel_id: int, carrier: str, tracking_no: str) -> Parcel:
    """Another number, while the parcel is here; a label that was void is right again. Returns the parcel as it was.

    Raises `ParcelUnknown`, `ParcelGone`, `CarrierUnknown`, `TrackingInvalid`.
    """
    number = clean_number(carrier, tracking_no)
    was = await _parcel(tx, order_id, parcel_id)
    if await tx.scalar(_sql.CORRECT, order=order_id, parcel=parcel_id, by=carrier, number=number) is None:
        raise ParcelGone(parcel_id=str(parcel_id))
    return was


async def hand_over(tx: Tx, order_id: OrderId, *, parcel_id: int) -> Parcel:
    """The carrier has it. Raises `ParcelUnknown`, `ParcelGone`, `LabelVoid`."""
    parcel = await _parcel(tx, order_id, parcel_id)
    if parcel.label_void:
        raise LabelVoid(parcel_id=str(parcel_id))
    if await tx.scalar(_sql.SEND, order=order_id, parcel=parcel_id, moment=tx.now) is None:
        raise ParcelGone(parcel_id=str(parcel_id))
    return parcel


async def undo(tx: Tx, order_id: OrderId, *, parcel_id: int) -> Parcel:
    """Take a packed parcel apart again. Raises `ParcelUnknown`, `ParcelGone`."""
    parcel = await _parcel(tx, order_id, parcel_id)
    if await tx.scalar(_sql.UNDO, order=order_id, parcel=parcel_id) is None:
        raise ParcelGone(parcel_id=str(parcel_id))
    return parcel


async def withdraw(tx: Tx, order_id: OrderId, *, lines: Sequence[tuple[SkuId, int]]) -> list[Parcel]:
    """These pieces will not be sent. Packed parcels that hold any of their SKUs are taken apart; returns those."""
    skus = {sku_id for sku_id, _ in lines}
    there = (await of_orders(tx, [order_id])).get(order_id, [])
    packed = [one for one in there if one.state is ParcelState.PACKED and skus & dict(one.lines).keys()]
    for parcel in packed:
        await undo(tx, order_id, parcel_id=parcel.parcel_id)
    rows = [
        {
            "shop_id": tx.shop,
            "entry_id": new_number(),
            "order_id": order_id,
            "sku_id": sku_id,
            "quantity": count,
            "at": tx.now,
        }
        for sku_id, count in lines
    ]
    await tx.conn.execute(_sql.INSERT_WITHDRAWN, rows)
    return packed


async def void_labels(tx: Tx, order_id: OrderId) -> int:
    """The address changed: labels of parcels that are still here must be issued again. Returns how many."""
    return len(await tx.all(_sql.VOID_LABELS, order=order_id))


async def _parcel(tx: ReadTx, order_id: OrderId, parcel_id: int) -> Parcel:
    for parcel in (await of_orders(tx, [order_id])).get(order_id, []):
        if parcel.parcel_id == parcel_id:
            return parcel
    raise ParcelUnknown(parcel_id=str(parcel_id))
