"""The worker process: the relay, the timers and the jobs. Any number may run; none does another's work twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import procrastinate
import uvloop

from liveshelf.entry import registry
from liveshelf.entry.compose import runtime_from_environment
from liveshelf.entry.stopping import stop_signal
from liveshelf.flows.reactions import REACTIONS
from liveshelf.platform import jobs, limits, metrics, timers
from liveshelf.platform.clock import wall_now
from liveshelf.platform.events import Relay
from liveshelf.platform.log import logger
from liveshelf.platform.rounds import Rounds
from liveshelf.platform.runtime import Runtime

RELAY_BUSY_S = 0.02  # between two rounds that carried something: a room hears within a tenth of a second
RELAY_IDLE_S = 0.1
JOBS_AT_ONCE = 4
FAILED_JOBS_KEPT_H = 7 * 24  # for whoever asks what went wrong; done ones are deleted at once
WARN_EVERY_S = 10.0  # limits are told of minutes ahead
ROUNDS_EVERY_S = 5.0
STALLED_EVERY_S = 10.0
DEAD_AFTER_S = 30.0  # a worker that lives says so every 10 seconds
_CLEARING_S = 3600.0
_RETRY_S = 1.0

_log = logger("worker")


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    uvloop.run(_main())


async def _main() -> None:
    stop = stop_signal()
    async with runtime_from_environment("worker") as runtime:
        await run(runtime, stop)


async def run(runtime: Runtime, stop: asyncio.Event) -> None:
    """Work until `stop` is set; what is under way is finished or left for the next worker, never lost."""
    app = jobs.job_app(runtime.settings.app_database_url)
    jobs.register(app, runtime, registry.jobs())
    async with app.open_async():
        rounds = Rounds()
        relay = Relay(runtime.db, runtime.bus, lambda many: jobs.defer(app, many), REACTIONS)
        tasks = [
            asyncio.create_task(_forever(stop, "relay", lambda: _relay_round(relay))),
            *(
                asyncio.create_task(_forever(stop, timer.name, _timer_round(runtime, timer, rounds)))
                for timer in registry.timers()
            ),
            asyncio.create_task(_forever(stop, "warnings", lambda: _warnings_round(runtime))),
            asyncio.create_task(_forever(stop, "rounds", lambda: _rounds_round(runtime, rounds))),
            asyncio.create_task(_forever(stop, "jobs", lambda: _jobs_round(app))),
            asyncio.create_task(_forever(stop, "stalled", lambda: _stalled_round(app))),
            asyncio.create_task(
                app.run_worker_async(
                    concurrency=JOBS_AT_ONCE,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=5,
                )
            ),
        ]
        _log.debug("worker_ready", timers=len(registry.timers()), jobs=len(registry.jobs()))
        await stop.wait()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _relay_round(relay: Relay) -> float:
    carried = await relay.sweep()
    metrics.JOBS.inc(carried)
    return RELAY_BUSY_S if carried else RELAY_IDLE_S


def _timer_round(runtime: Runtime, timer: timers.Timer, rounds: Rounds) -> Callable[[], Awaitable[float]]:
    async def round_() -> float:
        fired = await timers.sweep(runtime.db, timer, failed=lambda shop: rounds.failed(timer.name, shop))
        rounds.looked(timer.name, fired=fired)
        return timer.every_s

    return round_


async def _warnings_round(runtime: Runtime) -> float:
    for timer in registry.timers():
        await limits.warn(runtime.db, timer)
    return WARN_EVERY_S


async def _rounds_round(runtime: Runtime, rounds: Rounds) -> float:
    await rounds.write(runtime.db)
    return ROUNDS_EVERY_S


async def _jobs_round(app: procrastinate.App) -> float:
    await app.job_manager.delete_old_jobs(
        FAILED_JOBS_KEPT_H, include_failed=True, include_cancelled=True, include_aborted=True
    )
    return _CLEARING_S


async def _stalled_round(app: procrastinate.App) -> float:
    """What a worker was at when it died is done by another. Jobs may come twice, so one that only seemed dead is no
    harm.
    """
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S):
        _log.warning("job_taken_over", job=job.task_name)
        await app.job_manager.retry_job(job)
    return STALLED_EVERY_S


async def _forever(stop: asyncio.Event, name: str, round_: Callable[[], Awaitable[float]]) -> None:
    while not stop.is_set():
        try:
            wait_s = await round_()
        except Exception:  # noqa: BLE001 - the round is tried again; the loop must not end
            _log.exception("round_failed", what=name, at=wall_now().isoformat())
            wait_s = _RETRY_S
        await asyncio.sleep(wait_s)
