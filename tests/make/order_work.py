"""Orders that were paid, and files of rows worked off as the worker does it."""

from __future__ import annotations

from liveshelf.batches import queries as batch_queries
from liveshelf.batches import service as batches
from liveshelf.batches.files import cells_of, read_table
from liveshelf.batches.types import Batch, RowResult
from liveshelf.flows import batch_kinds
from liveshelf.kernel.ids import ShopId
from liveshelf.orders.types import Order
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from tests.make.goods import STAFF
from tests.make.paying import Till
from tests.make.selling import Sold, addressed, bought, guest, order, wish


async def paid_order(db: Database, shop: ShopId, till: Till, sold: Sold, quantity: int = 2) -> Order:
    """An order that waits to be shipped."""
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id, quantity))
    await till.press(await till.start(shop, await addressed(db, shop, placed), request_id=f"pay-{placed.order_id}"))
    return await order(db, shop, placed.order_id)


async def sent_file(runtime: Runtime, shop: ShopId, content: bytes, kind: str = "orders.ship", **options: str) -> int:
    """A file as staff send it; not rehearsed yet."""
    rows = cells_of(read_table(content), batch_kinds.kind_of(kind).columns)
    return await runtime.db.write(
        STAFF,
        shop,
        lambda tx: batches.take_in(tx, kind, keys=runtime.keys, file_name="orders.csv", rows=rows, options=options),
    )


async def worked(runtime: Runtime, shop: ShopId, batch_id: int) -> tuple[Batch, list[RowResult]]:
    """The batch after its worker came by, with its first rows."""
    await batch_kinds.work(runtime, shop, batch_id)
    async with runtime.db.read(shop) as tx:
        found = await batch_queries.batch(tx, batch_id)
        rows = await batch_queries.results(tx, runtime.keys, batch_id, limit=100)
    return found, list(rows.items)
