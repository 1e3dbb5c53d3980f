"""The one table of what is done with files. A kind stands here, or no file of it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from liveshelf.batches import queries, service
from liveshelf.batches.errors import BatchKindUnknown
from liveshelf.batches.service import Kind
from liveshelf.batches.types import Batch
from liveshelf.flows import binding_file, codes, library_file, order_export, ship_file, stock_file
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.runtime import Runtime

KINDS: Mapping[str, Kind[Any]] = {
    kind.name: kind
    for kind in (ship_file.SHIP, codes.CODES, stock_file.COUNTS, binding_file.BIND, library_file.LIBRARY)
}
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
        await service.work(runtime.db, runtime.keys, shop, batch_id, kind=_with(runtime, shop, batch))


def _with(runtime: Runtime, shop: ShopId, batch: Batch) -> Kind[Any]:
    """The kind of a batch with what of the process it needs: keys to seal codes, pictures to cut covers."""
    if batch.kind == codes.KIND:
        return codes.kind_with(runtime.keys)
    if batch.kind == library_file.KIND:
        return library_file.kind_with(runtime, shop, service.actor_of(batch.made_by))
    return kind_of(batch.kind)
