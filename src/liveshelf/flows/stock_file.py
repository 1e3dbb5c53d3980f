"""Stock as a file: every count written into an XLSX, and counts taken in from one.

The two fit each other: what was exported has an empty column for what is counted, and what was on hand then. Taking it
in counts the difference between the two, so what was sold while people counted is not counted twice. A row without a
count is left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from liveshelf.batches import service as batches
from liveshelf.batches.files import Sheet, required, whole_number
from liveshelf.batches.service import Kind
from liveshelf.batches.types import Batch, BatchState, Column, RowState
from liveshelf.goods import queries as goods
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import INT32_MAX, ShopId, SkuId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import queries, service
from liveshelf.stock.errors import PoolUnknown, StockCountInvalid, StockUnknown
from liveshelf.stock.rules import ON_HAND_MAX
from liveshelf.stock.types import Pool

Row: TypeAlias = list[str | int | float]

EXPORT = "stock.export"
EXPORT_PERMISSION = "goods.read"
REASON_MAX = 200
_PAGE = 100
_POOLS = {
    "zh": {Pool.GENERAL: "通用", Pool.ACTIVITY: "活动", Pool.STORE: "门店", Pool.PRESALE: "预售"},
    "en": {pool: pool.value for pool in Pool},
}
_POOL_OF = {name: pool for names in _POOLS.values() for pool, name in names.items()}
_HEADINGS = {
    "zh": ("规格编号", "商品", "规格", "库存池", "现货", "占用", "可售", "已售", "实点数量", "原因"),
    "en": ("SKU", "Product", "Choice", "Pool", "On hand", "Held", "Available", "Sold", "Counted", "Reason"),
}
_WIDTHS = (12, 40, 20, 10, 10, 10, 10, 10, 12, 24)

COLUMNS = (
    Column("sku_id", ("规格编号", "SKU"), "1"),
    Column("counted", ("实点数量", "Counted"), "36"),
    Column("reason", ("原因", "Reason"), "月末盘点"),
    Column("pool", ("库存池", "Pool"), "通用", required=False),
    Column("books", ("现货", "On hand"), "38", required=False),
)


@dataclass(frozen=True, slots=True)
class CountRow:
    """One row: so many were counted (`None`: it was not), when the books said so many."""

    sku_id: SkuId
    pool: Pool
    counted: int | None
    books: int | None
    reason: str


def parse(cells: Mapping[str, str]) -> CountRow:
    """The wish of a row. Raises `CellMissing`, `NumberRounded`, `StockUnknown`, `PoolUnknown`, `StockCountInvalid`."""
    sku_id = whole_number(required(cells, "sku_id"))
    if sku_id is None or not 1 <= sku_id <= INT32_MAX:
        raise StockUnknown(field="sku_id")
    name = cells.get("pool", "").strip()
    if name and name not in _POOL_OF:
        raise PoolUnknown(field="pool")
    counted = _count(cells, "counted")
    reason = "" if counted is None else required(cells, "reason")[:REASON_MAX]
    return CountRow(SkuId(sku_id), _POOL_OF.get(name, Pool.GENERAL), counted, _count(cells, "books"), reason)


async def work(tx: Tx, row: CountRow, _options: Mapping[str, str]) -> RowState:
    """Make it true, also below what buyers hold: then their newest orders lose it. Raises `StockUnknown`."""
    level = (await queries.levels(tx, [row.sku_id], pool=row.pool)).get(row.sku_id)
    if level is None:
        raise StockUnknown(sku_id=row.sku_id)
    if row.counted is None or row.counted == (level.on_hand if row.books is None else row.books):
        return RowState.UNCHANGED
    await service.declare(tx, row.sku_id, row.counted, row.reason, pool=row.pool, books=row.books)
    return RowState.DONE


COUNTS = Kind(
    name="stock.counts",
    permission="stock.write",
    columns=COLUMNS,
    parse=parse,
    work=work,
    key=lambda row: f"{row.sku_id} {row.pool}",
)


async def make(runtime: Runtime, shop: ShopId, batch: Batch) -> None:
    """Write the file of an export, page by page from short reads; a stopped one is left."""
    if batch.state is not BatchState.WORKING:
        return
    language = batch.options.get("language", "zh")
    sheet = Sheet(_HEADINGS[language], _WIDTHS)
    cursor, written = None, 0
    while True:
        async with runtime.db.read(shop) as tx:
            page = await queries.page(tx, cursor=cursor, limit=_PAGE)
            rows = await _rows(tx, page.items, language)
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


async def _still_wanted(runtime: Runtime, shop: ShopId, batch: Batch, written: int) -> bool:
    return await runtime.db.write(SYSTEM, shop, lambda tx: batches.written(tx, batch.batch_id, written))


async def _rows(tx: ReadTx, sku_ids: Sequence[SkuId], language: str) -> list[Row]:
    offers = await goods.offers(tx, sku_ids)
    levels = await queries.all_levels(tx, sku_ids)
    return [
        [
            str(sku_id),
            offers[sku_id].title,
            " / ".join(spec.value for spec in offers[sku_id].specs),
            _POOLS[language][pool],
            level.on_hand,
            level.held,
            level.available,
            level.sold,
            "",
            "",
        ]
        for sku_id in sku_ids
        for (one, pool), level in sorted(levels.items())
        if one == sku_id and sku_id in offers
    ]


def _count(cells: Mapping[str, str], key: str) -> int | None:
    text = cells.get(key, "").strip()
    if not text:
        return None
    number = whole_number(text)
    if number is None or number > ON_HAND_MAX:
        raise StockCountInvalid(field=key, most=ON_HAND_MAX)
    return number
