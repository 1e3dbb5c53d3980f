"""Pre-checks compare what a platform would ask for with the papers that the shop has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications.types import PaperKind, Subject
from tests.integration.test_opening import advance
from tests.make.papers import Merchant, merchant, new, number

pytestmark = pytest.mark.feature("L-702")


async def filing(shop: Merchant, goods_id: int) -> tuple[bool, dict[str, Any]]:
    """Whether WeChat's filing is complete, and the papers that it asks for."""
    found = await shop.ok("GET", f"/goods/{goods_id}/prechecks")
    wechat = next(one for one in found if one["platform"] == "wechat")
    (asked,) = wechat["asked"]
    return wechat["clear"], {one["code"]: one for one in asked["papers"]}


async def test_the_filing_says_of_each_paper_how_it_stands(
    client: httpx.AsyncClient, runtime: Runtime, admin_dsn: str
) -> None:
    shop = await merchant(client, runtime)
    await shop.opened(Subject.SOLE_TRADER)
    made = (await shop.product(category=1304)).json()
    waiver = {**new(), "kind": "brand_authorisation", "product_id": made["product_id"], "reason": "无品牌"}
    await shop.ok("POST", "/waivers", waiver)
    goods_id = (await shop.ok("POST", "/goods", {**new(), "product_id": made["product_id"]}))["goods_id"]

    clear, papers = await filing(shop, goods_id)
    licence = papers["business_licence"]
    assert (licence["standing"], licence["valid_until"]) == ("on_file", "2099-12-31")
    assert licence["number_tail"].endswith(number(PaperKind.BUSINESS_LICENCE, shop.shop)[-4:])
    # A waiver is this house's; another platform asks for the paper all the same.
    assert (clear, papers["brand_authorisation"]["standing"]) == (False, "missing")

    async with runtime.db.read() as tx:
        until = (tx.now + timedelta(days=40)).date().isoformat()
    waiting = await shop.paper(PaperKind.BRAND_AUTHORISATION, valid_until=until)
    assert (await filing(shop, goods_id))[1]["brand_authorisation"]["standing"] == "waiting"
    await shop.decide(f"papers/{waiting}", "paper_mismatch")
    assert (await filing(shop, goods_id))[1]["brand_authorisation"]["standing"] == "rejected"
    await shop.counts(PaperKind.BRAND_AUTHORISATION, valid_until=until)
    clear, papers = await filing(shop, goods_id)
    assert (clear, papers["brand_authorisation"]["standing"]) == (True, "on_file")
    await advance(admin_dsn, timedelta(days=15))
    assert (await filing(shop, goods_id))[1]["brand_authorisation"]["standing"] == "expiring"
    await advance(admin_dsn, timedelta(days=30))
    clear, papers = await filing(shop, goods_id)
    assert (clear, papers["brand_authorisation"]["standing"]) == (False, "expired")
    # A newer one that counts is the one that is shown.
    await shop.counts(PaperKind.BRAND_AUTHORISATION)
    assert (await filing(shop, goods_id))[1]["brand_authorisation"]["valid_until"] == "2099-12-31"


async def test_a_persons_card_is_asked_for_instead_of_a_licence(client: httpx.AsyncClient, runtime: Runtime) -> None:
    shop = await merchant(client, runtime)
    await shop.opened(Subject.PERSON)
    await shop.counts(PaperKind.BRAND_AUTHORISATION)
    listed = (await shop.listed(category=1304)).json()
    clear, papers = await filing(shop, listed["goods_id"])
    assert (clear, set(papers)) == (True, {"identity_card", "brand_authorisation"})
