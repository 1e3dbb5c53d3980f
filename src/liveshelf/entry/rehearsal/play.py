"""The play: the copy goes on air, the crowd comes, things die, and what was seen is judged."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from liveshelf.customers import service as customers
from liveshelf.entry.rehearsal import capacity, verdict
from liveshelf.entry.rehearsal.capacity import Search
from liveshelf.entry.rehearsal.crowd import Claimed, Crowd, Wish
from liveshelf.entry.rehearsal.faults import KILLED, Faults
from liveshelf.entry.rehearsal.operator import Cards, Operator
from liveshelf.entry.rehearsal.pages import Pages
from liveshelf.entry.rehearsal.script import Copy, OnSale, Script, Shown, build, shelf
from liveshelf.entry.stage import Cast, Stage, staged
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.settings import Settings
from liveshelf.rehearsals.types import (
    BACK_LIMIT_MS,
    CARD_LIMIT_MS,
    Area,
    Check,
    Code,
    Reason,
    Report,
    Step,
)
from liveshelf.rehearsals.types import Wish as Asked
from liveshelf.stock import queries as stock_queries
from liveshelf.stock import service as stock

Say = Callable[[Step], Awaitable[None]]

_CODES = {"gateway": Code.GATEWAY, "worker": Code.WORKER, "http": Code.HTTP, "database": Code.DATABASE}
# What of an installation's own numbers a room is served with; everything else is the stage's own.
_NUMBERS = (
    "http_workers",
    "pool_size",
    "hold_s",
    "hold_hot_s",
    "hot_unpaid_max",
    "claim_unpaid_max",
    "claim_lapses_max",
)
_OPEN_S = 30.0  # for the wished pages
_STEP = 1_000  # guests made in one transaction
_MORE = 5  # buyers beyond the last piece
_SAID_MAX = 99  # a longer number is no word to claim by
_PAUSE_S = 1.1
_SETTLED_S = 2.0
_WARMING = 6  # viewers who do everything before it is measured


_SEARCH = Search()


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything. The standard takes about a minute with two hundred viewers."""

    pushes: int = 40
    push_every_s: float = 0.25
    comments_per_s: float = 8.0
    talk_s: float = 8.0
    claimers: int = 30
    buyers: int = 60
    notices: int = 6  # payments of which half are lost
    cut_share: int = 10  # one page of so many
    rush: int = 200  # orders and comments of the measured rush
    limit_ms: int = CARD_LIMIT_MS
    back_ms: int = BACK_LIMIT_MS
    search: Search = _SEARCH


STANDARD = Plan()


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of the installation that is rehearsed for. `picture_kbps` is `None` where nobody sends one, and 0
    where viewers get it from elsewhere.
    """

    settings: Settings
    own_database: bool
    sent_kbps: int | None
    free_mb: int | None  # for recordings; `None` where none are made

    @property
    def picture_kbps(self) -> int | None:
        """What of the picture goes over this machine's line, for each viewer."""
        return 0 if self.settings.playback_url or self.free_mb is None else self.sent_kbps


async def play(
    folder: Path,
    script: Script,
    asked: Asked,
    *,
    around: Around,
    say: Say,
    standing: Sequence[Check],
    plan: Plan = STANDARD,
) -> Report:
    """The whole rehearsal in an empty folder. `standing` is what is known of the room itself."""
    began, cpu = time.monotonic(), _own_cpu_s()
    files = capacity.raise_open_files()
    await say(Step.SETTING_UP)
    numbers = {name: getattr(around.settings, name) for name in _NUMBERS}
    kinds = ("http",) * around.settings.http_workers + ("gateway", "worker")
    async with (
        staged(folder, Cast("rehearsal", kinds, replace(Settings(), video=False, **numbers))) as stage,
        _set(stage, script, asked.viewers * plan.search.most_times) as scene,
    ):
        found = await _Rehearsal(scene, plan, asked, around, say, files, script.hours).run()
    took_s = time.monotonic() - began
    cpus = os.cpu_count() or 1
    share = round(100 * (_own_cpu_s() - cpu) / took_s / cpus)
    return Report((*standing, *found), round(took_s * 1000), cpus, share, len(script.wares))


@dataclass
class _Scene:
    """Everything that the play needs, once it is there."""

    stage: Stage
    copy: Copy
    pages: Pages
    operator: Operator
    crowd: Crowd
    pieces: int


@asynccontextmanager
async def _set(stage: Stage, script: Script, viewers: int) -> AsyncIterator[_Scene]:
    db = stage.runtime.db
    copy = await build(db, script)
    tokens = await _invite(db, copy.shop, viewers)
    port = stage.ports[0]
    pages = Pages(copy, http_port=port, gateway_port=stage.settings.gateway_port, tokens=tokens)
    operator = Operator(copy, pages, port)
    try:
        yield _Scene(stage, copy, pages, operator, Crowd(copy, pages), sum(one.pieces for one in copy.shelf))
    finally:
        operator.close()
        await pages.close()


