"""A payment under way, with the simulator's call to us in the test's hands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from liveshelf.adapters.payments.port import Charge, PaymentProvider, RefundOrder
from liveshelf.adapters.payments.simulator import NOTIFY_PATH, SimulatedPayments
from liveshelf.customers import queries as customers
from liveshelf.customers.types import Buyer
from liveshelf.entry import registry
from liveshelf.flows import pay
from liveshelf.flows.reactions import REACTIONS
from liveshelf.kernel.ids import CustomerId, OrderId, PaymentId, ShopId
from liveshelf.orders.types import Order
from liveshelf.payments import queries as payments
from liveshelf.payments.types import Payment, Refund
from liveshelf.platform.events import Relay
from liveshelf.platform.outbound import Answer, Outbound, OutboundRefusedError
from liveshelf.platform.runtime import Runtime
from tests.make.selling import addressed


class Wire(Outbound):
    """Stands between the simulator and us: keeps what is sent, and carries it only while `up`."""

    def __init__(self) -> None:
        super().__init__()
        self.up = True
        self.sent: list[tuple[dict[str, str], bytes]] = []
        self.runtime: Runtime | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        headers = dict(headers or {})
        assert url.endswith(NOTIFY_PATH)
        self.sent.append((headers, body))
        if not self.up or self.runtime is None:
            raise OutboundRefusedError("the line is down")
        await pay.receive(self.runtime, provider="simulator", headers=headers, body=body)
        return Answer(200, {}, b"")


@dataclass
class Till:
    """One shop's till: its runtime, with the simulator behind the port and the wire in between."""

    runtime: Runtime
    wire: Wire
    simulator: SimulatedPayments

    async def start(self, shop: ShopId, order: Order, *, request_id: str = "pay-1") -> pay.PayStarted:
        """The buyer says where it goes, if they have not, and presses "pay"."""
        await addressed(self.runtime.db, shop, order)
        who = await self.buyer(shop, order.customer_id)
        return await pay.start(self.runtime, who, order.order_id, request_id=request_id)

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
    return started.pay_url.rsplit("/", 1)[1]


def till_of(runtime: Runtime) -> Till:
    """The till of a test's runtime."""
    wire = Wire()
    with_wire = Runtime(runtime.settings, runtime.keys, runtime.clock, runtime.db, runtime.bus, wire)
    simulator = SimulatedPayments(with_wire)
    with_wire.provide(PaymentProvider, simulator)
    wire.runtime = with_wire
    return Till(with_wire, wire, simulator)


def charge(shop: ShopId, till: Till, payment_id: int = 7, **changes: Any) -> Charge:
    """A charge that is not one of our payments: for tests of the provider alone."""
    facts: dict[str, Any] = {
        "shop": shop,
        "payment_id": PaymentId(payment_id),
        "order_id": OrderId(1),
        "amount_fen": 12_800,
        "description": "青瓷茶盏",
        "expires_at": till.runtime.clock.now() + timedelta(minutes=15),
        "return_url": "/shop/1/orders/1",
    }
    return Charge(**{**facts, **changes})


def refund_order(shop: ShopId, number: str, amount_fen: int, payment_id: int = 7) -> RefundOrder:
    """A refund of `charge`."""
    return RefundOrder(shop, PaymentId(payment_id), number, amount_fen, 12_800, "aftersale")


_WORKED_OFF = ("payment.", "refund.", "simulator.", "stock.oversold_due")


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
