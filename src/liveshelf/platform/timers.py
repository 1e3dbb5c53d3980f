"""Timers are columns. Every time limit is a `due_at` in its owner's table, swept by the worker, seen on one board.

A sweep asks once which shops have something due, then fires shop by shop in one transaction each, so a restart loses
nothing and two workers never fire the same row: firing is a conditional update of the row itself.

A clock that stands still keeps what was left of it: a table whose limits can pause has the columns of `pause_columns`,
its sweep skips what stands still (`runs`), its board shows why, and `go_on` moves each deadline by as long as it stood.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    literal,
    null,
    select,
    update,
)

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.log import logger
from liveshelf.platform.schema import Instant

Acts = Literal["staff", "buyer", "platform", "provider", "system"]  # who must act before the limit

FIRE_MAX = 200  # rows fired in one transaction; the rest follows in the next round

_log = logger("timers")


@dataclass(frozen=True, slots=True)
class Warn:
    """This long before a limit, everybody in the shop with the permission `to` is told, once (`platform.limits`)."""

    before: timedelta
    to: str


@dataclass(frozen=True, slots=True)
class Timer:
    """One kind of time limit.

    `due_shops` selects `shop_id` of shops with something due, bound to `now`; `fire(tx, limit)` settles up to `limit`
    rows of the transaction's shop and returns how many. `business_time` says whether a moved clock moves it.

    `features` name the rules it serves. `actor` must act before the limit, and `escalation` says what happens before
    and at it, in one sentence. `pending` (see `board_rows`) selects what runs now in the transaction's shop, for the
    board; a clock that only tidies up has none. `warning` says whom to tell before it runs out.
    """

    name: str
    owner: str
    promise: str
    due_shops: Select[tuple[int]]
    fire: Callable[[Tx, int], Awaitable[int]]
    business_time: bool = True
    features: Sequence[str] = ()
    every_s: float = 1.0
    actor: Acts = "system"
    escalation: str = ""
    pending: Select[Any, Any, Any, Any] | None = None
    warning: Warn | None = None


def board_rows(
    kind: str,
    id_: ColumnElement[Any],
    due_at: ColumnElement[datetime],
    *where: ColumnElement[bool],
    paused_at: ColumnElement[datetime] | None = None,
    paused_reason: ColumnElement[str] | None = None,
) -> Select[Any, Any, Any, Any]:
    """A timer's `pending`: its running clocks as rows of (`subject`, `due_at`, `paused_at`, `paused_reason`), the next
    one first. The subject is "order:41" for the kind `order`. `where` binds the shop and names the running ones, so
    that the index of the sweep serves the board as well.
    """
    return (
        select(
            (literal(f"{kind}:", literal_execute=True) + cast(id_, Text)).label("subject"),
            due_at.label("due_at"),
            cast(null() if paused_at is None else paused_at, Instant).label("paused_at"),
            cast(null() if paused_reason is None else paused_reason, Text).label("paused_reason"),
        )
        .where(*where)
        .order_by(due_at)
    )


def pause_columns() -> tuple[Column[Any], Column[Any], CheckConstraint]:
    """The columns of a clock that can pause: since when, and why. Both are empty while it runs."""
    return (
        Column("paused_at", Instant),
        Column("paused_reason", Text),
        CheckConstraint("(paused_at IS NULL) = (paused_reason IS NULL)", name="paused"),
    )


def runs(table: Table) -> ColumnElement[bool]:
    """True of the rows whose clock does not stand still."""
    return table.c.paused_at.is_(None)


def pause(table: Table, *which: ColumnElement[bool]) -> Update:
    """The update that stops the clocks of the rows named, bound to `shop`, `moment` and `why`. One that stands still
    already is left as it is: it is paused for its first reason.
    """
    return (
        update(table)
        .where(table.c.shop_id == bindparam("shop"), *which, runs(table))
        .values(paused_at=bindparam("moment", type_=Instant), paused_reason=bindparam("why", type_=Text))
    )


def go_on(table: Table, *which: ColumnElement[bool], due: tuple[str, ...] = ("due_at",)) -> Update:
    """The update that lets the clocks go on, bound to `shop` and `moment`: each column of `due` moves by as long as
    the clock stood, so that what was left is still left. One that runs is left as it is.
    """
    stood = bindparam("moment", type_=Instant) - table.c.paused_at
    return (
        update(table)
        .where(table.c.shop_id == bindparam("shop"), *which, table.c.paused_at.is_not(None))
        .values({**{name: table.c[name] + stood for name in due}, "paused_at": None, "paused_reason": None})
    )


def _nothing(_shop: ShopId) -> None:
    """Nobody counts the failures."""


async def sweep(db: Database, timer: Timer, *, failed: Callable[[ShopId], None] = _nothing) -> int:
    """Fire what is due in every shop. A shop that fails is logged, told to `failed`, and does not stop the others."""
    async with db.read() as tx:
        now = tx.now if timer.business_time else wall_now()
        shops = [ShopId(row.shop_id) for row in await tx.all(timer.due_shops, now=now)]
    fired = 0
    for shop in shops:
        try:
            while (count := await db.write(SYSTEM, shop, lambda tx: timer.fire(tx, FIRE_MAX))) == FIRE_MAX:
                fired += count
            fired += count
        except Exception:  # noqa: BLE001 - one shop's trouble is not the others'
            _log.exception("timer_failed", timer=timer.name, shop_id=shop)
            failed(shop)
    return fired
