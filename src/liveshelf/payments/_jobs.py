"""Time limits of the payments capability. Each only says that something is due; the call to the provider is a job of
`flows.pay`.
"""

from __future__ import annotations

from datetime import timedelta

from liveshelf.payments import _refunds_sql, _sql
from liveshelf.payments.events import CallbackDue, PaymentCheckDue, RefundDue, RefundLate, RefundOverdue
from liveshelf.payments.refunds import ARRIVAL, LATE
from liveshelf.payments.refunds import ASK_AFTER as ASK_AFTER_SENT
from liveshelf.payments.service import ASK_AFTER
from liveshelf.platform import limits
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.platform.log import logger
from liveshelf.platform.timers import Timer

RETRY = timedelta(seconds=30)  # until a refund or a notification is tried once more
ASK_RARELY = timedelta(hours=6)  # a sent refund is asked about with doubling pauses, but no rarer

_log = logger("payments")


async def _ask(tx: Tx, limit: int) -> int:
    rows = await tx.all(_sql.TAKE_TO_ASK, moment=tx.now, most=limit, least=ASK_AFTER)
    for row in rows:
        tx.emit(PaymentCheckDue(payment_id=row.payment_id), stream=f"payment:{row.payment_id}")
    return len(rows)


async def _refund(tx: Tx, limit: int) -> int:
    rows = await tx.all(
        _refunds_sql.TAKE_DUE, moment=tx.now, most=limit, again=RETRY, soon=ASK_AFTER_SENT, rarely=ASK_RARELY
    )
    for row in rows:
        tx.emit(RefundDue(refund_id=row.refund_id), stream=f"refund:{row.refund_id}")
    return len(rows)


async def _late(tx: Tx, limit: int) -> int:
    rows = await tx.all(_refunds_sql.TAKE_LATE, moment=tx.now, most=limit)
    for row in rows:
        _log.error("refund_late", shop_id=tx.shop, refund_id=row.refund_id, order_id=row.order_id)
        tx.emit(
            RefundLate(refund_id=row.refund_id, order_id=row.order_id, amount_fen=row.amount_fen),
            stream=f"order:{row.order_id}",
        )
    await limits.missed(tx, LATE, [(f"refund:{row.refund_id}", row.limit_at) for row in rows])
    return len(rows)


async def _overdue(tx: Tx, limit: int) -> int:
    rows = await tx.all(_refunds_sql.TAKE_OVERDUE, moment=tx.now, most=limit)
    for row in rows:
        tx.emit(
            RefundOverdue(refund_id=row.refund_id, order_id=row.order_id, amount_fen=row.amount_fen),
            stream=f"order:{row.order_id}",
        )
    await limits.missed(tx, ARRIVAL, [(f"refund:{row.refund_id}", row.flag_at) for row in rows])
    return len(rows)


async def _process(tx: Tx, limit: int) -> int:
    wall = wall_now()
    rows = await tx.all(_sql.TAKE_CALLBACKS, moment=wall, most=limit, next_try=wall + RETRY)
    for row in rows:
        tx.emit(CallbackDue(callback_id=row.callback_id), stream=f"callback:{row.callback_id}")
    return len(rows)


TIMERS = (
    Timer(
        name="payments.ask",
        owner="payments",
        promise="A payment without a notification is asked about after 30 seconds, then with doubling pauses.",
        due_shops=_sql.SHOPS_TO_ASK,
        fire=_ask,
        actor="provider",
        escalation="At the limit the provider is asked, and again after twice the time.",
        pending=_sql.ASKING,
    ),
    Timer(
        name="payments.refund",
        owner="payments",
        promise="Money that is owed is sent at once, tried every 30 seconds, and asked about until it has arrived.",
        due_shops=_refunds_sql.SHOPS_DUE,
        fire=_refund,
        features=("L-505",),
        actor="provider",
        escalation="At the limit the provider is called or asked, again and again until the money has arrived.",
        pending=_refunds_sql.OPEN,
    ),
    Timer(
        name=LATE,
        owner="payments",
        promise="A refund that was not sent within 10 minutes raises an alarm and is reported.",
        due_shops=_refunds_sql.SHOPS_LATE,
        fire=_late,
        features=("L-506",),
        actor="provider",
        escalation="At the limit an alarm is raised and the refund is reported as late; sending it goes on.",
        pending=_refunds_sql.IN_TIME,
    ),
    Timer(
        name=ARRIVAL,
        owner="payments",
        promise="A refund that has not arrived in 3 working days is flagged on the fourth.",
        due_shops=_refunds_sql.SHOPS_OVERDUE,
        fire=_overdue,
        features=("S-318",),
        actor="provider",
        escalation="At the limit staff are told, and it is reported as late until the provider says that it arrived.",
        pending=_refunds_sql.ON_THE_WAY,
    ),
    Timer(
        name="payments.callbacks",
        owner="payments",
        promise="A stored notification that its own request did not process is processed within seconds.",
        due_shops=_sql.SHOPS_WITH_CALLBACKS,
        fire=_process,
        business_time=False,
        escalation="At the limit the notification is processed by the worker, every 30 seconds until that succeeds.",
        pending=_sql.UNPROCESSED,
    ),
)
