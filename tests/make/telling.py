"""What a worker does so that people hear of things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from liveshelf.flows import notices
from liveshelf.flows.reactions import REACTIONS
from liveshelf.kernel.ids import ShopId
from liveshelf.messages import queries
from liveshelf.messages.types import Notice
from liveshelf.platform.events import Relay
from liveshelf.platform.runtime import Runtime


async def tell_all(runtime: Runtime, *, times: int = 1) -> None:
    """Carry the events that wait, and run the jobs that tell of them, as often as asked for: jobs may come twice."""
    waiting: list[dict[str, Any]] = []

    async def defer(jobs: Sequence[tuple[str, Mapping[str, object]]]) -> None:
        waiting.extend(dict(args) for name, args in jobs if name == notices.TELL.job)

    while await Relay(runtime.db, runtime.bus, defer, REACTIONS).sweep():
        pass
    for args in waiting * times:
        await notices.tell(runtime, ShopId(args["shop_id"]), event_ids=args["event_ids"])


async def told(runtime: Runtime, shop: ShopId, reader: str) -> list[Notice]:
    """A reader's notices, the latest first."""
    async with runtime.db.read(shop) as tx:
        return list((await queries.page(tx, reader)).items)
