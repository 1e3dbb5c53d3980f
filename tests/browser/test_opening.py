"""Acceptance: three kinds of owner open their shops in the browser, from their papers to their first listed goods."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page, expect

from liveshelf.qualifications.rights import RIGHTS, SUBJECT_PAPERS, Action, Mode, Right
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
TEA, SERVICE = 1304, 2204


class Owner:
    """Somebody who opens shops, and the person of the platform who decides, each before a page of their own."""

    def __init__(self, page: Page, desk: Page, picture: Path) -> None:
        self.page, self.desk, self.picture = page, desk, picture
        self.shop = 0

    def begin(self, name: str) -> None:
        """A shop of one's own, as far as its application's page."""
        self.page.goto("/console/begin")
        self.page.get_by_test_id("shop-name").fill(name)
        self.page.get_by_test_id("begin").click()
        self.page.wait_for_url(re.compile(r"/shops/\d+/opening"))
        self.shop = int(self.page.url.split("/shops/")[1].split("/")[0])

    def apply(self, subject: Subject) -> None:
        """Who the shop belongs to, with every paper."""
        self.page.get_by_test_id(f"subject-{subject.value}").check()
        self.page.get_by_test_id("holder").fill("山间茶铺")
        self.page.get_by_test_id("subject-save").click()
        for kind in SUBJECT_PAPERS[subject]:
            self.hand_in(kind)
            expect(self.page.get_by_test_id(f"paper-{kind.value}")).to_be_visible()
        self.page.get_by_test_id("opening-submit").click()
        expect(self.page.get_by_test_id("application-state")).to_have_text("审核中")

    def hand_in(self, kind: PaperKind) -> None:
        """One paper."""
        form = self.page.get_by_test_id(f"paper-form-{kind.value}")
        form.locator("input.mono").fill(number(kind, self.shop * 10))
        if kind not in WITHOUT_DATE:
            form.locator("input[type=date]").fill(date(2099, 12, 31).isoformat())
        form.locator("input[type=file]").set_input_files(self.picture)
        form.locator("button[type=submit]").click()

    def is_approved(self) -> None:
        """The platform's person lets the application pass, and the owner sees the shop open."""
        self.desk.goto(f"/console/merchants?open={self.shop}")
        self.desk.get_by_test_id("approve-opening").click()
        self.is_open()

    def is_approved_in_the_queue(self) -> None:
        """The same verdict, given where everything waits; from there the shop's own page is one press away."""
        self.desk.goto("/console/reviews?kind=shop")
        case = self.desk.get_by_test_id("case-merchant")
        expect(case).to_have_attribute("href", f"/console/merchants?open={self.shop}")
        self.desk.get_by_test_id("approve").click()
        expect(self.desk.get_by_test_id("approve")).to_have_count(0)
        self.desk.goto(f"/console/merchants?open={self.shop}")
        self.is_open()

    def is_open(self) -> None:
        """Both see that it is."""
        expect(self.desk.get_by_test_id("merchant-open")).to_have_text("已开通")
        self.page.reload()
        expect(self.page.get_by_test_id("shop-open")).to_have_text("已开通")

    def shows_its_brand(self) -> None:
        """A brand's paper, handed in and approved."""
        self.page.goto(f"/console/shops/{self.shop}/papers")
        self.hand_in(PaperKind.BRAND_AUTHORISATION)
        expect(self.page.get_by_test_id("paper-brand_authorisation")).to_be_visible()
        self.desk.reload()
        self.desk.get_by_test_id("approve-brand_authorisation").click()
        expect(self.desk.get_by_test_id("paper-brand_authorisation")).to_contain_text("已通过")

    def wants_to_list(self) -> None:
        """An unbranded thing, from its picture to the moment when its card is submitted."""
        self.page.goto(f"/console/shops/{self.shop}/products/new")
        self.page.get_by_test_id("product-title").fill("手作青瓷茶盏")
        self.page.get_by_test_id("picture-file").set_input_files(self.picture)
        self.page.get_by_test_id("variant-0").locator("input").first.fill("99")
        self.page.get_by_test_id("product-save").click()
        self.page.wait_for_url(re.compile(r"/products/\d+/?$"))
        self.page.get_by_test_id("make-card").click()
        self.page.get_by_test_id("card-submit").click()

    def waives(self) -> None:
        """The paper that an unbranded thing can't have is done without, with a reason."""
        expect(self.page.get_by_test_id("missing-papers")).to_contain_text("品牌授权书")
        self.page.get_by_test_id("waive-reason").fill("无品牌手作")
        self.page.get_by_test_id("waive").click()

    def call(self, method: str, path: str, body: dict[str, Any] | None) -> APIResponse:
        """What the page itself would ask for in this shop."""
        data = None if body is None else {"request_id": str(uuid.uuid4()), **body}
        return self.page.request.fetch(f"/v1/shops/{self.shop}{path}", method=method, data=data)

    def may(self) -> dict[Action, bool]:
        """What the shop is let do, tried out."""
        listed = json.loads(self.page.request.get(f"/v1/shops/{self.shop}/products").text())["items"]
        picture = listed[0]["pictures"][0]["media_id"]
        thing = {"title": "手作青瓷茶壶", "pictures": [picture], "skus": [{"specs": [], "price_fen": 100}]}
        self.call("PUT", "/live-permission", {"mode": "self_run", "categories": [TEA]})
        tried = {
            Action.LIST_ORDINARY: self.call("POST", "/products", {**thing, "category": TEA}),
            Action.LIST_VIRTUAL: self.call("POST", "/products", {**thing, "category": SERVICE}),
            Action.GO_LIVE: self.call("POST", "/applications/live/submit", {}),
            Action.API: self.call("POST", "/developer/secret", None),
        }
        refused = {one: json.loads(answer.text())["code"] for one, answer in tried.items() if answer.status >= 400}
        assert set(refused.values()) <= {"qualifications.right_missing"}, refused
        return {one: one not in refused for one in tried}


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "paper.jpg"
    path.write_bytes(pictures.jpeg(800, 600))
    return path


