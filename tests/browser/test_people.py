"""People as they come and go: a link, a new account, a second factor, a look as another role, and leaving at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from liveshelf.accounts import totp
from liveshelf.platform.clock import wall_now
from tests.browser.conftest import NewPage, sign_in
from tests.make.product import Product

pytestmark = pytest.mark.timeout(240)
PASSWORD = "a password for the shelf"


def picture(page: Page, pictures: Path, name: str) -> None:
    if os.environ.get("LIVESHELF_SCREENSHOTS"):
        page.wait_for_timeout(400)
        page.screenshot(path=pictures / f"people-{name}.png")


def test_somebody_joins_by_a_link_gets_a_second_factor_and_leaves(product: Product, new_page: NewPage, pictures: Path):
    owner = new_page()
    sign_in(owner, product, "owner")
    owner.goto("/console/shops/1/people")
    owner.get_by_test_id("invite-open").click()
    owner.get_by_test_id("invite-role").select_option("goods")
    owner.get_by_test_id("invite-note").fill("小米")
    owner.get_by_test_id("invite-make").click()
    link = owner.get_by_test_id("link-url").input_value()
    picture(owner, pictures, "invited")
    owner.keyboard.press("Escape")
    expect(owner.get_by_test_id("invite-row")).to_contain_text("小米")

    joiner = new_page("en")
    joiner.goto(link)
    expect(joiner.get_by_test_id("invited-to")).to_contain_text("Goods")
    picture(joiner, pictures, "join")
    joiner.get_by_test_id("join-name").fill("小米")
    joiner.get_by_test_id("join-username").fill("xiaomi-new")
    joiner.get_by_test_id("join-password").fill(PASSWORD)
    joiner.get_by_test_id("join-submit").click()
    joiner.wait_for_url(lambda url: "/join" not in url)
    expect(joiner.get_by_test_id("account-open")).to_contain_text("小米")

    joiner.goto("/console/security")
    joiner.get_by_test_id("totp-begin").click()
    secret = joiner.get_by_test_id("totp-secret").inner_text()
    picture(joiner, pictures, "second-factor")
    joiner.get_by_test_id("totp-code").fill(totp.code_at(secret, totp.step_of(wall_now())))
    joiner.get_by_test_id("totp-confirm").click()
    shown = joiner.get_by_test_id("recovery-codes").locator("li")
    expect(shown).to_have_count(totp.RECOVERY_CODES)
    codes = shown.all_inner_texts()
    picture(joiner, pictures, "codes")
    joiner.get_by_test_id("codes-kept").click()
    joiner.get_by_test_id("account-open").click()
    joiner.get_by_test_id("sign-out").click()
    joiner.wait_for_url(lambda url: "sign-in" in url)
    joiner.get_by_test_id("sign-in-username").fill("xiaomi-new")
    joiner.get_by_test_id("sign-in-password").fill(PASSWORD)
    joiner.get_by_test_id("sign-in-submit").click()
    joiner.get_by_test_id("sign-in-code").fill(codes[0])
    picture(joiner, pictures, "code")
    joiner.get_by_test_id("sign-in-submit").click()
    joiner.wait_for_url(lambda url: "sign-in" not in url)

    owner.reload()
    owner.get_by_test_id("member-xiaomi-new").get_by_role("button").click()
    picture(owner, pictures, "member")
    owner.get_by_test_id("member-remove").click()
    owner.get_by_test_id("confirm-yes").click()
    expect(owner.get_by_test_id("member-xiaomi-new")).to_have_count(0)
    joiner.goto("/console/shops/1/products")
    joiner.wait_for_url(lambda url: "sign-in" in url)


def test_an_owner_looks_as_another_role(product: Product, new_page: NewPage, pictures: Path):
    owner = new_page()
    sign_in(owner, product, "owner")
    owner.goto("/console/shops/1/people/roles")
    owner.get_by_test_id("preview-goods").click()
    expect(owner.get_by_test_id("preview-bar")).to_contain_text("商品")
    menu = owner.get_by_role("navigation", name="菜单")
    expect(menu.get_by_role("link", name="商品", exact=True)).to_be_visible()
    expect(menu.get_by_role("link", name="订单")).to_have_count(0)
    picture(owner, pictures, "preview")
    owner.get_by_test_id("preview-leave").click()
    expect(menu.get_by_role("link", name="订单")).to_be_visible()
