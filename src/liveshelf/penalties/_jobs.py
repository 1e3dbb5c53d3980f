"""The clock of limited traffic."""

from __future__ import annotations

from liveshelf.penalties import _sql, service
from liveshelf.platform.timers import Timer

TIMERS = (
    Timer(
        name=service.LIMIT,
        owner="penalties",
        promise="A limit of traffic ends by itself after seven days.",
        due_shops=_sql.SHOPS_DUE,
        fire=service.end_due,
        features=("L-607",),
        escalation="At the limit the shop stands in public listings again and is told.",
        pending=_sql.PENDING,
    ),
)
