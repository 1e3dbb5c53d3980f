"""How long notices are kept."""

from __future__ import annotations

from liveshelf.messages import _sql, service
from liveshelf.platform.timers import Timer

TIMERS = (
    Timer(
        name="messages.forget",
        owner="messages",
        promise="Notices are deleted after 90 days.",
        due_shops=_sql.SHOPS_OLD,
        fire=service.forget_old,
        every_s=600,
    ),
)
