"""When bills are fetched."""

from __future__ import annotations

from datetime import timedelta

from liveshelf.billing import _sql
from liveshelf.billing.events import BillDue
from liveshelf.platform.db import Tx
from liveshelf.platform.timers import Timer

AGAIN = timedelta(minutes=10)  # a bill that could not be had is tried again; business time


async def _fetch(tx: Tx, limit: int) -> int:
    rows = await tx.all(_sql.TAKE_DUE, moment=tx.now, most=limit, next_try=tx.now + AGAIN)
    for row in rows:
        day = row.day.isoformat()
        tx.emit(BillDue(merchant=row.merchant, day=day), stream=f"bill:{day}")
    return len(rows)


TIMERS = (
    Timer(
        name="billing.bill",
        owner="billing",
        promise="A day's bill is fetched at 10 in the morning of the next day in China and compared with our books.",
        due_shops=_sql.SHOPS_DUE,
        fire=_fetch,
        actor="provider",
        escalation="At the limit the bill is fetched, and again every 10 minutes until it is there and can be read.",
        pending=_sql.WAITING,
    ),
)
