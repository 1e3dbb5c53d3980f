"""Packing lists and labels to be printed, one sheet a parcel."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import post

from liveshelf.accounts.errors import NotPermitted
from liveshelf.accounts.types import Operator
from liveshelf.customers import postal
from liveshelf.facades.native.order_views import SpecOfLine
from liveshelf.facades.native.orders_open import AddressText
from liveshelf.facades.native.shell import instant, staff
from liveshelf.flows import sheets as flow
from liveshelf.flows.sheets import ORDERS_MAX, Sheet
from liveshelf.fulfilment.carriers import BY_CODE
from liveshelf.kernel.ids import INT63_MAX, OrderId
from liveshelf.orders.types import Filter, Flag, OrderState
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.trail import service as trail

OrderNumber = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,19}$")]


class SheetsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which orders: these, or, without `order_ids`, those of a list that have something to pack, up to 500. `whole`
    asks for names, phones and streets, which needs `orders.write` and stands in the trail for every order.
    """

    order_ids: Annotated[list[OrderNumber], msgspec.Meta(min_length=1, max_length=ORDERS_MAX)] | None = None
    state: OrderState | None = None
    q: Annotated[str, msgspec.Meta(max_length=100)] = ""
    flag: Flag | None = None
    whole: bool = False


class LineOfSheet(msgspec.Struct, frozen=True):
    """So many pieces of something."""

    sku_id: int
    title: str
    specs: list[SpecOfLine]
    quantity: int


class SheetView(msgspec.Struct, frozen=True):
    """One sheet. Without a parcel it is for pieces that are in none yet: carrier and number are empty."""

    order_id: str
    parcel_id: str | None
    carrier_zh: str
    carrier_en: str
    tracking_no: str
    label_void: bool
    lines: list[LineOfSheet]
    address: AddressText | None
    note: str
    remark: str
    paid_at: str | None


class SheetsView(msgspec.Struct, frozen=True):
    """The sheets in the order of the list; `more` says that orders beyond 500 were left out."""

    items: list[SheetView]
    more: bool


@post("/shops/{shop_id:int}/orders/sheets", status_code=200, dependencies=staff("orders.read"), tags=["orders"])
async def print_sheets(data: SheetsIn, operator: Operator, runtime: Runtime) -> SheetsView:
    """What to print. Nothing changes by it, but who has seen addresses whole is written down."""
    if data.whole and "orders.write" not in operator.permissions:
        raise NotPermitted(permission="orders.write")

    async def made(tx: ReadTx) -> tuple[list[Sheet], bool]:
        if data.order_ids is None:
            ids, more = await flow.wanted(tx, runtime.keys, Filter(data.state, data.q, flag=data.flag))
        else:
            ids, more = [OrderId(min(int(one), INT63_MAX)) for one in dict.fromkeys(data.order_ids)], False
        return await flow.sheets(tx, runtime.keys, ids, whole=data.whole), more

    async def look(tx: Tx) -> tuple[list[Sheet], bool]:
        found = await made(tx)
        for order_id in dict.fromkeys(one.order.order_id for one in found[0]):
            trail.record(tx, "orders.print", f"order:{order_id}")
        return found

    if data.whole:
        found, more = await runtime.db.write(operator.actor, operator.shop, look)
    else:
        async with runtime.db.read(operator.shop) as tx:
            found, more = await made(tx)
    return SheetsView([_view(one) for one in found], more)


def _view(sheet: Sheet) -> SheetView:
    parcel, address = sheet.parcel, sheet.address
    carrier = None if parcel is None else BY_CODE[parcel.carrier]
    return SheetView(
        str(sheet.order.order_id),
        None if parcel is None else str(parcel.parcel_id),
        "" if carrier is None else carrier.name_zh,
        "" if carrier is None else carrier.name_en,
        "" if parcel is None else parcel.tracking_no,
        parcel is not None and parcel.label_void,
        [
            LineOfSheet(line.sku_id, line.title, [SpecOfLine(spec.name, spec.value) for spec in line.specs], count)
            for line, count in sheet.lines
        ],
        None
        if address is None
        else AddressText(address.name, address.phone, postal.place_text(address), address.street),
        sheet.note,
        sheet.order.remark,
        instant(sheet.order.paid_at),
    )


ROUTES = [print_sheets]
