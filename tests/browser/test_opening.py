"""Acceptance: three kinds of owner open their shops in the browser, from their papers to their first listed goods."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from liveshelf.qualifications.rights import SUBJECT_PAPERS
from liveshelf.qualifications.types import PaperKind, Subject
from liveshelf.shops.policy import Profile
from tests.browser.conftest import NewPage, sign_in
from tests.make import pictures
from tests.make.papers import number
from tests.make.product import Product

pytestmark = pytest.mark.timeout(300)

MINUTES_MAX = 15
expect.set_options(timeout=30_000)
WITHOUT_DATE = {PaperKind.BANK_CARD, PaperKind.CORPORATE_ACCOUNT, PaperKind.ACCOUNT_PERMIT}


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "paper.jpg"
    path.write_bytes(pictures.jpeg(800, 600))
    return path


def bind(product: Product, profile: Profile) -> None:
    done = product.run("policy", "set", profile.value)
    assert done.returncode == 0, done.stderr


def begun(product: Product, username: str) -> dict[str, Any]:
    """An owner of a shop that is to open: as a marketplace's operator makes one."""
    bind(product, Profile.MARKETPLACE)
    made = product.run("shop", "create", f"新店 {username}", "--owner", username, "--json")
    bind(product, Profile.OWN_HOUSE)
    told: dict[str, Any] = json.loads(made.stdout)
    return told


def enter(page: Page, username: str, password: str) -> None:
    page.goto("/console/sign-in")
    page.get_by_test_id("sign-in-username").fill(username)
    page.get_by_test_id("sign-in-password").fill(password)
    page.get_by_test_id("sign-in-submit").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def hand_in(page: Page, kind: PaperKind, picture: Path, at: int) -> None:
    form = page.get_by_test_id(f"paper-form-{kind.value}")
    form.locator("input.mono").fill(number(kind, at))
    if kind not in WITHOUT_DATE:
        form.locator("input[type=date]").fill(date(2099, 12, 31).isoformat())
    form.locator("input[type=file]").set_input_files(picture)
    form.locator("button[type=submit]").click()


@pytest.mark.feature("S-103")
@pytest.mark.parametrize("subject", [Subject.SOLE_TRADER])
def test_from_papers_to_the_first_listed_goods(
    product: Product, new_page: NewPage, picture: Path, subject: Subject
) -> None:
    told = begun(product, f"newcomer-{subject.value}".replace("_", "-"))
    shop = told["shop_id"]
    began = time.monotonic()
    page, desk = new_page(), new_page()
    enter(page, told["username"], told["password"])
    expect(page.get_by_test_id("task-open_shop")).to_be_visible()
    page.get_by_test_id("task-open_shop").get_by_role("link").click()
    page.get_by_test_id(f"subject-{subject.value}").check()
    page.get_by_test_id("holder").fill("山间茶铺")
    page.get_by_test_id("subject-save").click()
    for kind in SUBJECT_PAPERS[subject]:
        hand_in(page, kind, picture, shop * 10)
        expect(page.get_by_test_id(f"paper-{kind.value}")).to_be_visible()
    page.get_by_test_id("opening-submit").click()
    expect(page.get_by_test_id("application-state")).to_have_text("审核中")

    sign_in(desk, product, "steward")
    desk.goto(f"/console/merchants?open={shop}")
    desk.get_by_test_id("approve-opening").click()
    expect(desk.get_by_test_id("merchant-open")).to_have_text("已开通")

    page.reload()
    expect(page.get_by_test_id("shop-open")).to_have_text("已开通")
    if subject is Subject.ENTERPRISE:  # shows its brand's paper; the others sell what has no brand
        page.goto(f"/console/shops/{shop}/papers")
        hand_in(page, PaperKind.BRAND_AUTHORISATION, picture, shop * 10)
        expect(page.get_by_test_id("paper-brand_authorisation")).to_be_visible()
        desk.reload()
        desk.get_by_test_id("approve-brand_authorisation").click()
        expect(desk.get_by_test_id("paper-brand_authorisation")).to_contain_text("已通过")
    listed(page, shop, picture, waives=subject is not Subject.ENTERPRISE)
    assert time.monotonic() - began < MINUTES_MAX * 60

    page.goto(f"/console/shops/{shop}/waivers")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(0 if subject is Subject.ENTERPRISE else 1)


def listed(page: Page, shop: int, picture: Path, *, waives: bool) -> None:
    """An unbranded thing, from its picture to its card."""
    page.goto(f"/console/shops/{shop}/products/new")
    page.get_by_test_id("product-title").fill("手作青瓷茶盏")
    page.get_by_test_id("picture-file").set_input_files(picture)
    page.get_by_test_id("variant-0").locator("input").first.fill("99")
    page.get_by_test_id("product-save").click()
    page.wait_for_url(lambda url: url.rstrip("/").rsplit("/", 1)[-1].isdigit())
    page.get_by_test_id("make-card").click()
    page.get_by_test_id("card-submit").click()
    if waives:
        expect(page.get_by_test_id("missing-papers")).to_contain_text("品牌授权书")
        page.get_by_test_id("waive-reason").fill("无品牌手作")
        page.get_by_test_id("waive").click()
    page.wait_for_url(lambda url: "/goods?" in url)
