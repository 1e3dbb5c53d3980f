"""Statements of who is at the desk of a room."""

from __future__ import annotations

from sqlalchemy import BindParameter, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.schema import Instant
from liveshelf.platform.timers import board_rows
from liveshelf.rooms._tables import room_desks, room_watch_spans, room_watches, rooms
from liveshelf.rooms.types import ON_AIR

_SHOP: BindParameter[int] = bindparam("shop")
_DESK = and_(room_desks.c.shop_id == _SHOP, room_desks.c.room_id == bindparam("room"))
_WATCH = and_(room_watches.c.shop_id == _SHOP, room_watches.c.room_id == bindparam("room"))
_SPANS = and_(room_watch_spans.c.shop_id == _SHOP, room_watch_spans.c.room_id == bindparam("room"))

_ITS_ROOM = and_(rooms.c.shop_id == room_watches.c.shop_id, rooms.c.room_id == room_watches.c.room_id)
_ON_AIR = and_(rooms.c.state.in_(sorted(ON_AIR)), rooms.c.deleted_at.is_(None))

_put = pg_insert(room_desks)
# Each person has a row of their own, whatever the number of their pages.
PUT_DESK = _put.on_conflict_do_update(
    index_elements=[room_desks.c.shop_id, room_desks.c.room_id, room_desks.c.account_id],
    set_={"place": _put.excluded.place, "seen_at": _put.excluded.seen_at},
)
LEFT_LONG_AGO = delete(room_desks).where(_DESK, room_desks.c.seen_at < bindparam("before", type_=Instant))
AT_DESK = (
    select(room_desks)
    .where(_DESK, room_desks.c.seen_at > bindparam("after", type_=Instant))
    .order_by(room_desks.c.account_id)
)

WATCH = select(room_watches).where(_WATCH)
INSERT_WATCH = pg_insert(room_watches).on_conflict_do_nothing()
DELETE_WATCH = delete(room_watches).where(_WATCH)
# Only while the broadcast runs: before it there is nothing to alarm about.
WAIT_UNTIL = (
    update(room_watches)
    .where(
        _WATCH,
        select(rooms.c.room_id).where(_ITS_ROOM, _ON_AIR).correlate(room_watches).exists(),
    )
    .values(due_at=bindparam("until", type_=Instant))
)
BEGIN_WAITING = update(room_watches).where(_WATCH).values(due_at=bindparam("until", type_=Instant))

# Two beats of one person at once: the second sees the first's row after its commit, and one span goes on.
GO_ON = (
    update(room_watch_spans)
    .where(
        _SPANS,
        room_watch_spans.c.account_id == bindparam("account"),
        room_watch_spans.c.seen_at > bindparam("after", type_=Instant),
    )
    .values(seen_at=func.greatest(room_watch_spans.c.seen_at, bindparam("moment", type_=Instant)))
    .returning(room_watch_spans.c.span_id)
)
INSERT_SPAN = insert(room_watch_spans)
SPANS = select(room_watch_spans).where(_SPANS).order_by(room_watch_spans.c.began_at, room_watch_spans.c.span_id)
LAST_SEEN = select(func.max(room_watch_spans.c.seen_at)).where(_SPANS)

# The alarm of a gap is told once: whoever takes the row's time away tells it.
DUE = (
    select(room_watches.c.room_id, _ON_AIR.label("runs"))
    .join(rooms, _ITS_ROOM)
    .where(room_watches.c.shop_id == _SHOP, room_watches.c.due_at <= bindparam("now"))
    .order_by(room_watches.c.room_id)
    .limit(bindparam("most"))
    .with_for_update(of=room_watches, skip_locked=True)
)
STOP_WAITING = (
    update(room_watches)
    .where(room_watches.c.shop_id == _SHOP, room_watches.c.room_id.in_(bindparam("rooms", expanding=True)))
    .values(due_at=None)
)
DUE_SHOPS = select(room_watches.c.shop_id).where(room_watches.c.due_at <= bindparam("now")).distinct()
PENDING = board_rows(
    "room",
    room_watches.c.room_id,
    room_watches.c.due_at,
    room_watches.c.shop_id == _SHOP,
    room_watches.c.due_at.is_not(None),
    select(rooms.c.room_id).where(_ITS_ROOM, _ON_AIR).correlate(room_watches).exists(),
)
