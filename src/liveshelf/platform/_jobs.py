"""What the runtime itself clears away."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam, delete, select, tuple_

from liveshelf.platform._tables import clock_warnings, idempotency
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.platform.schema import Instant
from liveshelf.platform.timers import Timer

RESULTS_KEPT = timedelta(days=7)  # no client repeats a request for longer; results name people, so not for ever either

_SHOPS_WITH_OLD = (
    select(idempotency.c.shop_id).where(idempotency.c.created_at < bindparam("now", type_=Instant) - RESULTS_KEPT)
).distinct()
_this = (idempotency.c.actor, idempotency.c.operation, idempotency.c.key)
# Row by row through the primary key: a sweep never holds more locks than one batch. Rows are written in business time,
# which is never behind wall time: a clock moved forward keeps them longer, never shorter.
_DELETE_OLD = (
    delete(idempotency)
    .where(
        idempotency.c.shop_id == bindparam("shop"),
        tuple_(*_this).in_(
            select(*_this)
            .where(idempotency.c.shop_id == bindparam("shop"), idempotency.c.created_at < bindparam("before"))
            .order_by(idempotency.c.created_at)
            .limit(bindparam("most"))
        ),
    )
    .returning(idempotency.c.key)
)

WARNINGS_KEPT = timedelta(days=30)  # far beyond any limit that is told of ahead

_SHOPS_WITH_WARNINGS = (
    select(clock_warnings.c.shop_id).where(clock_warnings.c.at < bindparam("now", type_=Instant) - WARNINGS_KEPT)
).distinct()
_warning = (clock_warnings.c.clock, clock_warnings.c.subject, clock_warnings.c.due_at)
_DELETE_WARNINGS = (
    delete(clock_warnings)
    .where(
        clock_warnings.c.shop_id == bindparam("shop"),
        tuple_(*_warning).in_(
            select(*_warning)
            .where(clock_warnings.c.shop_id == bindparam("shop"), clock_warnings.c.at < bindparam("before"))
            .limit(bindparam("most"))
        ),
    )
    .returning(clock_warnings.c.subject)
)


async def _forget_warnings(tx: Tx, limit: int) -> int:
    return len(await tx.all(_DELETE_WARNINGS, before=tx.now - WARNINGS_KEPT, most=limit))


async def _forget_results(tx: Tx, limit: int) -> int:
    return len(await tx.all(_DELETE_OLD, before=wall_now() - RESULTS_KEPT, most=limit))


TIMERS = (
    Timer(
        name="platform.forget_results",
        owner="platform",
        promise="What a request led to is remembered under its request id for 7 days of wall time.",
        due_shops=_SHOPS_WITH_OLD,
        fire=_forget_results,
        business_time=False,
        every_s=600,
    ),
    Timer(
        name="platform.forget_warnings",
        owner="platform",
        promise="That a limit was told of ahead is forgotten after 30 days.",
        due_shops=_SHOPS_WITH_WARNINGS,
        fire=_forget_warnings,
        every_s=600,
    ),
)
