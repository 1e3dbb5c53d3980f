"""The quick bar of a room, and what a shop sets for all its rooms."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import delete, get, post, put

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator
from liveshelf.facades.native.broadcasts import DeskView
from liveshelf.facades.native.rooms import changed
from liveshelf.facades.native.shell import RequestId, SmallId, instant, once, staff
from liveshelf.kernel.ids import GoodsId
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import quickbar
from liveshelf.rooms.settings import BOUNDS, BarUnit, RoomSettings, set_settings, settings_set
from liveshelf.rooms.types import QUICK_BAR_MAX

_BAR = "/shops/{shop_id:int}/rooms/{room_id:int}/quick-bar"
_SETTINGS = "/shops/{shop_id:int}/room-settings"


class BarGoods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Goods of the bar, in order. No request id: what is there already stays as it is."""

    goods_ids: Annotated[list[SmallId], msgspec.Meta(min_length=1, max_length=QUICK_BAR_MAX)]


class RoomSettingsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to count from now on."""

    request_id: RequestId
    quick_bar_unit: BarUnit
    stock_factor: int
    legal_gap_s: int


class Bound(msgspec.Struct, frozen=True):
    """Between what a number may be."""

    least: int
    most: int


class RoomSettingsView(msgspec.Struct, frozen=True):
    """What counts for all rooms of the shop, and who has set it."""

    quick_bar_unit: BarUnit
    stock_factor: int
    legal_gap_s: int
    bounds: dict[str, Bound]
    changed_by: str | None
    changed_at: str | None


@post(_BAR, dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def add_to_quick_bar(room_id: SmallId, data: BarGoods, operator: Operator, runtime: Runtime) -> DeskView:
    """Put goods of the shelf at the end of the quick bar; what is there stays."""
    goods_ids = [GoodsId(one) for one in data.goods_ids]
    return await changed(runtime, operator, room_id, lambda tx, room: quickbar.add(tx, room, goods_ids))


@put(f"{_BAR}/order", dependencies=staff("rooms.live"), tags=["rooms"])
async def sort_quick_bar(room_id: SmallId, data: BarGoods, operator: Operator, runtime: Runtime) -> DeskView:
    """Put the named goods first in the quick bar, in this order."""
    goods_ids = [GoodsId(one) for one in data.goods_ids]
    return await changed(runtime, operator, room_id, lambda tx, room: quickbar.sort(tx, room, goods_ids))


@delete(f"{_BAR}/{{goods_id:int}}", dependencies=staff("rooms.live"), tags=["rooms"], status_code=200)
async def take_out_of_quick_bar(room_id: SmallId, goods_id: SmallId, operator: Operator, runtime: Runtime) -> DeskView:
    """Take a goods out of the quick bar; it stays on the shelf."""
    return await changed(runtime, operator, room_id, lambda tx, room: quickbar.take_out(tx, room, GoodsId(goods_id)))


@get(_SETTINGS, dependencies=staff("rooms.read"), tags=["rooms"])
async def get_room_settings(operator: Operator, runtime: Runtime) -> RoomSettingsView:
    """What counts for the shop's rooms."""
    return await _shown(runtime, operator)


@put(_SETTINGS, dependencies=staff("rooms.write"), tags=["rooms"])
async def put_room_settings(data: RoomSettingsIn, operator: Operator, runtime: Runtime) -> RoomSettingsView:
    """Let something else count from now on."""
    wanted = RoomSettings(data.quick_bar_unit, data.stock_factor, data.legal_gap_s)

    async def work(tx: Tx) -> None:
        await set_settings(tx, wanted)

    told = once("rooms.settings", data.request_id, data, type(None))
    await runtime.db.write(operator.actor, operator.shop, work, once=told)
    return await _shown(runtime, operator)


async def _shown(runtime: Runtime, operator: Operator) -> RoomSettingsView:
    async with runtime.db.read(operator.shop) as tx:
        found = await settings_set(tx)
        names = await accounts.names(tx, [found.changed_by or ""])
    by = None if found.changed_by is None else names.get(found.changed_by, found.changed_by.partition(":")[0])
    return RoomSettingsView(
        found.settings.quick_bar_unit,
        found.settings.stock_factor,
        found.settings.legal_gap_s,
        {name: Bound(*bounds) for name, bounds in BOUNDS.items()},
        by,
        instant(found.changed_at),
    )


ROUTES = [
    add_to_quick_bar,
    sort_quick_bar,
    take_out_of_quick_bar,
    get_room_settings,
    put_room_settings,
]
