"""Statements of the rooms capability."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    BindParameter,
    SmallInteger,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.schema import Instant
from liveshelf.platform.timers import board_rows
from liveshelf.rooms._tables import room_comments, room_presence, room_shelf, rooms
from liveshelf.rooms.types import ON_AIR, OPEN, OVERRUN, RoomAudit, RoomState

_SHOP: BindParameter[int] = bindparam("shop")
_ROOM = and_(rooms.c.shop_id == _SHOP, rooms.c.room_id == bindparam("room"))
_KEPT = rooms.c.deleted_at.is_(None)
_SHELF = and_(room_shelf.c.shop_id == _SHOP, room_shelf.c.room_id == bindparam("room"))
_COMMENTS = and_(room_comments.c.shop_id == _SHOP, room_comments.c.room_id == bindparam("room"))

INSERT_ROOM = insert(rooms)

ROOM = select(rooms).where(_ROOM, _KEPT)

# Commands on one room stand in line here, so its numbers are given in the order of the commits. "No key": a comment,
# which only needs the room to exist, does not wait.
LOCK_ROOM = ROOM.with_for_update(key_share=True)

# Rooms that have the goods, locked in one order by whoever changes goods of several rooms.
LOCK_ROOMS_WITH = (
    select(rooms)
    .where(
        rooms.c.shop_id == _SHOP,
        rooms.c.room_id.in_(
            select(room_shelf.c.room_id).where(
                room_shelf.c.shop_id == _SHOP, room_shelf.c.goods_id == bindparam("goods")
            )
        ),
    )
    .order_by(rooms.c.room_id)
    .with_for_update(key_share=True)
)

# Only under the row's lock: whoever runs it has just read what it changes.
UPDATE_ROOM = update(rooms).where(rooms.c.shop_id == bindparam("b_shop"), rooms.c.room_id == bindparam("b_room"))

# With rooms that were deleted: what they sold is kept all the same.
SALES_ROOM = select(rooms).where(_ROOM)
LOCK_SALES_ROOM = SALES_ROOM.with_for_update(key_share=True)
DELETE_COMMENTS_IN = delete(room_comments).where(_COMMENTS).returning(room_comments.c.comment_id)

# The move that expires or ends a room by the clock. The row's own state decides, so a second worker moves nothing.
DUE = (
    select(rooms)
    .where(
        rooms.c.shop_id == _SHOP,
        _KEPT,
        ((rooms.c.state == RoomState.SCHEDULED) & (rooms.c.ends_at <= bindparam("now")))
        | (rooms.c.state.in_(sorted(ON_AIR)) & (rooms.c.ends_at <= bindparam("overrun"))),
    )
    .order_by(rooms.c.room_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
)
DUE_SHOPS = (
    select(rooms.c.shop_id)
    .where(rooms.c.state.in_(sorted(OPEN)), _KEPT, rooms.c.ends_at <= bindparam("now"))
    .distinct()
)
# When the clock moves a room: a planned one at its end, one on air when it has run over.
PENDING = board_rows(
    "room",
    rooms.c.room_id,
    case((rooms.c.state == RoomState.SCHEDULED, rooms.c.ends_at), else_=rooms.c.ends_at + OVERRUN),
    rooms.c.shop_id == _SHOP,
    rooms.c.state.in_(sorted(OPEN)),
    _KEPT,
)

_VIEWERS = (
    select(func.coalesce(func.sum(room_presence.c.viewers), 0))
    .where(
        room_presence.c.shop_id == rooms.c.shop_id,
        room_presence.c.room_id == rooms.c.room_id,
        room_presence.c.seen_at > bindparam("fresh"),
    )
    .scalar_subquery()
    .label("viewers")
)
_SHELF_COUNT = (
    select(func.count())
    .where(room_shelf.c.shop_id == rooms.c.shop_id, room_shelf.c.room_id == rooms.c.room_id)
    .scalar_subquery()
    .label("shelf_count")
)
CARDS = select(rooms, _VIEWERS, _SHELF_COUNT).where(rooms.c.shop_id == _SHOP, _KEPT)
CARD = CARDS.where(rooms.c.room_id == bindparam("room"))
CARDS_PAGE = CARDS.order_by(rooms.c.starts_at.desc(), rooms.c.room_id.desc()).limit(bindparam("most"))
CARDS_AFTER = tuple_(rooms.c.starts_at, rooms.c.room_id) < tuple_(bindparam("last_start"), bindparam("last_room"))
CARDS_IN = rooms.c.state.in_(bindparam("states", expanding=True))
PUBLIC_CARDS = CARDS_PAGE.where(CARDS_IN, rooms.c.audit_state == RoomAudit.APPROVED)
# The wire's list: newest start first, by the item's index.
ROOMS_AT = (
    select(rooms)
    .where(rooms.c.shop_id == _SHOP, _KEPT)
    .order_by(rooms.c.starts_at.desc(), rooms.c.room_id.desc())
    .offset(bindparam("first"))
    .limit(bindparam("most"))
)
COUNT_ROOMS = select(func.count()).where(rooms.c.shop_id == _SHOP, _KEPT)

SHELF = select(room_shelf).where(_SHELF).order_by(room_shelf.c.position, room_shelf.c.goods_id)
SHELVES = (
    select(room_shelf)
    .where(room_shelf.c.shop_id == _SHOP, room_shelf.c.room_id.in_(bindparam("rooms", expanding=True)))
    .order_by(room_shelf.c.room_id, room_shelf.c.position, room_shelf.c.goods_id)
)
ON_AIR_NOW = (
    select(rooms.c.room_id)
    .where(rooms.c.shop_id == _SHOP, rooms.c.state.in_(sorted(ON_AIR)), _KEPT)
    .order_by(rooms.c.room_id)
)
# Of any shop: what takes much of the machine asks first. The clocks' index holds all of them.
SHOP_WATCHED = (
    select(rooms.c.shop_id)
    .where(rooms.c.state.in_(sorted(ON_AIR)), _KEPT, or_(rooms.c.has_picture, _VIEWERS.element > 0))
    .limit(1)
)
# Where goods are on sale in a broadcast that is on air: the latest one.
ON_AIR_WITH = (
    select(room_shelf.c.goods_id, func.max(room_shelf.c.room_id).label("room_id"))
    .join(rooms, and_(rooms.c.shop_id == room_shelf.c.shop_id, rooms.c.room_id == room_shelf.c.room_id))
    .where(
        room_shelf.c.shop_id == _SHOP,
        room_shelf.c.goods_id.in_(bindparam("goods", expanding=True)),
        room_shelf.c.on_sale,
        rooms.c.state.in_(sorted(ON_AIR)),
        _KEPT,
    )
    .group_by(room_shelf.c.goods_id)
)
# For checkout: the rooms that orders name, with what is on sale in each; one statement a batch of orders.
FOR_SALE = (
    select(rooms.c.room_id, rooms.c.state, room_shelf.c.goods_id)
    .outerjoin(
        room_shelf,
        and_(
            room_shelf.c.shop_id == rooms.c.shop_id,
            room_shelf.c.room_id == rooms.c.room_id,
            room_shelf.c.on_sale,
        ),
    )
    .where(rooms.c.shop_id == _SHOP, rooms.c.room_id == func.any(bindparam("rooms", type_=ARRAY(BigInteger))), _KEPT)
)
INSERT_SHELF = insert(room_shelf)
# Parameters of their own: a bind named like a column would be taken for its new value.
_PLACE = and_(
    room_shelf.c.shop_id == bindparam("b_shop"),
    room_shelf.c.room_id == bindparam("b_room"),
    room_shelf.c.goods_id == bindparam("b_goods"),
)
SET_POSITION = update(room_shelf).where(_PLACE).values(position=bindparam("b_position"), number=bindparam("b_number"))
SET_PINNED = update(room_shelf).where(_PLACE).values(pinned_seq=bindparam("b_seq", type_=BigInteger))
UNPIN = (
    update(room_shelf)
    .where(_SHELF, room_shelf.c.goods_id.in_(bindparam("goods", expanding=True)))
    .values(pinned_seq=None)
)
SET_QUICK_PLACE = update(room_shelf).where(_PLACE).values(quick_place=bindparam("b_quick", type_=SmallInteger))
SET_ON_SALE = update(room_shelf).where(_PLACE).values(on_sale=bindparam("b_on_sale"))
DELETE_SHELF = delete(room_shelf).where(_SHELF, room_shelf.c.goods_id.in_(bindparam("goods", expanding=True)))
DELETE_EVERYWHERE = delete(room_shelf).where(room_shelf.c.shop_id == _SHOP, room_shelf.c.goods_id == bindparam("goods"))

ADD_LIKES = (
    update(rooms)
    .where(rooms.c.shop_id == bindparam("b_shop"), rooms.c.room_id == bindparam("b_room"), _KEPT)
    .values(likes=rooms.c.likes + bindparam("b_likes"))
)

INSERT_COMMENT = insert(room_comments)
# Two comments of one author at the same moment would both find no earlier one: the second waits here for the first's
# commit.
LOCK_AUTHOR = select(func.pg_advisory_xact_lock(bindparam("space"), bindparam("author")))
LAST_COMMENT_OF = select(func.max(room_comments.c.comment_id)).where(
    room_comments.c.shop_id == _SHOP, room_comments.c.customer_id == bindparam("customer")
)
COMMENTS_OF = (
    select(room_comments.c.room_id, room_comments.c.text, room_comments.c.at)
    .where(room_comments.c.shop_id == _SHOP, room_comments.c.customer_id == bindparam("customer"))
    .order_by(room_comments.c.comment_id)
)
DELETE_COMMENTS_OF = delete(room_comments).where(
    room_comments.c.shop_id == _SHOP, room_comments.c.customer_id == bindparam("customer")
)
COMMENTS_KEPT = timedelta(days=90)  # what people do, as against what they buy
DELETE_OLD_COMMENTS = (
    delete(room_comments)
    .where(
        room_comments.c.shop_id == _SHOP,
        room_comments.c.comment_id.in_(
            select(room_comments.c.comment_id)
            .where(
                room_comments.c.shop_id == _SHOP,
                room_comments.c.customer_id.is_not(None),
                room_comments.c.at <= bindparam("before", type_=Instant),
            )
            .order_by(room_comments.c.comment_id)
            .limit(bindparam("most"))
        ),
    )
    .returning(room_comments.c.comment_id)
)
SHOPS_WITH_OLD_COMMENTS = (
    select(room_comments.c.shop_id)
    .where(
        room_comments.c.customer_id.is_not(None),
        room_comments.c.at <= bindparam("now", type_=Instant) - COMMENTS_KEPT,
    )
    .distinct()
)
COMMENT = select(room_comments).where(_COMMENTS, room_comments.c.comment_id == bindparam("comment"))
HIDE_COMMENT = (
    update(room_comments)
    .where(_COMMENTS, room_comments.c.comment_id == bindparam("comment"), room_comments.c.hidden_at.is_(None))
    .values(hidden_at=bindparam("b_hidden_at"))
    .returning(room_comments.c.comment_id)
)
_HELD = and_(_COMMENTS, room_comments.c.comment_id == bindparam("comment"), room_comments.c.held_at.is_not(None))
# Under a new number, as if it were said now: pages ask for what comes after the last number they know.
RELEASE_COMMENT = (
    update(room_comments)
    .where(_HELD, room_comments.c.hidden_at.is_(None))
    .values(comment_id=bindparam("number", type_=BigInteger), held_at=None)
    .returning(room_comments.c.comment_id)
)
DROP_COMMENT = update(room_comments).where(_HELD).values(hidden_at=bindparam("b_hidden_at"))
MOVE_COMMENTS = (
    update(room_comments)
    .where(room_comments.c.shop_id == _SHOP, room_comments.c.customer_id == bindparam("from_customer"))
    .values(customer_id=bindparam("to_customer"))
)
COMMENTS_NEWEST = (
    select(room_comments)
    .where(_COMMENTS, room_comments.c.hidden_at.is_(None), room_comments.c.held_at.is_(None))
    .order_by(room_comments.c.comment_id.desc())
    .limit(bindparam("most"))
)
COMMENTS_AFTER = COMMENTS_NEWEST.where(room_comments.c.comment_id > bindparam("after"))
HIDDEN_SINCE = (
    select(room_comments.c.comment_id)
    .where(_COMMENTS, room_comments.c.hidden_at >= bindparam("since"))
    .order_by(room_comments.c.hidden_at)
    .limit(bindparam("most"))
)

_PRESENCE = pg_insert(room_presence)
# Each gateway owns its rows; nobody waits for anybody.
PUT_PRESENCE = _PRESENCE.on_conflict_do_update(
    index_elements=[room_presence.c.shop_id, room_presence.c.room_id, room_presence.c.gateway],
    set_={"viewers": _PRESENCE.excluded.viewers, "seen_at": _PRESENCE.excluded.seen_at},
)
DELETE_STALE_PRESENCE = delete(room_presence).where(
    room_presence.c.shop_id == _SHOP, room_presence.c.seen_at < bindparam("stale")
)
# What a gateway asks once a second of all its rooms: counts, and whether a hint was lost.
PULSE = select(rooms.c.room_id, rooms.c.seq, rooms.c.likes, rooms.c.deleted_at, _VIEWERS).where(
    rooms.c.shop_id == _SHOP, rooms.c.room_id.in_(bindparam("rooms", expanding=True))
)
