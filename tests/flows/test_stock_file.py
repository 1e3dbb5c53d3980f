"""Counts from a file, and all stock in one: what was exported can be filled in and sent back."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook

from liveshelf.batches import queries as batch_queries
from liveshelf.batches import service as batches
from liveshelf.batches.files import write_xlsx
from liveshelf.batches.types import RowState
from liveshelf.flows import batch_kinds, stock_file
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import queries, service
from liveshelf.stock.types import MoveKind
from tests.make.goods import STAFF
from tests.make.order_work import sent_file, worked
from tests.make.selling import Sold, bought, guest, level, something, wish
from tests.make.shops import a_shop

KIND = "stock.counts"


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=10)


async def start(db: Database, shop: ShopId, batch_id: int) -> None:
    await db.write(STAFF, shop, lambda tx: batches.start(tx, batch_id))


async def counted(runtime: Runtime, shop: ShopId, content: bytes) -> list[tuple[RowState, str]]:
    """Each row's outcome after the file was rehearsed and done."""
    number = await sent_file(runtime, shop, content, KIND)
    await worked(runtime, shop, number)
    await start(runtime.db, shop, number)
    _, rows = await worked(runtime, shop, number)
    return [(row.state, row.code) for row in rows]


async def test_what_was_exported_is_filled_in_and_sent_back(db, shop, runtime, sold):
    other = await something(db, shop, on_hand=5)
    begin = {"language": "zh"}

    async def export(tx: Tx) -> int:
        return await batches.begin_export(tx, stock_file.EXPORT, file_name="stock.xlsx", options=begin)

    number = await db.write(STAFF, shop, export)
    await batch_kinds.work(runtime, shop, number)
    async with db.read(shop) as tx:
        content = await batch_queries.file(tx, runtime.keys, number)
    heads, *rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert [[row[0], row[3], row[4], row[6]] for row in rows] == [
        [str(other.sku_id), "通用", 5, 5],
        [str(sold.sku_id), "通用", 10, 10],
    ]
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id, 2))  # while people count
    await db.write(SYSTEM, shop, lambda tx: service.commit(tx, [placed.order_id]))
    rows[1][8:10] = [9, "月末盘点"]  # one is missing; the other one was not counted
    filled = write_xlsx([str(head) for head in heads], [[_as_read(cell) for cell in row] for row in rows])
    assert await counted(runtime, shop, filled) == [(RowState.UNCHANGED, ""), (RowState.DONE, "")]
    assert (await level(db, shop, sold.sku_id)).on_hand == 7
    async with db.read(shop) as tx:
        (latest, *_) = (await queries.moves(tx, sold.sku_id)).items
    assert (latest.kind, latest.quantity, latest.reason) == (MoveKind.SET, -1, "月末盘点")


def _as_read(cell: object) -> str:
    """A spreadsheet keeps every number as a fraction, and people read it as a whole one."""
    return str(int(cell)) if isinstance(cell, float) else str(cell)


async def test_every_bad_row_says_why_and_changes_nothing(db, shop, runtime, sold):
    theirs = await something(db, (await a_shop(db, "隔壁")).shop)
    foreign = theirs.sku_id if theirs.sku_id != sold.sku_id else 99_999
    lines = [
        f"{sold.sku_id},8,盘点",
        f"{foreign},8,盘点",
        f"{sold.sku_id},-1,盘点",
        "2.02E+18,8,盘点",
        f"{sold.sku_id},99999999,盘点",
        "abc,1,盘点",
        f"{sold.sku_id},4,",
        f"{sold.sku_id},8.5,盘点",
    ]
    content = ("规格编号,实点数量,原因\n" + "\n".join(lines)).encode()
    assert await counted(runtime, shop, content) == [
        (RowState.DONE, ""),
        (RowState.FAILED, "stock.unknown"),
        (RowState.FAILED, "stock.count_invalid"),
        (RowState.FAILED, "batches.number_rounded"),
        (RowState.FAILED, "stock.count_invalid"),
        (RowState.FAILED, "stock.unknown"),
        (RowState.FAILED, "batches.cell_missing"),
        (RowState.FAILED, "stock.count_invalid"),
    ]
    assert (await level(db, shop, sold.sku_id)).on_hand == 8


@pytest.mark.feature("L-505")
async def test_a_file_that_counts_fewer_than_buyers_hold_takes_it_from_them(db, shop, runtime, sold):
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id, 6))
    number = await sent_file(runtime, shop, f"SKU,Counted,Reason\n{sold.sku_id},2,counted".encode(), KIND)
    await worked(runtime, shop, number)
    assert (await level(db, shop, sold.sku_id)).on_hand == 10  # rehearsed only
    await start(db, shop, number)
    await worked(runtime, shop, number)
    now = await level(db, shop, sold.sku_id)
    assert (now.on_hand, now.held, now.short) == (2, 6, 4)


async def test_the_same_row_twice_is_done_once(db, shop, runtime, sold):
    content = f"规格编号,实点数量,原因\n{sold.sku_id},8,盘点\n{sold.sku_id},8,盘点".encode()
    outcomes = await counted(runtime, shop, content)
    assert outcomes[0] == (RowState.DONE, "")
    assert outcomes[1][0] is RowState.FAILED