@dataclass
class _Rehearsal:
    scene: _Scene
    plan: Plan
    asked: Asked
    around: Around
    say: Say
    files: int
    hours: int  # that the room is planned for
    checks: list[Check] = field(default_factory=list)
    cards: Cards = field(default_factory=Cards)
    page_kbps: int = 1

    async def run(self) -> list[Check]:
        scene, viewers = self.scene, self.asked.viewers
        await self.say(Step.OPENING)
        await self._warm_up()
        opened = await scene.pages.become(viewers, within_s=_OPEN_S)
        await self.say(Step.CROWD)
        await self._crowd(opened)
        await self.say(Step.FAULTS)
        await self._faults()
        await self.say(Step.CAPACITY)
        await self._capacity()
        await self.say(Step.JUDGING)
        self._line_and_disk()
        return self.checks

    # --- the crowd ---

    async def _warm_up(self) -> None:
        """Do everything a few times before it is measured: a broadcast meets processes that have run for days, and what
        one does for the first time takes it a hundred times as long.
        """
        scene, few = self.scene, range(min(_WARMING, self.asked.viewers))
        await scene.pages.become(len(few), within_s=_OPEN_S)
        await asyncio.gather(scene.crowd.shout(few), scene.crowd.like(few))
        if scene.copy.for_sale:
            for _ in few:
                await scene.operator.click()
        plenty = [pair for pair in _on_sale(scene.copy) if pair[1].pieces > 2 * _WARMING]
        await scene.crowd.buy([(viewer, *plenty[-1]) for viewer in few] if plenty else [])
        await asyncio.sleep(_PAUSE_S)  # whoever has just said something is refused within the second

    async def _crowd(self, opened: int) -> None:
        scene, plan, viewers = self.scene, self.plan, self.asked.viewers
        began, heard = time.monotonic(), scene.pages.heard.received
        everybody = list(range(viewers))
        talk, bought, _, _ = await asyncio.gather(
            scene.crowd.talk(per_s=plan.comments_per_s, seconds=plan.talk_s, viewers=everybody),
            scene.crowd.buy(_wishes(scene.copy, min(viewers, plan.buyers))),
            scene.crowd.like(everybody),
            self._push(),
        )
        claimed = await self._claim()
        seconds = time.monotonic() - began
        received = scene.pages.heard.received - heard
        self.page_kbps = max(1, round(received * 8 / 1000 / seconds / max(1, opened)))
        wrong = await self._wrong()
        cards = self.cards
        self.checks += [
            verdict.watching(viewers, opened=opened, wrong=wrong),
            verdict.cards(
                cards.pushes, cards.took_ms, missed=cards.missed, doubled=cards.doubled, limit_ms=plan.limit_ms
            ),
            verdict.comments(talk.said, shown=talk.shown, took_ms=talk.took_ms, limit_ms=plan.limit_ms),
            verdict.claims(
                claimed.said,
                won=claimed.won,
                waiting=claimed.waiting,
                asked_back=claimed.asked_back,
                refused=claimed.refused,
                clear=claimed.clear,
                wrong=claimed.wrong,
                pieces=claimed.pieces,
                p99_ms=verdict.percentile(claimed.took_ms, 99),
            ),
            verdict.paying(
                bought.tries,
                ordered=bought.ordered,
                paid=bought.paid,
                too_late=bought.too_late,
                took_ms=bought.took_ms,
            ),
            await self._sold(),
        ]

    async def _push(self) -> None:
        if self.scene.copy.for_sale:
            limit_s = self.plan.limit_ms / 1000
            self.cards = await self.scene.operator.push(
                self.plan.pushes, every_s=self.plan.push_every_s, limit_s=limit_s
            )

    async def _claim(self) -> Claimed:
        """Claims by comment, of what there is most of by now."""
        there = [one for one in await self._shelf() if one.on_sale and one.pieces and one.number <= _SAID_MAX]
        if not there:
            return Claimed()
        await asyncio.sleep(_PAUSE_S)  # whoever has just said something says nothing more within the second
        viewers = range(self.asked.viewers)[-self.plan.claimers :]
        of = max(there, key=lambda one: one.pieces)
        claimed = await self.scene.crowd.claim(self.scene.operator, of, viewers)
        await self.scene.crowd.pay(claimed.orders[::2])
        return claimed

    async def _wrong(self) -> int:
        """How many pages are not as a fresh one, once they have had a moment."""
        end = time.monotonic() + _SETTLED_S
        while (wrong := await self.scene.pages.differing()) and time.monotonic() < end:  # noqa: ASYNC110 - as asked
            await asyncio.sleep(0.1)
        return wrong

    async def _sold(self) -> Check:
        async with self._db.read(self.scene.copy.shop) as tx:
            every = [sku.sku_id for one in self.scene.copy.shelf for sku in one.skus]
            levels = (await stock_queries.levels(tx, every)).values()
            wrong = len(await stock_queries.differences(tx))
        sold = sum(level.sold for level in levels)
        return verdict.sold(self.scene.pieces, sold=sold, short=sum(one.short for one in levels), books_wrong=wrong)

    # --- what dies ---

    async def _faults(self) -> None:
        scene, plan = self.scene, self.plan
        if not scene.copy.for_sale:
            # Nothing can be pushed, so no page could be seen to be right again.
            codes = (Code.CUT, *(_CODES[kind] for kind in KILLED), Code.NOTICES)
            self.checks += [verdict.not_tried(Area.FAULTS, code, Reason.NO_GOODS) for code in codes]
            return
        faults = Faults(scene.stage, scene.pages, scene.operator, scene.crowd)
        cut = await faults.cut(plan.cut_share)
        self.checks.append(verdict.back(Code.CUT, cut.ms, limit_ms=plan.back_ms, cut=cut.pages))
        for kind in KILLED:
            if kind == "database" and not self.around.own_database:
                self.checks.append(verdict.not_tried(Area.FAULTS, Code.DATABASE, Reason.OTHER_DATABASE))
                continue
            back = await faults.killed(kind)
            self.checks.append(verdict.back(_CODES[kind], back.ms, limit_ms=plan.back_ms))
        wishes = await self._restocked(plan.notices)
        half = len(wishes) // 2
        told = await faults.notices(wishes[:half], wishes[half:])
        self.checks.append(verdict.notices(told.sent, lost=told.lost, settled=told.settled))

    # --- what can be carried ---

    async def _capacity(self) -> None:
        scene, plan, cards = self.scene, self.plan, self.cards
        if not scene.copy.for_sale:
            self.checks.append(verdict.not_tried(Area.CAPACITY, Code.MACHINE, Reason.NO_GOODS))
            return
        viewers = self.asked.viewers
        all_came = not cards.missed and not cards.doubled and len(scene.pages.all) == viewers
        p99 = verdict.percentile(cards.took_ms, 99) if all_came else plan.limit_ms + 1
        search = replace(plan.search, limit_ms=plan.limit_ms)
        held = await capacity.search(scene.pages, scene.operator, search, wish=viewers, p99_ms=p99, files=self.files)
        await scene.pages.become(min(viewers, max(1, held.viewers)), within_s=_OPEN_S)
        rush = min(plan.rush, viewers * plan.search.most_times)
        orders, comments = await capacity.rates(scene.crowd, await self._restocked(rush), range(rush))
        self.checks.append(
            verdict.machine(
                viewers,
                held=held.viewers,
                p99_ms=held.p99_ms,
                limit_ms=plan.limit_ms,
                orders_per_s=orders,
                comments_per_s=comments,
                ended_by=held.ended_by,
            )
        )

    def _line_and_disk(self) -> None:
        around = self.around
        self.checks.append(
            verdict.uplink(
                self.asked.viewers,
                uplink_kbps=self.asked.uplink_kbps,
                picture_kbps=around.picture_kbps,
                page_kbps=self.page_kbps,
            )
        )
        if around.free_mb is None:
            self.checks.append(verdict.not_tried(Area.CAPACITY, Code.DISK, Reason.VIDEO_OFF))
        else:
            self.checks.append(verdict.disk(self.hours, picture_kbps=around.sent_kbps, free_mb=around.free_mb))

    # --- the copy ---

    @property
    def _db(self) -> Database:
        return self.scene.stage.runtime.db

    async def _shelf(self) -> tuple[Shown, ...]:
        async with self._db.read(self.scene.copy.shop) as tx:
            return await shelf(tx, self.scene.copy.room_id)

    async def _restocked(self, many: int) -> list[Wish]:
        """So many viewers who each want a piece that is there; nobody where nothing was to be had from the start."""
        of = next((one for one in self.scene.copy.for_sale if one.pieces), None)
        if of is None:
            return []
        sku = of.skus[0]

        async def work(tx: Tx) -> None:
            await stock.adjust(tx, sku.sku_id, many, "rehearsal")

        await self._db.write(SYSTEM, self.scene.copy.shop, work)
        return [(viewer, of, sku) for viewer in range(many)]


def _wishes(copy: Copy, most: int) -> list[Wish]:
    """What buyers want: of the SKU that there is least of all there are and some more, and then of everything."""
    there = _on_sale(copy)
    if not there:
        return []
    scarce = min(there, key=lambda pair: pair[1].pieces)
    scarce_many = min(scarce[1].pieces + _MORE, most)
    others = [pair for pair in there for _ in range(pair[1].pieces) if pair != scarce][: most - scarce_many]
    return [(viewer, *pair) for viewer, pair in enumerate([scarce] * scarce_many + others)]


def _on_sale(copy: Copy) -> list[tuple[Shown, OnSale]]:
    """What can be bought."""
    return [(one, sku) for one in copy.for_sale for sku in one.skus if sku.pieces]


async def _invite(db: Database, shop: ShopId, many: int) -> list[str]:
    """So many guests; their sessions' tokens."""
    tokens: list[str] = []
    while len(tokens) < many:
        step = min(_STEP, many - len(tokens))
        made = await db.write(SYSTEM, shop, lambda tx, step=step: customers.make_guests(tx, step))  # type: ignore[misc]
        tokens += [token for _, token in made]
    return tokens


def _own_cpu_s() -> float:
    spent = os.times()
    return spent.user + spent.system
