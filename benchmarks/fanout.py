"""What a room says, brought to thousands of open pages, against floors of the same run (issue 5).

A room's numbered events, written by real transactions, through the relay and the bus to one gateway process, down to
every page over SSE and over WebSocket. Floors, interleaved with it, each with the same server, the same number of
connections and the same bytes:

sse    an application that does nothing but write each message to every connection
ws     the same over WebSocket

Also: memory of an idle viewer, what a ten times larger room costs, and whether anybody missed or heard twice anything
while being cut off twenty times.

    script/bench fanout [--json] [--connections 5000] [--events 200] [--rounds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from liveshelf.entry import gateway, migrate, server
from liveshelf.entry.asgi import App, Receive, Scope, Send
from liveshelf.entry.streaming import Streams
from liveshelf.facades.live.frames import room_frame
from liveshelf.flows.reactions import REACTIONS
from liveshelf.kernel.ids import GoodsId, RoomId, ShopId
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx, connect
from liveshelf.platform.embedded import EmbeddedPostgres
from liveshelf.platform.events import Relay, stream_tail
from liveshelf.platform.fanout import PostgresBus
from liveshelf.platform.settings import Settings, read_settings
from liveshelf.platform.signing import Keys, load_keys
from liveshelf.rooms import queries, service, tickets
from liveshelf.rooms.events import stream_of

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a script, which puts its own folder there

from tests.make.rooms import ANCHOR, live_room  # noqa: E402 - see above
from tests.make.selling import something  # noqa: E402
from tests.make.shops import a_shop  # noqa: E402

TRANSPORTS = ("sse", "ws")
BREAKS = 20
BREAKING = 100  # viewers of the run in which lines are cut
RELAY_EVERY_S = 0.05  # as the worker does
BURST = 50  # events that are written before the pages may catch up: fewer than a viewer's queue holds


# --- the floor: a server of the transport and nothing else ------------------------------------------------------------


class Bare:
    """Writes the messages it was given to every connection, as many at once as wait."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[bytes]] = set()
        self._messages: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/messages":
            await self._told(receive, send)
        elif scope["type"] == "websocket":
            await self._socket(receive, send)
        else:
            await self._stream(receive, send)

    async def _told(self, receive: Receive, send: Send) -> None:
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        for one in json.loads(body):
            for queue in self._queues:
                queue.put_nowait(one.encode())

    async def _stream(self, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

        async def write(messages: list[bytes]) -> None:
            await send({"type": "http.response.body", "body": b"".join(messages), "more_body": True})

        await self._serve(receive, write, b"event: hello\ndata: {}\n\n")

    async def _socket(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})

        async def write(messages: list[bytes]) -> None:
            for message in messages:
                await send({"type": "websocket.send", "text": message.decode()})

        await self._serve(receive, write, b'{"event":"hello"}')

    async def _serve(self, receive: Receive, write: Any, greeting: bytes) -> None:  # noqa: ANN401 - a coroutine
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._queues.add(queue)
        task = asyncio.current_task()

        async def listen() -> None:
            while not (await receive())["type"].endswith("disconnect"):
                pass
            assert task is not None
            task.cancel()

        listener = asyncio.create_task(listen())
        try:
            await write([greeting])
            while True:
                messages = [await queue.get()]
                while not queue.empty():
                    messages.append(queue.get_nowait())
                await write(messages)
        except asyncio.CancelledError:
            pass
        finally:
            self._queues.discard(queue)
            listener.cancel()


@contextlib.asynccontextmanager
async def _bare(_stop: asyncio.Event) -> AsyncIterator[App]:
    yield Bare()


def serve(kind: str) -> None:
    settings = read_settings()
    if kind == "gateway":
        gateway.main()
    else:
        server.run(_bare, settings.host, settings.gateway_port_used, engine=Streams)


@contextlib.contextmanager
def serving(settings: Settings, kind: str) -> Iterator[int]:
    environ = {**os.environ, **settings.environment(), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, __file__, "--serve", kind], env=environ)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", settings.gateway_port_used), 1).close()
                break
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


# --- the pages --------------------------------------------------------------------------------------------------------


