"""Goods that are a code: put in from a file, given at the moment of payment, shown to whom they belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from liveshelf.batches.files import required, whole_number
from liveshelf.batches.service import Kind
from liveshelf.batches.types import Column, RowState
from liveshelf.fulfilment import codes
from liveshelf.fulfilment.carriers import VIRTUAL
from liveshelf.fulfilment.errors import CodeSkuUnfit
from liveshelf.goods import queries as goods
from liveshelf.goods.types import DeliveryKind
from liveshelf.kernel.ids import OrderId, SkuId
from liveshelf.orders import abnormal, shipping
from liveshelf.orders import service as orders
from liveshelf.orders.abnormal_kinds import AbnormalKind
from liveshelf.orders.types import OrderState
from liveshelf.platform.db import Tx
from liveshelf.platform.signing import Keys
from liveshelf.stock import service as stock

KIND = "codes.import"
COLUMNS = (
    Column("sku_id", ("SKU 编号", "SKU number", "规格编号"), "1001"),
    Column("code", ("兑换码", "Code", "卡密"), "ABCD-EFGH-1234"),
)


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row: a code for a SKU."""

    sku_id: SkuId
    code: str


def parse(cells: Mapping[str, str]) -> CodeRow:
    """The wish of a row. Raises `CellMissing`, `NumberRounded`, `CodeSkuUnfit`."""
    number = whole_number(required(cells, "sku_id"))
    whole_number(cells.get("code", ""))  # one that a spreadsheet shortened
    if number is None:
        raise CodeSkuUnfit(field="sku_id", sku_id=cells["sku_id"][:40])
    return CodeRow(SkuId(number), required(cells, "code"))


async def _work(keys: Keys, tx: Tx, row: CodeRow, _options: Mapping[str, str]) -> RowState:
    offer = (await goods.offers(tx, [row.sku_id])).get(row.sku_id)
    if offer is None or offer.delivery is not DeliveryKind.VIRTUAL:
        raise CodeSkuUnfit(field="sku_id", sku_id=row.sku_id)
    if not await codes.add(tx, row.sku_id, codes.seal(keys, row.code)):
        return RowState.UNCHANGED
    await stock.adjust(tx, row.sku_id, 1, "redeem code")
    return RowState.DONE


async def _without_keys(_tx: Tx, _row: CodeRow, _options: Mapping[str, str]) -> RowState:
    raise AssertionError("codes are put in by `kind_with`")


CODES = Kind(
    name=KIND,
    permission="stock.write",
    columns=COLUMNS,
    parse=parse,
    work=_without_keys,
    key=lambda row: f"{row.sku_id} {row.code}",
)


def kind_with(keys: Keys) -> Kind[CodeRow]:
    """What is done with a file of codes: each is kept sealed and is one more piece on hand."""
    return replace(CODES, work=partial(_work, keys))


async def deliver(tx: Tx, order_id: OrderId) -> bool:
    """An order was paid: give it its codes; what is given counts as handed over. Where codes are missing the order is
    abnormal, and giving again (once there are more) gives what is missing. False when some still are.
    """
    order = await orders.lock(tx, order_id)
    virtual = {line.sku_id: line.quantity for line in order.lines if line.delivery is DeliveryKind.VIRTUAL}
    by_code = await codes.with_codes(tx, virtual) if virtual else set()
    wanted = {sku_id: count for sku_id, count in virtual.items() if sku_id in by_code}
    if not wanted or order.state not in {OrderState.TO_SHIP, OrderState.PARTLY_SHIPPED}:
        return True
    missing = await codes.give(tx, order_id, wanted)
    left = await shipping.pieces_left(tx, order)
    lines = [(sku_id, left.get(sku_id, 0) - missing.get(sku_id, 0)) for sku_id in wanted]
    if lines := [(sku_id, count) for sku_id, count in lines if count > 0]:
        await shipping.ship(tx, order_id, carrier=VIRTUAL, tracking_no="", lines=lines)
    if missing:
        await abnormal.flag_by_system(tx, await orders.lock(tx, order_id), kind=AbnormalKind.CODES_MISSING)
    else:
        await abnormal.settle_by_itself(tx, order_id, kind=AbnormalKind.CODES_MISSING)
    return not missing


async def give_again(tx: Tx, order_id: OrderId) -> bool:
    """Staff put more codes in: give the order what was missing. Raises `OrderUnknown`."""
    await orders.lock(tx, order_id)
    return await deliver(tx, order_id)
