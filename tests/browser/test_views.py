"""Every view, in both languages and both sizes: it shows its data, complains of nothing, and axe finds nothing serious
in either language or size. Somebody looks at the pictures of a run with LIVESHELF_SCREENSHOTS=folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import DESK, PHONE, NewPage, sign_in
from tests.make.product import Product

pytestmark = pytest.mark.timeout(300)

PICTURES_WANTED = bool(os.environ.get("LIVESHELF_SCREENSHOTS"))
AXE = Axe().axe_script
SERIOUS = """async () => (await axe.run({ resultTypes: ['violations'] })).violations
    .filter(one => ['serious', 'critical'].includes(one.impact)).map(one => [one.id, one.nodes[0].html])"""


class Size(NamedTuple):
    """A window."""

    name: str
    window: ViewportSize


SIZES = {  # a page is loaded in the first, and turned into the other
    "zh": (Size("desk", DESK), Size("phone", PHONE)),
    "en": (Size("phone", PHONE), Size("desk", DESK)),
}

CONSOLE = {
    "workbench": "/console/shops/1",
    "products": "/console/shops/1/products",
    "product": "/console/shops/1/products/1",
    "product-new": "/console/shops/1/products/new",
    "goods": "/console/shops/1/goods",
    "rooms": "/console/shops/1/rooms",
    "live-desk": "/console/shops/1/rooms/1",
    "timeline": "/console/shops/1/rooms/1/timeline",
    "recordings": "/console/shops/1/recordings",
    "room-before": "/console/shops/1/rooms/2/before",
    "room-watch": "/console/shops/1/rooms/2/watch",
    "room-rehearsal": "/console/shops/1/rooms/2/rehearsal",
    "room-files": "/console/shops/1/rooms/2/files",
    "live-settings": "/console/shops/1/rooms?settings=1",
    "goods-files": "/console/shops/1/goods/files",
    "stock": "/console/shops/1/stock",
    "stock-sku": "/console/shops/1/stock?open=3",
    "stocktakes": "/console/shops/1/stock/stocktakes",
    "stocktake": "/console/shops/1/stock/stocktakes/1",
    "stock-changes": "/console/shops/1/stock/changes",
    "stock-oversold": "/console/shops/1/stock/oversold",
    "stock-audits": "/console/shops/1/stock/audits",
    "stock-files": "/console/shops/1/stock/files",
    "orders": "/console/shops/1/orders",
    "orders-abnormal": "/console/shops/1/orders/abnormal",
    "orders-addresses": "/console/shops/1/orders/addresses",
    "orders-ship": "/console/shops/1/orders/ship",
    "orders-exports": "/console/shops/1/orders/exports",
    "orders-print": "/console/shops/1/orders/print",
    "money": "/console/shops/1/money",
    "money-bills": "/console/shops/1/money/bills",
    "money-differences": "/console/shops/1/money/differences",
    "money-ledger": "/console/shops/1/money/ledger",
    "money-merchant": "/console/shops/1/money/merchant",
    "clocks": "/console/shops/1/clocks",
    "clocks-missed": "/console/shops/1/clocks/missed",
    "clocks-limits": "/console/shops/1/clocks/limits",
    "aftersales": "/console/shops/1/aftersales",
    "aftersales-setup": "/console/shops/1/aftersales/setup",
    "own-reviews": "/console/shops/1/reviews",
    "penalties": "/console/shops/1/penalties",
    "checklists": "/console/shops/1/checklists",
    "room-checklist": "/console/shops/1/rooms/1/checklist",
    "announcements": "/console/announcements",
    "room-people": "/console/shops/1/room-people",
    "room-settings": "/console/shops/1/rooms/1/settings",
    "developer": "/console/shops/1/developer",
    "developer-push": "/console/shops/1/developer/push",
    "people": "/console/shops/1/people",
    "people-roles": "/console/shops/1/people/roles",
    "security": "/console/security",
    "privacy": "/console/shops/1/privacy",
    "trail": "/console/shops/1/trail",
    "opening": "/console/shops/1/opening",
    "papers": "/console/shops/1/papers",
    "live-permission": "/console/shops/1/live-permission",
    "providers": "/console/shops/1/providers",
    "wecom": "/console/shops/1/wecom",
    "real-name": "/console/real-name",
    "waivers": "/console/shops/1/waivers",
    "words": "/console/shops/1/words",
    "begin": "/console/begin",
    "lost": "/console/no-such-page",
}
PLATFORM = {
    "reviews": "/console/reviews",
    "calendar": "/console/calendar",
    "compliance": "/console/penalties",
    "violation": "/console/penalties?record=1",
    "lexicon": "/console/lexicon",
}
STEWARD = {
    "queue": "/console/reviews",
    "policy": "/console/policy",
    "merchants": "/console/merchants",
    "merchant": "/console/merchants?open=1",
    "all-providers": "/console/providers",
    "merchant-papers": "/console/merchants?tab=papers",
}
BUYER = {
    "shop": "/shop/1",
    "room": "/shop/1/rooms/1",
    "no-replay": "/shop/1/replays/1",
    "orders": "/shop/1/orders",
    "cart": "/shop/1/cart",
    "checkout": "/shop/1/checkout?lines=1x1",
    "addresses": "/shop/1/addresses",
    "me": "/shop/1/me",
    "privacy": "/shop/1/me/privacy",
    "notices": "/shop/1/notices",
    "lost": "/shop/1/no/such/page",
}


# Answers first, a tenth of a second without any to come; then fonts, pictures in sight and movements that end; then two
# frames, so that what they changed is drawn.
STILL = """async () => {
    const wait = ms => new Promise(done => setTimeout(done, ms))
    const busy = () => window.asking || document.querySelector('[aria-busy=true]') || !document.querySelector('h1, h2')
    for (let calm = 0, tries = 0; calm < 4; tries++) {
        if (tries > 400) throw new Error('the page does not come to rest')
        calm = busy() ? 0 : calm + 1
        await wait(25)
    }
    const seen = image => image.getBoundingClientRect().top < innerHeight && !image.complete
    const loads = image => new Promise(done => { image.onload = image.onerror = done })
    const ends = movement => movement.effect.getComputedTiming().iterations !== Infinity
    const all = [
        document.fonts.ready,
        ...[...document.images].filter(seen).map(loads),
        ...document.getAnimations().filter(ends).map(movement => movement.finished.catch(() => null)),
    ]
    await Promise.race([Promise.all(all), wait(2000)])
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
}"""


def look(page: Page, name: str, pictures: Path) -> list[str]:
    """Settle, take the picture where somebody wants it, and return what can be seen to be wrong with the page."""
    page.evaluate(STILL)
    if PICTURES_WANTED:
        page.screenshot(path=pictures / f"{name}.png")
    wrong = [f"{name}: shows an error face" for _ in range(page.get_by_test_id("face-error").count())]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
        wrong.append(f"{name}: wider than the window")
    return wrong


def axe(page: Page, name: str) -> list[str]:
    """What axe finds on the page as it is."""
    if page.evaluate("window.axe === undefined"):  # half a megabyte: once a page, not once a look
        page.evaluate(AXE)
    return [f"{name}: axe {rule}: {html[:160]}" for rule, html in page.evaluate(SERIOUS)]


def looks(page: Page, name: str, locale: str, pictures: Path) -> Iterator[str]:
    """The page in both sizes: as it came in the one, where axe reads it, and turned into the other."""
    first, other = SIZES[locale]
    page.set_viewport_size(first.window)
    yield from look(page, f"{name}-{locale}-{first.name}", pictures)
    yield from axe(page, f"{name}-{locale}-{first.name}")
    page.set_viewport_size(other.window)
    yield from look(page, f"{name}-{locale}-{other.name}", pictures)
    page.set_viewport_size(first.window)


def watched(page: Page) -> list[str]:
    """What the page's scripts complain about from now on."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type == "error" and "404" not in message.text else None
        ),
    )
    return complaints


