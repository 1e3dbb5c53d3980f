"""Time limits of the qualifications capability: papers that end, lists that grow old."""

from __future__ import annotations

from liveshelf.platform.db import Tx
from liveshelf.platform.timers import Timer
from liveshelf.qualifications import _employees_sql, _sql, employees
from liveshelf.qualifications.events import PaperExpired, PaperExpiring


async def _flag(tx: Tx, limit: int) -> int:
    rows = await tx.all(_sql.TAKE_TO_FLAG, moment=tx.now, most=limit)
    for row in rows:
        event = PaperExpiring(paper_id=row.paper_id, kind=row.kind, expires_at=row.expires_at)
        tx.emit(event, stream=f"paper:{row.paper_id}")
    return len(rows)


async def _expire(tx: Tx, limit: int) -> int:
    rows = await tx.all(_sql.TAKE_TO_EXPIRE, moment=tx.now, most=limit)
    for row in rows:
        event = PaperExpired(paper_id=row.paper_id, kind=row.kind, expires_at=row.expires_at)
        tx.emit(event, stream=f"paper:{row.paper_id}")
    return len(rows)


TIMERS = (
    Timer(
        name="qualifications.paper_expiring",
        owner="qualifications",
        promise="Staff hear of a paper 30 days before it expires, and live goods that need it are flagged.",
        due_shops=_sql.SHOPS_TO_FLAG,
        fire=_flag,
        features=("L-208",),
        every_s=5.0,
        actor="staff",
        escalation="At the limit staff are told, and the goods are flagged until a newer paper counts.",
        pending=_sql.FLAGS_PENDING,
    ),
    Timer(
        name="qualifications.paper_expired",
        owner="qualifications",
        promise="At the end of its last day a paper counts no more: what needs it can't be submitted.",
        due_shops=_sql.SHOPS_TO_EXPIRE,
        fire=_expire,
        features=("L-208",),
        every_s=5.0,
        actor="staff",
        escalation="At the limit new submissions that need it are refused, and staff are told.",
        pending=_sql.EXPIRES_PENDING,
    ),
    Timer(
        name="qualifications.enterprise_list",
        owner="qualifications",
        promise="The list of an enterprise's employees is read from WeCom every minute; who has left loses the shop.",
        due_shops=_employees_sql.SHOPS_TO_READ,
        fire=employees.ask_again,
        features=("L-111",),
        escalation="At the limit the list is read; one that was not read for an hour counts as none.",
        pending=_employees_sql.LISTS_PENDING,
    ),
)
