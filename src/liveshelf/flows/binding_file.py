"""Binding goods to a room from a file: a row is a goods of the library, with what is planned for it.

Goods come onto the shelf in the file's order, after what is there. A row whose goods stand there as planned changes
nothing, so the same file may come twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liveshelf.batches.errors import CellMissing
from liveshelf.batches.files import whole_number
from liveshelf.batches.service import Kind
from liveshelf.batches.types import Column, RowState
from liveshelf.goods import queries as goods
from liveshelf.kernel.fen import parse_yuan
from liveshelf.kernel.ids import INT32_MAX, GoodsId, RoomId, SkuId
from liveshelf.platform.db import Tx
from liveshelf.rooms import plans, quickbar, service
from liveshelf.rooms import queries as rooms
from liveshelf.rooms.errors import GoodsUnknown, PlanInvalid
from liveshelf.rooms.plans import NOTHING, GoodsPlan

KIND = "rooms.bind"
ROOM = "room_id"  # the batch's option
COLUMNS = (
    Column("goods_id", ("商品编号", "Goods", "goodsId"), "1001", required=False),
    Column("sku_id", ("规格编号", "SKU", "SKU 编号"), "", required=False),
    Column("expected", ("预计销量", "Expected sales"), "100", required=False),
    Column("planned", ("直播价", "Live price"), "99.5", required=False),
    Column("label", ("标签价", "Label price"), "99.5", required=False),
    Column("quick", ("快捷栏", "Quick bar"), "是", required=False),
    Column("script", ("口播稿", "Script"), "手工拉坯，每只都不同", required=False),
)
_YES = frozenset({"是", "y", "yes", "1", "true", "√"})


@dataclass(frozen=True, slots=True)
class BindRow:
    """One row: this goods, or the one of this SKU, with what is planned; `None` leaves a plan as it is."""

    goods_id: GoodsId | None
    sku_id: SkuId | None
    expected: int | None
    planned_fen: int | None
    label_fen: int | None
    script: str | None
    quick: bool


def parse(cells: Mapping[str, str]) -> BindRow:
    """The wish of a row. Raises `CellMissing`, `NumberRounded`, `GoodsUnknown`, `PlanInvalid`."""
    goods_id, sku_id = _number(cells, "goods_id"), _number(cells, "sku_id")
    if goods_id is None and sku_id is None:
        raise CellMissing(column="goods_id", field="goods_id")
    return BindRow(
        None if goods_id is None else GoodsId(goods_id),
        None if sku_id is None else SkuId(sku_id),
        _count(cells),
        _price(cells, "planned", "planned_fen"),
        _price(cells, "label", "label_fen"),
        cells.get("script", "").strip() or None,
        cells.get("quick", "").strip().lower() in _YES,
    )


async def work(tx: Tx, row: BindRow, options: Mapping[str, str]) -> RowState:
    """Bind it, with its plan. Raises as `rooms.service.put_on_shelf`, `rooms.plans.plan` and `rooms.quickbar.add`."""
    room_id = RoomId(int(options[ROOM]))
    goods_id = await _goods(tx, row)
    before = {place.goods_id: place for place in await rooms.places(tx, room_id)}.get(goods_id)
    planned = (await plans.plans(tx, room_id)).get(goods_id, NOTHING)
    wanted = GoodsPlan(
        planned.expected if row.expected is None else row.expected,
        planned.planned_fen if row.planned_fen is None else row.planned_fen,
        planned.label_fen if row.label_fen is None else row.label_fen,
        planned.script if row.script is None else row.script,
    )
    hurries = row.quick and (before is None or before.quick_place is None)
    if before is not None and wanted == planned and not hurries:
        return RowState.UNCHANGED
    await service.put_on_shelf(tx, room_id, [goods_id])
    await plans.plan(tx, room_id, goods_id, wanted)
    if hurries:
        await quickbar.add(tx, room_id, [goods_id])
    return RowState.DONE


BIND = Kind(
    name=KIND,
    permission="rooms.live",
    columns=COLUMNS,
    parse=parse,
    work=work,
    key=lambda row: f"goods {row.goods_id}" if row.goods_id else f"sku {row.sku_id}",
)


async def _goods(tx: Tx, row: BindRow) -> GoodsId:
    if row.goods_id is not None:
        return row.goods_id
    found = None if row.sku_id is None else (await goods.offers(tx, [row.sku_id])).get(row.sku_id)
    if found is None:
        raise GoodsUnknown(f"There is no SKU {row.sku_id}.", field="sku_id", sku_id=row.sku_id)
    card = (await goods.cards_of(tx, [found.product_id])).get(found.product_id)
    if card is None:
        raise GoodsUnknown(f"SKU {row.sku_id} is not in the live goods library.", field="sku_id", sku_id=row.sku_id)
    return card.goods_id


def _number(cells: Mapping[str, str], key: str) -> int | None:
    text = cells.get(key, "").strip()
    if not text:
        return None
    number = whole_number(text)
    if number is None or not 1 <= number <= INT32_MAX:
        raise GoodsUnknown(f"{text[:40]} is no number of goods.", field=key)
    return number


def _count(cells: Mapping[str, str]) -> int | None:
    text = cells.get("expected", "").strip()
    if not text:
        return None
    number = whole_number(text)
    if number is None or number > plans.EXPECTED_MAX:
        raise PlanInvalid(field="expected")
    return number


def _price(cells: Mapping[str, str], key: str, field: str) -> int | None:
    text = cells.get(key, "").strip().removeprefix("¥").removeprefix("￥")
    if not text:
        return None
    try:
        fen = int(parse_yuan(text))
    except ValueError as error:
        raise PlanInvalid(field=field) from error
    if not 1 <= fen <= plans.PRICE_MAX_FEN:
        raise PlanInvalid(field=field)
    return fen
