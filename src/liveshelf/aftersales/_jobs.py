"""Time limits of the aftersales capability.

Each takes its cases one by one under their order's lock and looks again: what another worker or a person settled in
between is left alone. Orders are locked in the order of their numbers, so no two sweeps wait for each other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Select, bindparam

from liveshelf.accounts.types import Permission
from liveshelf.aftersales import _sql, granting, rules, service
from liveshelf.aftersales._tables import aftersale_arbitrations, aftersale_cases
from liveshelf.aftersales.events import CaseLimitMissed
from liveshelf.aftersales.types import Case, CaseState, Said
from liveshelf.orders.types import Order
from liveshelf.platform import limits
from liveshelf.platform.db import Tx
from liveshelf.platform.timers import Timer, Warn, board_rows

Settle = Callable[[Tx, Case, Order], Awaitable[None]]


def _each(statement: Executable, settle: Settle) -> Callable[[Tx, int], Awaitable[int]]:
    async def fire(tx: Tx, limit: int) -> int:
        rows = await tx.all(statement, moment=tx.now, most=limit)
        for row in rows:
            case, order = await service.take(tx, row.case_id)
            await settle(tx, case, order)
        return len(rows)

    return fire


def _over(limit: datetime | None, tx: Tx) -> bool:
    return limit is not None and limit <= tx.now


async def _unanswered(tx: Tx, case: Case, _order: Order) -> None:
    if case.answer_due_at is not None and case.answer_due_at <= tx.now:
        await _missed(tx, case, "answer", said=Said.ANSWER_MISSED, limit_at=case.answer_due_at, answer_due_at=None)


async def _promise_broken(tx: Tx, case: Case, _order: Order) -> None:
    if case.promised_at is not None and case.promised_at <= tx.now:
        await _missed(tx, case, "promise", said=Said.PROMISE_MISSED, limit_at=case.promised_at, promised_at=None)


async def _not_sent_back(tx: Tx, case: Case, _order: Order) -> None:
    if case.state is CaseState.AWAITING_RETURN and _over(case.due_at, tx):
        await service.move(tx, case, CaseState.CLOSED, Said.NOT_SENT_BACK)


async def _not_inspected(tx: Tx, case: Case, order: Order) -> None:
    if case.state is CaseState.INSPECTING and _over(case.due_at, tx):
        await granting.accept_unseen(tx, case, order)


async def _not_resent(tx: Tx, case: Case, _order: Order) -> None:
    if case.state is CaseState.RESENDING and case.due_at is not None and case.due_at <= tx.now:
        await _missed(tx, case, "resend", said=Said.RESEND_MISSED, limit_at=case.due_at, due_at=None)


async def _undecided(tx: Tx, case: Case, _order: Order) -> None:
    called = case.arbitration
    if called is not None and called.due_at is not None and called.due_at <= tx.now:
        await tx.execute(_sql.END_ARBITER_CLOCK, which=case.case_id)
        await _record(tx, case, "arbitrate", called.due_at)


async def _missed(
    tx: Tx,
    case: Case,
    clock: str,
    *,
    said: Said,
    limit_at: datetime,
    **changes: Any,  # noqa: ANN401 - columns
) -> None:
    """The limit is over: on the case's log, on record, and told. The case waits on, in front of all others."""
    await service.change(tx, case, breached=True, **changes)
    service.write(tx, case, said, until=limit_at)
    await _record(tx, case, clock, limit_at)


async def _record(tx: Tx, case: Case, clock: str, limit_at: datetime) -> None:
    await limits.missed(tx, f"aftersales.{clock}", [(service.subject_of(case), limit_at)])
    tx.emit(
        CaseLimitMissed(case_id=case.case_id, order_id=case.order_id, customer_id=case.customer_id, clock=clock),
        stream=f"order:{case.order_id}",
    )


_case = aftersale_cases.c


def _runs(due_at: str, state: CaseState | None = None) -> Select[Any]:
    where = [_sql.OF_SHOP, _case[due_at].is_not(None), *([] if state is None else [_case.state == state.value])]
    return board_rows("aftersale", _case.case_id, _case[due_at], *where)


TIMERS = (
    Timer(
        name="aftersales.answer",
        owner="aftersales",
        promise="A buyer's application or message is answered in the hours that the shop promised when the case was "
        "opened (6 unless it is faster); when not, it is on record.",
        due_shops=_sql.SHOPS_UNANSWERED,
        fire=_each(_sql.UNANSWERED, _unanswered),
        features=("S-909",),
        actor="staff",
        escalation="The owner is told an hour before; at the limit it goes into the report, and the buyer may call the "
        "platform.",
        pending=_runs("answer_due_at"),
        warning=Warn(rules.WARN_BEFORE, Permission.AFTERSALES_SETUP),
    ),
    Timer(
        name="aftersales.promise",
        owner="aftersales",
        promise="What was promised a time is decided by then; when not, it is on record.",
        due_shops=_sql.SHOPS_PROMISED,
        fire=_each(_sql.PROMISED, _promise_broken),
        features=("S-910",),
        actor="staff",
        escalation="At the limit it goes into the report, and the buyer may call the platform.",
        pending=_runs("promised_at"),
    ),
    Timer(
        name="aftersales.send_back",
        owner="aftersales",
        promise="Goods that are not handed to a carrier within 7 days of the approval end their case.",
        due_shops=_sql.SHOPS_NOT_SENT_BACK,
        fire=_each(_sql.NOT_SENT_BACK, _not_sent_back),
        actor="buyer",
        escalation="At the limit the case closes; another can be opened while the order is covered.",
        pending=_runs("due_at", CaseState.AWAITING_RETURN),
    ),
    Timer(
        name="aftersales.inspect",
        owner="aftersales",
        promise="Goods that nobody has looked at within 10 days of being sent back count as accepted.",
        due_shops=_sql.SHOPS_NOT_INSPECTED,
        fire=_each(_sql.NOT_INSPECTED, _not_inspected),
        actor="staff",
        escalation="At the limit the money goes back by itself, or the replacement is due.",
        pending=_runs("due_at", CaseState.INSPECTING),
    ),
    Timer(
        name="aftersales.resend",
        owner="aftersales",
        promise="A replacement is sent within 3 days; when not, it is on record.",
        due_shops=_sql.SHOPS_NOT_RESENT,
        fire=_each(_sql.NOT_RESENT, _not_resent),
        actor="staff",
        escalation="At the limit it goes into the report, and the buyer may call the platform.",
        pending=_runs("due_at", CaseState.RESENDING),
    ),
    Timer(
        name="aftersales.arbitrate",
        owner="aftersales",
        promise="The platform decides within 3 days of being called; when not, it is told.",
        due_shops=_sql.SHOPS_UNDECIDED,
        fire=_each(_sql.UNDECIDED, _undecided),
        actor="platform",
        escalation="At the limit the miss is told; the case waits on in front of all others.",
        pending=board_rows(
            "aftersale",
            aftersale_arbitrations.c.case_id,
            aftersale_arbitrations.c.due_at,
            aftersale_arbitrations.c.shop_id == bindparam("shop"),
            aftersale_arbitrations.c.due_at.is_not(None),
        ),
    ),
)
