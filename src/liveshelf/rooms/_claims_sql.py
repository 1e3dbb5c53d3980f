"""Statements of claims by comment."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BindParameter, and_, bindparam, delete, func, insert, or_, select, tuple_, update

from liveshelf.platform.schema import Instant
from liveshelf.rooms._claims_tables import room_claim_rounds, room_claims
from liveshelf.rooms._tables import rooms
from liveshelf.rooms.types import ON_AIR

_SHOP: BindParameter[int] = bindparam("shop")
_ROUND = and_(room_claim_rounds.c.shop_id == _SHOP, room_claim_rounds.c.round_id == bindparam("round"))
_IN_ROOM = and_(room_claim_rounds.c.shop_id == _SHOP, room_claim_rounds.c.room_id == bindparam("room"))
_ITS_ROOM = and_(rooms.c.shop_id == room_claim_rounds.c.shop_id, rooms.c.room_id == room_claim_rounds.c.room_id)
_ITS_ROUND = and_(
    room_claim_rounds.c.shop_id == room_claims.c.shop_id, room_claim_rounds.c.round_id == room_claims.c.round_id
)
_WAITING = room_claims.c.state == "waiting"
# A round ends with its broadcast, whether or not somebody closed it.
_OPEN = and_(room_claim_rounds.c.closed_at.is_(None), rooms.c.state.in_(sorted(ON_AIR)), rooms.c.deleted_at.is_(None))
_rounds = select(room_claim_rounds, _OPEN.label("is_open")).join(rooms, _ITS_ROOM)
_claims = (
    select(room_claims, room_claim_rounds.c.room_id, room_claim_rounds.c.goods_id, _OPEN.label("is_open"))
    .join(room_claim_rounds, _ITS_ROUND)
    .join(rooms, _ITS_ROOM)
)

INSERT_ROUND = insert(room_claim_rounds)
OPEN_ROUNDS = _rounds.where(_IN_ROOM, _OPEN).order_by(room_claim_rounds.c.round_id)
# What nobody closed when the broadcast before ended would stand in the way of the next one.
CLOSE_STALE = (
    update(room_claim_rounds)
    .where(_IN_ROOM, room_claim_rounds.c.goods_id == bindparam("goods"), room_claim_rounds.c.closed_at.is_(None))
    .values(closed_at=bindparam("moment", type_=Instant))
)
LATEST_ROUNDS = _rounds.where(_IN_ROOM).order_by(room_claim_rounds.c.round_id.desc()).limit(bindparam("most"))
CLOSE_ROUND = (
    update(room_claim_rounds)
    .where(_ROUND, _IN_ROOM, room_claim_rounds.c.closed_at.is_(None))
    .values(closed_at=bindparam("moment", type_=Instant))
    .returning(room_claim_rounds.c.round_id)
)
ROUND = _rounds.where(_ROUND)
# Claims of a round come one after the other: their numbers are the order in which they are decided.
LOCK_ROUND = _rounds.where(_ROUND).with_for_update(of=room_claim_rounds)
SET_SEQ = update(room_claim_rounds).where(_ROUND).values(seq=bindparam("last"))

INSERT_CLAIMS = insert(room_claims)
BY_COMMENTS = _claims.where(
    room_claims.c.shop_id == _SHOP, room_claims.c.comment_id.in_(bindparam("comments", expanding=True))
)
# What counts when somebody claims again: the last day, and this round however long it lasts.
HISTORY = _claims.where(
    room_claims.c.shop_id == _SHOP,
    room_claims.c.customer_id.in_(bindparam("customers", expanding=True)),
    or_(room_claims.c.at > bindparam("since", type_=Instant), room_claims.c.round_id == bindparam("round")),
)
QUEUE = (
    _claims.where(room_claims.c.shop_id == _SHOP, room_claims.c.round_id == bindparam("round"), _WAITING)
    .order_by(room_claims.c.number)
    .limit(bindparam("most"))
)
COUNT_WAITING = select(func.count()).where(
    room_claims.c.shop_id == _SHOP, room_claims.c.round_id == bindparam("round"), _WAITING
)
SETTLE = (
    update(room_claims)
    .where(
        room_claims.c.shop_id == bindparam("b_shop"),
        room_claims.c.round_id == bindparam("b_round"),
        room_claims.c.number == bindparam("b_number"),
    )
    .values(state=bindparam("b_state"), order_id=bindparam("b_order"), code=bindparam("b_code"))
)
OF_ROUNDS = (
    _claims.where(room_claims.c.shop_id == _SHOP, room_claims.c.round_id.in_(bindparam("rounds", expanding=True)))
    .order_by(room_claims.c.round_id.desc(), room_claims.c.number.desc())
    .limit(bindparam("most"))
)
COUNTS = (
    select(room_claims.c.round_id, room_claims.c.state, func.count().label("claims"))
    .where(room_claims.c.shop_id == _SHOP, room_claims.c.round_id.in_(bindparam("rounds", expanding=True)))
    .group_by(room_claims.c.round_id, room_claims.c.state)
)
MINE = (
    _claims.where(room_claims.c.shop_id == _SHOP, room_claims.c.customer_id == bindparam("customer"), _IN_ROOM)
    .order_by(room_claims.c.at.desc(), room_claims.c.round_id, room_claims.c.number.desc())
    .limit(bindparam("most"))
)
ROUND_OF_ORDER = select(room_claims.c.round_id).where(
    room_claims.c.shop_id == _SHOP, room_claims.c.order_id == bindparam("order")
)
WAITED_FOR = (
    select(room_claims.c.round_id)
    .distinct()
    .join(room_claim_rounds, _ITS_ROUND)
    .join(rooms, _ITS_ROOM)
    .where(room_claims.c.shop_id == _SHOP, _WAITING, _OPEN)
    .order_by(room_claims.c.round_id)
    .limit(bindparam("most"))
)
SHOPS_WAITED_FOR = (
    select(room_claims.c.shop_id)
    .distinct()
    .join(room_claim_rounds, _ITS_ROUND)
    .join(rooms, _ITS_ROOM)
    .where(_WAITING, _OPEN)
)
_OF = and_(room_claims.c.shop_id == _SHOP, room_claims.c.customer_id == bindparam("customer"))
ALL_OF = _claims.where(_OF).order_by(room_claims.c.at, room_claims.c.round_id, room_claims.c.number)
MOVE = update(room_claims).where(_OF).values(customer_id=bindparam("member"))
FORGET = delete(room_claims).where(_OF)

CLAIMS_KEPT = timedelta(days=90)  # as long as the comments that they were
DELETE_OLD = (
    delete(room_claims)
    .where(
        room_claims.c.shop_id == _SHOP,
        tuple_(room_claims.c.round_id, room_claims.c.number).in_(
            select(room_claims.c.round_id, room_claims.c.number)
            .where(room_claims.c.shop_id == _SHOP, room_claims.c.at <= bindparam("before", type_=Instant))
            .order_by(room_claims.c.round_id, room_claims.c.number)
            .limit(bindparam("most"))
        ),
    )
    .returning(room_claims.c.number)
)
SHOPS_WITH_OLD = (
    select(room_claims.c.shop_id).where(room_claims.c.at <= bindparam("now", type_=Instant) - CLAIMS_KEPT).distinct()
)
