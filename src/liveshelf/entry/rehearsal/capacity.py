"""How many viewers this machine carries: a larger and larger crowd, until a pushed card comes too late."""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass

from liveshelf.entry.rehearsal.crowd import Crowd, Wish
from liveshelf.entry.rehearsal.operator import Operator
from liveshelf.entry.rehearsal.pages import Pages
from liveshelf.entry.rehearsal.verdict import percentile
from liveshelf.rehearsals.types import CARD_LIMIT_MS, EndedBy

_SPARE = 400  # connections that are not pages': buyers', the database's, those that are being opened
_OPEN_S = 60.0  # for all pages of a step


@dataclass(frozen=True, slots=True)
class Search:
    """How the largest crowd is looked for. Sizes are multiplied by `grow_percent`, up to `most_times` the wish."""

    pushes: int = 8
    grow_percent: int = 200
    most_times: int = 4
    limit_ms: int = CARD_LIMIT_MS


@dataclass(frozen=True, slots=True)
class Held:
    """The largest crowd that was served in time, with its figure, and what ended the search."""

    viewers: int
    p99_ms: int
    ended_by: EndedBy


def raise_open_files() -> int:
    """Let this process and those that it starts open as many files as they may; how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else 1 << 20


async def search(pages: Pages, operator: Operator, plan: Search, *, wish: int, p99_ms: int, files: int) -> Held:
    """The largest crowd. `p99_ms` is what the wished one had, and more than the limit where not every card came."""
    if p99_ms > plan.limit_ms:
        return await _smaller(pages, operator, plan, wish)
    best, most = Held(wish, p99_ms, EndedBy.ENOUGH), wish * plan.most_times
    while best.viewers < most:
        wanted = min(most, best.viewers * plan.grow_percent // 100)
        if wanted > files - _SPARE:
            return Held(best.viewers, best.p99_ms, EndedBy.FILES)
        took = await _tried(pages, operator, plan, wanted)
        if took is None or took > plan.limit_ms:
            return Held(best.viewers, best.p99_ms, EndedBy.SLOW)
        best = Held(wanted, took, EndedBy.ENOUGH)
    return best


async def _smaller(pages: Pages, operator: Operator, plan: Search, wish: int) -> Held:
    wanted = wish
    while wanted > 1:
        wanted = max(1, wanted * 100 // plan.grow_percent)
        took = await _tried(pages, operator, plan, wanted)
        if took is not None and took <= plan.limit_ms:
            return Held(wanted, took, EndedBy.SLOW)
    return Held(0, 0, EndedBy.SLOW)


async def _tried(pages: Pages, operator: Operator, plan: Search, viewers: int) -> int | None:
    """How late the card was on 99 of 100 pages; `None` when not all opened or some missed it."""
    if await pages.become(viewers, within_s=_OPEN_S) < viewers:
        return None
    cards = await operator.push(plan.pushes, every_s=0.25, limit_s=plan.limit_ms / 1000)
    return None if cards.missed or cards.doubled else percentile(cards.took_ms, 99)


async def rates(crowd: Crowd, wishes: Sequence[Wish], talkers: Sequence[int]) -> tuple[int, int]:
    """Orders a second, none of them paid, and comments a second, in a short rush of each."""
    orders = 0.0
    if wishes:
        began = time.perf_counter()
        bought = await crowd.buy(wishes, pay=False)
        orders = (bought.ordered + bought.too_late) / (time.perf_counter() - began)
    return round(orders), round(await crowd.shout(talkers))
