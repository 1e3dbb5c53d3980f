"""Statements of who may not comment."""

from __future__ import annotations

from sqlalchemy import BindParameter, and_, bindparam, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.rooms._tables import room_mutes

EVERYWHERE = 0
_SHOP: BindParameter[int] = bindparam("shop")
_OF = and_(room_mutes.c.shop_id == _SHOP, room_mutes.c.customer_id == bindparam("customer"))
_HERE = room_mutes.c.room_id.in_([EVERYWHERE, bindparam("room")])

MUTES_OF = select(room_mutes.c.room_id).where(_OF, _HERE)
IN_ROOM = (
    select(room_mutes)
    .where(room_mutes.c.shop_id == _SHOP, _HERE)
    .order_by(room_mutes.c.at.desc(), room_mutes.c.customer_id)
    .limit(bindparam("most"))
)
# The first who muted is on record.
MUTE = pg_insert(room_mutes).on_conflict_do_nothing()
UNMUTE = delete(room_mutes).where(_OF, _HERE).returning(room_mutes.c.room_id)
FORGET = delete(room_mutes).where(_OF)
_same = room_mutes.alias("same")
# A guest who becomes a member stays muted; where the member is muted already, the guest's row goes with `FORGET`.
MOVE = (
    update(room_mutes)
    .where(
        _OF,
        ~exists().where(
            _same.c.shop_id == room_mutes.c.shop_id,
            _same.c.customer_id == bindparam("member"),
            _same.c.room_id == room_mutes.c.room_id,
        ),
    )
    .values(customer_id=bindparam("member"))
)
