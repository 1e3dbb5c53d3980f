"""The live desk, end to end: what blocks the start is settled or let pass, goods are numbered, pushed and put into the
quick bar, and buyers see each of it.
"""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, NewPage, business_now, call, eventually, let_pass, sign_in
from tests.make.product import Product

pytestmark = pytest.mark.timeout(300)


def planned(page: Page, reviewer: Page, goods: int) -> tuple[int, list[int]]:
    """A scheduled room that was let pass, with approved goods on its shelf."""
    at = business_now(page)
    times = {"starts_at": (at + timedelta(minutes=5)).isoformat(), "ends_at": (at + timedelta(hours=2)).isoformat()}
    name = f"快捷栏专场{time.time_ns() % 10_000:04d}"
    draft = {"request_id": name, "name": name, "anchor_name": "阿清姑娘", **times}
    room_id = call(page, "POST", "/v1/shops/1/rooms", draft)["room_id"]
    let_pass(reviewer, name)
    found = call(page, "GET", f"/v1/shops/1/goods?state=approved&limit={goods}")["items"]
    ids = [one["goods_id"] for one in found if one["available"] > 0]
    call(page, "POST", f"/v1/shops/1/rooms/{room_id}/shelf", {"goods_ids": ids})
    return room_id, ids


def ask(viewer: Page, text: str) -> None:
    """A viewer says something, at most once a second."""
    viewer.wait_for_timeout(1_050)
    viewer.get_by_test_id("comment-input").fill(text)
    viewer.get_by_test_id("comment-input").press("Enter")


def queue_is_worked(desk: Page, viewer: Page) -> None:
    """Questions and claims by keys alone."""
    ask(viewer, "这件有没有大号")
    desk.keyboard.press("w")
    question = desk.get_by_test_id("desk-questions").get_by_text("这件有没有大号")
    expect(question).to_be_visible(timeout=10_000)
    desk.reload()  # the queue is where it was, and nothing of it is lost
    expect(question).to_be_visible()
    expect(desk.get_by_test_id("talk-questions")).to_have_attribute("aria-pressed", "true")
    desk.keyboard.press("r")
    desk.keyboard.type("有的，拍下备注")
    desk.keyboard.press("Enter")
    expect(desk.get_by_test_id("desk-questions")).to_contain_text("已答")
    expect(viewer.get_by_test_id("room")).to_contain_text("有的，拍下备注")
    expect(desk.get_by_test_id("desk-comment")).not_to_be_focused()

    ask(viewer, "多少钱包邮")
    expect(desk.get_by_test_id("talk-questions")).to_contain_text("1", timeout=10_000)
    desk.keyboard.press("d")
    expect(desk.get_by_test_id("talk-questions")).to_contain_text("0")
    desk.keyboard.press("o")
    desk.keyboard.press("k")
    expect(desk.get_by_test_id("claims-close")).to_be_visible()
    desk.keyboard.press("e")
    expect(desk.get_by_test_id("claims-close")).to_have_count(0)
    desk.keyboard.press("a")
    expect(desk.get_by_test_id("talk-all")).to_have_attribute("aria-pressed", "true")


def comments_are_pinned(desk: Page, viewer: Page) -> None:
    """One click or one key on what anybody said, and one to take it away."""
    pinned = viewer.get_by_test_id("room-pinned-comment")
    said = desk.locator(".talk__one", has_text="有的，拍下备注")
    said.get_by_role("button", name="置顶 阿清姑娘 的评论").click()
    expect(pinned).to_contain_text("有的，拍下备注")
    desk.keyboard.press("x")
    expect(pinned).to_have_count(0)
    desk.keyboard.press("h")
    expect(desk.locator(".talk__one[aria-current=true]")).to_be_visible()
    desk.keyboard.press("i")
    expect(pinned).to_be_visible()
    desk.keyboard.press("i")
    expect(pinned).to_have_count(0)
    desk.keyboard.press("i")
    desk.get_by_test_id("notice-unpin").click()
    expect(pinned).to_have_count(0)


@pytest.mark.feature("L-306")
def test_hot_goods_come_into_the_quick_bar_with_one_click_and_buyers_see_them_within_a_second(
    product: Product, new_page: NewPage
):
    desk = new_page()
    sign_in(desk, product, "owner")
    reviewer = new_page()
    sign_in(reviewer, product, "reviewer")
    room_id, ids = planned(desk, reviewer, 4)
    desk.goto(f"/console/shops/1/rooms/{room_id}/before")
    desk.get_by_test_id(f"plan-{ids[0]}").get_by_label("标签价", exact=False).fill("1")
    desk.get_by_test_id(f"plan-save-{ids[0]}").click()
    expect(desk.get_by_test_id("finding-mismatch")).to_be_visible()
    desk.goto(f"/console/shops/1/rooms/{room_id}")
    desk.get_by_test_id("desk-start").click()
    expect(desk.get_by_test_id("start-confirm")).to_be_disabled()
    desk.get_by_test_id("gate-preflight").get_by_role("link").click()
    desk.get_by_test_id("finding-mismatch").get_by_role("checkbox").check()
    desk.get_by_test_id("override-reason").fill("标签今晚重印")
    desk.get_by_test_id("override-send").click()
    desk.goto(f"/console/shops/1/rooms/{room_id}")
    desk.get_by_test_id("desk-start").click()
    desk.get_by_test_id("start-confirm").click()
    expect(desk.get_by_test_id("desk-state")).to_have_text("直播中")

    viewer = new_page(size=PHONE)
    viewer.goto(f"/shop/1/rooms/{room_id}")
    eventually(lambda: viewer.get_by_test_id("room").get_attribute("data-connection") == "live")
    viewer.get_by_test_id("shelf-button").click()
    expect(viewer.get_by_test_id("shelf")).to_be_visible()
    took = []
    for goods_id in ids[1:3]:
        began = time.monotonic()
        desk.get_by_test_id(f"desk-quick-{goods_id}").click()
        viewer.get_by_test_id(f"quick-item-{goods_id}").wait_for(timeout=5_000)
        took.append(time.monotonic() - began)
    assert min(took) < 1.0
    expect(desk.get_by_test_id(f"desk-quick-item-{ids[1]}")).to_be_visible()

    viewer.go_back()
    for key in ("1", "2", "3"):
        desk.keyboard.press(key)
    expect(viewer.get_by_test_id("pinned-card")).to_have_attribute("data-goods-id", str(ids[2]))
    expect(viewer.get_by_test_id(f"pinned-behind-{ids[0]}")).to_be_visible()
    expect(desk.get_by_test_id(f"desk-pinned-{ids[1]}")).to_be_visible()
    desk.get_by_test_id("notice-edit").click()
    desk.get_by_test_id("notice-text").fill("新人首单立减 10 元")
    desk.get_by_test_id("notice-save").click()
    expect(viewer.get_by_test_id("room-pinned-comment")).to_have_text("新人首单立减 10 元")

    queue_is_worked(desk, viewer)
    comments_are_pinned(desk, viewer)
