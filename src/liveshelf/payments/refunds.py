"""Money that goes back by the way it came: owed, sent, settled. Nothing here calls the provider; `flows.pay` does.

Whoever owes it only says so, in the transaction of what made it owed; a timer sends it and goes on until it is sent. No
more is ever owed for an order than was paid for it, however many say so at the same moment.
"""

from __future__ import annotations

from datetime import timedelta

from liveshelf.kernel.fen import MAX_FEN, Fen
from liveshelf.kernel.ids import OrderId, PaymentId, new_number
from liveshelf.kernel.time import begins, china_day
from liveshelf.kernel.workdays import WorkingDays
from liveshelf.payments import _refunds_sql as _sql
from liveshelf.payments import ledger, queries
from liveshelf.payments.errors import RefundAmountInvalid, RefundKeyReused, RefundTooLarge
from liveshelf.payments.events import RefundOwed, RefundSent, RefundSettled
from liveshelf.payments.types import Refund, RefundReason, RefundState
from liveshelf.platform import limits
from liveshelf.platform.db import Tx

SENT_WITHIN = timedelta(seconds=600)  # of being owed, in business time; a breach is an alarm
LATE = "payments.refund_late"  # the clock of that limit
ARRIVES_WITHIN = 3  # working days after it was sent; on the fourth it is flagged
ARRIVAL = "payments.refund_arrival"  # the clock of that limit
ASK_AFTER = timedelta(seconds=60)  # a sent refund that no notification came for
_WEEKENDS = WorkingDays()


async def owe(
    tx: Tx, order_id: OrderId, *, amount_fen: Fen, reason: RefundReason, key: str, payment_id: PaymentId | None = None
) -> Refund:
    """This much of what was paid for the order goes back by the original route: due at once, tried until it is sent.

    The same `key` is the same refund, whatever else is asked with it. The order is the caller's to lock first. Where an
    order was paid twice, `payment_id` says which payment; else the one with most left gives it. Raises
    `RefundTooLarge`, `RefundAmountInvalid`, `RefundKeyReused`.
    """
    if not 0 < amount_fen <= MAX_FEN:
        raise RefundAmountInvalid(field="amount_fen")
    paid = await tx.all(_sql.LOCK_PAID, order=order_id)
    before = await tx.one(_sql.BY_KEY, name=key)
    if before is None:
        fitting = [row for row in paid if payment_id in {None, row.payment_id}]
        left = {row.payment_id: row.amount_fen - row.refunded_fen for row in fitting}
        source = max(left, key=lambda number: left[number], default=None)
        if source is None or left[source] < amount_fen:
            raise RefundTooLarge(field="amount_fen", left_fen=max(left.values(), default=0))
        row = await tx.one(
            _sql.OWE.values(
                shop_id=tx.shop,
                refund_id=new_number(),
                order_id=order_id,
                payment_id=source,
                amount_fen=amount_fen,
                reason=reason,
                key=key,
                state=RefundState.OWED,
                round=1,
                owed_at=tx.now,
                try_at=tx.now,
                limit_at=tx.now + SENT_WITHIN,
                problem="",
            )
        )
        if row is not None:
            await tx.execute(_sql.TAKE_OFF, payment=source, amount=amount_fen)
            refund = queries.as_refund(row)
            ledger.refund_owed(tx, refund)
            tx.emit(
                RefundOwed(
                    refund_id=refund.refund_id, order_id=order_id, amount_fen=amount_fen, reason=reason, key=key
                ),
                stream=f"order:{order_id}",
            )
            return refund
        before = await tx.one(_sql.BY_KEY, name=key)  # of another order, which has another lock
    if before is None or before.order_id != order_id:
        raise RefundKeyReused
    return queries.as_refund(before)


async def mark_sent(tx: Tx, refund: Refund, *, provider_ref: str, days: WorkingDays = _WEEKENDS) -> bool:
    """The provider has taken it on: the money arrives in 1 to 3 working days. False when that was known already."""
    today = china_day(tx.now)
    latest = days.after(today, ARRIVES_WITHIN)
    row = await tx.one(
        _sql.MARK_SENT,
        refund=refund.refund_id,
        moment=tx.now,
        next_try=tx.now + ASK_AFTER,
        ref=provider_ref,
        earliest=days.after(today, 1),
        latest=latest,
        flagged=begins(latest + timedelta(days=1)),
    )
    if row is None:
        return False
    if row.late_at is not None:
        await limits.settled(tx, LATE, [f"refund:{row.refund_id}"])
    tx.emit(
        RefundSent(refund_id=row.refund_id, order_id=row.order_id, amount_fen=row.amount_fen),
        stream=f"order:{row.order_id}",
    )
    return True


async def settle(tx: Tx, refund: Refund, *, provider_ref: str, days: WorkingDays = _WEEKENDS) -> bool:
    """The provider says that the money is back, maybe before we knew that it was sent. False when that was known."""
    await mark_sent(tx, refund, provider_ref=provider_ref, days=days)
    row = await tx.one(_sql.MARK_SETTLED, refund=refund.refund_id, moment=tx.now)
    if row is None:
        return False
    if row.overdue_at is not None:
        await limits.settled(tx, ARRIVAL, [f"refund:{row.refund_id}"])
    ledger.refund_settled(tx, queries.as_refund(row))
    tx.emit(
        RefundSettled(
            refund_id=row.refund_id,
            order_id=row.order_id,
            amount_fen=row.amount_fen,
            reason=row.reason,
            key=row.key,
        ),
        stream=f"order:{row.order_id}",
    )
    return True


async def owe_anew(tx: Tx, refund: Refund, *, problem: str) -> None:
    """The provider gave this refund up: it is owed again and gets a new number, since no money moved under the old."""
    await tx.execute(_sql.OWE_ANEW, refund=refund.refund_id, moment=tx.now, trouble=problem)


async def note_problem(tx: Tx, refund: Refund, *, problem: str) -> None:
    """Remember what the provider said instead of doing it; staff see it until it is solved."""
    await tx.execute(_sql.SET_PROBLEM, refund=refund.refund_id, trouble=problem)
