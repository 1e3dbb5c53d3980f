"""Orders with which something is wrong: flagged, settled by people, or closed by the clock after 24 hours.

Lock order: the order, then its case. A case is settled once: every end of it is one conditional update.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.ids import OrderId, new_number
from liveshelf.kernel.paging import Page, clamp_limit, decode_cursor, encode_cursor
from liveshelf.kernel.states import Transitions
from liveshelf.orders import _abnormal_sql as _sql
from liveshelf.orders.abnormal_kinds import KINDS, REMIND_AFTER, SETTLE_WITHIN, AbnormalKind, Outcome
from liveshelf.orders.errors import AbnormalKindUnfit, AbnormalOver, AbnormalTwice, CaseUnknown
from liveshelf.orders.events import AbnormalOverdue, AbnormalReminder, OrderFlagged
from liveshelf.orders.rules import clean_reason
from liveshelf.orders.service import close_paid, lock, remember
from liveshelf.orders.types import CloseReason, Order, OrderState, Why
from liveshelf.payments import queries as payments
from liveshelf.payments import refunds
from liveshelf.payments.types import RefundReason
from liveshelf.platform import limits
from liveshelf.platform.db import ReadTx, Tx

CLOCK = "orders.abnormal"


class AbnormalState(StrEnum):
    """The life of a case."""

    OPEN = "open"
    SETTLED = "settled"
    OVERDUE = "overdue"


CASE = Transitions(
    name="abnormal order",
    initial={AbnormalState.OPEN},
    edges={
        AbnormalState.OPEN: {AbnormalState.SETTLED, AbnormalState.OVERDUE},
        AbnormalState.SETTLED: set(),
        AbnormalState.OVERDUE: set(),
    },
)


@dataclass(frozen=True, slots=True)
class Case:
    """Something wrong with an order. `outcome` is what the clock did, once it did."""

    case_id: int
    order_id: OrderId
    kind: AbnormalKind
    state: AbnormalState
    note: str
    flagged_by: str
    flagged_at: datetime
    due_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    answer: str
    outcome: Outcome | None


async def flag(tx: Tx, order_id: OrderId, *, kind: AbnormalKind, note: str) -> int:
    """Something is wrong with this order. Returns the case's id.

    Raises `OrderUnknown`, `AbnormalKindUnfit`, `AbnormalTwice`, `ReasonInvalid`.
    """
    order = await lock(tx, order_id)
    if not KINDS[kind].by_staff or order.state not in KINDS[kind].states:
        raise AbnormalKindUnfit(field="kind", state=order.state.value)
    case_id = await _flag(tx, order, kind, clean_reason(note))
    if case_id is None:
        raise AbnormalTwice(field="kind")
    return case_id


async def flag_by_system(tx: Tx, order: Order, *, kind: AbnormalKind) -> None:
    """We found something wrong with an order that the caller holds locked; known is known."""
    await _flag(tx, order, kind, "")


async def settle(tx: Tx, order_id: OrderId, *, case_id: int, answer: str) -> None:
    """People have settled it, in time. Raises `OrderUnknown`, `CaseUnknown`, `AbnormalOver`, `ReasonInvalid`."""
    answer = clean_reason(answer)
    order = await lock(tx, order_id)
    case = next((one for one in (await cases_of(tx, [order_id])).get(order_id, []) if one.case_id == case_id), None)
    if case is None:
        raise CaseUnknown
    done = await tx.scalar(_sql.SETTLE, case=case_id, moment=tx.now, who=str(tx.actor), said=answer)
    if done is None:
        raise AbnormalOver
    remember(tx, order.order_id, order.state, order.state, why=Why.ABNORMAL_SETTLED, facts={"kind": case.kind.value})


async def remind(tx: Tx, limit: int) -> int:
    """Tell staff of open cases whose time runs; how many it were."""
    rows = await tx.all(_sql.REMIND, moment=tx.now, most=limit)
    for row in rows:
        tx.emit(
            AbnormalReminder(order_id=row.order_id, case_id=row.case_id, kind=row.kind, due_at=row.due_at.isoformat()),
            stream=f"order:{row.order_id}",
        )
    return len(rows)


async def close_overdue(tx: Tx, limit: int) -> int:
    """Give every case whose 24 hours are over the outcome of its kind; how many it were."""
    rows = await tx.all(_sql.OVERDUE, moment=tx.now, most=limit)
    for row in rows:
        await _close(tx, _as_case(row))
    return len(rows)


async def flag_late(tx: Tx, limit: int) -> int:
    """Flag orders that were not shipped in the promised time; how many it were."""
    rows = await tx.all(_sql.LATE, moment=tx.now, most=limit)
    for row in rows:
        order = await lock(tx, OrderId(row.order_id))
        if order.state in KINDS[AbnormalKind.LATE_SHIPMENT].states:
            await flag_by_system(tx, order, kind=AbnormalKind.LATE_SHIPMENT)
    return len(rows)


async def settle_by_itself(tx: Tx, order_id: OrderId, *, kind: AbnormalKind) -> None:
    """What we flagged ourselves is right again: what was late has left, what was missing is there."""
    await tx.execute(_sql.SETTLE_ITSELF, order=order_id, moment=tx.now, who=str(tx.actor), sort=kind.value)


async def cases_of(tx: ReadTx, order_ids: Iterable[OrderId]) -> dict[OrderId, list[Case]]:
    """The cases of each order, the oldest first."""
    found: dict[OrderId, list[Case]] = {}
    ids = sorted(set(order_ids))
    for row in await tx.all(_sql.OF_ORDERS, ids=ids) if ids else []:
        found.setdefault(OrderId(row.order_id), []).append(_as_case(row))
    return found


async def open_cases(
    tx: ReadTx, *, kind: AbnormalKind | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[Case]:
    """Open cases, the least time left first."""
    most = clamp_limit(limit)
    key = decode_cursor(cursor, str, int)
    due_at, case_id = (datetime.fromisoformat(str(key[0])), int(key[1])) if key else (_sql.LONG_AGO, 0)
    statement = _sql.OPEN if kind is None else _sql.OPEN.where(_sql.OF_KIND)
    args = {} if kind is None else {"kind": kind.value}
    rows = await tx.all(statement, after=due_at, case=case_id, most=most + 1, **args)
    cases = [_as_case(row) for row in rows]
    last = cases[most - 1] if len(cases) > most else None
    return Page(cases[:most], encode_cursor(last.due_at.isoformat(), last.case_id) if last else None)


async def count_open(tx: ReadTx) -> int:
    """How many cases are open, counted up to a thousand."""
    return int(await tx.scalar(_sql.COUNT_OPEN))


async def _flag(tx: Tx, order: Order, kind: AbnormalKind, note: str) -> int | None:
    case_id = new_number()
    due_at = tx.now + SETTLE_WITHIN
    made = await tx.scalar(
        _sql.INSERT.values(
            shop_id=tx.shop,
            case_id=case_id,
            order_id=order.order_id,
            kind=kind,
            state=AbnormalState.OPEN,
            note=note,
            flagged_by=str(tx.actor),
            flagged_at=tx.now,
            remind_at=tx.now + REMIND_AFTER[0],
            due_at=due_at,
            answer="",
        )
    )
    if made is None:
        return None
    facts = {"kind": kind.value, "due_at": due_at.isoformat()}
    remember(tx, order.order_id, order.state, order.state, why=Why.FLAGGED, facts=facts)
    tx.emit(
        OrderFlagged(order_id=order.order_id, case_id=case_id, kind=kind.value, due_at=due_at.isoformat()),
        stream=f"order:{order.order_id}",
    )
    return case_id


async def _close(tx: Tx, case: Case) -> None:
    order = await lock(tx, case.order_id)
    outcome = Outcome.KEEP
    if KINDS[case.kind].outcome is Outcome.REFUND and order.state is OrderState.TO_SHIP:
        outcome = Outcome.REFUND
    if await tx.scalar(_sql.CLOSE, case=case.case_id, moment=tx.now, who=str(tx.actor), how=outcome.value) is None:
        return  # settled, or another worker's, while we waited for the order
    if outcome is Outcome.REFUND:
        owed = (await payments.paid_of(tx, order.order_id)).left_fen
        await close_paid(tx, order, reason=CloseReason.ABNORMAL)
        await refunds.owe(
            tx, order.order_id, amount_fen=owed, reason=RefundReason.ABNORMAL, key=f"abnormal:{case.case_id}"
        )
    else:
        facts = {"kind": case.kind.value}
        remember(tx, order.order_id, order.state, order.state, why=Why.ABNORMAL_OVERDUE, facts=facts)
    await limits.missed(tx, CLOCK, [(f"order:{order.order_id}", case.due_at)])
    tx.emit(
        AbnormalOverdue(
            order_id=order.order_id,
            customer_id=order.customer_id,
            case_id=case.case_id,
            kind=case.kind.value,
            outcome=outcome.value,
        ),
        stream=f"order:{order.order_id}",
    )


def _as_case(row: Row[Any]) -> Case:
    return Case(
        row.case_id,
        OrderId(row.order_id),
        AbnormalKind(row.kind),
        AbnormalState(row.state),
        row.note,
        row.flagged_by,
        row.flagged_at,
        row.due_at,
        row.ended_at,
        row.ended_by,
        row.answer,
        None if row.outcome is None else Outcome(row.outcome),
    )
