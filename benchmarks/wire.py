"""The wire's two library reads, against the floors of the same run (issue 2, acceptance 5).

One HTTP process on a real PostgreSQL (fsync on), 32 connections, with token, quota, faults and call log on. Floors, on
the same server: a trivial indexed read on the same connections ("read"), and from memory the very bytes that a warm
call answers ("memory"), asked in the same way. Libraries of 1,000 and 1,000,000 approved goods.

warm    pages and ids that are asked again and again, as pollers do; deep pages among them
cold    any page and any ids, with our cache of encoded answers switched off: every call reads its goods
any     any page and any ids of the whole library, cache on
churn   warm, while the library gets twenty new versions a second

    script/bench wire [--json] [--seconds 2] [--rounds 5] [--large 1000000] [--own-load]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from liveshelf.entry import migrate, server
from liveshelf.entry.asgi import App, Receive, Scope, Send, plain_answer
from liveshelf.entry.compose import runtime_from_environment
from liveshelf.entry.http import create_app
from liveshelf.facades.wechat.cache import Answers
from liveshelf.facades.wechat.library import LibraryReader
from liveshelf.goods import hot
from liveshelf.goods.types import AuditState
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.embedded import EmbeddedPostgres
from liveshelf.platform.settings import Settings, read_settings
from liveshelf.platform.signing import load_keys

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a script, which puts its own folder there

from benchmarks import load  # noqa: E402 - see above
from benchmarks.libraries import Library, prepare  # noqa: E402

WARM_PAGES = 8
WARM_SETS = 32  # of 20 ids
VARIETY = 4_000  # different requests where any may come
IDS = 20
LIST = "/wxaapi/broadcast/goods/getapproved"
STORED = "/wxa/business/getgoodswarehouse"
COLD = "BENCH_COLD"
FIRST = ShopId(1)

Target: TypeAlias = Callable[[], float]


# --- the server under test, a process of its own ----------------------------------------------------------------------


@contextlib.asynccontextmanager
async def opened(_stop: asyncio.Event) -> AsyncIterator[App]:
    async with runtime_from_environment("http") as runtime, create_app(runtime).running() as app:
        reader = runtime.need(LibraryReader)
        if os.environ.get(COLD):
            reader._answers = Answers(0)  # noqa: SLF001 - the cache is what is switched off
        answers = {
            "/bench/list": await reader.page(FIRST, AuditState.APPROVED, 0, 30),
            "/bench/stored": await reader.goods(FIRST, range(1_001, 1_001 + IDS)),
        }

        async def bench(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] == "/bench/read":
                library = await hot.library(reader._pool, FIRST)  # noqa: SLF001 - the same pool
                await plain_answer(send, 200, b'{"version":%d}' % library.version)
            elif scope["path"] in answers:
                if scope["method"] == "POST":
                    await receive()  # a server reads what it is sent, also when it knows the answer
                await plain_answer(send, 200, answers[scope["path"]])
            else:
                await app(scope, receive, send)

        yield bench


def serve() -> None:
    settings = read_settings()
    server.run(opened, settings.host, settings.port)


@contextlib.contextmanager
def serving(settings: Settings, *, cold: bool) -> Iterator[None]:
    environ = {**os.environ, **settings.environment(), COLD: "1" if cold else "", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, __file__, "--serve"], env=environ)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{settings.port}/healthz", timeout=2)
                break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


# --- what is asked ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asks:
    """The requests of one library."""

    library: Library
    rng: random.Random

    def page(self, offset: int) -> load.Request:
        return load.Request("GET", f"{LIST}?access_token={self.library.token}&offset={offset}&limit=30&status=2")

    def stored(self) -> load.Request:
        ids = [1_001 + self.rng.randrange(self.library.size) for _ in range(IDS)]
        return load.Request("POST", f"{STORED}?access_token={self.library.token}", json.dumps({"goods_ids": ids}))

    def warm(self) -> dict[str, list[load.Request]]:
        step = self.library.size // WARM_PAGES
        pages = [self.page(number * step) for number in range(WARM_PAGES)]
        return {"list": pages, "stored": [self.stored() for _ in range(WARM_SETS)]}

    def any(self) -> dict[str, list[load.Request]]:
        last = self.library.size - 30
        pages = [self.page(self.rng.randrange(last)) for _ in range(VARIETY)]
        return {"list": pages, "stored": [self.stored() for _ in range(VARIETY)]}


@contextlib.contextmanager
def churning(admin_dsn: str, library: Library) -> Iterator[None]:
    """Give the library twenty versions a second."""
    code = (
        "import asyncio, asyncpg, sys\n"
        "async def main():\n"
        "    c = await asyncpg.connect(sys.argv[1])\n"
        "    while True:\n"
        "        await c.execute('UPDATE libraries SET version = version + 1 WHERE shop_id = $1', int(sys.argv[2]))\n"
        "        await asyncio.sleep(0.05)\n"
        "asyncio.run(main())\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, admin_dsn, str(library.shop)])
    try:
        yield
    finally:
        process.kill()
        process.wait()


# --- the run ----------------------------------------------------------------------------------------------------------

FLOORS = {
    "read": [load.Request("GET", "/bench/read")],
    "memory list": [load.Request("GET", "/bench/list")],
    "memory stored": [load.Request("POST", "/bench/stored", json.dumps({"goods_ids": list(range(IDS))}))],
}


def measure(targets: dict[str, Target], rounds: int) -> dict[str, list[float]]:
    """Every target in turn, round by round, so that a slow moment of the machine meets all of them."""
    found: dict[str, list[float]] = {name: [] for name in targets}
    for target in targets.values():
        target()  # warms caches and the server's code
    for _ in range(rounds):
        for name, target in targets.items():
            found[name].append(target())
    return found


def run(
    options: argparse.Namespace, admin_dsn: str, settings: Settings, both: Sequence[Asks]
) -> dict[str, list[float]]:
    def target(requests: list[load.Request], churn: Library | None = None) -> Target:
        def go() -> float:
            with churning(admin_dsn, churn) if churn else contextlib.nullcontext():
                return load.rate("127.0.0.1", settings.port, requests, seconds=options.seconds, own=options.own_load)

        return go

    floors = {name: target(requests) for name, requests in FLOORS.items()}
    hot_run, cold_run = dict(floors), {"read, cold run": floors["read"]}
    for asks, size in zip(both, ("1k", "large"), strict=True):
        warm, anything = asks.warm(), asks.any()
        for call in ("list", "stored"):
            hot_run[f"{call} warm {size}"] = target(warm[call])
            hot_run[f"{call} any {size}"] = target(anything[call])
            hot_run[f"{call} churn {size}"] = target(warm[call], asks.library)
            cold_run[f"{call} cold {size}"] = target(anything[call])
    with serving(settings, cold=False):
        found = measure(hot_run, options.rounds)
    with serving(settings, cold=True):
        return found | measure(cold_run, options.rounds)


def ratios_of(medians: dict[str, float]) -> dict[str, float]:
    ratios = {}
    for name, median in medians.items():
        call, *rest = name.split()  # "list warm 1k"
        if call not in {"list", "stored"}:
            continue
        kind, size = rest
        ratios[f"{name} / read"] = median / medians["read, cold run" if kind == "cold" else "read"]
        if kind == "warm":
            ratios[f"{name} / memory"] = median / medians[f"memory {call}"]
        if size == "large":
            ratios[f"{name}: its cost / that of 1k"] = medians[f"{call} {kind} 1k"] / median
    return ratios


def report(found: dict[str, list[float]], *, as_json: bool) -> None:
    medians = {name: statistics.median(values) for name, values in found.items()}
    ratios = ratios_of(medians)
    if as_json:
        print(json.dumps({"rates": found, "medians": medians, "ratios": ratios}, indent=1))
        return
    print(f"\nanswers a second at {load.CONNECTIONS} connections, median (min–max)")
    for name, values in found.items():
        print(f"  {name:24} {medians[name]:9,.0f}  ({min(values):,.0f}–{max(values):,.0f})")
    print("\nratios")
    for name, ratio in ratios.items():
        print(f"  {name:44} {ratio:5.2f}")


def options_of() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--own-load", action="store_true", help="our own load generator also where wrk is installed")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", type=int, default=1_000_000)
    return parser.parse_args()


def main() -> None:
    options = options_of()
    if options.serve:
        serve()
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="liveshelf-bench-") as folder:
        Path(folder).chmod(0o711)  # the database's user must reach its own folder in it
        with EmbeddedPostgres(Path(folder)) as cluster:
            admin_dsn = cluster.superuser_dsn()
            base = replace(Settings(), data_dir=Path(folder), port=port, simulated_payment=True, log_level="warning")
            settings = replace(base, app_database_url=migrate.app_dsn(admin_dsn, load_keys("", base.data_dir)))
            began = time.perf_counter()
            libraries = asyncio.run(prepare(admin_dsn, settings, options.large))
            if not options.json:
                print(
                    f"libraries made in {time.perf_counter() - began:.0f} s; load by {load.tool(own=options.own_load)}"
                )
            both = [Asks(library, random.Random(7)) for library in libraries]
            report(run(options, admin_dsn, settings, both), as_json=options.json)


if __name__ == "__main__":
    main()
