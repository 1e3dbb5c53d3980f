"""Shipping from a file: a row is an order, a carrier and a tracking number; the rest of the order goes into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liveshelf.batches.files import required, whole_number
from liveshelf.batches.service import Kind
from liveshelf.batches.types import Column, RowState
from liveshelf.fulfilment import queries as parcels
from liveshelf.fulfilment.carriers import carrier_of, clean_number
from liveshelf.fulfilment.types import ParcelState
from liveshelf.kernel.ids import OrderId
from liveshelf.orders import shipping
from liveshelf.orders.errors import OrderUnknown
from liveshelf.platform.db import Tx

COLUMNS = (
    Column("order_id", ("订单编号", "Order number", "订单号"), "251234567890123456"),
    Column("carrier", ("快递公司", "Carrier", "物流公司"), "顺丰速运"),
    Column("tracking_no", ("运单号", "Tracking number", "快递单号", "物流单号"), "SF1234567890123"),
)


@dataclass(frozen=True, slots=True)
class ShipRow:
    """One row: what is left of this order leaves with this carrier under this number."""

    order_id: OrderId
    carrier: str
    tracking_no: str


def parse(cells: Mapping[str, str]) -> ShipRow:
    """The wish of a row. Raises `CellMissing`, `NumberRounded`, `OrderUnknown`, `CarrierUnknown`, `TrackingInvalid`."""
    text = required(cells, "order_id")
    number = whole_number(text)
    if number is None:
        raise OrderUnknown(f"{text[:40]} is no order number.", field="order_id")
    carrier = carrier_of(required(cells, "carrier"))
    whole_number(cells.get("tracking_no", ""))  # one that a spreadsheet shortened
    tracking_no = clean_number(carrier.code, required(cells, "tracking_no"))
    return ShipRow(OrderId(number), carrier.code, tracking_no)


async def work(tx: Tx, row: ShipRow, _options: Mapping[str, str]) -> RowState:
    """Ship it; an order that left in just this parcel stays as it is, so the same file may come twice."""
    there = (await parcels.of_orders(tx, [row.order_id])).get(row.order_id, [])
    if any(
        one.state is ParcelState.SENT and (one.carrier, one.tracking_no) == (row.carrier, row.tracking_no)
        for one in there
    ):
        return RowState.UNCHANGED
    await shipping.ship(tx, row.order_id, carrier=row.carrier, tracking_no=row.tracking_no)
    return RowState.DONE


SHIP = Kind(
    name="orders.ship",
    permission="orders.write",
    columns=COLUMNS,
    parse=parse,
    work=work,
    key=lambda row: f"{row.order_id} {row.carrier} {row.tracking_no}",
)
