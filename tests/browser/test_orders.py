"""A day's work on orders, as its people do it: ship by hand, ship from a file with a rounded number in it, flag what
is wrong and settle it, and the buyer confirms receipt.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, sign_in
from tests.make.product import Product

pytestmark = pytest.mark.timeout(240)


def to_ship(page: Page) -> list[str]:
    """Orders all of whose pieces can leave: what a buyer asks back stays until that is decided, and so does what is to
    go somewhere else.
    """
    orders = page.request.get("/v1/shops/1/orders?state=to_ship").json()["items"]
    return [
        order["order_id"]
        for order in orders
        if not order["work"]["address_requests"]
        and not order["work"]["parcels"]
        and sum(one["quantity"] for one in order["work"]["left"]) == sum(line["quantity"] for line in order["lines"])
    ]


def open_order(page: Page, order_id: str) -> None:
    page.goto(f"/console/shops/1/orders?open={order_id}")
    expect(page.get_by_test_id("order-panel")).to_be_visible()


@pytest.mark.feature("L-503")
def test_orders_are_shipped_by_hand_and_from_a_file_and_what_is_wrong_is_settled(product: Product, new_page: NewPage):
    page = new_page("en")
    sign_in(page, product, "owner")
    first, second, *_ = to_ship(page)

    open_order(page, first)
    page.get_by_test_id("flag-open").click()
    page.get_by_test_id("flag-kind").select_option("buyer_unreachable")
    page.get_by_test_id("flag-note").fill("no answer")
    page.get_by_role("button", name="Flag it").click()
    expect(page.get_by_text(re.compile(r"left$"))).to_be_visible()
    page.goto("/console/shops/1/orders/abnormal")
    expect(page.get_by_text("Buyer can't be reached").last).to_be_visible()
    open_order(page, first)
    page.get_by_role("button", name="Settled").click()
    page.get_by_test_id("settle-answer").fill("called back")
    page.get_by_role("button", name="It is settled").click()
    expect(page.get_by_text("called back")).to_be_visible()

    page.get_by_test_id("ship-open").click()
    page.get_by_test_id("carrier").select_option("SF")
    page.get_by_test_id("tracking-no").fill("SF1")
    expect(page.get_by_text("does not look like a number")).to_be_visible()
    page.get_by_test_id("tracking-no").fill("SF1234567890123")
    page.get_by_test_id("ship-now").click()
    expect(page.get_by_text("All was shipped")).to_be_visible()

    page.goto("/console/shops/1/orders/ship")
    rows = f"Order number,Carrier,Tracking number\n{second},ZTO,730000000001\n2.02E+18,ZTO,730000000002\n"
    page.get_by_test_id("batch-file").set_input_files(
        {"name": "today.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    panel = page.get_by_test_id("batch-panel")
    expect(panel.get_by_text("The spreadsheet rounded this number")).to_be_visible()
    page.get_by_test_id("batch-start").click()
    expect(panel.get_by_text("Finished", exact=True)).to_be_visible()
    expect(page.get_by_test_id("batch-progress")).to_have_text("2 / 2")
    with page.expect_download() as download:
        page.get_by_test_id("failed-file").click()
    assert download.value.suggested_filename.endswith(".xlsx")

    page.goto("/console/shops/1/orders?state=to_receive")
    expect(page.get_by_test_id(f"order-row-{second}")).to_be_visible()
