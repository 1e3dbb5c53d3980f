"""Wire calls as data: a handler with its name, path, method and what stands in front of it.

`@call(…)` makes a handler a `Route`; a module ends with its `ROUTES`, and the router's table is made from these. In
front of every handler stand, in the contract's order: method, token, quota, faults, body. The handler reads parameters,
does one thing, and returns the fields of its answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from prometheus_client import Counter, Histogram

from liveshelf.facades.wechat.envelope import Answer, content_type
from liveshelf.facades.wechat.errors import OK, SYSTEM_ERROR, Refusal, text_of
from liveshelf.facades.wechat.params import Params
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.platform.db import ReadTx, Tx
from liveshelf.platform.metrics import DURATION, REQUESTS
from liveshelf.platform.runtime import Runtime
from liveshelf.shops.desk import WireDesk
from liveshelf.shops.types import QUOTAS, Fault, FaultKind

T = TypeVar("T")

GET = frozenset({"GET"})
POST = frozenset({"POST"})
EITHER = GET | POST


class BodyKind(StrEnum):
    """What a POST carries: JSON or a form; a file; or nothing that must be there."""

    FIELDS = "fields"
    UPLOAD = "upload"
    OPTIONAL = "optional"


@dataclass(slots=True)
class Call:
    """One call under way. `shop` and `appid` are known once the token, or the credential of a token call, was
    checked.
    """

    runtime: Runtime
    desk: WireDesk
    route: Route
    routes: Mapping[str, Route]
    rid: str
    params: Params
    shop: ShopId = PLATFORM
    appid: str = ""
    address: str = ""  # the caller's, of a call that signs in
    query: bytes = b""  # of a GET, as it came
    media: bytes = b""
    fault: Fault | None = None

    @property
    def actor(self) -> Actor:
        """The credential as a doer."""
        return Actor(ActorKind.CREDENTIAL, self.appid)

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run work in one transaction of the shop."""
        return await self.runtime.db.write(self.actor, self.shop, work, trace=self.rid)

    def read(self) -> AbstractAsyncContextManager[ReadTx]:
        """A snapshot of the shop."""
        return self.runtime.db.read(self.shop)

    async def identified(self, shop: ShopId, appid: str) -> None:
        """The credential is known: count the call and meet the fault that waits for it, if any.

        Raises `QuotaExhausted`, and `FaultMet` when the fault's code is to be answered without any work.
        """
        self.shop, self.appid = shop, appid
        if self.route.quota:
            await self.desk.shares.spend(shop, self.route.quota)
        fault = self.fault = await self.desk.faults.meet(shop, appid, self.route.name)
        if fault is None:
            return
        if fault.delay_ms is not None:
            await asyncio.sleep(fault.delay_ms / 1000)
        if fault.errcode is not None and fault.errcode not in self.route.own_faults:
            raise FaultMet(Refusal(fault.errcode, text_of(fault.errcode)))

    def fault_is(self, errcode: int) -> bool:
        """Whether a fault asks for this code from a handler that does part of its work first."""
        return self.fault is not None and self.fault.errcode == errcode

    @property
    def answer_lost(self) -> bool:
        """Whether a fault takes the answer away after the work is done."""
        return self.fault is not None and self.fault.kind is FaultKind.LOST


class FaultMet(Exception):
    """A fault's refusal takes the place of the call."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.errcode)
        self.refusal = refusal


Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One wire call. `anchor` is its section in the contract; `beside_errors` stands in every refusal (lists
    that SDKs read).
    """

    name: str
    path: str
    methods: frozenset[str]
    anchor: str
    handler: Handler
    quota: str | None
    body: BodyKind = BodyKind.FIELDS
    token: bool = True
    reads_body: bool = False  # of a GET too: the newest documents put the parameters of four calls there
    aliases: tuple[str, ...] = ()
    beside_errors: Mapping[str, object] = field(default_factory=dict)
    own_faults: frozenset[int] = frozenset()
    json_type: tuple[bytes, bytes] = field(init=False)
    _outcomes: tuple[Counter, Counter, Counter] = field(init=False)
    _duration: Histogram = field(init=False)

    def __post_init__(self) -> None:
        # Made once here: looking labels up takes longer than counting.
        outcomes = (REQUESTS.labels("wechat", self.name, outcome) for outcome in ("ok", "refused", "failed"))
        object.__setattr__(self, "json_type", (b"content-type", content_type(self.path)))
        object.__setattr__(self, "_outcomes", tuple(outcomes))
        object.__setattr__(self, "_duration", DURATION.labels("wechat", self.name))

    def count(self, errcode: int, seconds: float) -> None:
        """Count one answered call."""
        ok, refused, failed = self._outcomes
        (ok if errcode == OK else failed if errcode == SYSTEM_ERROR else refused).inc()
        self._duration.observe(seconds)


def call(
    name: str,
    path: str,
    methods: frozenset[str] = POST,
    *,
    anchor: str,
    body: BodyKind = BodyKind.FIELDS,
    token: bool = True,
    reads_body: bool = False,
    aliases: tuple[str, ...] = (),
    beside_errors: Mapping[str, object] | None = None,
    own_faults: frozenset[int] = frozenset(),
) -> Callable[[Handler], Route]:
    """Make a handler a wire call. Its quota is the one of its name, where there is one."""

    def made(handler: Handler) -> Route:
        return Route(
            name=name,
            path=path,
            methods=methods,
            anchor=anchor,
            handler=handler,
            quota=name if name in QUOTAS else None,
            body=body,
            token=token,
            reads_body=reads_body,
            aliases=aliases,
            beside_errors=beside_errors or {},
            own_faults=own_faults,
        )

    return made
