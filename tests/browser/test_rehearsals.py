"""The page of a rehearsal, from the wish to the verdict, in both languages and sizes. What plays one has tests
of its own; here its answers are laid down, one of every kind that a check can say.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from liveshelf.rehearsals.types import Area, Code, EndedBy, Outcome, Reason, Step
from tests.browser.conftest import NewPage, sign_in
from tests.browser.test_views import SIZES, looks, watched
from tests.make.product import Product

AREAS = {
    **dict.fromkeys((Code.REVIEW, Code.PREFLIGHT, Code.CHECKLIST, Code.LEGAL, Code.GOODS), Area.ROOM),
    **dict.fromkeys((Code.CUT, Code.HTTP, Code.GATEWAY, Code.WORKER, Code.DATABASE, Code.NOTICES), Area.FAULTS),
    **dict.fromkeys((Code.MACHINE, Code.UPLINK, Code.DISK), Area.CAPACITY),
    Code.PICTURE: Area.PICTURE,
}
FACTS = {
    "warning": 2, "blocking": 1, "left": 3, "required": 1, "present": 0, "passed": 1, "goods": 12, "on_sale": 11,
    "viewers": 300, "opened": 300, "wrong": 0, "pushes": 40, "p50_ms": 34, "p99_ms": 182, "limit_ms": 1000,
    "missed": 0, "doubled": 0, "said": 120, "shown": 120, "won": 30, "waiting": 70, "asked_back": 20, "pieces": 30,
    "ordered": 48, "paid": 48, "too_late": 9, "sold": 48, "short": 0, "books_wrong": 0, "cut": 60, "back_ms": 2310,
    "sent": 20, "lost": 6, "settled": 20, "kbps": 2480, "frames_per_10_s": 250, "keyframe_every_ms": 2000,
    "expected": 300, "held": 600, "orders_per_s": 140, "comments_per_s": 220, "uplink_kbps": 100_000,
    "picture_kbps": 2480, "page_kbps": 6, "hours": 3, "free_mb": 48_000, "needed_mb": 3_350,
}  # fmt: skip
NO_GO = {Code.CHECKLIST, Code.LEGAL, Code.GATEWAY, Code.UPLINK}
REASONS = {Code.PICTURE: Reason.NO_PICTURE, Code.DATABASE: Reason.OTHER_DATABASE}


def check(code: Code, *, all_hold: bool) -> dict[str, Any]:
    outcome = Outcome.GO if all_hold or code not in NO_GO else Outcome.NO_GO
    words = {"ended_by": EndedBy.SLOW.value}
    if code in REASONS and not all_hold:
        outcome, words = Outcome.NOT_TRIED, {"reason": REASONS[code].value}
    area = AREAS.get(code, Area.CROWD)
    return {"area": area.value, "code": code.value, "outcome": outcome.value, "facts": FACTS, "words": words}


def brief(number: int, state: str, **more: Any) -> dict[str, Any]:
    times = {"asked_at": "2026-03-02T01:00:00Z", "began_at": "2026-03-02T01:00:01Z", "ended_at": None}
    none = {"step": None, "failure": None, "go": None, "uplink_kbps": 100_000, "viewers": 300, "asked_by": "阿清"}
    return {"rehearsal_id": str(number), "state": state, **times, **none, **more}


class Answers:
    """What the server answers about the rehearsals of a room."""

    def __init__(self, page: Page) -> None:
        self.items: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        page.route(re.compile(r"/v1/shops/1/rooms/2/rehearsals$"), self._list)
        page.route(re.compile(r"/v1/shops/1/rooms/2/rehearsals/\d+$"), self._one)

    def _list(self, route: Route) -> None:
        if route.request.method == "POST":
            self.asked.append(json.loads(route.request.post_data or ""))
            self.items.insert(0, brief(2, "playing", step="crowd"))
        runs = bool(self.items) and self.items[0]["state"] == "playing"
        told = {"room_id": 2, "items": self.items, "steps": [one.value for one in Step], "viewers_max": 1000}
        route.fulfill(json={**told, "may": not runs, "why_not": "rehearsals.runs" if runs else None})

    def _one(self, route: Route) -> None:
        number = route.request.url.rpartition("/")[2]
        found = next(one for one in self.items if one["rehearsal_id"] == number)
        checks = [check(code, all_hold=found["go"]) for code in Code]
        measured = {"took_ms": 184_000, "cpus": 2, "crowd_cpu_percent": 34, "goods": 12}
        route.fulfill(json={"brief": found, "checks": checks, **measured})


@pytest.mark.parametrize("locale", SIZES)
def test_a_rehearsal_from_the_wish_to_the_verdict(product: Product, new_page: NewPage, pictures: Path, locale: str):
    page = new_page(locale, SIZES[locale][0].window)
    sign_in(page, product, "owner")
    complaints, answers = watched(page), Answers(page)
    page.goto("/console/shops/1/rooms/2/rehearsal")
    page.get_by_test_id("rehearsal-viewers").fill("300")
    page.get_by_test_id("rehearsal-uplink").fill("100")
    wrong = list(looks(page, "console-rehearsal-ask", locale, pictures))
    page.get_by_test_id("rehearsal-ask").press("Enter")
    page.get_by_test_id("rehearsal-steps").wait_for()
    assert [(one["viewers"], one["uplink_mbps"]) for one in answers.asked] == [(300, 100)]
    wrong += looks(page, "console-rehearsal-plays", locale, pictures)
    answers.items[0] |= {"state": "done", "step": None, "go": False, "ended_at": "2026-03-02T01:03:05Z"}
    answers.items += [brief(1, "done", go=True), brief(0, "failed", failure="broken_off")]
    page.get_by_test_id("rehearsal-verdict").wait_for()  # the page asks by itself
    assert page.get_by_test_id("check-checklist").get_by_role("link").get_attribute("href") is not None
    wrong += looks(page, "console-rehearsal-no-go", locale, pictures)
    earlier = page.get_by_test_id("rehearsal-earlier").get_by_role("link")
    earlier.nth(2).click()
    page.get_by_test_id("rehearsal-failed").wait_for()
    earlier.nth(1).click()
    page.get_by_test_id("rehearsal-verdict").wait_for()
    assert "rehearsal=1" in page.url
    assert wrong + complaints == []
