"""Pre-checks: what three platforms would ask of a goods before it is sold there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from litestar import get

from liveshelf.accounts.types import Operator
from liveshelf.compliance.platforms import PROFILES, Asked, Check, Checked, Platform, precheck
from liveshelf.facades.native.review_views import FindingView
from liveshelf.facades.native.shell import SmallId, staff
from liveshelf.goods import queries as goods
from liveshelf.goods.errors import GoodsMissing
from liveshelf.goods.types import DeliveryKind
from liveshelf.kernel.time import china_day
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import listing, papers, queries
from liveshelf.qualifications.types import Paper, PaperKind, PaperState


class Standing(StrEnum):
    """How a paper that is asked for stands in the shop."""

    ON_FILE = "on_file"
    EXPIRING = "expiring"  # it counts, and expires soon
    EXPIRED = "expired"
    WAITING = "waiting"
    REJECTED = "rejected"
    MISSING = "missing"


class PaperAsked(msgspec.Struct, frozen=True):
    """A paper that would have to be shown, and how the shop's own stands: the end of its number, and its last day."""

    code: str
    zh: str
    en: str
    standing: Standing
    number_tail: str
    valid_until: str | None


class AskedView(msgspec.Struct, frozen=True):
    """What one check asks: papers, words to change, pictures of the broadcast every so often, or nothing."""

    check: Check
    papers: list[PaperAsked]
    findings: list[FindingView]
    every_s: int | None
    sampled: bool


class PrecheckView(msgspec.Struct, frozen=True):
    """What a platform would ask. `clear` when the shop has nothing to prepare."""

    platform: Platform
    clear: bool
    asked: list[AskedView]


@get("/shops/{shop_id:int}/goods/{goods_id:int}/prechecks", dependencies=staff("goods.read"), tags=["goods"])
async def list_prechecks(goods_id: SmallId, operator: Operator, runtime: Runtime) -> list[PrecheckView]:
    """The same goods through the eyes of three platforms."""
    async with runtime.db.read(operator.shop) as tx:
        found = await goods.live_goods(tx, [goods_id])
        if not found:
            raise GoodsMissing(goods_id=goods_id)
        product = (await goods.products(tx, [found[0].product_id])).get(found[0].product_id)
        today = china_day(tx.now)
        virtual = product is not None and product.delivery is DeliveryKind.VIRTUAL
        category = None if product is None else product.category
        needed = listing.asked_for(category, virtual=virtual, subject=await queries.subject(tx))
        stored = _best(await queries.papers(tx), tx.now)
        shown = {kind: _standing(stored.get(kind), tx.now) for kind in PaperKind}
    counts = {Standing.ON_FILE, Standing.EXPIRING}
    texts = {"name": found[0].name}
    if product is not None:
        texts |= {"title": product.title, "detail": product.description}
    on_file = frozenset(kind.value for kind in PaperKind if shown[kind] in counts)
    one = Checked(operator.shop, found[0].goods_id, texts, tuple(kind.value for kind in needed), on_file)
    results = [
        precheck(profile, one, day=today, authorisation=(PaperKind.BRAND_AUTHORISATION.value,))
        for profile in PROFILES.values()
    ]
    views = {kind: _paper(kind, shown[kind], stored.get(kind)) for kind in PaperKind}
    return [PrecheckView(it.platform, it.clear, [_asked(asked, views) for asked in it.asked]) for it in results]


def _best(found: Sequence[Paper], now: datetime) -> dict[PaperKind, Paper]:
    """Of each kind the paper that counts longest; where none counts, the latest."""
    best: dict[PaperKind, Paper] = {}
    for paper in found:  # the latest first
        known = best.get(paper.kind)
        if paper.state is not PaperState.REPLACED and (known is None or _longer(paper, known, now)):
            best[paper.kind] = paper
    return best


def _longer(paper: Paper, known: Paper, now: datetime) -> bool:
    if not paper.valid(now) or not known.valid(now):
        return paper.valid(now)
    return known.expires_at is not None and (paper.expires_at is None or paper.expires_at > known.expires_at)


def _standing(paper: Paper | None, now: datetime) -> Standing:
    if paper is None:
        return Standing.MISSING
    if paper.valid(now):
        return Standing.EXPIRING if paper.expiring(now) else Standing.ON_FILE
    if paper.state is PaperState.APPROVED:
        return Standing.EXPIRED
    return Standing.WAITING if paper.state is PaperState.WAITING else Standing.REJECTED


def _paper(kind: PaperKind, standing: Standing, paper: Paper | None) -> PaperAsked:
    spec = papers.CATALOGUE[kind]
    until = None if paper is None or paper.valid_until is None else paper.valid_until.isoformat()
    return PaperAsked(kind.value, spec.zh, spec.en, standing, "" if paper is None else paper.number_tail, until)


def _asked(one: Asked, views: Mapping[PaperKind, PaperAsked]) -> AskedView:
    findings = [
        FindingView(it.rule, it.field, it.text, it.start, it.end, it.severity.value, it.zh, it.en)
        for it in one.findings
    ]
    return AskedView(
        one.check,
        [views[PaperKind(code)] for code in one.papers],
        findings,
        one.every_s,
        one.sampled,
    )


ROUTES = [list_prechecks]
