"""Random calls on the goods library against a model that is a dict.

The machine speaks to the wire as software would and knows of the product only what was answered.
`LIVESHELF_TEST_DEEP=1` runs long seeds.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from liveshelf.adapters.storage import FolderStorage, Storage
from liveshelf.entry import migrate
from liveshelf.facades.wechat.router import WireApp
from liveshelf.flows import listing
from liveshelf.goods.types import Origin
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import AuditId
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import connect
from liveshelf.platform.embedded import EmbeddedPostgres
from liveshelf.platform.fanout import PostgresBus
from liveshelf.platform.outbound import Outbound
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.settings import Settings
from liveshelf.platform.signing import Keys
from liveshelf.reviews.types import Stage, Verdict
from liveshelf.shops import service
from tests.conftest import TEMPLATE
from tests.make import goods as make
from tests.make.shops import a_shop
from tests.make.wire import ADD, DELETE, LIST, STORED, SUBMIT, UPDATE, WITHDRAW, Wire

DEEP = bool(os.environ.get("LIVESHELF_TEST_DEEP"))
SUBMISSIONS = 12
UNAUDITED, IN_AUDIT, APPROVED, REJECTED = range(4)


@dataclass
class Card:
    """What the model knows of a goods."""

    status: int
    audit_id: int
    name: str
    price_type: int
    price: str
    price2: str
    entered: int  # when it came to its status: a count of moves
    api: bool = True


class Library(RuleBasedStateMachine):
    """The library as its software sees it."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.wire, self.stack = self.world.begin()
        self.cards: dict[int, Card] = {}
        self.gone: set[int] = set()
        self.submissions = 0
        self.moves = 0
        self.cover = self.call(self.wire.upload())

    def call(self, work: Any) -> Any:
        return self.world.loop.run_until_complete(work)

    def post(self, path: str, body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.call(self.wire.post(path, body))
        return answer

    def move(self, card: Card, status: int) -> None:
        self.moves += 1
        card.status, card.entered = status, self.moves

    def chosen(self, data: st.DataObject) -> int:
        """A goods that is there, was there, or never was."""
        return int(data.draw(st.sampled_from([*self.cards, *self.gone, 999_999]), label="goods"))

    @rule(data=st.data(), name=st.sampled_from(["青瓷茶盏", "a" * 28, "瓷" * 15]), kind=st.integers(0, 4))
    def add(self, data: st.DataObject, name: str, kind: int) -> None:
        price = data.draw(st.sampled_from(["99.5", "128", "0", "1.555"]))
        price2 = data.draw(st.sampled_from(["", "99.5", "128"]))
        info = {
            "coverImgUrl": self.cover,
            "name": name,
            "priceType": kind,
            "price": price,
            "price2": price2,
            "url": "pages/a",
        }
        answer = self.post(ADD, {"goodsInfo": info})
        expected = self.prices_refuse(kind, price, price2) or (300002 if name == "瓷" * 15 else 0)
        if not expected and self.submissions == SUBMISSIONS:
            expected = 300012
        if kind in range(1, 4) and expected in {300002, 300003}:
            assert answer["errcode"] in {300002, 300003}
            return
        assert answer["errcode"] == expected, (info, answer)
        if not expected:
            assert answer["goodsId"] not in self.cards
            assert answer["goodsId"] not in self.gone
            self.submissions += 1
            card = Card(IN_AUDIT, answer["auditId"], name, kind, price, price2 if kind != 1 else "0", 0)
            self.move(card, IN_AUDIT)
            self.cards[answer["goodsId"]] = card

    @rule()
    @precondition(lambda self: len(self.cards) < 8)
    def add_in_the_console(self) -> None:
        listed = self.call(make.added(self.world.runtime.db, self.wire.made.shop, origin=Origin.CONSOLE))
        card = Card(IN_AUDIT, listed.audit_id, "青瓷茶盏", 1, "128", "0", 0, api=False)
        self.move(card, IN_AUDIT)
        self.cards[listed.goods_id] = card

    @rule(data=st.data(), right=st.booleans())
    def withdraw(self, data: st.DataObject, right: bool) -> None:
        goods_id = self.chosen(data)
        card = self.cards.get(goods_id)
        audit_id = card.audit_id if card and right else 7
        answer = self.post(WITHDRAW, {"goodsId": goods_id, "auditId": audit_id})
        expected = 1003 if card is None else 300011 if not card.api else None
        if expected is None and card is not None:
            expected = 300017 if card.status == UNAUDITED else 0 if card.status == IN_AUDIT and right else 300009
        assert answer["errcode"] == expected
        if not expected and card is not None:
            self.move(card, UNAUDITED)

    @rule(data=st.data())
    def submit(self, data: st.DataObject) -> None:
        goods_id = self.chosen(data)
        card = self.cards.get(goods_id)
        answer = self.post(SUBMIT, {"goodsId": goods_id})
        expected = 1003 if card is None else 300011 if not card.api else 0
        if not expected and card is not None and card.status in {IN_AUDIT, APPROVED}:
            expected = 300010
        if not expected and self.submissions == SUBMISSIONS:
            expected = 300012
        assert answer["errcode"] == expected
        if not expected and card is not None:
            assert answer["auditId"] != card.audit_id
            card.audit_id = answer["auditId"]
            self.submissions += 1
            self.move(card, IN_AUDIT)

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        goods_id = self.chosen(data)
        card = self.cards.get(goods_id)
        answer = self.post(DELETE, {"goodsId": goods_id})
        expected = 1003 if card is None else 300011 if not card.api else 300014 if card.status == IN_AUDIT else 0
        assert answer["errcode"] == expected
        if not expected:
            del self.cards[goods_id]
            self.gone.add(goods_id)

    @rule(
        data=st.data(),
        name=st.sampled_from(["", "白瓷茶盏"]),
        kind=st.integers(0, 3),
        price=st.sampled_from(["", "50", "200"]),
    )
    def update(self, data: st.DataObject, name: str, kind: int, price: str) -> None:
        goods_id, price2 = self.chosen(data), data.draw(st.sampled_from(["", "60", "150"]))
        card = self.cards.get(goods_id)
        info = {"goodsId": goods_id, "name": name, "priceType": kind, "price": price, "price2": price2}
        answer = self.post(UPDATE, {"goodsInfo": info})
        expected = 1003 if card is None else 300011 if not card.api else 300010 if card.status == IN_AUDIT else 0
        if expected or card is None:
            assert answer["errcode"] == expected
            return
        if card.status == APPROVED and name not in {"", card.name}:
            assert answer["errcode"] == 300010
            return
        after = replace(card, name=name or card.name, price_type=kind or card.price_type, price=price or card.price)
        after.price2 = "0" if after.price_type == 1 else price2 if price2 and kind != 1 else card.price2
        refused = self.prices_refuse(
            after.price_type, after.price, after.price2.replace("0", "") if after.price2 == "0" else after.price2
        )
        assert answer["errcode"] == (refused or 0), (card, info, answer)
        if not refused:
            self.cards[goods_id] = after

    @rule(data=st.data(), passed=st.booleans())
    @precondition(lambda self: any(card.status == IN_AUDIT for card in self.cards.values()))
    def decide(self, data: st.DataObject, passed: bool) -> None:
        waiting = [card for card in self.cards.values() if card.status == IN_AUDIT]
        card = data.draw(st.sampled_from(waiting), label="case")
        reasons = () if passed else ("picture_unclear",)
        for verdict in (make.MACHINE_PASS, Verdict(Stage.PERSON, passed=passed, reasons=reasons)):
            self.call(self.decided(card.audit_id, verdict))
        self.move(card, APPROVED if passed else REJECTED)

    async def decided(self, audit_id: int, verdict: Verdict) -> None:
        db, shop = self.world.runtime.db, self.wire.made.shop
        await db.write(make.REVIEWER, shop, lambda tx: listing.decide(tx, AuditId(audit_id), verdict))

    @invariant()
    def the_lists_are_the_model(self) -> None:
        for status in range(4):
            mine = sorted((card.entered, goods_id) for goods_id, card in self.cards.items() if card.status == status)
            answer = self.call(self.wire.get(LIST, {"status": status, "limit": 100}))
            assert [one["goodsId"] for one in answer["goods"]] == [goods_id for _, goods_id in mine]
            assert answer["total"] == len(mine)

    @invariant()
    def the_status_call_is_the_model(self) -> None:
        ids = [*self.cards, *self.gone][:20]
        if not ids:
            return
        answer = self.post(STORED, {"goods_ids": ids})
        told = {
            one["goods_id"]: (
                one["audit_status"],
                one["name"],
                one["price_type"],
                one["price"],
                one["price2"],
                one["third_party_tag"],
            )
            for one in answer["goods"]
        }
        assert told == {
            goods_id: (
                card.status,
                card.name,
                card.price_type,
                float(card.price),
                float(card.price2),
                2 if card.api else 0,
            )
            for goods_id, card in self.cards.items()
            if goods_id in ids
        }

    @staticmethod
    def prices_refuse(kind: int, price: str, price2: str) -> int | None:
        if kind not in {1, 2, 3}:
            return 200002 if price not in {"0", "1.555"} else 300003
        if price in {"0", "1.555"}:
            return 300003
        if kind == 1:
            return None
        if not price2:
            return 300003
        low, high = (price, price2) if kind == 2 else (price2, price)
        return 300003 if float(low) > float(high) else None

    def teardown(self) -> None:
        self.call(self.stack.aclose())


class World:
    """One event loop and database for all runs of the machine; each run has a shop of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop, runtime: Runtime, client: httpx.AsyncClient) -> None:
        self.loop, self.runtime, self.client = loop, runtime, client

    def begin(self) -> tuple[Wire, contextlib.AsyncExitStack]:
        return self.loop.run_until_complete(self._begin())

    async def _begin(self) -> tuple[Wire, contextlib.AsyncExitStack]:
        made = await a_shop(self.runtime.db)
        limits = {
            "submissions": SUBMISSIONS,
            **dict.fromkeys(("goods.getgoodswarehouse", "goods.getapproved"), 100_000),
        }
        await self.runtime.db.write(SYSTEM, made.shop, lambda tx: service.set_limits(tx, limits))
        return await Wire(self.client, self.runtime, made).sign_in(), contextlib.AsyncExitStack()


@contextlib.asynccontextmanager
async def a_world(
    cluster: EmbeddedPostgres, keys: Keys, folder: Path
) -> AsyncIterator[tuple[Runtime, httpx.AsyncClient]]:
    admin = await asyncpg.connect(cluster.superuser_dsn())
    await admin.execute(f"CREATE DATABASE wire_goods TEMPLATE {TEMPLATE}")
    dsn = migrate.app_dsn(cluster.superuser_dsn("wire_goods"), keys)
    clock, outbound = Clock(), Outbound()
    db = connect(dsn, clock)
    async with PostgresBus(dsn).running() as bus:
        runtime = Runtime(replace(Settings(), data_dir=folder, app_database_url=dsn), keys, clock, db, bus, outbound)
        runtime.provide(Storage, FolderStorage(folder / "media"))
        async with WireApp(runtime).running() as app:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://wire") as client:
                yield runtime, client
    await outbound.close()
    await db.dispose()
    await admin.execute("DROP DATABASE wire_goods WITH (FORCE)")
    await admin.close()


@pytest.mark.feature("A-706")
@pytest.mark.timeout(3600 if DEEP else 180)
def test_random_calls_agree_with_the_model(cluster: EmbeddedPostgres, keys: Keys, tmp_path: Path):
    loop = asyncio.new_event_loop()
    world = a_world(cluster, keys, tmp_path)
    runtime, client = loop.run_until_complete(world.__aenter__())
    Library.world = World(loop, runtime, client)
    try:
        run_state_machine_as_test(
            Library,
            settings=settings(
                max_examples=200 if DEEP else 12,
                stateful_step_count=60 if DEEP else 25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        loop.run_until_complete(world.__aexit__(None, None, None))
        loop.close()
