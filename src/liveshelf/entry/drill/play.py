"""The play: a rush while processes die, payments that are doubled, delayed, lost and late, and then the clock."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from liveshelf.entry.drill import claims
from liveshelf.entry.drill.crowd import Crowd, Try
from liveshelf.entry.drill.shop import invite, open_shop
from liveshelf.entry.line import Line
from liveshelf.entry.stage import Cast, Stage, staged
from liveshelf.platform.settings import Settings

HOLD = timedelta(minutes=15)  # how long an order may stay unpaid
STEP = timedelta(minutes=5)  # half of what a refund may take
QUIET_LIMIT_S = 15.0
LAST_LIMIT_S = 60.0  # a job whose worker was killed is given to another after some time
# Two of each: what one leaves undone, the other must not do twice.
_CAST = Cast("drill", ("http", "http", "worker", "worker"), replace(Settings(), pool_size=6), own_ports=True)
_FIRST = 40  # come one after the other, so that there is something to lose when the first process dies
_AT_ONCE = 128
_OK = 200
_WAVES = 4  # of those who were told that it is sold out, and try again when pieces come back
_AGAIN = 200  # requests sent once more

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How large, and which luck."""

    buyers: int
    pieces: int
    seed: int


@dataclass
class Played:
    """What came of it."""

    claims: list[claims.Claim]
    figures: dict[str, object]
    faults: list[dict[str, object]] = field(default_factory=list)
    took_s: float = 0.0


async def play(plan: Plan, folder: Path, say: Say) -> Played:
    """The whole drill in an empty folder."""
    began = time.monotonic()
    async with staged(folder, _CAST) as stage:
        shop = await open_shop(stage.runtime.db, plan.pieces)
        tokens = await invite(stage.runtime.db, shop.shop, plan.buyers)
        say(f"{plan.buyers} buyers, {plan.pieces} pieces, {len(stage.players)} processes, seed {plan.seed}")
        rng = random.Random(plan.seed)  # noqa: S311 - luck that can be had again
        crowd = Crowd(shop, stage.ports, tokens, rng)
        drill = _Drill(stage, crowd, plan, say, began)
        repeated = await drill.run()
        found = await claims.judged(stage.runtime.db, stage.admin, crowd, pieces=plan.pieces, repeated=repeated)
        return Played(found, await claims.figures(stage.admin, crowd), drill.faults, time.monotonic() - began)


