"""Goods inside a room: import, on and off sale, remove, push, sort."""

from __future__ import annotations

from liveshelf.facades.wechat.calls import Call, call
from liveshelf.facades.wechat.envelope import Answer
from liveshelf.kernel.ids import GoodsId, RoomId
from liveshelf.rooms import service
from liveshelf.rooms.errors import SortEmpty


@call("room.addgoods", "/wxaapi/broadcast/room/addgoods", anchor="RG1")
async def add_goods(call: Call) -> Answer:
    """Add approved goods at the shelf's end; what is there stays."""
    room_id = RoomId(call.params.identifier("roomId"))
    goods_ids = [GoodsId(one) for one in call.params.identifiers("ids")]
    await call.write(lambda tx: service.put_on_shelf(tx, room_id, goods_ids))
    return {}


@call("goods.onsale", "/wxaapi/broadcast/goods/onsale", anchor="RG2")
async def set_on_sale(call: Call) -> Answer:
    """Put a goods of the room on sale or take it off sale."""
    room_id, goods_id = _place(call)
    command = service.put_on_sale if call.params.flag("onSale") else service.take_off_sale
    await call.write(lambda tx: command(tx, room_id, goods_id))
    return {}


@call("goods.deleteInRoom", "/wxaapi/broadcast/goods/deleteInRoom", anchor="RG3")
async def remove_goods(call: Call) -> Answer:
    """Take a goods off the room's shelf."""
    room_id, goods_id = _place(call)
    await call.write(lambda tx: service.take_off_in_turn(tx, room_id, goods_id))
    return {}


@call("goods.push", "/wxaapi/broadcast/goods/push", anchor="RG4")
async def push_goods(call: Call) -> Answer:
    """Show a goods on top of the broadcast."""
    room_id, goods_id = _place(call)
    await call.write(lambda tx: service.push_in_turn(tx, room_id, goods_id))
    return {}


@call("goods.sort", "/wxaapi/broadcast/goods/sort", anchor="RG5")
async def sort_goods(call: Call) -> Answer:
    """Put the room's goods in a new order."""
    room_id = RoomId(call.params.identifier("roomId"))
    if not call.params.get("goods"):
        raise SortEmpty(field="goods")
    order = [GoodsId(one.identifier("goodsId")) for one in call.params.parts("goods")]
    await call.write(lambda tx: service.sort(tx, room_id, order))
    return {}


def _place(call: Call) -> tuple[RoomId, GoodsId]:
    return RoomId(call.params.identifier("roomId")), GoodsId(call.params.identifier("goodsId"))


ROUTES = (add_goods, set_on_sale, remove_goods, push_goods, sort_goods)
