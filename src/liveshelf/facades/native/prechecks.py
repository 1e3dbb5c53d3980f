"""Pre-checks: what three platforms would ask of a goods before it is sold there."""

from __future__ import annotations

import msgspec
from litestar import get

from liveshelf.accounts.types import Operator
from liveshelf.compliance.platforms import PROFILES, Asked, Check, Checked, Platform, precheck
from liveshelf.facades.native.review_views import FindingView
from liveshelf.facades.native.shell import SmallId, staff
from liveshelf.goods import queries as goods
from liveshelf.goods.errors import GoodsMissing
from liveshelf.goods.types import DeliveryKind, LiveGoods, Product
from liveshelf.kernel.time import china_day
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications import categories, papers
from liveshelf.qualifications.types import PaperKind


class PaperAsked(msgspec.Struct, frozen=True):
    """A paper that would have to be shown."""

    code: str
    zh: str
    en: str


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
    one = _checked(operator.shop, found[0], product)
    results = [
        precheck(profile, one, day=today, authorisation=(PaperKind.BRAND_AUTHORISATION.value,))
        for profile in PROFILES.values()
    ]
    return [PrecheckView(it.platform, it.clear, [_asked(asked) for asked in it.asked]) for it in results]


def _checked(shop_id: int, card: LiveGoods, product: Product | None) -> Checked:
    texts = {"name": card.name}
    category = None
    virtual = False
    if product is not None:
        texts |= {"title": product.title, "detail": product.description}
        category = None if product.category is None else categories.tree().by_code.get(product.category)
        virtual = product.delivery is DeliveryKind.VIRTUAL
    kind = categories.kind_of(None if category is None else category.code, virtual=virtual)
    needed = papers.needed(kind, category)
    return Checked(shop_id, card.goods_id, texts, tuple(one.value for one in needed))


def _asked(one: Asked) -> AskedView:
    specs = [papers.CATALOGUE[PaperKind(code)] for code in one.papers]
    findings = [
        FindingView(it.rule, it.field, it.text, it.start, it.end, it.severity.value, it.zh, it.en)
        for it in one.findings
    ]
    return AskedView(
        one.check,
        [PaperAsked(spec.kind.value, spec.zh, spec.en) for spec in specs],
        findings,
        one.every_s,
        one.sampled,
    )


ROUTES = [list_prechecks]
