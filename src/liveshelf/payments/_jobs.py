"""Time limits of the payments capability. Each only says that something is due; the call to the provider is a job of
`flows.pay`.
"""

from __future__ import annotations

from datetime import timedelta

from liveshelf.payments import _sql
from liveshelf.payments.events import CallbackDue, PaymentCheckDue, PaymentRefundDue
from liveshelf.payments.service import ASK_AFTER
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.platform.timers import Timer

RETRY = timedelta(seconds=30)  # until a refund or a notification is tried once more


async def _ask(tx: Tx, limit: int) -> int:
    rows = await tx.all(_sql.TAKE_TO_ASK, moment=tx.now, most=limit, least=ASK_AFTER)
    for row in rows:
        tx.emit(PaymentCheckDue(payment_id=row.payment_id), stream=f"payment:{row.payment_id}")
    return len(rows)


async def _refund(tx: Tx, limit: int) -> int:
    rows = await tx.all(_sql.TAKE_TO_REFUND, moment=tx.now, most=limit, next_try=tx.now + RETRY)
    for row in rows:
        tx.emit(PaymentRefundDue(payment_id=row.payment_id), stream=f"payment:{row.payment_id}")
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
    ),
    Timer(
        name="payments.refund",
        owner="payments",
        promise="Money that is owed back is tried at once and then every 30 seconds until the provider has sent it.",
        due_shops=_sql.SHOPS_TO_REFUND,
        fire=_refund,
    ),
    Timer(
        name="payments.callbacks",
        owner="payments",
        promise="A stored notification that its own request did not process is processed within seconds.",
        due_shops=_sql.SHOPS_WITH_CALLBACKS,
        fire=_process,
        business_time=False,
    ),
)
