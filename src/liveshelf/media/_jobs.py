"""Temporary media goes after its three days; bytes that nobody names go with it."""

from __future__ import annotations

from liveshelf.adapters.storage import Storage
from liveshelf.kernel.ids import ShopId
from liveshelf.media import _sql, service
from liveshelf.platform.jobs import Job
from liveshelf.platform.log import logger
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import Timer

_log = logger("media")


async def collect(runtime: Runtime, shop: ShopId, *, sha256s: list[str]) -> None:
    """Remove the bytes that no row names any more. Bytes put a short while ago stay: their row may still be on its
    way.
    """
    async with runtime.db.read(shop) as tx:
        orphans = await service.unnamed(tx, sha256s)
    storage = runtime.need(Storage)
    removed = [await storage.delete(one) for one in orphans]
    _log.info("media_collected", shop_id=shop, removed=sum(removed), kept=len(sha256s) - sum(removed))


JOBS = (Job("media.collect", "Bytes that no media row names any more are removed.", collect),)
TIMERS = (
    Timer(
        name="media.expire",
        owner="media",
        promise="Temporary media is gone after 3 days.",
        due_shops=_sql.SHOPS_EXPIRED,
        fire=service.forget_expired,
        features=("A-204",),
        escalation="An hour before it the picture can't be named any more; at the limit it is removed.",
        pending=_sql.PENDING,
        every_s=60,
    ),
)