@dataclass
class _Drill:
    stage: Stage
    crowd: Crowd
    plan: Plan
    say: Say
    began: float
    faults: list[dict[str, object]] = field(default_factory=list)

    async def run(self) -> list[tuple[Try, str]]:
        await self._switch(lose=0.3, repeat=1, delay_s=0.1, shuffle_s=1.5, forge=True)
        won = await self._rush()
        repeated = await self.crowd.ask_again(self.crowd.placed[:_AGAIN])
        late: list[str] = []
        for wave in range(1, _WAVES + 1):
            late += await self._pay(won, wave)
            if await self._sold_out():
                break
            await self._let_time_pass()
            # Some of those who pay late find their piece still there, the others find it bought by somebody else.
            half = len(late) // 2
            await self._press_late(late[:half])
            won = await self._again(wave)
            await self._press_late(late[half:])
            late = []
        await self._press_late(late)
        await self._settle()
        return repeated

    async def _rush(self) -> list[Try]:
        """Everybody at once, while one after the other of what serves them is killed."""
        deaths = self._deaths()
        self.crowd.until = deaths[0][0]
        rush = asyncio.create_task(self._everybody())
        for number, (share, what, kill) in enumerate(deaths, 1):
            await self._until(lambda share=share: len(self.crowd.tries) >= share)  # type: ignore[misc]
            # More come while it is down, but not all of them: the next one shall meet a rush, too.
            self.crowd.until = deaths[number][0] if number < len(deaths) else 1 << 31
            await self._fault(what, kill)
        await rush
        return self.crowd.placed

    async def _everybody(self) -> None:
        first = min(_FIRST, self.plan.pieces // 2)
        await self.crowd.rush(range(first), at_once=2)
        await self.crowd.rush(range(first, self.plan.buyers), at_once=_AT_ONCE)

    def _deaths(self) -> Sequence[tuple[int, str, Callable[[], Awaitable[None]]]]:
        first = min(_FIRST, self.plan.pieces // 2)
        many = self.plan.buyers
        return [
            (first // 2, "HTTP process 1 killed", lambda: self.stage.kill("http", 0)),
            (first + 1, "database killed (kill -9)", self.stage.kill_database),
            (many // 3, "worker 1 killed", lambda: self.stage.kill("worker", 0)),
            (many // 2, "HTTP process 2 killed", lambda: self.stage.kill("http", 1)),
            (many * 3 // 4, "database killed (kill -9)", self.stage.kill_database),
        ]

    async def _pay(self, won: Sequence[Try], wave: int) -> list[str]:
        """Most pay, some never, some begin and press the button when it is too late. Returns the latter's pages. In
        the last wave everybody pays.
        """
        luck = {one.order_id: 0.0 if wave == _WAVES else self.crowd.rng.random() for one in won}
        now = [one for one in won if luck[one.order_id] < 0.6]  # noqa: PLR2004 - six in ten
        later = [one for one in won if 0.6 <= luck[one.order_id] < 0.85]  # noqa: PLR2004 - and one in four
        paying = asyncio.create_task(self.crowd.pay(now))
        if wave == 1:
            await asyncio.sleep(0.2)
            await self._fault("HTTP process 1 killed while buyers pay", lambda: self.stage.kill("http", 0))
            await self._fault("worker 2 killed while buyers pay", lambda: self.stage.kill("worker", 1))
        await paying
        return await self.crowd.begin(later)

    async def _let_time_pass(self) -> None:
        """The provider is asked about what it did not tell; then the time to pay is up."""
        for some in (timedelta(seconds=45), timedelta(minutes=2), HOLD):
            await self._pass(some)

    async def _pass(self, by: timedelta, *, last: bool = False) -> None:
        """Business time goes forward in steps that are short beside what is promised within minutes. A leap over all
        of it would make late whatever was under way at that moment, which no real time does.
        """
        while by > STEP:
            await self.stage.advance(STEP)
            await self._quiet()
            by -= STEP
        await self.stage.advance(by)
        await self._quiet(last=last)

    async def _press_late(self, pages: Sequence[str]) -> None:
        if pages:
            self.say(f"{len(pages)} pay late")
            await asyncio.gather(*(self.crowd.press(page, late=True) for page in pages))
            await self._quiet()

    async def _again(self, wave: int) -> list[Try]:
        """Some of those who got nothing try once more."""
        tried = {one.buyer for one in self.crowd.placed}
        hopeful = [buyer for buyer in range(self.plan.buyers) if buyer not in tried]
        self.crowd.rng.shuffle(hopeful)
        told = await self.crowd.rush(hopeful[: max(20, self.plan.pieces * 2)], at_once=32)
        won = [one for one in told if one.order_id]
        self.say(f"wave {wave + 1}: {len(won)} of {len(told)} got a piece that had come back")
        return won

    async def _settle(self) -> None:
        """The provider is gone for a while, and comes back; then the clock runs until nothing is left to be done."""
        await self._switch(down=True)
        await self.stage.advance(timedelta(minutes=2))
        await asyncio.sleep(2)
        await self._switch()
        for _ in range(3):
            await self._pass(timedelta(minutes=1))
        await self._pass(HOLD, last=True)

    async def _sold_out(self) -> bool:
        await self._quiet()
        sold = await self.stage.admin.fetchval(
            "SELECT sum(sold) FROM stock WHERE shop_id = $1", int(self.crowd.shop.shop)
        )
        return int(sold) == self.plan.pieces

    async def _quiet(self, *, last: bool = False) -> None:
        """Wait until the product has nothing left to do; what it can't finish is the last claim's to tell.

        What comes round by itself is waited for only at the end: a notification that was lost, a job whose worker died.
        """
        end = time.monotonic() + (LAST_LIMIT_S if last else QUIET_LIMIT_S)
        calm, left = 0, {"": 1}
        while calm < 2 and time.monotonic() < end:  # noqa: PLR2004 - twice, for a job may make another
            left = await claims.unfinished(self.stage.admin, int(self.crowd.shop.shop))
            if not last:
                left = {what: many for what, many in left.items() if what not in {claims.JOBS, claims.NOTICES}}
            calm = 0 if left else calm + 1
            await asyncio.sleep(0.2)
        if left:
            self.say(f"still to be done: {claims.told(left)}")

    async def _switch(self, **faults: object) -> None:
        """What the provider's network does from now on."""
        line = Line(self.stage.ports[0], {})
        wanted = {"seed": self.plan.seed, **faults}
        answer = await line.ask("POST", "/simulator/faults", {"faults": wanted})
        line.close()
        if answer.status == _OK:
            self._note(f"notifications: {', '.join(f'{k} {v}' for k, v in faults.items()) or 'as they should be'}")

    async def _fault(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        self._note(what)
        await work()

    def _note(self, what: str) -> None:
        at = round(time.monotonic() - self.began, 2)
        self.faults.append({"at_s": at, "what": what})
        self.say(f"{at:6.1f} s  {what}")

    @staticmethod
    async def _until(true: Callable[[], bool]) -> None:
        while not true():  # noqa: ASYNC110 - what is waited for are other tasks' doings
            await asyncio.sleep(0.005)
