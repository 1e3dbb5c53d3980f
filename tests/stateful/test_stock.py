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
from liveshelf.stock.errors import ReturnTooMuch, StockBelowHeld, StockCountInvalid, StockInsufficient
from liveshelf.stock.types import Held, Place, Pool, Want
from tests.make.selling import something
from tests.make.shops import a_shop

T = TypeVar("T")
SKUS = 3
FIRST = 4  # on hand at the start, in each pool
POOLS = (Pool.GENERAL, Pool.ACTIVITY)

counts = st.integers(1, 3)
orders = st.dictionaries(st.integers(0, SKUS - 1), counts, min_size=1)
pools = st.sampled_from(POOLS)
RESOLVE = {"commit": service.commit, "release": service.release, "expire": service.expire}


class Books(RuleBasedStateMachine):
    """The model: on hand and sold by SKU and pool, what each open order holds, and what each paid one still has."""

    db: Database
    shop: ShopId
    skus: list[SkuId]
    run: asyncio.Runner
    numbers = iter(range(1, 10**9))

    @initialize()
    def begin(self) -> None:
        self.places: list[Place] = [(sku_id, pool) for sku_id in self.skus for pool in POOLS]
        self.on_hand, self.sold = dict.fromkeys(self.places, FIRST), self.write(self._start)
        self.held: dict[OrderId, dict[Place, int]] = {}
        self.given_up: dict[OrderId, dict[Place, int]] = {}
        self.bought: dict[OrderId, dict[Place, int]] = {}

    def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return self.run.run(self.db.write(SYSTEM, self.shop, work))

    async def _start(self, tx: Tx) -> dict[Place, int]:
        for sku_id, pool in self.places:
            await service.open(tx, sku_id, 0, "start", pool=pool)
            await service.set_on_hand(tx, sku_id, FIRST, "start", pool=pool)
        return {place: level.sold for place, level in (await queries.all_levels(tx, self.skus)).items()}

    def kept(self, place: Place) -> int:
        return sum(lines.get(place, 0) for lines in self.held.values())

    def take(self, lines: dict[Place, int]) -> bool:
        return all(self.on_hand[place] - self.kept(place) >= count for place, count in lines.items())

    @rule(batch=st.lists(st.tuples(orders, pools), min_size=1, max_size=4))
    def hold(self, batch: list[tuple[dict[int, int], Pool]]) -> None:
        wants = [
            Want(OrderId(next(self.numbers)), tuple((self.skus[n], count) for n, count in lines.items()), "test", pool)
            for lines, pool in batch
        ]
        answers = self.write(lambda tx: service.hold_many(tx, wants))
        for want, answer in zip(wants, answers, strict=True):
            lines: dict[Place, int] = {(sku_id, want.pool): count for sku_id, count in want.lines}
            granted = self.take(lines)
            assert isinstance(answer, Held) == granted
            if granted:
                self.held[want.order_id] = lines

    @rule(data=st.data(), how=st.sampled_from(sorted(RESOLVE)))
    @precondition(lambda self: self.held)
    def resolve(self, data: st.DataObject, how: str) -> None:
        chosen = data.draw(st.lists(st.sampled_from(sorted(self.held)), min_size=1, unique=True))
        for _ in range(2):  # once resolved, a second time changes nothing
            self.write(lambda tx: RESOLVE[how](tx, chosen))
        for order in chosen:
            lines = self.held.pop(order)
            if how == "commit":
                self.bought[order] = lines
                for place, count in lines.items():
                    self.on_hand[place] -= count
                    self.sold[place] += count
            else:
                self.given_up[order] = lines

    @rule(data=st.data())
    @precondition(lambda self: self.given_up)
    def hold_again(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(sorted(self.given_up)))
        short = self.write(lambda tx: service.hold_again(tx, order))
        assert (short is None) == self.take(self.given_up[order])
        if short is None:
            self.held[order] = self.given_up.pop(order)

    @rule(data=st.data(), count=counts)
    @precondition(lambda self: self.bought)
    def give_back(self, data: st.DataObject, count: int) -> None:
        order = data.draw(st.sampled_from(sorted(self.bought)))
        place = data.draw(st.sampled_from(sorted(self.bought[order])))
        if count > self.bought[order][place]:
            with pytest.raises(ReturnTooMuch):
                self.write(lambda tx: service.give_back(tx, order, [(place[0], count)], reason="back"))
            return
        self.write(lambda tx: service.give_back(tx, order, [(place[0], count)], reason="back"))
        self.bought[order][place] -= count
        self.on_hand[place] += count
        self.sold[place] -= count

    @rule(which=st.integers(0, SKUS - 1), count=counts, source=pools)
    def transfer(self, which: int, count: int, source: Pool) -> None:
        sku_id, target = self.skus[which], next(pool for pool in POOLS if pool is not source)
        giver, taker = (sku_id, source), (sku_id, target)

        async def work(tx: Tx) -> None:
            await service.transfer(tx, sku_id, count, "set apart", source=source, target=target)

        if self.on_hand[giver] - self.kept(giver) < count:
            with pytest.raises(StockInsufficient):
                self.write(work)
            return
        self.write(work)
        self.on_hand[giver] -= count
        self.on_hand[taker] += count

    @rule(which=st.integers(0, SKUS - 1), pool=pools, count=st.integers(-1, 6))
    def count(self, which: int, pool: Pool, count: int) -> None:
        sku_id = self.skus[which]
        self._counted((sku_id, pool), count, lambda tx: service.set_on_hand(tx, sku_id, count, "count", pool=pool))

    @rule(which=st.integers(0, SKUS - 1), pool=pools, by=st.integers(-3, 3))
    def adjust(self, which: int, pool: Pool, by: int) -> None:
        place = (self.skus[which], pool)
        wanted = self.on_hand[place] + by
        self._counted(place, wanted, lambda tx: service.adjust(tx, place[0], by, "adjust", pool=pool))

    def _counted(self, place: Place, wanted: int, work: Callable[[Tx], Awaitable[Any]]) -> None:
        if wanted < 0:
            with pytest.raises(StockCountInvalid):
                self.write(work)
        elif wanted < self.kept(place):
            with pytest.raises(StockBelowHeld):
                self.write(work)
        else:
            self.write(work)
            self.on_hand[place] = wanted

    @invariant()
    def the_books_agree(self) -> None:
        async def look() -> None:
            async with self.db.read(self.shop) as tx:
                assert await queries.differences(tx) == []
                levels = await queries.all_levels(tx, self.skus)
            assert sorted(levels) == sorted(self.places)
            for place, level in levels.items():
                told = (level.on_hand, level.held, level.sold)
                assert told == (self.on_hand[place], self.kept(place), self.sold[place])

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