@pytest.fixture(scope="module")
def newcomer(product: Product) -> dict[str, Any]:
    """Somebody with an account, and no shop of the kinds that are opened here."""
    made = product.run("shop", "create", "旧店", "--owner", "newcomer", "--json")
    assert made.returncode == 0, made.stderr
    told: dict[str, Any] = json.loads(made.stdout)
    return told


@pytest.fixture
def owner(product: Product, new_page: NewPage, picture: Path, newcomer: dict[str, Any]) -> Owner:
    page, desk = new_page(), new_page()
    page.goto("/console/sign-in")
    page.get_by_test_id("sign-in-username").fill(newcomer["username"])
    page.get_by_test_id("sign-in-password").fill(newcomer["password"])
    page.get_by_test_id("sign-in-submit").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    sign_in(desk, product, "steward")
    return Owner(page, desk, picture)


@pytest.fixture
def marketplace(product: Product) -> Iterator[None]:
    """The house is a marketplace, for as long as a test lasts."""
    for profile in (Profile.MARKETPLACE, Profile.OWN_HOUSE):
        done = product.run("policy", "set", profile.value)
        assert done.returncode == 0, done.stderr
        if profile is Profile.MARKETPLACE:
            yield


@pytest.mark.feature("S-103")
@pytest.mark.feature("S-104")
@pytest.mark.feature("S-105")
def test_each_subject_opens_its_shop_from_papers_to_the_first_goods_with_exactly_its_rights(owner: Owner) -> None:
    for subject in Subject:
        began = time.monotonic()
        owner.begin(f"新店 {subject.value}")
        owner.apply(subject)
        enterprise = subject is Subject.ENTERPRISE
        if enterprise:
            owner.is_approved_in_the_queue()
        else:
            owner.is_approved()
        if enterprise:  # it shows its brand's paper; the others sell what has no brand
            owner.shows_its_brand()
        owner.wants_to_list()
        if not enterprise:
            owner.waives()
        owner.page.wait_for_url(re.compile(r"/goods\?"))
        assert time.monotonic() - began < MINUTES_MAX * 60
        owner.page.goto(f"/console/shops/{owner.shop}/waivers")
        expect(owner.page.get_by_role("heading", level=1)).to_be_visible()
        expect(owner.page.locator("tbody tr")).to_have_count(0 if enterprise else 1)
        tried = owner.may()
        assert tried == {one: RIGHTS[subject, Mode.SELF_RUN, one] is not Right.NO for one in tried}


def test_a_marketplace_refuses_the_same_unbranded_thing(owner: Owner, request: pytest.FixtureRequest) -> None:
    owner.begin("新店 marketplace")
    owner.apply(Subject.SOLE_TRADER)
    owner.is_approved()
    request.getfixturevalue("marketplace")  # from here on: in one, nobody is paid by the simulator
    owner.wants_to_list()
    expect(owner.page.get_by_test_id("missing-papers")).to_contain_text("品牌授权书")
    expect(owner.page.get_by_test_id("waive")).to_have_count(0)
