"""Limits that somebody has to meet: told of before they run out, and written down when they were missed.

`warn` looks at what a timer says is pending and tells of each limit once, `Timer.warning.before` ahead. `missed` is
called by a timer's own `fire`, in its transaction, for every limit that ran out without what it was waiting for;
`settled` when that came after all, so that the report can say by how much it was late. A limit that is moved (by a
pause) is another limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Text, bindparam, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId, new_number
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.platform._tables import clock_breaches, clock_warnings
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database, ReadTx, Tx
from liveshelf.platform.events import Event
from liveshelf.platform.log import logger
from liveshelf.platform.schema import Instant
from liveshelf.platform.timers import FIRE_MAX, Timer

_log = logger("limits")


class LimitNear(Event, frozen=True):
    """A limit that somebody has to meet runs out soon. `to` is the permission of those who are told."""

    name: ClassVar[str] = "clock.limit_near"
    clock: str
    subject: str
    due_at: datetime
    to: str


class LimitMissed(Event, frozen=True):
    """A limit ran out and what it was waiting for had not come."""

    name: ClassVar[str] = "clock.limit_missed"
    clock: str
    subject: str
    due_at: datetime
    breach_id: int


@dataclass(frozen=True, slots=True)
class Breach:
    """A missed limit. `settled_at` is when what it was waiting for came after all."""

    breach_id: int
    clock: str
    subject: str
    due_at: datetime
    noticed_at: datetime
    settled_at: datetime | None


_of_shop = clock_breaches.c.shop_id == bindparam("shop")
_INSERT_BREACH = (
    pg_insert(clock_breaches)
    .on_conflict_do_nothing(index_elements=["shop_id", "clock", "subject", "due_at"])
    .returning(clock_breaches.c.breach_id, clock_breaches.c.subject, clock_breaches.c.due_at)
)
_SETTLE = (
    update(clock_breaches)
    .where(
        _of_shop,
        clock_breaches.c.clock == bindparam("which"),
        clock_breaches.c.subject == func.any(bindparam("subjects", type_=ARRAY(Text))),
        clock_breaches.c.settled_at.is_(None),
    )
    .values(settled_at=bindparam("moment", type_=Instant))
)
_PAGE = (
    select(clock_breaches)
    .where(
        _of_shop,
        clock_breaches.c.breach_id < bindparam("before", type_=BigInteger),
        or_(bindparam("which", type_=Text).is_(None), clock_breaches.c.clock == bindparam("which", type_=Text)),
    )
    .order_by(clock_breaches.c.breach_id.desc())
    .limit(bindparam("most"))
)
_INSERT_WARNING = (
    pg_insert(clock_warnings).on_conflict_do_nothing().returning(clock_warnings.c.subject, clock_warnings.c.due_at)
)


async def missed(tx: Tx, clock: str, limits: Sequence[tuple[str, datetime]]) -> int:
    """Write down that these limits (subject, due at) of a clock were missed, and tell. Each counts once, however often
    it is said; how many are new.
    """
    if not limits:
        return 0
    rows = [
        {
            "shop_id": tx.shop,
            "breach_id": new_number(),
            "clock": clock,
            "subject": subject,
            "due_at": due_at,
            "noticed_at": tx.now,
            "settled_at": None,
        }
        for subject, due_at in dict.fromkeys(limits)
    ]
    new = (await tx.conn.execute(_INSERT_BREACH.values(rows))).all()
    for row in new:
        tx.emit(
            LimitMissed(clock=clock, subject=row.subject, due_at=row.due_at, breach_id=row.breach_id),
            stream=row.subject,
        )
    return len(new)


async def settled(tx: Tx, clock: str, subjects: Sequence[str]) -> None:
    """What the clock was waiting for came. Subjects that missed no limit are no error."""
    if subjects:
        await tx.execute(_SETTLE, which=clock, subjects=list(subjects), moment=tx.now)


async def breaches(
    tx: ReadTx, *, clock: str | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[Breach]:
    """The shop's missed limits, the latest first."""
    size = clamp_limit(limit)
    rows = await tx.all(_PAGE, before=below(cursor), which=clock, most=size + 1)
    found = [Breach(r.breach_id, r.clock, r.subject, r.due_at, r.noticed_at, r.settled_at) for r in rows]
    return page_of(found, size, lambda one: (one.breach_id,))


async def warn(db: Database, timer: Timer) -> int:
    """Tell of the timer's limits that run out soon, each once, in every shop; how many. A shop that fails is logged
    and does not stop the others.
    """
    if timer.warning is None:
        return 0
    async with db.read() as tx:
        near = (tx.now if timer.business_time else wall_now()) + timer.warning.before
        shops = [ShopId(row.shop_id) for row in await tx.all(timer.due_shops, now=near)]
    told = 0
    for shop in shops:
        try:
            while (count := await db.write(SYSTEM, shop, lambda tx: _warn(tx, timer))) == FIRE_MAX:
                told += count
            told += count
        except Exception:  # noqa: BLE001 - one shop's trouble is not the others'
            _log.exception("warning_failed", timer=timer.name, shop_id=shop)
    return told


async def _warn(tx: Tx, timer: Timer) -> int:
    assert timer.warning is not None and timer.pending is not None  # noqa: S101, PT018 - a timer that warns has both
    now = tx.now if timer.business_time else wall_now()
    pending = timer.pending.order_by(None).subquery("pending")
    known = exists().where(
        clock_warnings.c.shop_id == bindparam("shop"),
        clock_warnings.c.clock == bindparam("which"),
        clock_warnings.c.subject == pending.c.subject,
        clock_warnings.c.due_at == pending.c.due_at,
    )
    soon = (
        select(pending.c.subject, pending.c.due_at)
        .where(
            pending.c.paused_at.is_(None),
            pending.c.due_at > bindparam("moment", type_=Instant),
            pending.c.due_at <= bindparam("until", type_=Instant),
            ~known,
        )
        .order_by(pending.c.due_at)
        .limit(FIRE_MAX)
    )
    rows = await tx.all(soon, which=timer.name, moment=now, until=now + timer.warning.before)
    if not rows:
        return 0
    new = await tx.conn.execute(
        _INSERT_WARNING.values(
            [
                {"shop_id": tx.shop, "clock": timer.name, "subject": one.subject, "due_at": one.due_at, "at": tx.now}
                for one in rows
            ]
        )
    )
    for one in new.all():  # another worker may have told of the rest
        tx.emit(
            LimitNear(clock=timer.name, subject=one.subject, due_at=one.due_at, to=timer.warning.to),
            stream=one.subject,
        )
    return len(rows)
