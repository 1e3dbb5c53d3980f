"""A shop's own server, over real sockets, and the worker that tells it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from liveshelf.entry import registry
from liveshelf.flows.pushes import TOLD
from liveshelf.flows.reactions import REACTIONS
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.events import Relay
from liveshelf.platform.outbound import Outbound
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import sweep
from liveshelf.rooms.events import MassNoticeAsked, StartNoticed
from liveshelf.webhooks.events import DeliveryDue, DeliveryGivenUp
from liveshelf.webhooks.letters import signature
from tests.make.server import served

TOKEN = "liveshelfToken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
_OURS = {*TOLD, MassNoticeAsked.name, StartNoticed.name, DeliveryDue.name, DeliveryGivenUp.name}


@dataclass
class Got:
    """One request as it arrived."""

    method: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers as a developer's server does; `status`, `answer` and `slow_s` are the test's to change."""

    status: int = 200
    answer: bytes = b"success"
    slow_s: float = 0.0
    knows: bool = True  # whether it proves that it knows the token
    got: list[Got] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        query = dict(parse_qsl(scope["query_string"].decode()))
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        answer = self.answer
        if scope["path"] == "/push":
            self.got.append(Got(scope["method"], query, headers, body))
            if scope["method"] == "GET":
                signed = signature(TOKEN, query["timestamp"], query["nonce"])
                right = self.knows and signed == query["signature"]
                answer = query["echostr"].encode() if right else b"no"
            await asyncio.sleep(self.slow_s)
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": answer})

    @property
    def posts(self) -> list[Got]:
        return [one for one in self.got if one.method == "POST"]


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver at an address of its own while inside."""
    receiver = Receiver()
    async with served(receiver) as url:
        receiver.url = f"{url}/push"
        yield receiver


@contextlib.asynccontextmanager
async def reaching(runtime: Runtime, *receivers: Receiver) -> AsyncIterator[Runtime]:
    """The runtime of an operator who lets messages reach these receivers on this machine."""
    ports = {int(one.url.rsplit(":", 1)[1].split("/")[0]) for one in receivers}
    outbound = Outbound(frozenset(("127.0.0.1", port) for port in ports))
    yield replace(runtime, outbound=outbound)
    await outbound.close()


async def work_off(runtime: Runtime) -> list[str]:
    """Do what a worker does about followers and a shop's server, until nothing is left; the jobs' names."""
    bodies = {job.name: job.body for job in registry.jobs()}
    ours = {name: what for name, what in REACTIONS.items() if name in _OURS}
    done: list[str] = []
    while True:
        waiting: list[tuple[str, dict[str, Any]]] = []

        async def defer(jobs: Sequence[tuple[str, Mapping[str, object]]], into: Any = waiting) -> None:
            into.extend((name, dict(args)) for name, args in jobs)

        await Relay(runtime.db, runtime.bus, defer, ours).sweep()
        if not waiting:
            return done
        for name, args in waiting:
            await bodies[name](runtime, ShopId(args.pop("shop_id")), **args)
            done.append(name)


async def fire(runtime: Runtime, name: str) -> int:
    """What a worker's sweep of one timer does."""
    (timer,) = [one for one in registry.timers() if one.name == name]
    return await sweep(runtime.db, timer)
