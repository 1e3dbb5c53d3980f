"""The lexicon desk in the browser: a text is tried, a word is added with its reason, and the text is found."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, NewPage, sign_in
from tests.make.product import Product

pytestmark = [pytest.mark.timeout(300), pytest.mark.feature("L-602")]


def test_a_word_is_added_and_found_at_once_and_taken_back(product: Product, new_page: NewPage):
    page = new_page("zh", DESK)
    sign_in(page, product, "reviewer")
    page.goto("/console/lexicon")
    page.get_by_test_id("try-text").fill("冲 榜好茶，加薇信")
    page.get_by_test_id("try").click()
    tried = page.get_by_test_id("tried")
    expect(tried.locator("mark")).to_have_text(["加薇信"])
    page.get_by_test_id("entry-class").select_option("absolute")
    page.get_by_test_id("entry-word").fill("冲榜")
    page.get_by_test_id("entry-reason").fill("用户投诉")
    page.get_by_test_id("entry-save").click()
    expect(page.get_by_test_id("withdraw-冲榜")).to_be_visible()
    page.get_by_test_id("try").click()
    expect(tried.locator("mark")).to_have_text(["冲 榜", "加薇信"])
    page.get_by_test_id("withdraw-冲榜").click()
    page.get_by_role("dialog").get_by_role("button", name="撤回").click()
    expect(page.get_by_test_id("withdraw-冲榜")).to_have_count(0)
