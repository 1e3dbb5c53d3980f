"""A refund as people live it: three taps for the buyer, three presses for the shop, and every view of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, NewPage, sign_in
from tests.browser.test_views import SIZES, looks, watched
from tests.make.product import Product

pytestmark = pytest.mark.timeout(300)


class Taps:
    """Counts what a person presses."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, what: Locator) -> None:
        what.click()
        self.count += 1


def bought(buyer: Page, product: Product) -> None:
    """An order that was paid, as a buyer's phone shows it."""
    buyer.goto(product.demo["buyer"]["room_url"])
    buyer.get_by_test_id("shelf-button").click()
    buyer.get_by_test_id("shelf").get_by_test_id("buy-button").first.click()
    buyer.get_by_test_id("buy-confirm").click()
    buyer.get_by_test_id("sim-pay").click()
    expect(buyer.get_by_test_id("order-state")).to_have_attribute("data-state", "to_ship", timeout=20_000)


def as_demo_buyer(page: Page, which: int = 1) -> None:
    """One of the demo's buyers, who has an address."""
    page.goto("/shop/1/me")
    me = page.locator("[data-testid^='demo-buyer-']").nth(which)
    me.click()
    expect(me).to_have_attribute("aria-pressed", "true")


@pytest.mark.feature("S-309")
def test_a_refund_takes_three_steps_of_the_buyer_and_three_of_the_shop(product: Product, new_page: NewPage):
    buyer = new_page(size=PHONE)
    as_demo_buyer(buyer)
    bought(buyer, product)
    tap = Taps()
    tap(buyer.get_by_test_id("aftersale"))
    tap(buyer.get_by_test_id("reason-changed_mind"))
    tap(buyer.get_by_test_id("apply-send"))
    expect(buyer.get_by_test_id("case-state")).to_have_attribute("data-state", "applied")
    assert tap.count <= 3
    assert buyer.get_by_test_id("case-state").locator("xpath=following-sibling::ol/li").count() == 3

    owner = new_page()
    sign_in(owner, product, "owner")
    case_id = buyer.url.rsplit("/", 1)[1]
    owner.goto("/console/shops/1/aftersales")
    press = Taps()
    press(owner.get_by_test_id(f"case-{case_id}").get_by_role("button"))
    press(owner.get_by_test_id("act-approve"))
    press(owner.get_by_test_id("act-confirm"))
    expect(owner.get_by_test_id("case-state")).to_have_attribute("data-state", "refunding")
    assert press.count <= 3
    expect(buyer.get_by_test_id("case-state")).to_have_attribute("data-state", "refunded", timeout=60_000)


@pytest.mark.parametrize("locale", SIZES)
def test_the_cases_in_every_look(product: Product, new_page: NewPage, pictures: Path, locale: str):
    page = new_page(locale, SIZES[locale][0].window)
    sign_in(page, product, "owner")
    complaints = watched(page)
    page.goto("/console/shops/1/aftersales")
    page.locator("[data-testid^='case-'] button").first.click()
    page.get_by_test_id("case-log").wait_for()
    wrong = list(looks(page, "console-case", locale, pictures))
    page.get_by_test_id("act-note").click()
    page.get_by_test_id("act-panel").wait_for()
    wrong += looks(page, "console-case-act", locale, pictures)
    assert wrong + complaints == []


@pytest.mark.parametrize("locale", SIZES)
def test_the_desk_for_disputes_in_every_look(product: Product, new_page: NewPage, pictures: Path, locale: str):
    page = new_page(locale, SIZES[locale][0].window)
    sign_in(page, product, "arbiter")
    complaints = watched(page)
    page.goto("/console/arbitrations")
    wrong = list(looks(page, "console-arbitrations", locale, pictures))
    page.locator("[data-testid^='case-'] button").first.click()
    page.get_by_test_id("arbitration").wait_for()
    wrong += looks(page, "console-arbitration", locale, pictures)
    assert wrong + complaints == []


@pytest.mark.parametrize("locale", SIZES)
def test_the_buyers_cases_in_every_look(product: Product, new_page: NewPage, pictures: Path, locale: str):
    page = new_page(locale, SIZES[locale][0].window)
    as_demo_buyer(page, 3)
    complaints = watched(page)
    page.goto("/shop/1/aftersales")
    wrong = list(looks(page, "buyer-aftersales", locale, pictures))
    page.get_by_test_id("cases").get_by_role("link").first.click()
    page.get_by_test_id("case-log").wait_for()
    wrong += looks(page, "buyer-aftersale", locale, pictures)
    page.goto("/shop/1/orders")
    page.get_by_test_id("orders").get_by_role("link").last.click()
    page.get_by_test_id("aftersale").click()
    page.get_by_test_id("apply").wait_for()
    wrong += looks(page, "buyer-apply", locale, pictures)
    assert wrong + complaints == []
