"""Stock against a dict: whatever is held, sold, given back or counted, the three books agree with the model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

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

from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import OrderId, ShopId, SkuId
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx, connect
from liveshelf.stock import queries, service
from liveshelf.stock.errors import StockBelowHeld, StockCountInvalid
from liveshelf.stock.types import Want
from tests.make.selling import something
from tests.make.shops import a_shop

T = TypeVar("T")
SKUS = 3
FIRST = 4  # on hand at the start

counts = st.integers(1, 3)
orders = st.dictionaries(st.integers(0, SKUS - 1), counts, min_size=1)
RESOLVE = {"commit": service.commit, "release": service.release, "expire": service.expire}


class Books(RuleBasedStateMachine):
    """The model: on hand and sold by SKU, and what each open order holds."""

    db: Database
    shop: ShopId
    skus: list[SkuId]
    run: asyncio.Runner
    numbers = iter(range(1, 10**9))

    @initialize()
    def begin(self) -> None:
        self.on_hand, self.sold = dict.fromkeys(self.skus, FIRST), self.write(self._start)
        self.held: dict[OrderId, dict[SkuId, int]] = {}
        self.given_back: dict[OrderId, dict[SkuId, int]] = {}

    def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return self.run.run(self.db.write(SYSTEM, self.shop, work))

    async def _start(self, tx: Tx) -> dict[SkuId, int]:
        for sku_id in self.skus:
            await service.set_on_hand(tx, sku_id, FIRST, "start")
        return {sku_id: level.sold for sku_id, level in (await queries.levels(tx, self.skus)).items()}

    def kept(self, sku_id: SkuId) -> int:
        return sum(lines.get(sku_id, 0) for lines in self.held.values())

    def take(self, lines: dict[SkuId, int]) -> bool:
        return all(self.on_hand[sku] - self.kept(sku) >= count for sku, count in lines.items())

    @rule(batch=st.lists(orders, min_size=1, max_size=4))
    def hold(self, batch: list[dict[int, int]]) -> None:
        wants = [
            Want(OrderId(next(self.numbers)), tuple((self.skus[n], count) for n, count in lines.items()), "test")
            for lines in batch
        ]
        answers = self.write(lambda tx: service.hold_many(tx, wants))
        for want, short in zip(wants, answers, strict=True):
            granted = self.take(dict(want.lines))
            assert (short is None) == granted
            if granted:
                self.held[want.order_id] = dict(want.lines)

    @rule(data=st.data(), how=st.sampled_from(sorted(RESOLVE)))
    @precondition(lambda self: self.held)
    def resolve(self, data: st.DataObject, how: str) -> None:
        chosen = data.draw(st.lists(st.sampled_from(sorted(self.held)), min_size=1, unique=True))
        for _ in range(2):  # once resolved, a second time changes nothing
            self.write(lambda tx: RESOLVE[how](tx, chosen))
        for order in chosen:
            lines = self.held.pop(order)
            if how == "commit":
                for sku, count in lines.items():
                    self.on_hand[sku] -= count
                    self.sold[sku] += count
            else:
                self.given_back[order] = lines

    @rule(data=st.data())
    @precondition(lambda self: self.given_back)
    def hold_again(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(sorted(self.given_back)))
        short = self.write(lambda tx: service.hold_again(tx, order))
        assert (short is None) == self.take(self.given_back[order])
        if short is None:
            self.held[order] = self.given_back.pop(order)

    @rule(which=st.integers(0, SKUS - 1), count=st.integers(-1, 6))
    def count(self, which: int, count: int) -> None:
        self._counted(self.skus[which], count, lambda tx: service.set_on_hand(tx, self.skus[which], count, "count"))

    @rule(which=st.integers(0, SKUS - 1), by=st.integers(-3, 3))
    def adjust(self, which: int, by: int) -> None:
        sku = self.skus[which]
        self._counted(sku, self.on_hand[sku] + by, lambda tx: service.adjust(tx, sku, by, "adjust"))

    def _counted(self, sku: SkuId, wanted: int, work: Callable[[Tx], Awaitable[Any]]) -> None:
        if wanted < 0:
            with pytest.raises(StockCountInvalid):
                self.write(work)
        elif wanted < self.kept(sku):
            with pytest.raises(StockBelowHeld):
                self.write(work)
        else:
            self.write(work)
            self.on_hand[sku] = wanted

    @invariant()
    def the_books_agree(self) -> None:
        async def look() -> None:
            async with self.db.read(self.shop) as tx:
                assert await queries.differences(tx) == []
                levels = await queries.levels(tx, self.skus)
            for sku, level in levels.items():
                assert (level.on_hand, level.held, level.sold) == (self.on_hand[sku], self.kept(sku), self.sold[sku])

        if hasattr(self, "held"):
            self.run.run(look())

    def teardown(self) -> None:
        if getattr(self, "held", None):
            self.write(lambda tx: service.release(tx, list(self.held)))


def _play(app_dsn: str, examples: int, steps: int) -> None:
    with asyncio.Runner() as runner:
        db = connect(app_dsn, Clock())

        async def make() -> tuple[ShopId, list[SkuId]]:
            shop = (await a_shop(db)).shop
            return shop, [(await something(db, shop)).sku_id for _ in range(SKUS)]

        Books.db, Books.run = db, runner
        Books.shop, Books.skus = runner.run(make())
        how = hypothesis_settings(max_examples=examples, stateful_step_count=steps, deadline=None, database=None)
        run_state_machine_as_test(Books, settings=how)
        runner.run(db.dispose())


def test_the_books_agree_whatever_happens(app_dsn: str):
    _play(app_dsn, 25, 15)


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_the_books_agree_whatever_happens_for_long(app_dsn: str):
    _play(app_dsn, 2_000, 30)
