"""Statements about followers and what they are told."""

from __future__ import annotations

from sqlalchemy import BigInteger, BindParameter, Date, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.rooms._tables import room_followers, room_mass_notices

_SHOP: BindParameter[int] = bindparam("shop")
_OF_SHOP = room_followers.c.shop_id == _SHOP
_THEIRS = and_(_OF_SHOP, room_followers.c.customer_id == bindparam("customer"))
_ids = bindparam("ids", type_=ARRAY(BigInteger))
_day = bindparam("day", type_=Date)

FOLLOWER = select(room_followers).where(_THEIRS)
FOLLOW = pg_insert(room_followers).on_conflict_do_nothing().returning(room_followers.c.customer_id)
UNFOLLOW = delete(room_followers).where(_THEIRS).returning(room_followers.c.room_id)
MOVE = (
    update(room_followers)
    .where(_THEIRS)
    .values(customer_id=bindparam("becomes"))
    .returning(room_followers.c.customer_id)
)
PAGE = (
    select(room_followers)
    .where(_OF_SHOP, room_followers.c.follow_no > bindparam("after"))
    .order_by(room_followers.c.follow_no)
    .limit(bindparam("most"))
)
COUNT = select(func.count()).where(_OF_SHOP)
AMONG = select(room_followers.c.customer_id).where(_OF_SHOP, room_followers.c.customer_id == func.any(_ids))
# Once a day each: of two notices at the same moment only one finds the day new.
TELL = (
    update(room_followers)
    .where(
        _OF_SHOP,
        room_followers.c.customer_id == func.any(_ids),
        or_(room_followers.c.told_on.is_(None), room_followers.c.told_on < _day),
    )
    .values(told_on=_day)
    .returning(room_followers.c.customer_id)
)

# One room a day: two rooms that are announced at the same moment stand in one line.
LOCK_NOTICES = select(func.pg_advisory_xact_lock(bindparam("space"), bindparam("key")))
OTHER_ROOM = (
    exists()
    .where(
        room_mass_notices.c.shop_id == _SHOP,
        room_mass_notices.c.day == _day,
        room_mass_notices.c.room_id != bindparam("room"),
    )
    .select()
)
INSERT_NOTICE = pg_insert(room_mass_notices)
_NOTICE = and_(room_mass_notices.c.shop_id == _SHOP, room_mass_notices.c.message_id == bindparam("message"))
LOCK_NOTICE = select(room_mass_notices).where(_NOTICE).with_for_update()
END_NOTICE = update(room_mass_notices).where(
    room_mass_notices.c.shop_id == bindparam("b_shop"), room_mass_notices.c.message_id == bindparam("b_message")
)
NOTICES_OF = (
    select(room_mass_notices)
    .where(room_mass_notices.c.shop_id == _SHOP, room_mass_notices.c.room_id == bindparam("room"))
    .order_by(room_mass_notices.c.message_id.desc())
    .limit(bindparam("most"))
)
