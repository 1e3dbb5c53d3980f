"""The live goods library against a dict: random verbs through both doors, and all that can be read agrees with it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from liveshelf.flows import listing
from liveshelf.goods import queries
from liveshelf.goods.errors import (
    AuditStateRefuses,
    DeleteInAudit,
    GoodsMissing,
    GoodsNotFromApi,
    NotSubmitted,
    WithdrawRefused,
)
from liveshelf.goods.types import AuditState, CardChanges, Origin
from liveshelf.kernel.errors import DomainError
from liveshelf.kernel.ids import AuditId, GoodsId, MediaId, RoomId, ShopId
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database, Tx, connect
from liveshelf.reviews.errors import CaseNotWaiting
from liveshelf.reviews.types import Stage, Verdict
from liveshelf.rooms import queries as rooms
from liveshelf.rooms import service as rooms_service
from liveshelf.rooms.errors import GoodsNotApproved, GoodsUnknown
from tests.make import goods as make
from tests.make import rooms as make_rooms
from tests.make.shops import a_shop

T = TypeVar("T")
UN, IN, OK, NO = AuditState.UNAUDITED, AuditState.IN_AUDIT, AuditState.APPROVED, AuditState.REJECTED
Refusal = type[DomainError] | None

doors = st.sampled_from([None, Origin.API])


@dataclass
class Model:
    """One goods as it must stand. `judged` says whether the machine has passed the pending submission."""

    goods_id: GoodsId
    origin: Origin
    state: AuditState
    audit_id: AuditId
    name: str
    price_fen: int
    judged: bool = False
    on_shelf: bool = False


class LibraryMachine(RuleBasedStateMachine):
    """The model: goods by id, and the order in which they entered their states."""

    db: Database
    run: asyncio.Runner
    goods = Bundle("goods")

    @initialize()
    def begin(self) -> None:
        async def make_all() -> tuple[ShopId, MediaId, RoomId]:
            shop = (await a_shop(self.db)).shop
            return shop, await make.cover(self.db, shop, temporary=False), await make_rooms.live_room(self.db, shop)

        self.shop, self.cover, self.room = self.run.run(make_all())
        self.model: dict[GoodsId, Model] = {}
        self.entered: list[GoodsId] = []
        self.version = self.read_version()

    def tried(self, work: Callable[[Tx], Awaitable[T]], expected: Refusal) -> T | None:
        """Do the work and see that it ends as the model says. A change gives a new version, a refusal none."""
        before = self.read_version()
        met: Refusal
        done: T | None
        try:
            done = self.run.run(self.db.write(make.SOFTWARE, self.shop, work))
        except DomainError as error:
            done, met = None, type(error)
        else:
            met = None
        assert met is expected
        assert met is None or self.read_version() == before
        return done

    def read_version(self) -> int:
        async def read() -> int:
            async with self.db.read(self.shop) as tx:
                return (await queries.library(tx)).version

        return self.run.run(read())

    def enters(self, one: Model, state: AuditState) -> None:
        one.state = state
        self.entered = [goods_id for goods_id in self.entered if goods_id != one.goods_id] + [one.goods_id]

    def closed(self, goods_id: GoodsId, door: Origin | None) -> Refusal:
        if goods_id not in self.model:
            return GoodsMissing
        return GoodsNotFromApi if door is Origin.API and self.model[goods_id].origin is Origin.CONSOLE else None

    @rule(target=goods, origin=st.sampled_from(Origin), price=st.integers(1, 10**9))
    def add(self, origin: Origin, price: int) -> GoodsId:
        draft = make.draft(self.cover, price_fen=price)
        listed = self.tried(lambda tx: listing.add_and_submit(tx, draft, origin=origin), None)
        assert listed is not None
        assert listed.goods_id > max(self.model, default=1000)
        one = Model(listed.goods_id, origin, IN, listed.audit_id, draft.name, price)
        self.model[one.goods_id] = one
        self.enters(one, IN)
        return one.goods_id

    @rule(goods_id=goods, door=doors)
    def submit(self, goods_id: GoodsId, door: Origin | None) -> None:
        refusal = self.closed(goods_id, door)
        if refusal is None and self.model[goods_id].state in {IN, OK}:
            refusal = AuditStateRefuses
        audit_id = self.tried(lambda tx: listing.submit(tx, goods_id, door=door), refusal)
        if audit_id is not None:
            one = self.model[goods_id]
            assert audit_id > one.audit_id
            one.audit_id, one.judged = audit_id, False
            self.enters(one, IN)

    @rule(goods_id=goods, door=doors, wrong=st.integers(0, 3))
    def withdraw(self, goods_id: GoodsId, door: Origin | None, wrong: int) -> None:
        refusal = self.closed(goods_id, door)
        audit_id = AuditId(self.model[goods_id].audit_id + (wrong == 1)) if goods_id in self.model else AuditId(1)
        if refusal is None:
            state = self.model[goods_id].state
            refused = wrong == 1 or state is not IN
            refusal = NotSubmitted if state is UN else WithdrawRefused if refused else None
        self.tried(lambda tx: listing.withdraw(tx, goods_id, audit_id, door=door), refusal)
        if refusal is None:
            self.enters(self.model[goods_id], UN)

    @rule(
        goods_id=goods, door=doors, name=st.none() | st.sampled_from(["青瓷茶盏", "白瓷"]), price=st.integers(1, 10**9)
    )
    def update(self, goods_id: GoodsId, door: Origin | None, name: str | None, price: int) -> None:
        refusal = self.closed(goods_id, door)
        if refusal is None:
            one = self.model[goods_id]
            real = name is not None and name != one.name
            refusal = AuditStateRefuses if one.state is IN or (one.state is OK and real) else None
        changes = CardChanges(name=name, price_fen=price)
        self.tried(lambda tx: listing.update(tx, goods_id, changes, door=door), refusal)
        if refusal is None:
            one = self.model[goods_id]
            one.name, one.price_fen = name or one.name, price

    @rule(target=goods, goods_id=consumes(goods), door=doors)
    def delete(self, goods_id: GoodsId, door: Origin | None) -> object:
        refusal = self.closed(goods_id, door)
        if refusal is None and self.model[goods_id].state is IN:
            refusal = DeleteInAudit
        self.tried(lambda tx: listing.delete(tx, goods_id, door=door), refusal)
        if refusal is None:
            del self.model[goods_id]
            self.entered.remove(goods_id)
        return goods_id if refusal is None or goods_id in self.model else multiple()

    @rule(goods_id=goods, stage=st.sampled_from(Stage), passed=st.booleans())
    def decide(self, goods_id: GoodsId, stage: Stage, passed: bool) -> None:
        if (one := self.model.get(goods_id)) is None:
            return
        due = one.state is IN and one.judged == (stage is Stage.PERSON)
        verdict = Verdict(stage, passed=passed, reasons=() if passed else ("other",), note="说明")
        refusal = None if due else CaseNotWaiting
        self.tried(lambda tx: listing.decide(tx, one.audit_id, verdict), refusal)
        if due and not passed:
            self.enters(one, NO)
        elif due and stage is Stage.PERSON:
            self.enters(one, OK)
        elif due:
            one.judged = True

    @rule(goods_id=goods)
    def approve(self, goods_id: GoodsId) -> None:
        """Both stages at once: chance alone seldom comes this far."""
        for stage in Stage:
            self.decide(goods_id, stage, True)

    @rule(goods_id=goods)
    def shelve(self, goods_id: GoodsId) -> None:
        one = self.model.get(goods_id)
        refusal: Refusal = GoodsUnknown if one is None else GoodsNotApproved if one.state is not OK else None
        self.tried(lambda tx: rooms_service.put_on_shelf(tx, self.room, [goods_id]), refusal)
        if one is not None and refusal is None:
            one.on_shelf = True

    @invariant()
    def agrees(self) -> None:
        self.run.run(self._compare())

    async def _compare(self) -> None:
        async with self.db.read(self.shop) as tx:
            library = await queries.library(tx)
            read = await queries.live_goods(tx, self.model)
            pages = {state: await queries.live_goods_page(tx, state, 0, 1000) for state in AuditState}
            shelf = {place.goods_id for place in await rooms.places(tx, self.room)}
            skus = await queries.skus(tx, [one.product_id for one in read])
        assert {(one.goods_id, one.audit_state, one.audit_id, one.name, one.price_fen) for one in read} == {
            (one.goods_id, one.state, one.audit_id, one.name, one.price_fen) for one in self.model.values()
        }
        counted = Counter(one.state for one in self.model.values())
        assert dict(library.counts) == {state: counted[state] for state in AuditState}
        for state, page in pages.items():
            assert [one.goods_id for one in page] == [one for one in self.entered if self.model[one].state is state]
        assert shelf == {one.goods_id for one in self.model.values() if one.on_shelf}
        assert {one.goods_id: skus[one.product_id][0].price_fen for one in read} == {
            one.goods_id: one.price_fen for one in self.model.values()
        }
        assert library.version >= self.version
        self.version = library.version


def _play(app_dsn: str, examples: int, steps: int) -> None:
    with asyncio.Runner() as runner:
        LibraryMachine.db, LibraryMachine.run = connect(app_dsn, Clock(movable=True), process="test"), runner
        how = hypothesis_settings(max_examples=examples, stateful_step_count=steps, deadline=None, database=None)
        run_state_machine_as_test(LibraryMachine, settings=how)
        runner.run(LibraryMachine.db.dispose())


@pytest.mark.feature("A-706")
def test_the_library_agrees_with_its_model_whatever_is_done(app_dsn: str):
    _play(app_dsn, 15, 20)


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_the_library_agrees_with_its_model_for_long(app_dsn: str):
    _play(app_dsn, 1_000, 50)
