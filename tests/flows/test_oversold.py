"""Promised pieces that are gone: the newest orders lose, each by itself, and what was paid goes back in time."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import text

from liveshelf.adapters.payments.port import ProviderUnavailable
from liveshelf.flows import oversold
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import OrderId, ShopId, SkuId
from liveshelf.orders import service as orders
from liveshelf.orders.types import CloseReason, Order, OrderState
from liveshelf.payments.types import RefundReason, RefundState
from liveshelf.platform import limits
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import changes, queries
from liveshelf.stock import oversold as stock_oversold
from liveshelf.stock.types import Cause, Change, ChangeKind, ChangeOutcome, MoveKind, OrderedBy, Pool
from tests.make.paying import Till, till_of, work_off
from tests.make.selling import PRICE_FEN, bought, buy, fire, guest, level, order, something, wish
from tests.make.shops import a_shop

TEN_MINUTES = timedelta(seconds=600)


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return till_of(runtime)


@dataclass
class Scene:
    """Ten pieces: four orders in order of arrival, the first and third of them paid."""

    db: Database
    shop: ShopId
    till: Till
    sku_id: SkuId
    placed: list[Order]

    async def says(self, kind: ChangeKind, quantity: int, *, position: int = 1) -> ChangeOutcome:
        """The warehouse says so."""
        change = Change(f"W-{position}", self.sku_id, kind, quantity, OrderedBy.SEQUENCE, position)
        (kept,) = await self.db.write(SYSTEM, self.shop, lambda tx: changes.take_in(tx, "wms", [change]))
        return kept.outcome

    async def states(self) -> list[tuple[OrderState, CloseReason | None]]:
        found = [await order(self.db, self.shop, one.order_id) for one in self.placed]
        return [(one.state, one.close_reason) for one in found]

    async def refunds(self) -> dict[int, list[tuple[RefundReason, RefundState, int, str]]]:
        """What goes back, by the order's place in the scene."""
        found = [await self.till.refunds(self.shop, one.order_id) for one in self.placed]
        return {
            at: [(one.reason, one.state, one.amount_fen, one.key) for one in many]
            for at, many in enumerate(found)
            if many
        }

    async def lost(self) -> list[tuple[OrderId, Cause, int, int]]:
        async with self.db.read(self.shop) as tx:
            found = (await stock_oversold.lost(tx)).items
        return [(one.order_id, one.cause, one.quantity, one.refund_fen) for one in found]


@pytest.fixture
async def scene(db: Database, shop: ShopId, till: Till) -> Scene:
    sold = await something(db, shop, on_hand=10)
    placed = []
    for quantity, paid in ((2, True), (3, False), (2, True), (2, False)):
        one = await bought(db, shop, wish(await guest(db, shop), sold.sku_id, quantity))
        placed.append(one)
        if paid:
            await till.press(await till.start(shop, one, request_id=f"pay-{one.order_id}"))
    return Scene(db, shop, till, sold.sku_id, placed)


OPEN, PAID = (OrderState.TO_PAY, None), (OrderState.TO_SHIP, None)
SHIPPED = text("UPDATE orders SET state = 'to_receive', shipped_at = paid_at WHERE order_id = :order")
LOST = (OrderState.CLOSED, CloseReason.OVERSOLD)


