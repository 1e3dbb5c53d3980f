"""Statements of the video capability."""

from __future__ import annotations

from sqlalchemy import BindParameter, and_, bindparam, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.platform.schema import Instant
from liveshelf.video._tables import video_streams as streams

_SHOP: BindParameter[int] = bindparam("shop")
_ONE = and_(streams.c.shop_id == _SHOP, streams.c.room_id == bindparam("room"))
_OURS = and_(_ONE, streams.c.run == bindparam("b_run"), streams.c.ingest == bindparam("b_ingest"))

STREAM = select(streams).where(_ONE)
STREAMS = select(streams).where(streams.c.shop_id == _SHOP, streams.c.room_id.in_(bindparam("rooms", expanding=True)))
# Rooms with something on the disk, the latest first.
RECORDED = (
    select(streams)
    .where(streams.c.shop_id == _SHOP, streams.c.run > 0, streams.c.room_id < bindparam("before"))
    .order_by(streams.c.room_id.desc())
    .limit(bindparam("most"))
)
TOTALS = select(
    func.count().label("recordings"), func.coalesce(func.sum(streams.c.recorded_bytes), 0).label("bytes")
).where(streams.c.shop_id == _SHOP, streams.c.run > 0, streams.c.removed_at.is_(None))

# Whoever hands a recording to the review does so alone.
LOCK = select(streams.c.room_id).where(_ONE).with_for_update()
PUT_ROW = (
    pg_insert(streams)
    .values(
        shop_id=_SHOP,
        room_id=bindparam("room"),
        generation=0,
        delay_s=0,
        run=0,
        kbps=0,
        frames_per_10_s=0,
        keyframe_every_ms=0,
        recorded_ms=0,
        recorded_bytes=0,
    )
    .on_conflict_do_nothing()
)
# The sender in the middle of something loses its hold with the key.
NEW_KEY = update(streams).where(_ONE).values(generation=streams.c.generation + 1, ingest=None)
SET_DELAY = update(streams).where(_ONE).values(delay_s=bindparam("b_delay"))

# One sender at a time: the row's own hold decides, unless whoever has it has died.
CLAIM = (
    update(streams)
    .where(_ONE, or_(streams.c.ingest.is_(None), streams.c.due_at.is_(None), streams.c.due_at <= bindparam("stale")))
    .values(
        run=streams.c.run + 1,
        ingest=bindparam("b_ingest"),
        began_at=bindparam("b_now", type_=Instant),
        due_at=bindparam("b_due", type_=Instant),
    )
    .returning(streams.c.run, streams.c.generation)
)
# A hold that the clock took back while the database was away is taken again; one that a new key took is not.
BEAT = (
    update(streams)
    .where(
        _ONE,
        streams.c.run == bindparam("b_run"),
        streams.c.generation == bindparam("b_generation"),
        or_(streams.c.ingest.is_(None), streams.c.ingest == bindparam("b_ingest")),
    )
    .values(
        ingest=bindparam("b_ingest"),
        due_at=bindparam("b_due", type_=Instant),
        kbps=bindparam("b_kbps"),
        frames_per_10_s=bindparam("b_frames"),
        keyframe_every_ms=bindparam("b_keyframe"),
        recorded_ms=bindparam("b_ms"),
        recorded_bytes=bindparam("b_bytes"),
        halted_at=case((bindparam("b_halted"), func.coalesce(streams.c.halted_at, bindparam("b_now", type_=Instant)))),
    )
    .returning(streams.c.run)
)
LET_GO = (
    update(streams)
    .where(_OURS)
    .values(ingest=None, kbps=0, frames_per_10_s=0, due_at=bindparam("b_due", type_=Instant))
    .returning(streams.c.run)
)
# A process begins, and it could take its port: whatever it held before it died is nobody's.
HELD_BY = select(streams.c.shop_id, streams.c.room_id, streams.c.run).where(streams.c.ingest == bindparam("b_ingest"))
LET_ALL_GO = (
    update(streams)
    .where(streams.c.shop_id == _SHOP, streams.c.ingest == bindparam("b_ingest"))
    .values(ingest=None, kbps=0, frames_per_10_s=0)
)

SHOPS_DUE = select(streams.c.shop_id).where(streams.c.due_at <= bindparam("now", type_=Instant)).distinct()
DUE = (
    select(streams.c.room_id)
    .where(streams.c.shop_id == _SHOP, streams.c.due_at <= bindparam("now", type_=Instant))
    .order_by(streams.c.room_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
SETTLE = update(streams).where(_ONE).values(due_at=None, ingest=None, kbps=0, frames_per_10_s=0)
REMOVED = (
    update(streams)
    .where(_ONE, streams.c.removed_at.is_(None))
    .values(removed_at=bindparam("b_now", type_=Instant), recorded_ms=0, recorded_bytes=0)
    .returning(streams.c.room_id)
)
