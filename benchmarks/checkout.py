"""Placing orders over real HTTP, against floors of the same run (issue 3, proof).

From `POST /v1/storefront/{shop}/orders` to "held and placed", with everything a placed order writes, at 64 connections:
on one hot SKU and over a thousand. One HTTP process, PostgreSQL with fsync on. Floors, interleaved with it:

(a)  pgbench, 32 clients, a hand-written transaction an order, on one hot SKU
(b)  the same over 1,000 SKUs
(c)  the same server's POST that decodes the same request and answers as many bytes, without a database

With `--stored`, once more beside that many closed orders, which are made by server-side SQL.

    script/bench checkout [--json] [--seconds 2] [--rounds 5] [--stored 10000000] [--connections 64]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import psutil

from liveshelf.entry import migrate, server
from liveshelf.entry.asgi import App, Receive, Scope, Send
from liveshelf.entry.compose import runtime_from_environment
from liveshelf.entry.http import HttpApp, create_app
from liveshelf.facades.native.checkout import OrderDraft
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import connect
from liveshelf.platform.embedded import EmbeddedPostgres
from liveshelf.platform.settings import Settings, read_settings
from liveshelf.platform.signing import load_keys

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a script, which puts its own folder there

from benchmarks import buyers, market  # noqa: E402 - see above
from benchmarks.floor import SKUS, Floor  # noqa: E402

FREE_BYTES = 30 * 10**9  # below it nothing is stored
ANSWER = json.dumps({"order_id": "8" * 18, "filler": "x" * 700}).encode()  # as long as what is said to a placed order
DECODE = "/bench/orders"
_BODY = '{"request_id":"%%(id)s","lines":[{"sku_id":%%(sku)d,"quantity":1}],"expected_total_fen":%d}'
_HEAD = (
    "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    "Cookie: liveshelf_buyer_{shop}=bench-%(buyer)d\r\nX-Forwarded-For: %(address)s\r\n"
    "Content-Length: %(length)d\r\n\r\n"
)


# --- the server under test, a process of its own ----------------------------------------------------------------------


class Decoding:
    """Stands at the door for orders, behind all that the server does with any POST: decodes and answers."""

    def __init__(self, headers: list[tuple[bytes, bytes]]) -> None:
        content = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]
        self._start = {"type": "http.response.start", "status": 201, "headers": [*content, *headers]}
        self._decode = msgspec.json.Decoder(OrderDraft).decode

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        self._decode((await receive())["body"])
        await send(self._start)
        await send({"type": "http.response.body", "body": ANSWER})


@contextlib.asynccontextmanager
async def opened(_stop: asyncio.Event) -> AsyncIterator[App]:
    async with runtime_from_environment("http") as runtime, create_app(runtime).running() as app:
        floor = HttpApp(runtime)
        floor._orders = Decoding(floor._headers)  # type: ignore[assignment] # noqa: SLF001 - what is measured against

        async def bench(scope: Scope, receive: Receive, send: Send) -> None:
            await (floor if scope["path"] == DECODE else app)(scope, receive, send)

        yield bench


def serve() -> None:
    settings = read_settings()
    server.run(opened, settings.host, settings.port)


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[int]:
    environ = {**os.environ, **settings.environment(), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, __file__, "--serve"], env=environ)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{settings.port}/healthz", timeout=2)
                break
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


# --- the run ----------------------------------------------------------------------------------------------------------


@dataclass
class Bench:
    """One server with its floors, and what was measured on it."""

    options: argparse.Namespace
    settings: Settings
    floor: Floor
    shop: market.Market
    pids: list[int]
    placed: int = 0

    def plan(self, path: str, *, spread: bool) -> buyers.Plan:
        port, shop = self.settings.port, self.shop
        head = _HEAD.format(path=path, port=port, shop=shop.shop)
        body = _BODY % shop.price_fen
        seed = time.time_ns()
        first_last = shop.skus(spread=spread)
        options = self.options
        return buyers.Plan(port, options.connections, options.seconds, head, body, market.BUYERS, first_last, seed=seed)

    def place(self, *, spread: bool) -> buyers.Result:
        http, postgres = self.pids
        before = _cpu(http), _cpu(postgres)
        found = buyers.drive(self.plan(f"/v1/storefront/{self.shop.shop}/orders", spread=spread))
        self.placed += found.answered
        assert not found.others, found.others
        each = 1e6 / found.answered
        return replace(found, http_us=(_cpu(http) - before[0]) * each, postgres_us=(_cpu(postgres) - before[1]) * each)

    def measure(self) -> dict[str, list[Any]]:
        targets: dict[str, Callable[[], Any]] = {
            "a": lambda: self.floor.rate(skus=1, seconds=self.options.seconds),
            "hot": lambda: self.place(spread=False),
            "c": lambda: buyers.drive(self.plan(DECODE, spread=False)),
            "spread": lambda: self.place(spread=True),
            "b": lambda: self.floor.rate(skus=SKUS, seconds=self.options.seconds),
        }
        if self.options.only:
            targets = {name: one for name, one in targets.items() if name in self.options.only.split(",")}
        found: dict[str, list[Any]] = {name: [] for name in targets}
        for number in range(self.options.rounds):
            for name, target in targets.items():
                found[name].append(target())
                if not self.options.json:
                    one = found[name][-1]
                    shown = f"{one:8,.0f}" if isinstance(one, float) else f"{one.rate:8,.0f}  {one}"
                    print(f"  round {number + 1} {name:8} {shown}", flush=True)
        return found

    def memory(self) -> dict[str, float]:
        """PSS in MB of the largest process of each kind."""
        found: dict[str, float] = {}
        for pid in self.pids:
            for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    pss = process.memory_full_info().pss / 1e6
                    kind = "http" if "python" in process.name() else process.name()
                    found[kind] = max(found.get(kind, 0), pss)
        return found


def _cpu(pid: int) -> float:
    """Seconds of CPU of a process and its children, the reaped ones included."""
    total = 0.0
    for process in [psutil.Process(pid), *psutil.Process(pid).children()]:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def rates(found: dict[str, list[Any]]) -> dict[str, list[float]]:
    return {name: [one if isinstance(one, float) else one.rate for one in values] for name, values in found.items()}


def ratios_of(found: dict[str, list[Any]]) -> dict[str, float]:
    median = {name: statistics.median(values) for name, values in rates(found).items()}
    if not {"a", "b", "c", "hot", "spread"} <= set(median):
        return {}
    worst = max(one.p99_ms / one.p50_ms for one in found["hot"] + found["spread"])
    return {
        "hot / (a)": median["hot"] / median["a"],
        "hot / (c)": median["hot"] / median["c"],
        "spread / (b)": median["spread"] / median["b"],
        "p99 / p50, the worst round": worst,
    }


def report(title: str, found: dict[str, list[Any]], memory: dict[str, float]) -> None:
    print(f"\n{title}: orders (or answers) a second, median (min–max); p50 and p99 of the median round")
    for name, values in rates(found).items():
        line = f"  {name:8} {statistics.median(values):9,.0f}  ({min(values):,.0f}–{max(values):,.0f})"
        if isinstance(found[name][0], buyers.Result):
            one = sorted(found[name], key=lambda result: result.rate)[len(values) // 2]
            line += f"   {one.p50_ms:6.1f} ms {one.p99_ms:6.1f} ms   CPU an answer: load {one.cpu_us:.0f} µs"
            if one.http_us:
                line += f", http {one.http_us:.0f} µs, PostgreSQL {one.postgres_us:.0f} µs"
        print(line)
    for name, ratio in ratios_of(found).items():
        print(f"  {name:28} {ratio:6.2f}")
    print("  PSS of the largest process of a kind: " + ", ".join(f"{k} {v:.0f} MB" for k, v in sorted(memory.items())))


async def _prepared(admin_dsn: str, settings: Settings, floor: Floor) -> tuple[market.Market, str]:
    await migrate.migrate(admin_dsn, load_keys("", settings.data_dir))
    await floor.prepare()
    db = connect(settings.app_database_url, Clock())
    admin = await asyncpg.connect(admin_dsn)
    try:
        shop = await market.open_market(db, admin)
    finally:
        await admin.close()
        await db.dispose()
    return shop, settings.app_database_url


async def _admin(admin_dsn: str, settings: Settings, work: Callable[..., Any]) -> None:
    db = connect(settings.app_database_url, Clock())
    admin = await asyncpg.connect(admin_dsn)
    try:
        await work(db, admin)
    finally:
        await admin.close()
        await db.dispose()


def run(options: argparse.Namespace, cluster: EmbeddedPostgres, settings: Settings, shop: market.Market) -> None:
    floor = Floor(cluster.bin_dir(), cluster.superuser_dsn("floor"))
    postmaster = int((cluster.cluster_dir / "postmaster.pid").read_text().split()[0])
    told: dict[str, Any] = {}
    placed = 0
    for stored in (0, options.stored):
        title = f"{stored:,} orders stored before"
        if stored:
            if shutil.disk_usage(cluster.cluster_dir).free < FREE_BYTES:
                print("skipped beside stored orders: less than 30 GB are free on the disk", file=sys.stderr)
                continue
            began = time.perf_counter()
            asyncio.run(_admin(cluster.superuser_dsn("shop"), settings, partial(market.store, shop, stored)))
            print(f"stored {stored:,} orders in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        elif told:
            continue
        with serving(settings) as pid:
            bench = Bench(options, settings, floor, shop, [pid, postmaster])
            found = bench.measure()
            memory = bench.memory()
        placed += bench.placed
        told[title] = {
            "rates": rates(found),
            "results": {
                name: [asdict(one) for one in values if isinstance(one, buyers.Result)]
                for name, values in found.items()
            },
            "ratios": ratios_of(found),
            "pss_mb": memory,
        }
        if not options.json:
            report(title, found, memory)
    asyncio.run(
        _admin(
            cluster.superuser_dsn("shop"),
            settings,
            partial(market.books_agree, shop, placed),
        )
    )
    if options.json:
        print(json.dumps(told, indent=1))
    else:
        print(f"\n{placed:,} orders were answered as placed; all are there, and the books agree")


def options_of() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stored", type=int, default=0, help="closed orders to measure beside, e.g. 10000000")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--only", default="", help="some of a,b,c,hot,spread: for profiling")
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
        with EmbeddedPostgres(Path(folder) / "postgres") as cluster:
            admin_dsn = cluster.superuser_dsn("shop")
            base = replace(
                Settings(),
                data_dir=Path(folder),
                port=port,
                simulated_payment=True,
                log_level="warning",
                trusted_proxies="127.0.0.1",  # each buyer comes from an address of their own
            )
            settings = replace(base, app_database_url=migrate.app_dsn(admin_dsn, load_keys("", base.data_dir)))
            shop = asyncio.run(_made(cluster, settings))
            run(options, cluster, settings, shop)


async def _made(cluster: EmbeddedPostgres, settings: Settings) -> market.Market:
    server_dsn = cluster.superuser_dsn()
    admin = await asyncpg.connect(server_dsn)
    for name in ("shop", "floor"):
        await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    floor = Floor(cluster.bin_dir(), cluster.superuser_dsn("floor"))
    return (await _prepared(cluster.superuser_dsn("shop"), settings, floor))[0]


if __name__ == "__main__":
    main()