@pytest.mark.feature("L-505")
async def test_a_cut_takes_from_the_newest_orders_and_sends_back_what_they_paid(scene: Scene, db, shop):
    assert await scene.says(ChangeKind.SET, 2) is ChangeOutcome.APPLIED
    now = await level(db, shop, scene.sku_id)
    assert (now.on_hand, now.held, now.short, now.available) == (2, 5, 3, 0)
    assert await scene.states() == [PAID, OPEN, PAID, OPEN]
    assert await fire(db, "stock.oversold") == 1
    assert "stock.oversold" in await work_off(scene.till.runtime)
    # The last one held two, the third had paid for two: with both of them nothing is short, and one piece is over.
    assert await scene.states() == [PAID, OPEN, LOST, LOST]
    now = await level(db, shop, scene.sku_id)
    assert (now.on_hand, now.held, now.short, now.available) == (4, 3, 0, 1)
    third, last = scene.placed[2], scene.placed[3]
    key = f"oversold:{third.order_id}"
    assert await scene.refunds() == {2: [(RefundReason.OVERSOLD, RefundState.OWED, 2 * PRICE_FEN, key)]}
    assert await scene.lost() == [
        (last.order_id, Cause.CUT, 2, 0),
        (third.order_id, Cause.CUT, 2, 2 * PRICE_FEN),
    ]
    assert await fire(db, "stock.oversold") == 0
    await oversold.settle(scene.till.runtime, shop, sku_id=scene.sku_id, pool=Pool.GENERAL)
    assert await scene.states() == [PAID, OPEN, LOST, LOST]


@pytest.mark.feature("L-505")
async def test_what_is_paid_is_lost_when_less_than_nothing_is_left(scene: Scene, db, shop):
    assert await scene.says(ChangeKind.ADJUST, -7) is ChangeOutcome.APPLIED  # six were on hand, five of them held
    now = await level(db, shop, scene.sku_id)
    assert (now.on_hand, now.held, now.short) == (-1, 5, 6)
    await oversold.settle(scene.till.runtime, shop, sku_id=scene.sku_id, pool=Pool.GENERAL)
    assert await scene.states() == [PAID, LOST, LOST, LOST]
    now = await level(db, shop, scene.sku_id)
    assert (now.on_hand, now.held, now.short) == (1, 0, 0)


async def test_what_nobody_was_promised_is_written_off(scene: Scene, db, shop):
    await scene.says(ChangeKind.ADJUST, -100)
    await oversold.settle(scene.till.runtime, shop, sku_id=scene.sku_id, pool=Pool.GENERAL)
    assert await scene.states() == [LOST] * 4
    now = await level(db, shop, scene.sku_id)
    assert (now.on_hand, now.held, now.short, now.sold) == (0, 0, 0, 0)
    async with db.read(shop) as tx:
        assert (await queries.moves(tx, scene.sku_id)).items[0].kind is MoveKind.ADJUST


async def test_what_was_shipped_is_never_taken_back(scene: Scene, db, shop):
    third = scene.placed[2]
    await db.write(SYSTEM, shop, lambda tx: tx.conn.execute(SHIPPED, {"order": third.order_id}))
    await scene.says(ChangeKind.ADJUST, -100)
    await oversold.settle(scene.till.runtime, shop, sku_id=scene.sku_id, pool=Pool.GENERAL)
    states = await scene.states()
    assert states[2][0] is OrderState.TO_RECEIVE
    assert [states[n] for n in (0, 1, 3)] == [LOST] * 3
    assert set(await scene.refunds()) == {0}


async def test_goods_that_arrive_in_between_save_the_orders(scene: Scene, db, shop):
    await scene.says(ChangeKind.SET, 2)
    await scene.says(ChangeKind.ADJUST, 5, position=2)
    await fire(db, "stock.oversold")
    await work_off(scene.till.runtime)
    assert await scene.states() == [PAID, OPEN, PAID, OPEN]
    assert (await level(db, shop, scene.sku_id)).short == 0


async def test_nothing_more_is_sold_while_something_is_short(scene: Scene, db, shop):
    await scene.says(ChangeKind.SET, 2)
    (outcome,) = await buy(db, shop, wish(await guest(db, shop), scene.sku_id))
    assert outcome.error.code == "stock.insufficient"  # type: ignore[union-attr]


