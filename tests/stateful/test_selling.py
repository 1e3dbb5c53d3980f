"""Orders, payments, refunds and stock against a dict, whatever is bought, paid in time or late, cancelled or run out.

The model knows no tables. After every step each order's state, every counter, what was paid and what is owed back must
be what it says, and the books of stock must agree.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from liveshelf.adapters.payments.port import Receipt
from liveshelf.flows import pay
from liveshelf.flows.checkout import Placed
from liveshelf.flows.pay import Settled
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import CustomerId, OrderId, PaymentId, ShopId, SkuId
from liveshelf.orders import queries as orders
from liveshelf.orders import service as order_service
from liveshelf.orders.errors import OrderNotToPay
from liveshelf.orders.types import CloseReason, OrderState
from liveshelf.payments import queries as payments
from liveshelf.payments import refunds
from liveshelf.payments import service as payment_service
from liveshelf.payments.errors import RefundTooLarge
from liveshelf.payments.types import RefundReason
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx, connect
from liveshelf.stock import queries as stock
from liveshelf.stock import service as stock_service
from tests.make.selling import PRICE_FEN, buy, guest, say_where, something, wish
from tests.make.shops import a_shop

T = TypeVar("T")
MERCHANT = "9000000001"
SKUS = 2
FIRST = 5  # on hand at the start

lines = st.dictionaries(st.integers(0, SKUS - 1), st.integers(1, 2), min_size=1)


@dataclass
class Kept:
    """One order as the model knows it."""

    customer_id: CustomerId
    lines: dict[SkuId, int]
    state: OrderState = OrderState.TO_PAY
    payment_id: PaymentId | None = None
    paid_fen: int = 0
    owed_fen: int = 0
    keys: list[str] = field(default_factory=list)

    @property
    def total_fen(self) -> int:
        return PRICE_FEN * sum(self.lines.values())


class Selling(RuleBasedStateMachine):
    db: Database
    clock: Clock
    shop: ShopId
    skus: list[SkuId]
    run: asyncio.Runner
    gone = timedelta()

    @initialize()
    def begin(self) -> None:
        self.orders: dict[OrderId, Kept] = {}
        self.on_hand = dict.fromkeys(self.skus, FIRST)
        self.sold = self.write(self._start)

    async def _start(self, tx: Tx) -> dict[SkuId, int]:
        for sku_id in self.skus:
            await stock_service.set_on_hand(tx, sku_id, FIRST, "start")
        return {sku_id: level.sold for sku_id, level in (await stock.levels(tx, self.skus)).items()}

    def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return self.run.run(self.db.write(SYSTEM, self.shop, work))

    def held(self, sku_id: SkuId) -> int:
        return sum(one.lines.get(sku_id, 0) for one in self.orders.values() if one.state is OrderState.TO_PAY)

    def fits(self, wanted: dict[SkuId, int]) -> bool:
        return all(self.on_hand[sku_id] - self.held(sku_id) >= count for sku_id, count in wanted.items())

    def some(self, data: st.DataObject, *states: OrderState) -> tuple[OrderId, Kept]:
        order_id = data.draw(st.sampled_from(sorted(k for k, one in self.orders.items() if one.state in states)))
        return order_id, self.orders[order_id]

    def any_in(self, *states: OrderState) -> bool:
        return any(one.state in states for one in self.orders.values())

    @rule(batch=st.lists(lines, min_size=1, max_size=4), again=st.booleans())
    def place(self, batch: list[dict[int, int]], again: bool) -> None:
        requests, wanted = [], []
        for one in batch:
            who = self.run.run(guest(self.db, self.shop))
            pieces = {self.skus[n]: count for n, count in one.items()}
            total = PRICE_FEN * sum(pieces.values())
            requests.append(
                wish(who, self.skus[0], lines=tuple(pieces.items()), expected_total_fen=total, customer_id=who)
            )
            wanted.append(pieces)
        outcomes = self.run.run(buy(self.db, self.shop, *requests))
        for request, pieces, outcome in zip(requests, wanted, outcomes, strict=True):
            assert isinstance(outcome, Placed) == self.fits(pieces)
            if isinstance(outcome, Placed):
                self.orders[outcome.order.order_id] = Kept(request.customer_id, pieces)
        if again:
            placed = [one for one, outcome in zip(requests, outcomes, strict=True) if isinstance(outcome, Placed)]
            repeated = self.run.run(buy(self.db, self.shop, *placed)) if placed else []
            assert {one.order.order_id for one in repeated if isinstance(one, Placed)} == {
                one.order.order_id for one in outcomes if isinstance(one, Placed)
            }

    @rule(data=st.data())
    @precondition(lambda self: self.any_in(OrderState.TO_PAY))
    def open_payment(self, data: st.DataObject) -> None:
        order_id, one = self.some(data, OrderState.TO_PAY)

        async def work(tx: Tx) -> PaymentId:
            order = await order_service.lock(tx, order_id)
            await say_where(tx, order_id)
            opened = await payment_service.open_payment(
                tx,
                order_id,
                amount_fen=order.total_fen,
                provider="test",
                expires_at=order.expires_at,
                merchant=MERCHANT,
            )
            return opened.payment_id

        opened = self.write(work)
        assert one.payment_id in {None, opened}
        one.payment_id = opened

    @rule(data=st.data(), times=st.integers(1, 3))
    @precondition(lambda self: any(one.payment_id for one in self.orders.values()))
    def money_comes(self, data: st.DataObject, times: int) -> None:
        order_id = data.draw(st.sampled_from(sorted(k for k, one in self.orders.items() if one.payment_id)))
        one = self.orders[order_id]
        assert one.payment_id is not None
        receipt = Receipt(one.payment_id, one.total_fen, f"ref{one.payment_id}", self.clock.now())
        found = [self.write(lambda tx: pay.settle(tx, receipt)) for _ in range(times)]
        assert found[1:] == [Settled.KNOWN] * (times - 1)
        if one.paid_fen:
            assert found[0] is Settled.KNOWN
            return
        one.paid_fen = one.total_fen
        if one.state is OrderState.TO_PAY:
            assert found[0] is Settled.PAID
        elif self.fits(one.lines):
            assert found[0] is Settled.HONOURED
        else:
            assert found[0] is Settled.OWED_BACK
            one.owed_fen = one.paid_fen
            return
        one.state = OrderState.TO_SHIP
        for sku_id, count in one.lines.items():
            self.on_hand[sku_id] -= count
            self.sold[sku_id] += count

    @rule(data=st.data())
    @precondition(lambda self: self.orders)
    def cancel(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.orders)))
        one = self.orders[order_id]

        async def work(tx: Tx) -> None:
            await order_service.cancel(tx, order_id, customer_id=one.customer_id)

        if one.state is OrderState.TO_PAY:
            self.write(work)
            one.state = OrderState.CLOSED
        elif one.state is OrderState.TO_SHIP:
            with pytest.raises(OrderNotToPay):
                self.write(work)

    @rule()
    def time_passes(self) -> None:
        Selling.gone += timedelta(minutes=16)  # the clock never goes back, from one example to the next either
        self.clock.set_offset(Selling.gone)
        self.write(lambda tx: order_service.close_unpaid(tx, 100))
        for one in self.orders.values():
            if one.state is OrderState.TO_PAY:
                one.state = OrderState.CLOSED

    @rule(data=st.data(), amount=st.integers(1, 4 * PRICE_FEN), again=st.booleans())
    @precondition(lambda self: any(one.paid_fen for one in self.orders.values()))
    def owe(self, data: st.DataObject, amount: int, again: bool) -> None:
        order_id = data.draw(st.sampled_from(sorted(k for k, one in self.orders.items() if one.paid_fen)))
        one = self.orders[order_id]
        key = f"{order_id}-{len(one.keys)}"

        async def work(tx: Tx) -> int:
            await order_service.lock(tx, order_id)
            refund = await refunds.owe(tx, order_id, amount_fen=Fen(amount), reason=RefundReason.AFTERSALE, key=key)
            return refund.refund_id

        if amount > one.paid_fen - one.owed_fen:
            with pytest.raises(RefundTooLarge):
                self.write(work)
            return
        first = self.write(work)
        if again:
            assert self.write(work) == first
        one.owed_fen += amount
        one.keys.append(key)

    @rule(data=st.data())
    @precondition(lambda self: self.any_in(OrderState.TO_SHIP))
    def close_paid(self, data: st.DataObject) -> None:
        order_id, one = self.some(data, OrderState.TO_SHIP)

        async def work(tx: Tx) -> bool:
            order = await order_service.lock(tx, order_id)
            return await order_service.close_paid(tx, order, reason=CloseReason.ABNORMAL)

        assert self.write(work)
        one.state = OrderState.CLOSED
        for sku_id, count in one.lines.items():
            self.on_hand[sku_id] += count
            self.sold[sku_id] -= count

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        if not hasattr(self, "orders"):
            return

        async def look() -> None:
            async with self.db.read(self.shop) as tx:
                assert await stock.differences(tx) == []
                levels = await stock.levels(tx, self.skus)
                kept = await orders.orders(tx, self.orders)
                back = await payments.refunds_of(tx, self.orders)
            for sku_id, level in levels.items():
                told = (level.on_hand, level.held, level.sold)
                assert told == (self.on_hand[sku_id], self.held(sku_id), self.sold[sku_id])
            assert {order_id: one.state for order_id, one in kept.items()} == {
                order_id: one.state for order_id, one in self.orders.items()
            }
            for order_id, one in self.orders.items():
                assert sum(refund.amount_fen for refund in back.get(order_id, [])) == one.owed_fen <= one.paid_fen

        self.run.run(look())

    def teardown(self) -> None:
        if getattr(self, "orders", None):
            self.time_passes()


def _play(app_dsn: str, examples: int, steps: int) -> None:
    with asyncio.Runner() as runner:
        clock = Clock()
        db = connect(app_dsn, clock)

        async def make() -> tuple[ShopId, list[SkuId]]:
            shop = (await a_shop(db)).shop
            return shop, [(await something(db, shop)).sku_id for _ in range(SKUS)]

        Selling.db, Selling.clock, Selling.run = db, clock, runner
        Selling.shop, Selling.skus = runner.run(make())
        how = hypothesis_settings(max_examples=examples, stateful_step_count=steps, deadline=None, database=None)
        run_state_machine_as_test(Selling, settings=how)
        runner.run(db.dispose())


def test_orders_and_money_are_what_a_dict_says(app_dsn: str):
    _play(app_dsn, 20, 15)


@pytest.mark.deep
@pytest.mark.timeout(7200)
def test_orders_and_money_are_what_a_dict_says_for_long(app_dsn: str):
    _play(app_dsn, 2_000, 25)
