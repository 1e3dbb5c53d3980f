"""Time limits and jobs of the stock capability. Closing orders takes several capabilities: `flows.oversold`."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam

from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Tx
from liveshelf.platform.jobs import Job
from liveshelf.platform.timers import Timer, board_rows
from liveshelf.stock import _audit_sql, _oversold_sql, audit
from liveshelf.stock._tables import stock
from liveshelf.stock.events import AuditDue, OversoldDue
from liveshelf.stock.oversold import WITHIN

RETRY = timedelta(seconds=30)  # until it is looked at once more, should the job not have come to its end


async def _oversold(tx: Tx, limit: int) -> int:
    rows = await tx.all(_oversold_sql.TAKE_SHORT, moment=tx.now, most=limit, next_try=tx.now + RETRY)
    for row in rows:
        tx.emit(OversoldDue(sku_id=row.sku_id, pool=row.pool), stream=f"sku:{row.sku_id}")
    return len(rows)


async def _audit(tx: Tx, limit: int) -> int:  # noqa: ARG001 - one row a shop
    now = wall_now()
    rows = await tx.all(_audit_sql.TAKE_DUE, moment=now, next_at=now + audit.EVERY)
    for _ in rows:
        tx.emit(AuditDue(), stream="stock")
    return len(rows)


JOBS = (Job("stock.audit", "Stock counters are compared with the sums of their moves.", audit.audit, attempts=1),)

TIMERS = (
    Timer(
        name="stock.audit",
        owner="stock",
        promise="Counters are compared with their moves every ten minutes, with every move and hold once a day.",
        due_shops=_audit_sql.SHOPS_DUE,
        fire=_audit,
        business_time=False,
        every_s=10.0,
        escalation="A difference is in the log, on the stock page and in `liveshelf doctor`.",
    ),
    Timer(
        name="stock.oversold",
        owner="stock",
        promise="Orders that lost their pieces are closed and their money is owed back, at once and until all are.",
        due_shops=_oversold_sql.SHOPS_SHORT,
        fire=_oversold,
        features=("L-505", "L-506"),
        escalation="An order closed later than ten minutes after the shortfall was seen is a missed limit.",
        pending=board_rows(
            "sku", stock.c.sku_id, stock.c.short_since + WITHIN, stock.c.shop_id == bindparam("shop"), stock.c.short > 0
        ),
    ),
)