@dataclass
class Pages:
    """A process of open pages."""

    process: asyncio.subprocess.Process

    async def say(self, command: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        await self.process.stdin.drain()

    async def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        assert line, "the pages' process ended"
        return dict(json.loads(line))


@contextlib.asynccontextmanager
async def pages(plan: dict[str, Any]) -> AsyncIterator[Pages]:
    script = str(ROOT / "benchmarks" / "viewers.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 24
    )
    found = Pages(process)
    try:
        await found.say(plan)
        assert (await found.hear())["ready"] == len(plan["paths"])
        yield found
    finally:
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


# --- the run ----------------------------------------------------------------------------------------------------------


@dataclass
class Told:
    """One fan-out: deliveries a second, and CPU of the server a message that all pages got."""

    rate: float
    cpu_ms: float


@dataclass
class Bench:
    """A room with its gateway and its floor."""

    options: argparse.Namespace
    settings: Settings
    keys: Keys
    db: Database
    shop: ShopId
    room: RoomId
    goods: list[GoodsId]
    messages: dict[str, list[str]] = field(default_factory=dict)

    def plan(self, transport: str, count: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what goes as JSON
        paths, addresses = [], []
        tail = "/ws" if transport == "ws" else ""
        for at in range(count):
            issued = tickets.issue(
                self.keys, self.settings, shop=self.shop, room_id=self.room, viewer=f"c{at}", role="buyer"
            )
            paths.append(f"/live/{self.shop}/{self.room}{tail}?ticket={issued.ticket}")
            addresses.append(f"10.{at >> 16 & 255}.{at >> 8 & 255}.{at & 255}")
        port = self.settings.gateway_port_used
        return {"port": port, "transport": transport, "paths": paths, "addresses": addresses, **more}

    async def push(self, count: int, *, pause_s: float = 0.0) -> None:
        """So many numbered events, each in a transaction of its own."""
        for at in range(count):
            goods_id = self.goods[at % len(self.goods)]

            async def work(tx: Tx, goods_id: GoodsId = goods_id) -> None:
                await service.push(tx, self.room, goods_id)

            await self.db.write(ANCHOR, self.shop, work)
            if pause_s:
                await asyncio.sleep(pause_s)

    async def last(self) -> int:
        async with self.db.read(self.shop) as tx:
            room = await queries.room(tx, self.room)
            assert room is not None
            return room.seq

    async def product(self, pid: int, viewers: Pages, count: int) -> Told:
        """The product: events in bursts that a queue holds, each waited for by everybody."""
        seconds = cpu = 0.0
        left = self.options.events
        while left > 0:
            burst = min(BURST, left)
            left -= burst
            await viewers.say({"wait": burst})
            await viewers.hear()
            before = _cpu(pid)
            await self.push(burst)
            found = await viewers.hear()
            assert (found["least"], found["most"], found["lost"]) == (burst, burst, 0), found
            seconds += found["seconds"]
            cpu += _cpu(pid) - before
        return Told(self.options.events * count / seconds, cpu / self.options.events * 1000)

    async def bare(self, pid: int, viewers: Pages, count: int, transport: str) -> Told:
        """The floor: the bytes of the same messages, in the same bursts."""
        seconds = cpu = 0.0
        messages = self.messages[transport][: self.options.events]
        for first in range(0, len(messages), BURST):
            burst = messages[first : first + BURST]
            await viewers.say({"wait": len(burst)})
            await viewers.hear()
            before = _cpu(pid)
            await _post(self.settings.gateway_port_used, json.dumps(burst).encode())
            found = await viewers.hear()
            assert (found["least"], found["most"], found["lost"]) == (len(burst), len(burst), 0), found
            seconds += found["seconds"]
            cpu += _cpu(pid) - before
        return Told(len(messages) * count / seconds, cpu / len(messages) * 1000)

    async def record(self) -> None:
        """The messages as the product sends them, for the floor."""
        before = await self.last()
        await self.push(self.options.events)
        async with self.db.read(self.shop) as tx:
            tail = await stream_tail(tx, stream_of(self.room), since=before, most=self.options.events)
        frames = [room_frame(one) for one in tail]
        self.messages = {"sse": [one.sse.decode() for one in frames], "ws": [one.ws for one in frames]}

    async def unbroken(self, transport: str) -> dict[str, Any]:
        """Cut every line twenty times while the room goes on talking."""
        since = await self.last()
        events = BREAKS * 8
        plan = self.plan(transport, BREAKING, breaks=BREAKS, since=since, last=since + events)
        async with pages(plan) as viewers:
            pushing = asyncio.create_task(self.push(events, pause_s=0.02))
            found = await viewers.hear()
            await pushing
        return found


async def _post(port: int, body: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /messages HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


def _cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def _pss(pid: int) -> float:
    return float(psutil.Process(pid).memory_full_info().pss)


async def run(bench: Bench) -> dict[str, Any]:
    options = bench.options
    few, many = options.connections // 10, options.connections
    found: dict[str, Any] = {name: {"product": [], "floor": [], "few": []} for name in TRANSPORTS}
    await bench.record()
    for number in range(options.rounds):
        for transport in TRANSPORTS:
            of = found[transport]
            with serving(bench.settings, "bare") as pid:
                before = _pss(pid)
                async with pages(bench.plan(transport, many)) as viewers:
                    await asyncio.sleep(1)
                    of.setdefault("bare_kb", []).append((_pss(pid) - before) / many / 1000)
                    of["floor"].append(await bench.bare(pid, viewers, many, transport))
            with serving(bench.settings, "gateway") as pid:
                async with pages(bench.plan(transport, few)) as viewers:
                    of["few"].append(await bench.product(pid, viewers, few))
                await asyncio.sleep(1)
                before = _pss(pid)
                async with pages(bench.plan(transport, many)) as viewers:
                    await asyncio.sleep(2)
                    of.setdefault("idle_kb", []).append((_pss(pid) - before) / (many - few) / 1000)
                    of["product"].append(await bench.product(pid, viewers, many))
            if not options.json:
                print(f"  round {number + 1} {transport}: {of['product'][-1]} floor {of['floor'][-1]}", flush=True)
    with serving(bench.settings, "gateway"):
        for transport in TRANSPORTS:
            found[transport]["unbroken"] = await bench.unbroken(transport)
    return found


def summary(found: dict[str, Any]) -> dict[str, dict[str, float]]:
    told = {}
    for transport in TRANSPORTS:
        of = found[transport]
        product, floor = ([one.rate for one in of[name]] for name in ("product", "floor"))
        cost = statistics.median(one.cpu_ms for one in of["product"]) / statistics.median(
            one.cpu_ms for one in of["few"]
        )
        told[transport] = {
            "deliveries a second": statistics.median(product),
            "least": min(product),
            "most": max(product),
            "floor": statistics.median(floor),
            "ratio": statistics.median(product) / statistics.median(floor),
            "kB an idle viewer": statistics.median(of["idle_kb"]),
            "kB an idle viewer of the floor": statistics.median(of["bare_kb"]),
            "cost of a ten times larger room": cost,
            "viewers who missed or heard twice": of["unbroken"]["wrong"],
        }
    return told


@contextlib.asynccontextmanager
async def relayed(db: Database, settings: Settings) -> AsyncIterator[None]:
    """The worker's relay, which hints to the gateways."""

    async def defer(_jobs: Sequence[object]) -> None:
        return

    async def rounds(relay: Relay) -> None:
        while True:
            await relay.sweep()
            await asyncio.sleep(RELAY_EVERY_S)

    async with PostgresBus(settings.app_database_url).running() as bus:
        task = asyncio.create_task(rounds(Relay(db, bus, defer, REACTIONS)))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _measured(cluster: EmbeddedPostgres, settings: Settings, options: argparse.Namespace) -> dict[str, Any]:
    admin = await asyncpg.connect(cluster.superuser_dsn())
    await admin.execute("CREATE DATABASE shop")
    await admin.close()
    keys = load_keys("", settings.data_dir)
    await migrate.migrate(cluster.superuser_dsn("shop"), keys)
    db = connect(settings.app_database_url, Clock())
    shop = (await a_shop(db)).shop
    goods = [(await something(db, shop)).goods_id for _ in range(5)]
    room = await live_room(db, shop, goods)
    try:
        async with relayed(db, settings):
            return await run(Bench(options, settings, keys, db, shop, room, goods))
    finally:
        await db.dispose()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", default="", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--connections", type=int, default=5000)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="liveshelf-bench-") as folder:
        Path(folder).chmod(0o711)  # the database's user must reach its own folder in it
        with EmbeddedPostgres(Path(folder) / "postgres") as cluster:
            base = replace(
                Settings(),
                data_dir=Path(folder),
                gateway_port=port,
                log_level="error",
                trusted_proxies="127.0.0.1",  # each viewer comes from an address of their own
            )
            keys = load_keys("", base.data_dir)
            settings = replace(base, app_database_url=migrate.app_dsn(cluster.superuser_dsn("shop"), keys))
            told = summary(asyncio.run(_measured(cluster, settings, options)))
    if options.json:
        print(json.dumps(told, indent=1))
        return
    for transport, of in told.items():
        print(f"\n{transport}, {options.connections:,} open pages")
        for name, value in of.items():
            print(f"  {name:36} {value:12,.2f}")


if __name__ == "__main__":
    main()
