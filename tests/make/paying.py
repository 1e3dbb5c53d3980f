"""A payment under way, with the simulator's call to us in the test's hands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import httpx

from liveshelf.adapters.payments import simulator_bodies as bodies
from liveshelf.adapters.payments.merchants import simulated_number
from liveshelf.adapters.payments.port import Charge, PaymentProvider, RefundOrder
from liveshelf.adapters.payments.simulator import SimulatedPayments
from liveshelf.adapters.payments.simulator import token_of as token_of_page
from liveshelf.adapters.payments.simulator_app import SimulatorApp
from liveshelf.adapters.payments.simulator_keys import SIMULATOR_PATH, simulator_keys
from liveshelf.adapters.payments.wechat import WechatPay
from liveshelf.customers import queries as customers
from liveshelf.customers.types import Buyer
from liveshelf.entry import registry
from liveshelf.flows import inbox, pay
from liveshelf.flows.reactions import REACTIONS
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import CustomerId, OrderId, PaymentId, ShopId
from liveshelf.orders.types import Order
from liveshelf.payments import queries as payments
from liveshelf.payments.types import Payment, Refund
from liveshelf.platform.events import Relay
from liveshelf.platform.outbound import Answer, Outbound, OutboundRefusedError
from liveshelf.platform.runtime import Runtime
from tests.make.selling import addressed


class Wire(Outbound):
    """Stands between the simulator and us: our calls always arrive, what it tells us is kept and carried only while
    `up`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.up = True
        self.sent: list[tuple[dict[str, str], bytes]] = []
        self.calls: list[str] = []
        self.runtime: Runtime
        self.provider: httpx.AsyncClient

    async def request(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        most: int | None = None,
    ) -> Answer:
        headers = dict(headers or {})
        if f"{SIMULATOR_PATH}/v3/" in url:
            self.calls.append(f"{method} {url.partition(SIMULATOR_PATH)[2]}")
            got = await self.provider.request(method, url, content=body, headers=headers)
            return Answer(got.status_code, dict(got.headers), got.content)
        provider, merchant = notified(url)
        self.sent.append((headers, body))
        if not self.up:
            raise OutboundRefusedError("the line is down")
        try:
            await inbox.receive(self.runtime, provider=provider, merchant=merchant, headers=headers, body=body)
        except DomainError as error:
            return Answer(error.status, {}, b"")
        return Answer(204, {}, b"")


def notified(url: str) -> tuple[str, str]:
    """The provider and the merchant in the address of a notification."""
    match = re.search(r"/v1/payments/(\w+)/notify/(\w+)$", url)
    assert match is not None, url
    return match[1], match[2]


@dataclass
class Till:
    """One shop's till: its runtime, with the simulator behind the port and the wire in between."""

    runtime: Runtime
    wire: Wire
    simulator: SimulatedPayments
    provider: WechatPay

    async def start(self, shop: ShopId, order: Order, *, request_id: str = "pay-1") -> pay.PayStarted:
        """The buyer says where it goes, if they have not, and presses "pay"."""
        await addressed(self.runtime.db, shop, order)
        who = await self.buyer(shop, order.customer_id)
        return await pay.start(self.runtime, who, order.order_id, request_id=request_id)

    async def receive(self, shop: ShopId, headers: Mapping[str, str], body: bytes) -> None:
        """A notification arrives at our door."""
        merchant = simulated_number(shop)
        await inbox.receive(self.runtime, provider="simulator", merchant=merchant, headers=headers, body=body)

    async def signed(self, body: bytes) -> dict[str, str]:
        """The headers with which the simulator would send this."""
        return bodies.signed(await simulator_keys(self.runtime), body)

    async def press(self, started: pay.PayStarted) -> None:
        """The buyer presses the button on the pay page."""
        await self.simulator.pay(token_of(started))

    async def buyer(self, shop: ShopId, customer_id: CustomerId) -> Buyer:
        async with self.runtime.db.read(shop) as tx:
            known = (await customers.customers(tx, [customer_id]))[customer_id]
        return Buyer(shop, customer_id, known.name, known.kind)

    async def payment(self, shop: ShopId, payment_id: PaymentId) -> Payment:
        async with self.runtime.db.read(shop) as tx:
            found = await payments.payment(tx, payment_id)
        assert found is not None
        return found

    async def refunds(self, shop: ShopId, order_id: OrderId) -> list[Refund]:
        async with self.runtime.db.read(shop) as tx:
            return (await payments.refunds_of(tx, [order_id])).get(order_id, [])


def token_of(started: pay.PayStarted) -> str:
    return token_of_page(started.pay_url)


def till_of(runtime: Runtime) -> Till:
    """The till of a test's runtime."""
    wire = Wire()
    with_wire = Runtime(runtime.settings, runtime.keys, runtime.clock, runtime.db, runtime.bus, wire)
    transport = httpx.ASGITransport(app=cast("Any", SimulatorApp(with_wire)))
    wire.runtime, wire.provider = with_wire, httpx.AsyncClient(transport=transport)
    provider = WechatPay(with_wire)
    with_wire.provide(PaymentProvider, provider)
    return Till(with_wire, wire, SimulatedPayments(with_wire), provider)


def charge(shop: ShopId, till: Till, payment_id: int = 7_000_000, **changes: Any) -> Charge:
    """A charge that is not one of our payments: for tests of the provider alone."""
    facts: dict[str, Any] = {
        "shop": shop,
        "merchant": simulated_number(shop),
        "payment_id": PaymentId(payment_id),
        "order_id": OrderId(1),
        "amount_fen": 12_800,
        "description": "青瓷茶盏",
        "expires_at": till.runtime.clock.now() + timedelta(minutes=15),
        "return_url": "/shop/1/orders/1",
    }
    return Charge(**{**facts, **changes})


def refund_order(shop: ShopId, number: str, amount_fen: int, payment_id: int = 7_000_000) -> RefundOrder:
    """A refund of `charge`."""
    return RefundOrder(shop, simulated_number(shop), PaymentId(payment_id), number, amount_fen, 12_800, "aftersale")


_WORKED_OFF = ("payment.", "refund.", "simulator.", "bill.", "stock.oversold_due")


async def work_off(runtime: Runtime) -> list[str]:
    """Do what a worker does with the events that wait: carry them to their jobs and run these. Returns the jobs'
    names.
    """
    waiting: list[tuple[str, dict[str, Any]]] = []

    async def defer(jobs: Sequence[tuple[str, Mapping[str, object]]]) -> None:
        waiting.extend((name, dict(args)) for name, args in jobs)

    bodies = {job.name: job.body for job in registry.jobs()}
    ours = {name: what for name, what in REACTIONS.items() if name.startswith(_WORKED_OFF)}
    await Relay(runtime.db, runtime.bus, defer, ours).sweep()
    for name, args in waiting:
        await bodies[name](runtime, ShopId(args.pop("shop_id")), **args)
    return [name for name, _ in waiting]