def views(page: Page, paths: dict[str, str], prefix: str, locale: str, pictures: Path) -> Iterator[str]:
    for name, path in paths.items():
        page.goto(path)
        yield from looks(page, f"{prefix}-{name}", locale, pictures)


@pytest.mark.parametrize("locale", SIZES)
def test_the_console_in_every_look(product: Product, new_page: NewPage, pictures: Path, locale: str):
    page = new_page(locale, SIZES[locale][0].window)
    complaints = watched(page)
    page.goto("/console/sign-in")
    wrong = list(looks(page, "console-sign-in", locale, pictures))
    sign_in(page, product, "owner")
    complaints.clear()  # asking who is signed in before anybody is
    wrong += views(page, CONSOLE, "console", locale, pictures)
    assert wrong + complaints == []


@pytest.mark.parametrize("locale", SIZES)
@pytest.mark.parametrize(("role", "paths"), [("reviewer", PLATFORM), ("steward", STEWARD)], ids=["reviewer", "steward"])
def test_the_platforms_pages_in_every_look(
    product: Product, new_page: NewPage, pictures: Path, role: str, paths: dict[str, str], locale: str
):
    page = new_page(locale, SIZES[locale][0].window)
    sign_in(page, product, role)
    complaints = watched(page)
    wrong = list(views(page, paths, "console", locale, pictures))
    assert wrong + complaints == []


@pytest.mark.parametrize("locale", SIZES)
def test_the_buyer_pages_in_every_look(new_page: NewPage, pictures: Path, locale: str):
    page = new_page(locale, SIZES[locale][0].window)
    page.goto("/shop/1")
    complaints = watched(page)
    wrong = list(views(page, BUYER, "buyer", locale, pictures))
    page.goto("/shop/1/rooms/1")
    page.get_by_test_id("shelf-button").click()
    page.get_by_test_id("shelf").wait_for()
    wrong += looks(page, "buyer-shelf", locale, pictures)
    page.get_by_test_id("shelf").get_by_test_id("buy-button").first.click()
    page.get_by_test_id("buy-sheet").wait_for()
    wrong += looks(page, "buyer-buy-sheet", locale, pictures)
    assert wrong + complaints == []
