"""All that happened to one order in one line, for staff: its own life, its refunds and its after-sale cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from liveshelf.accounts import queries as accounts
from liveshelf.aftersales import queries as aftersales
from liveshelf.aftersales.types import Case, LogEntry, Said, Side
from liveshelf.facades.native.order_views import TimelineEntry
from liveshelf.facades.native.shell import instant
from liveshelf.kernel.actors import ActorKind
from liveshelf.orders.types import Order, Why
from liveshelf.payments import ledger
from liveshelf.payments import queries as payments
from liveshelf.payments.types import Refund
from liveshelf.platform.db import ReadTx

_SYSTEM = ActorKind.SYSTEM.value
_SAME_MOMENT = ("aftersale", "order", "refund")


async def whole_timeline(
    tx: ReadTx, order: Order, own: Sequence[TimelineEntry], *, with_cases: bool
) -> list[TimelineEntry]:
    """The order's own steps with those of its refunds, and of its cases for whoever may read them, oldest first. What
    two of them would tell is told once, by the one that says more.
    """
    back = (await payments.refunds_of(tx, [order.order_id])).get(order.order_id, [])
    who = await ledger.refunders(tx, [one.refund_id for one in back])
    logs = await aftersales.logs_of_order(tx, order.order_id) if with_cases else []
    actors = [one for pair in who.values() for one in pair] + [entry.actor for _, entry in logs]
    names = await accounts.names(tx, actors)
    steps = [*own] if not logs else [one for one in own if one.what != Why.AFTERSALE]
    for refund in back:
        steps += _refund_steps(refund, *who[refund.refund_id], names)
    # That the money arrived, the refund says with its amount.
    steps += [_case_step(case, entry, names) for case, entry in logs if entry.said is not Said.REFUNDED]
    # What was done in one transaction has one instant: the decision, what became of the order, what is owed by it.
    return sorted(steps, key=lambda one: (datetime.fromisoformat(one.at), _SAME_MOMENT.index(one.about)))


def _refund_steps(refund: Refund, owed_by: str, settled_by: str, names: Mapping[str, str]) -> Iterator[TimelineEntry]:
    facts = {"refund_id": str(refund.refund_id), "amount_fen": refund.amount_fen}
    why = {"reason_code": refund.reason.value}
    for at, by, what in (
        (refund.owed_at, owed_by, "owed"),
        (refund.late_at, _SYSTEM, "late"),
        (refund.sent_at, _SYSTEM, "sent"),
        (refund.overdue_at, _SYSTEM, "overdue"),
        (refund.settled_at, settled_by, "settled"),
    ):
        if at is not None:
            more = why if what == "owed" else {}
            yield TimelineEntry(instant(at), _called(by, names), what, {**facts, **more}, "refund")


def _case_step(case: Case, entry: LogEntry, names: Mapping[str, str]) -> TimelineEntry:
    facts: dict[str, object] = {"case_id": str(case.case_id), "case_kind": case.kind.value}
    if entry.said is Said.APPLIED:
        facts |= {"reason_zh": case.reason.zh, "reason_en": case.reason.en}
    if entry.text:
        facts["text"] = entry.text
    if entry.amount_fen is not None:
        facts["amount_fen"] = entry.amount_fen
    if entry.until is not None:
        facts["until"] = instant(entry.until)
    if entry.internal:
        facts["internal"] = True
    by = entry.side.value if entry.side in {Side.BUYER, Side.PLATFORM} else _called(entry.actor, names)
    return TimelineEntry(instant(entry.at), by, entry.said.value, facts, "aftersale")


def _called(actor: str, names: Mapping[str, str]) -> str:
    kind = actor.partition(":")[0] or _SYSTEM
    return "buyer" if kind == ActorKind.CUSTOMER.value else names.get(actor, kind)
