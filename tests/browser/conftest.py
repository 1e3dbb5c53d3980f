"""One product and one Chromium for all browser tests of a worker."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.make.product import Product, demo
from tests.make.scratch import shared

# Without these a browser on a closed network spends its time on look-ups of its maker's hosts.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# `window.asking` is how many requests a page waits for.
COUNT_ASKING = """
    const ask = window.fetch
    window.asking = 0
    window.fetch = (...what) => { window.asking++; return ask(...what).finally(() => window.asking--) }
"""
DESK = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)

NewPage = Callable[..., Page]


# For these tests only: one that nobody uses any more would sweep its clocks beside all the others.
@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    """A running product with its whole demo shop."""
    with demo(shared() / "demo") as product:
        yield product


# For one module only: Playwright keeps an event loop running in this thread, and async tests could not have theirs.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser, product: Product) -> Iterator[NewPage]:
    """Opens a page as a person with nothing remembered; `errors` on it holds what the page complained about."""
    contexts: list[BrowserContext] = []

    def open_page(locale: str = "zh", size: ViewportSize = DESK) -> Page:
        context = chromium.new_context(
            base_url=product.url, viewport=size, locale={"zh": "zh-CN", "en": "en-GB"}[locale]
        )
        context.add_init_script(f"localStorage.setItem('liveshelf.locale', '{locale}')")
        context.add_init_script(COUNT_ASKING)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots go: a folder to look at afterwards when it is named, a throw-away one otherwise."""
    folder = Path(os.environ.get("LIVESHELF_SCREENSHOTS", "") or f"/tmp/liveshelf-screenshots-{os.getpid()}")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sign_in(page: Page, product: Product, role: str) -> None:
    """Sign in to the console as the demo's person of a role."""
    account = next(one for one in product.demo["console"]["accounts"] if one["role"] == role)
    page.goto("/console/sign-in")
    page.get_by_test_id("sign-in-username").fill(account["username"])
    page.get_by_test_id("sign-in-password").fill(account["password"])
    page.get_by_test_id("sign-in-submit").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def eventually(check: Callable[[], bool], limit_s: float = 10.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + limit_s
    while not check():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def call(page: Page, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask the API as whoever is signed in on the page."""
    answer = page.request.fetch(path, method=method, data=body)
    assert answer.ok, answer.text()
    found: dict[str, Any] = answer.json()
    return found


def business_now(page: Page) -> datetime:
    """What the product's clock says: other tests have moved it."""
    return datetime.fromisoformat(call(page, "GET", "/v1/system")["now"])


def let_pass(reviewer: Page, title: str, *, limit_s: float = 60.0) -> None:
    """A person of the platform lets what has this title pass, once the machine has."""

    def passed() -> bool:
        waiting = call(reviewer, "GET", "/v1/reviews?limit=50")["items"]
        mine = [one["audit_id"] for one in waiting if one["title"] == title]
        if mine:
            verdict = {"request_id": str(uuid.uuid4()), "audit_ids": mine, "passed": True}
            call(reviewer, "POST", "/v1/reviews/verdicts", verdict)
        return bool(mine)

    eventually(passed, limit_s=limit_s)
