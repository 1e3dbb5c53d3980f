"""The clock of rehearsals."""

from __future__ import annotations

from liveshelf.platform.timers import Timer
from liveshelf.rehearsals import _sql, service

TIMERS = (
    Timer(
        name="rehearsals.broken_off",
        owner="rehearsals",
        promise="A rehearsal that waits or plays for 20 minutes has failed.",
        due_shops=_sql.SHOPS_BROKEN_OFF,
        fire=service.break_off,
        business_time=False,
        every_s=15.0,
    ),
)
