"""Time limits of messages to shops' servers, in wall time. The calls themselves are a job of `flows.pushes`."""

from __future__ import annotations

from liveshelf.platform.timers import Timer
from liveshelf.webhooks import _sql, service

TIMERS = (
    Timer(
        name="webhooks.send",
        owner="webhooks",
        promise="A message that nobody took is sent again after growing pauses, for a day.",
        due_shops=_sql.SHOPS_DUE,
        fire=service.take_due,
        business_time=False,
    ),
    Timer(
        name="webhooks.forget",
        owner="webhooks",
        promise="What a shop's server was told is deleted after 7 days.",
        due_shops=_sql.SHOPS_OLD,
        fire=service.forget_old,
        business_time=False,
        every_s=600,
    ),
)
