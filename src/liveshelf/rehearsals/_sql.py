"""Statements of the rehearsals capability."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Text, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.sql.dml import ReturningUpdate

from liveshelf.platform.schema import Instant, Json
from liveshelf.rehearsals._tables import rehearsals
from liveshelf.rehearsals.types import OPEN, REHEARSAL, RehearsalState

KEPT = 20  # of a room, the latest

_SHOP: BindParameter[int] = bindparam("shop")
_of_shop = rehearsals.c.shop_id == _SHOP
_this = and_(_of_shop, rehearsals.c.rehearsal_id == bindparam("rehearsal"))
_of_room = and_(_of_shop, rehearsals.c.room_id == bindparam("room"))
_open = rehearsals.c.state.in_(sorted(OPEN))

# Of two that ask at the same moment one finds the other here, and gets no row.
INSERT = pg_insert(rehearsals).on_conflict_do_nothing().returning(rehearsals.c.rehearsal_id)
BY_ID = select(rehearsals).where(_this)
OF_ROOM = select(rehearsals).where(_of_room).order_by(rehearsals.c.rehearsal_id.desc()).limit(bindparam("most"))
OPEN_OF_SHOP = select(rehearsals).where(_of_shop, _open)
FORGET = delete(rehearsals).where(
    _of_room,
    ~_open,
    rehearsals.c.rehearsal_id.not_in(
        select(rehearsals.c.rehearsal_id)
        .where(_of_room)
        .order_by(rehearsals.c.rehearsal_id.desc())
        .limit(bindparam("most"))
    ),
)

# Whoever begins waits here for others that begin, so that of two shops only one plays.
LOCK_BEGINNING = select(func.pg_advisory_xact_lock(bindparam("space"), 0))
# Of any shop: the machine has one rehearsal at a time. The clock's index holds all that are open.
SHOP_PLAYING = (
    select(rehearsals.c.shop_id)
    .where(rehearsals.c.state == RehearsalState.PLAYING, rehearsals.c.due_at.is_not(None))
    .limit(1)
)


def _from(becomes: RehearsalState) -> ColumnElement[bool]:
    return and_(_this, rehearsals.c.state.in_(sorted(REHEARSAL.sources(becomes))))


def _ended(becomes: RehearsalState, **found: BindParameter[Any]) -> ReturningUpdate[Any]:
    ends = {"state": becomes, "step": None, "due_at": None, "ended_at": bindparam("moment", type_=Instant)}
    return (
        update(rehearsals)
        .where(_from(becomes))
        .values(**ends, **found)
        .returning(rehearsals.c.rehearsal_id, rehearsals.c.room_id)
    )


BEGIN = (
    update(rehearsals)
    .where(_from(RehearsalState.PLAYING))
    .values(
        state=RehearsalState.PLAYING,
        began_at=bindparam("moment", type_=Instant),
        due_at=bindparam("until", type_=Instant),
    )
    .returning(rehearsals.c.rehearsal_id)
)
STEP = (
    update(rehearsals)
    .where(_this, rehearsals.c.state == RehearsalState.PLAYING)
    .values(step=bindparam("at_step", type_=Text))
    .returning(rehearsals.c.rehearsal_id)
)
DONE = _ended(RehearsalState.DONE, report=bindparam("found", type_=Json))
FAIL = _ended(RehearsalState.FAILED, failure=bindparam("why", type_=Text))

SHOPS_BROKEN_OFF = select(rehearsals.c.shop_id).where(rehearsals.c.due_at <= bindparam("now")).distinct()
BROKEN_OFF = (
    select(rehearsals.c.rehearsal_id)
    .where(_of_shop, rehearsals.c.due_at <= bindparam("wall", type_=Instant))
    .order_by(rehearsals.c.rehearsal_id)
    .limit(bindparam("most", type_=BigInteger))
    .with_for_update(skip_locked=True)
)
