"""The one table of what is done with files. A kind stands here, or no file of it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liveshelf.batches import queries, service
from liveshelf.batches.errors import BatchKindUnknown
from liveshelf.batches.service import Kind
from liveshelf.flows import codes, order_export, ship_file, stock_file
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.runtime import Runtime

KINDS: Mapping[str, Kind[Any]] = {kind.name: kind for kind in (ship_file.SHIP, codes.CODES, stock_file.COUNTS)}
EXPORTS: Mapping[str, str] = {
    order_export.KIND: order_export.PERMISSION,
    stock_file.EXPORT: stock_file.EXPORT_PERMISSION,
}


def kind_of(name: str) -> Kind[Any]:
    """The kind of a name. Raises `BatchKindUnknown`."""
    if name not in KINDS:
        raise BatchKindUnknown(kind=name)
    return KINDS[name]


def permission_of(name: str) -> str:
    """What a member needs to see batches of a kind. Raises `BatchKindUnknown`."""
    return EXPORTS[name] if name in EXPORTS else kind_of(name).permission


async def work(runtime: Runtime, shop: ShopId, batch_id: int) -> None:
    """Work through what waits in a batch, or make its file."""
    async with runtime.db.read(shop) as tx:
        batch = await queries.batch(tx, batch_id)
    if batch.kind == order_export.KIND:
        await order_export.make(runtime, shop, batch)
    elif batch.kind == stock_file.EXPORT:
        await stock_file.make(runtime, shop, batch)
    else:
        # Codes are sealed as they are put in, so their kind needs the keys.
        kind = codes.kind_with(runtime.keys) if batch.kind == codes.KIND else kind_of(batch.kind)
        await service.work(runtime.db, runtime.keys, shop, batch_id, kind=kind)
