"""The built web apps as they are served."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from liveshelf.entry import pages
from liveshelf.platform.settings import Settings


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> httpx.AsyncClient:
    for app in ("console", "buyer"):
        (tmp_path / app / "assets").mkdir(parents=True)
        (tmp_path / app / "index.html").write_text(f"<title>{app}</title>")
    monkeypatch.setattr(pages, "_built", lambda app: tmp_path / app)
    transport = httpx.ASGITransport(app=pages.Pages(Settings(demo=True)))
    return httpx.AsyncClient(transport=transport, base_url="http://liveshelf.test")


async def test_a_path_below_an_app_is_one_of_its_pages(browser: httpx.AsyncClient):
    for path, app in (("/console/1/goods", "console"), ("/shop/1", "buyer")):
        answer = await browser.get(path)
        assert (answer.status_code, answer.text) == (200, f"<title>{app}</title>")
        again = await browser.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304
    assert (await browser.get("/shop/assets/gone.js")).status_code == 404
    assert (await browser.post("/shop/1")).status_code == 405


async def test_a_path_that_no_file_can_have_is_a_page_too(browser: httpx.AsyncClient):
    for odd in ("%00", "x" * 5_000, "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd"):
        assert (await browser.get(f"/shop/{odd}")).text == "<title>buyer</title>"
        assert (await browser.get(f"/shop/assets/{odd}")).status_code in {200, 404}


async def test_the_icon_that_browsers_ask_for_by_themselves_is_never_missing(
    browser: httpx.AsyncClient, tmp_path: Path
):
    assert (await browser.get("/favicon.ico")).status_code == 204
    (tmp_path / "buyer" / "favicon.svg").write_text("<svg/>")
    pages._read.cache_clear()  # a built app does not change while it is served
    answer = await browser.get("/favicon.ico")
    assert (answer.status_code, answer.headers["content-type"], answer.text) == (200, "image/svg+xml", "<svg/>")


async def test_the_front_door_leads_to_the_shop_of_the_demo(browser: httpx.AsyncClient):
    answer = await browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/shop/1")
