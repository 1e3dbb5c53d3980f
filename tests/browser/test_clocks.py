"""A limit as people meet it: it stands on the board, runs out, and who must hear of it does."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, NewPage, eventually, sign_in
from tests.make.product import Product

pytestmark = pytest.mark.timeout(240)


def test_an_unpaid_order_leaves_the_board_and_its_buyer_is_told(product: Product, new_page: NewPage):
    buyer = new_page(size=PHONE)
    buyer.goto(product.demo["buyer"]["room_url"])
    expect(buyer.get_by_test_id("room")).to_have_attribute("data-connection", "live")
    buyer.get_by_test_id("pinned-card").get_by_test_id("buy-button").click()
    with buyer.expect_response(
        lambda answer: answer.request.method == "POST" and answer.url.endswith("/orders")
    ) as placed:
        buyer.get_by_test_id("buy-confirm").click()
    order_id = placed.value.json()["order_id"]

    staff = new_page()
    sign_in(staff, product, "owner")
    staff.goto("/console/shops/1/clocks?clock=orders.unpaid")
    row = staff.get_by_test_id("clock-orders.unpaid").filter(has_text=order_id)
    expect(row).to_contain_text("买家")
    row.get_by_role("link").click()
    staff.wait_for_url(lambda url: order_id in url)

    assert product.run("clock", "advance", "16m").returncode == 0
    eventually(lambda: buyer.request.get(f"/v1/storefront/1/orders/{order_id}").json()["state"] == "closed")
    with staff.expect_response(lambda answer: "/clocks?" in answer.url):
        staff.goto("/console/shops/1/clocks?clock=orders.unpaid")
    expect(row).to_have_count(0)

    buyer.goto("/shop/1/me")
    expect(buyer.get_by_test_id("unread-count")).to_be_visible(timeout=15_000)
    buyer.get_by_test_id("to-notices").click()
    notice = buyer.get_by_test_id("notice-order_unpaid").first
    expect(notice).to_contain_text(order_id)
    notice.click()
    buyer.wait_for_url(lambda url: order_id in url)


def test_staff_read_what_the_bell_has(product: Product, new_page: NewPage):
    staff = new_page("en")
    sign_in(staff, product, "owner")
    expect(staff.get_by_test_id("bell-count")).to_be_visible(timeout=15_000)
    staff.get_by_test_id("bell").click()
    panel = staff.get_by_test_id("notices")
    expect(panel.locator("[data-testid^='notice-']").first).to_be_visible()
    staff.get_by_test_id("notices-read-all").click()
    expect(staff.get_by_test_id("bell-count")).to_have_count(0)
    staff.get_by_test_id("notices-unread").check()
    expect(panel.get_by_text("Nothing unread")).to_be_visible()
    staff.keyboard.press("Escape")
    expect(panel).to_have_count(0)
