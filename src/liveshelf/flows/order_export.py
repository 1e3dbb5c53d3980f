"""Orders as a file: filtered, line by line, with what a person may see and no more.

Made page by page from short reads, so an export holds neither the database nor the memory. Names and numbers of buyers
are masked unless the one who asked may see them; that they were given out whole stands in the trail.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from liveshelf.batches import service as batches
from liveshelf.batches.files import Sheet
from liveshelf.batches.types import Batch, BatchState
from liveshelf.customers import queries as customers
from liveshelf.fulfilment import queries as parcels
from liveshelf.fulfilment.carriers import BY_CODE
from liveshelf.fulfilment.types import Parcel, ParcelState
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.kernel.text import mask
from liveshelf.kernel.time import CHINA
from liveshelf.orders import queries
from liveshelf.orders.types import Filter, Order, OrderState
from liveshelf.platform.db import ReadTx
from liveshelf.platform.runtime import Runtime

Row: TypeAlias = list[str | int | float]

KIND = "orders.export"
PERMISSION = "orders.read"
ORDERS_MAX = 50_000
PAGE = 100
_HEADINGS = {
    "zh": (
        "订单编号",
        "状态",
        "下单时间",
        "付款时间",
        "发货时间",
        "买家",
        "商品",
        "规格",
        "数量",
        "单价(元)",
        "应付(元)",
        "订单合计(元)",
        "快递公司",
        "运单号",
        "商家备注",
    ),
    "en": (
        "Order number",
        "State",
        "Placed",
        "Paid",
        "Shipped",
        "Buyer",
        "Goods",
        "Choice",
        "Pieces",
        "Price (yuan)",
        "Due (yuan)",
        "Order total (yuan)",
        "Carrier",
        "Tracking number",
        "Remark",
    ),
}
_STATES = {
    "zh": {
        OrderState.TO_PAY: "待付款",
        OrderState.TO_SHIP: "待发货",
        OrderState.PARTLY_SHIPPED: "部分发货",
        OrderState.TO_RECEIVE: "待收货",
        OrderState.DONE: "已完成",
        OrderState.CLOSED: "已关闭",
    },
    "en": {state: state.value.replace("_", " ") for state in OrderState},
}
_WIDTHS = (22, 10, 19, 19, 19, 14, 40, 20, 8, 10, 10, 12, 12, 22, 24)


async def make(runtime: Runtime, shop: ShopId, batch: Batch) -> None:
    """Write the file of an export; a stopped one is left."""
    if batch.state is not BatchState.WORKING:
        return
    language = batch.options.get("language", "zh")
    sheet = Sheet(_HEADINGS[language], _WIDTHS)
    cursor, written = None, 0
    while written < ORDERS_MAX:
        async with runtime.db.read(shop) as tx:
            wanted = await queries.resolved(tx, runtime.keys, _filter(batch))
            page = await queries.page(tx, wanted, cursor=cursor, limit=PAGE)
            rows = await _rows(tx, page.items, language=language, whole=batch.options.get("whole") == "1")
        for row in rows:
            sheet.add(row)
        written += len(page.items)
        if not await _still_wanted(runtime, shop, batch, written):
            return
        if page.next is None:
            break
        cursor = page.next
    content = await asyncio.to_thread(sheet.close)
    await runtime.db.write(
        SYSTEM, shop, lambda tx: batches.keep_file(tx, runtime.keys, batch.batch_id, content=content)
    )


def _filter(batch: Batch) -> Filter:
    state = batch.options.get("state")
    room = batch.options.get("room")
    return Filter(
        state=OrderState(state) if state else None,
        text=batch.options.get("q", ""),
        room_id=RoomId(int(room)) if room else None,
    )


async def _still_wanted(runtime: Runtime, shop: ShopId, batch: Batch, written: int) -> bool:
    return await runtime.db.write(SYSTEM, shop, lambda tx: batches.written(tx, batch.batch_id, written))


async def _rows(tx: ReadTx, orders: Sequence[Order], *, language: str, whole: bool) -> list[Row]:
    sent = await parcels.of_orders(tx, [order.order_id for order in orders])
    buyers = await customers.customers(tx, [order.customer_id for order in orders])
    rows: list[Row] = []
    for order in orders:
        there = [one for one in sent.get(order.order_id, []) if one.state is ParcelState.SENT]
        name = buyers[order.customer_id].name
        for line in order.lines:
            boxes = [one for one in there if line.sku_id in dict(one.lines)]
            rows.append(
                [
                    str(order.order_id),
                    _STATES[language][order.state],
                    _time(order.created_at),
                    _time(order.paid_at),
                    _time(order.shipped_at),
                    name if whole else mask(name, shown=1),
                    line.title,
                    " / ".join(spec.value for spec in line.specs),
                    line.quantity,
                    line.price_fen / 100,
                    line.due_fen / 100,
                    order.total_fen / 100,
                    " / ".join(_carrier(one, language) for one in boxes),
                    " / ".join(one.tracking_no for one in boxes),
                    order.remark,
                ]
            )
    return rows


def _carrier(parcel: Parcel, language: str) -> str:
    carrier = BY_CODE[parcel.carrier]
    return carrier.name_zh if language == "zh" else carrier.name_en


def _time(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
