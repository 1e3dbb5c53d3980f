"""Work done later, by the worker: Procrastinate in its own schema.

Jobs are deferred by the relay, never inside a business transaction. A job's body is `async def body(runtime, shop,
**ids)`; its arguments are ids only, it may run more than once, and it opens its own transactions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import procrastinate
from procrastinate import PsycopgConnector, RetryStrategy

from liveshelf.kernel.ids import ShopId
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.schema import SCHEMA_JOBS

QUEUE = "default"


@dataclass(frozen=True, slots=True)
class Job:
    """A named kind of work. Retries wait 2, 4, 8 … seconds of wall time, at most `attempts` times in all."""

    name: str
    promise: str
    body: Callable[..., Awaitable[None]]
    attempts: int = 8


def job_app(dsn: str) -> procrastinate.App:
    """The queue's client. Open it with `async with app.open_async():`."""
    return procrastinate.App(
        connector=PsycopgConnector(
            conninfo=dsn, kwargs={"options": f"-c search_path={SCHEMA_JOBS}"}, min_size=1, max_size=4
        )
    )


def register(app: procrastinate.App, runtime: Runtime, jobs: Sequence[Job]) -> None:
    """Make the jobs runnable by this process's worker."""
    for job in jobs:

        def make(body: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
            async def run(*, shop_id: int, **ids: Any) -> None:  # noqa: ANN401 - ids as the event gave them
                await body(runtime, ShopId(shop_id), **ids)

            return run

        app.task(name=job.name, queue=QUEUE, retry=RetryStrategy(max_attempts=job.attempts, exponential_wait=2))(
            make(job.body)
        )


async def defer(app: procrastinate.App, jobs: Sequence[tuple[str, Mapping[str, object]]]) -> None:
    """Queue (name, arguments) pairs, one statement a kind."""
    by_name: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name, args in jobs:
        by_name[name].append(dict(args))
    for name, many in by_name.items():
        await app.configure_task(name, queue=QUEUE).batch_defer_async(*many)