async def test_paying_cancelling_and_settling_at_the_same_time_agree(scene: Scene, db, shop):
    await scene.says(ChangeKind.SET, 0)
    started = await scene.till.start(shop, scene.placed[1], request_id="late")
    settle = oversold.settle
    runtime = scene.till.runtime
    await asyncio.gather(
        *(settle(runtime, shop, sku_id=scene.sku_id, pool=Pool.GENERAL) for _ in range(3)),
        scene.till.press(started),
        db.write(
            SYSTEM,
            shop,
            lambda tx: orders.cancel(tx, scene.placed[3].order_id, customer_id=scene.placed[3].customer_id),
        ),
        return_exceptions=True,
    )
    await oversold.settle(runtime, shop, sku_id=scene.sku_id, pool=Pool.GENERAL)
    now = await level(db, shop, scene.sku_id)
    assert now.short == 0
    assert now.held == 0
    assert (await scene.states())[0] in {PAID, LOST}


@pytest.mark.feature("L-506")
async def test_the_money_is_on_its_way_within_ten_minutes_although_the_provider_fails(
    scene: Scene, db, shop, clock: Clock, monkeypatch
):
    async def down(*_args, **_more):
        raise ProviderUnavailable

    await scene.says(ChangeKind.ADJUST, -100)
    with monkeypatch.context() as patch:
        patch.setattr(scene.till.provider, "refund", down)
        for seconds in range(0, 540, 31):
            clock.set_offset(timedelta(seconds=seconds))
            await fire(db, "stock.oversold")
            await fire(db, "payments.refund")
            with contextlib.suppress(ProviderUnavailable):
                await work_off(scene.till.runtime)
    assert {one[1] for many in (await scene.refunds()).values() for one in many} == {RefundState.OWED}
    clock.set_offset(timedelta(seconds=570))
    assert await fire(db, "payments.refund") == 2
    await work_off(scene.till.runtime)
    async with db.read(shop) as tx:
        detected_at = {one.order_id: one.detected_at for one in (await stock_oversold.lost(tx)).items}
    for at in (0, 2):
        (back,) = await scene.till.refunds(shop, scene.placed[at].order_id)
        assert back.state is RefundState.SETTLED
        assert back.sent_at is not None
        assert back.sent_at - detected_at[back.order_id] <= TEN_MINUTES
        assert back.number.startswith(f"R{back.refund_id}")


@pytest.mark.feature("L-506")
@pytest.mark.parametrize(("seconds", "missed"), [(599, 0), (601, 1)])
async def test_an_order_that_is_closed_later_than_ten_minutes_is_a_missed_limit(
    scene: Scene, db, shop, clock: Clock, seconds: int, missed: int
):
    await scene.says(ChangeKind.SET, 4)  # one is short: the last order loses
    clock.set_offset(timedelta(seconds=seconds))
    await oversold.settle(scene.till.runtime, shop, sku_id=scene.sku_id, pool=Pool.GENERAL)
    assert await scene.states() == [PAID, OPEN, PAID, LOST]
    async with db.read(shop) as tx:
        found = (await limits.breaches(tx)).items
    assert [(one.clock, one.subject) for one in found] == [
        ("stock.oversold", f"order:{scene.placed[3].order_id}") for _ in range(missed)
    ]


@pytest.mark.feature("L-505")
async def test_a_late_payment_that_finds_nothing_is_named_and_sent_back(db, shop, till, clock: Clock):
    sold = await something(db, shop, on_hand=1)
    one = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    till.wire.up = False
    await till.press(await till.start(shop, one))
    clock.set_offset(timedelta(minutes=16))
    await fire(db, "orders.unpaid")
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    headers, body = till.wire.sent[0]
    for _ in range(2):
        await till.receive(shop, headers, body)
    async with db.read(shop) as tx:
        (lost,) = (await stock_oversold.lost(tx)).items
    assert (lost.order_id, lost.cause, lost.refund_fen) == (one.order_id, Cause.LATE_PAYMENT, PRICE_FEN)
    (back,) = await till.refunds(shop, one.order_id)
    assert back.reason is RefundReason.LATE_PAYMENT
