"""Statements of the timeline."""

from __future__ import annotations

from sqlalchemy import BigInteger, BindParameter, Text, and_, bindparam, func, insert, null, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.schema import Instant
from liveshelf.timeline._tables import timeline_links, timeline_seals, timelines
from liveshelf.timeline.types import Kind

_SHOP: BindParameter[int] = bindparam("shop")
_ROOM = and_(timelines.c.shop_id == _SHOP, timelines.c.room_id == bindparam("room"))
_LINKS = and_(timeline_links.c.shop_id == _SHOP, timeline_links.c.room_id == bindparam("room"))
_SEALS = and_(timeline_seals.c.shop_id == _SHOP, timeline_seals.c.room_id == bindparam("room"))
_IN_KINDS = timeline_links.c.kind == func.any(bindparam("kinds", type_=ARRAY(Text)))

BEGIN = pg_insert(timelines).on_conflict_do_nothing()
ONE = select(timelines).where(_ROOM)
# Two writers that read the same sources: the second sees here that the first was quicker, and leaves.
LOCKED = ONE.with_for_update()
ADVANCE = update(timelines).where(
    timelines.c.shop_id == bindparam("b_shop"), timelines.c.room_id == bindparam("b_room")
)
OPEN = select(timelines.c.room_id).where(timelines.c.shop_id == _SHOP, timelines.c.closed_at.is_(None))
SHOPS_OPEN = select(timelines.c.shop_id).where(timelines.c.closed_at.is_(None)).distinct()
ROOMS = select(timelines.c.room_id).where(timelines.c.shop_id == _SHOP).order_by(timelines.c.room_id)

INSERT_LINKS = insert(timeline_links)
INSERT_SEAL = insert(timeline_seals)
LAST_LINK = select(timeline_links).where(_LINKS).order_by(timeline_links.c.number.desc()).limit(1)
KNOWN = select(timeline_links.c.kind, timeline_links.c.subject).where(
    _LINKS, _IN_KINDS, timeline_links.c.subject == func.any(bindparam("subjects", type_=ARRAY(BigInteger)))
)
LINKS = (
    select(timeline_links)
    .where(_LINKS, timeline_links.c.number > bindparam("after", type_=BigInteger))
    .order_by(timeline_links.c.number)
    .limit(bindparam("most"))
)
OF_KINDS = _IN_KINDS
NOT_OF_KINDS = ~_IN_KINDS
UNTIL = timeline_links.c.at <= bindparam("until", type_=Instant)
SINCE = timeline_links.c.at >= bindparam("since", type_=Instant)
SEALS = (
    select(timeline_seals)
    .where(
        _SEALS,
        timeline_seals.c.last > bindparam("after", type_=BigInteger),
        timeline_seals.c.last <= bindparam("until", type_=BigInteger),
    )
    .order_by(timeline_seals.c.last)
)
EMPTY_ORDERS = update(timeline_links).where(_LINKS, timeline_links.c.kind == Kind.ORDER.value).values(body=null())
