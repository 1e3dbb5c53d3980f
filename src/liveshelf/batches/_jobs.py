"""Time limits of the batches capability."""

from __future__ import annotations

from liveshelf.batches import _sql
from liveshelf.batches.service import forget, wake
from liveshelf.platform.timers import Timer

TIMERS = (
    Timer(
        name="batches.wake",
        owner="batches",
        promise="The work of a batch whose worker died begins again within two minutes of wall time.",
        due_shops=_sql.SHOPS_TO_WAKE,
        fire=wake,
        business_time=False,
        every_s=15,
    ),
    Timer(
        name="batches.forget",
        owner="batches",
        promise="Batches, their rows and their files are gone after 30 days.",
        due_shops=_sql.SHOPS_TO_FORGET,
        fire=forget,
        every_s=600,
    ),
)
