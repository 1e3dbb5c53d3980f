"""Time limits of reviews: the machine's, and the platform's in working days."""

from __future__ import annotations

from liveshelf.platform.timers import Timer
from liveshelf.reviews import _sql, service

TIMERS = (
    Timer(
        name="reviews.machine_overdue",
        owner="reviews",
        promise="A case whose machine stage was lost is taken up again within a minute.",
        due_shops=_sql.SHOPS_OVERDUE,
        fire=service.ask_again,
        features=("A-215",),
        escalation="At the limit the machine is asked again, a minute later once more.",
        pending=_sql.PENDING,
    ),
    Timer(
        name=service.DUE,
        owner="reviews",
        promise="What is submitted is decided within its working days.",
        due_shops=_sql.SHOPS_DUE,
        fire=service.note_missed,
        features=("L-204", "L-205", "L-206", "L-207", "S-109", "S-110", "S-111"),
        every_s=5.0,
        actor="platform",
        escalation="At the limit the breach is written down and the shop is told; the case stays in the queue.",
        pending=_sql.DUE,
    ),
)
