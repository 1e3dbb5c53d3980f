"""What a broadcast sold: kept, read, and deleted only when it may be. Its orders are listed and exported like others,
by `room_id`.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from litestar import delete, get

from liveshelf.accounts.types import Operator
from liveshelf.facades.native.shell import SmallId, instant, staff
from liveshelf.flows import sales_records
from liveshelf.kernel.ids import RoomId
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import sales

_PATH = "/shops/{shop_id:int}/rooms/{room_id:int}/sales"


class SalesView(msgspec.Struct, frozen=True):
    """What a room sold. `kept_until` is told from the end of the broadcast on; before it nothing may be deleted."""

    room_id: int
    name: str
    orders: int
    units: int
    paid_fen: int
    ended_at: str | None
    kept_until: str | None
    purged_at: str | None
    may: list[Literal["purge"]]


@get(_PATH, dependencies=staff("orders.read"), tags=["rooms"])
async def room_sales(room_id: SmallId, operator: Operator, runtime: Runtime) -> SalesView:
    """The record of a broadcast, also when its room was deleted."""
    async with runtime.db.read(operator.shop) as tx:
        found = await sales.record(tx, RoomId(room_id))
        over = found.kept_until is not None and found.kept_until <= tx.now
    return SalesView(
        found.room.room_id,
        found.room.name,
        found.figures.orders,
        found.figures.units,
        found.figures.paid_fen,
        None if found.room.ended_at is None else instant(found.room.ended_at),
        None if found.kept_until is None else instant(found.kept_until),
        None if found.purged_at is None else instant(found.purged_at),
        ["purge"] if over and found.purged_at is None else [],
    )


@delete(_PATH, dependencies=staff("shop.write"), tags=["rooms"])
async def purge_room_sales(room_id: SmallId, operator: Operator, runtime: Runtime) -> None:
    """Delete the record for good; the orders themselves stay."""
    await runtime.db.write(operator.actor, operator.shop, lambda tx: sales_records.purge(tx, RoomId(room_id)))


ROUTES = [room_sales, purge_room_sales]
