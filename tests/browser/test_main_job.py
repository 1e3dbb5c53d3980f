"""The main job, end to end, as its people do it.

Software that knows only WeChat lists goods, a reviewer approves them at the desk, they go onto a live shelf and are
pushed, a buyer with the room open sees the card and pays, the merchant sees the order, and stock is one less.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, NewPage, eventually, sign_in
from tests.make.pictures import jpeg
from tests.make.product import Product

pytestmark = pytest.mark.timeout(240)

# Run by an interpreter of its own: the proxy's variables are for that process alone.
SOFTWARE = """
import io, json, sys, wechatpy
order = json.load(sys.stdin)
client = wechatpy.WeChatClient(order["appid"], order["secret"])
BASE = "https://api.weixin.qq.com"
def post(path, **body): return client.post(BASE + path, data=body)
answers = []
for call in order["calls"]:
    if call["path"] == "media":
        answers.append(client.media.upload("image", io.BytesIO(bytes.fromhex(call["picture"]))))
    elif call.get("get"):
        answers.append(client.get(BASE + call["path"], params=call["body"]))
    else:
        answers.append(post(call["path"], **call["body"]))
print(json.dumps(answers))
"""


class Software:
    """A program written with wechatpy, which believes that it talks to WeChat."""

    def __init__(self, product: Product, environ: dict[str, str]) -> None:
        self._wechat = product.demo["wechat"]
        self._environ = environ

    def call(self, path: str, **body: Any) -> dict[str, Any]:
        """Call a path with a JSON body."""
        return self._run({"path": path, "body": body})

    def upload(self, picture: bytes) -> str:
        """Upload a picture; its media id."""
        media_id: str = self._run({"path": "media", "picture": picture.hex()})["media_id"]
        return media_id

    def _run(self, call: dict[str, Any]) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-c", SOFTWARE],
            input=json.dumps({**self._wechat, "calls": [call]}),
            env={**os.environ, **self._environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        (answer,) = json.loads(done.stdout)
        return dict(answer)


@pytest.fixture
def software(product: Product) -> Iterator[Software]:
    """wechatpy through `liveshelf sdk-proxy`."""
    proxy = subprocess.Popen(product.command("sdk-proxy"), stdout=subprocess.PIPE, text=True)
    assert proxy.stdout is not None
    environ: dict[str, str] = {}
    while "REQUESTS_CA_BUNDLE" not in environ or "HTTPS_PROXY" not in environ:
        line = proxy.stdout.readline()
        assert line, "the proxy ended"
        if found := re.search(r"(HTTPS_PROXY|REQUESTS_CA_BUNDLE)=(\S+)", line):
            environ[found[1]] = found[2].strip("'\"")
    yield Software(product, environ)
    proxy.terminate()
    proxy.wait(10)


def approve(page: Page, name: str) -> None:
    """The reviewer reads the queue and lets the goods pass."""
    page.goto("/console/reviews")
    page.locator("[data-testid^='case-']", has_text=name).first.click()
    expect(page.get_by_role("group", name=name)).to_be_visible()
    page.get_by_test_id("approve").click()
    expect(page.locator("[data-testid^='case-']", has_text=name)).to_have_count(0)


@pytest.mark.feature("A-108")
@pytest.mark.feature("L-201")
def test_goods_listed_by_software_are_reviewed_pushed_and_bought(
    product: Product, new_page: NewPage, software: Software
):
    name = f"汝窑天青杯{time.time_ns() % 10_000:04d}"
    media_id = software.upload(jpeg())
    goods = {"coverImgUrl": media_id, "name": name, "priceType": 3, "price": 128, "price2": 99.5}
    listed = software.call("/wxaapi/broadcast/goods/add", goodsInfo={**goods, "url": "pages/goods/detail?id=1"})
    goods_id = listed["goodsId"]

    def state() -> int:
        answer = software.call("/wxa/business/getgoodswarehouse", goods_ids=[goods_id])
        return int(answer["goods"][0]["audit_status"])

    assert state() == 1
    desk = new_page()
    sign_in(desk, product, "reviewer")
    approve(desk, name)
    assert state() == 2

    buyer = new_page(size=PHONE)
    buyer.goto(product.demo["buyer"]["room_url"])
    expect(buyer.get_by_test_id("room")).to_have_attribute("data-connection", "live")
    room_id = int(product.demo["buyer"]["room_url"].rsplit("/", 1)[1])
    rooms = software.call("/wxa/business/getliveinfo", start=0, limit=20)["room_info"]
    assert room_id in {room["roomid"] for room in rooms if room["live_status"] == 101}
    software.call("/wxaapi/broadcast/room/addgoods", ids=[goods_id], roomId=room_id)
    software.call("/wxaapi/broadcast/goods/push", roomId=room_id, goodsId=goods_id)
    pinned = buyer.get_by_test_id("pinned-card")
    expect(pinned).to_contain_text(name)
    expect(pinned).to_contain_text("99.50")

    owner = new_page()
    sign_in(owner, product, "owner")
    owner.goto(f"/console/shops/1/rooms/{room_id}")
    shelf_item = owner.get_by_test_id(f"desk-shelf-item-{goods_id}")
    before = int(re.search(r"库存\s*(\d+)", shelf_item.inner_text())[1])  # type: ignore[index]

    pinned.get_by_test_id("buy-button").click()
    buyer.get_by_test_id("buy-confirm").click()
    # A guest has no address yet: the piece is held first, then it is said where it goes, without leaving the room.
    expect(buyer.get_by_test_id("hold-countdown")).to_contain_text(":")
    buyer.get_by_test_id("address-paste").fill("张三 13800138000 广东省深圳市南山区科技园路1号 3栋")
    buyer.get_by_test_id("address-read").click()
    expect(buyer.get_by_test_id("address-name")).to_have_value("张三")
    expect(buyer.get_by_test_id("region-district")).to_have_value("440305")
    buyer.get_by_test_id("address-save").click()
    buyer.get_by_test_id("sim-pay").click()
    expect(buyer.get_by_test_id("order-state")).to_contain_text("待发货", timeout=15_000)

    eventually(lambda: f"库存 {before - 1}" in re.sub(r"\s+", " ", shelf_item.inner_text()))
    owner.goto("/console/shops/1/orders?state=to_ship")
    expect(owner.locator("[data-testid^='order-row-']").first).to_contain_text(name)


def test_a_deleted_goods_leaves_the_open_page_at_once(product: Product, new_page: NewPage, software: Software):
    buyer = new_page(size=PHONE)
    buyer.goto(product.demo["buyer"]["room_url"])
    expect(buyer.get_by_test_id("room")).to_have_attribute("data-connection", "live")
    owner = new_page()
    sign_in(owner, product, "owner")
    goods = owner.request.get("/v1/shops/1/rooms/1/desk").json()["shelf"]
    victim = goods[-1]["goods_id"]
    buyer.get_by_test_id("shelf-button").click()
    expect(buyer.get_by_test_id(f"shelf-item-{victim}")).to_be_visible()
    answer = owner.request.delete(f"/v1/shops/1/goods/{victim}", headers={"origin": product.url})
    assert answer.ok, answer.text()
    expect(buyer.get_by_test_id(f"shelf-item-{victim}")).to_have_count(0, timeout=1_500)


def test_a_cart_becomes_one_order_however_it_is_pressed(product: Product, new_page: NewPage):
    page = new_page(size=PHONE)
    page.goto("/shop/1")
    page.locator("a[href*='/goods/']").first.wait_for()
    goods = [one["goods_id"] for one in page.request.get("/v1/storefront/1").json()["goods"] if one["available"] > 1][
        :2
    ]
    for goods_id in goods:
        page.goto(f"/shop/1/goods/{goods_id}")
        page.get_by_test_id("buy-button").click()
        with page.expect_response("**/cart/lines"):
            page.get_by_test_id("add-to-cart").click()
    page.goto("/shop/1")
    expect(page.get_by_test_id("cart-count")).to_contain_text("2")
    page.get_by_test_id("tab-cart").click()
    page.get_by_test_id("cart-checkout").click()
    page.get_by_test_id("checkout-address").click()
    page.get_by_test_id("address-paste").fill("李小明 13800138000 北京朝阳区建国路88号SOHO现代城A座1201")
    page.get_by_test_id("address-read").click()
    expect(page.get_by_test_id("region-district")).to_have_value("110105")
    page.get_by_test_id("address-save").click()
    expect(page.get_by_test_id("checkout-address")).to_contain_text("建国路88号")
    expect(page.get_by_test_id("address-save")).to_be_hidden()
    page.get_by_test_id("checkout-note").fill("请放门口")
    page.reload()  # nothing that was typed is lost
    expect(page.get_by_test_id("checkout-note")).to_have_value("请放门口")
    total = page.get_by_test_id("checkout-total").inner_text()
    page.get_by_test_id("checkout-submit").dblclick()
    page.get_by_test_id("sim-pay").wait_for()
    page.go_back()  # to the order, not to a form that would order it once more
    expect(page.get_by_test_id("order-state")).to_have_attribute("data-state", "to_pay")
    expect(page.get_by_test_id("order-total")).to_contain_text(total)
    expect(page.get_by_test_id("order-delivery")).to_contain_text("请放门口")
    assert len(page.request.get("/v1/storefront/1/orders").json()["items"]) == 1
    assert page.request.get("/v1/storefront/1/cart").json()["lines"] == []
