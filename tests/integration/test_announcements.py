"""The notice centre: announcements that must be acknowledged, and rule packs with versions and dates."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.platform.runtime import Runtime
from tests.make.accounts import bearer, reviewer_session, staff_session
from tests.make.shops import a_shop
from tests.make.wire import Wire

NOTICE = {
    "kind": "notice",
    "title_zh": "双十二发货时限",
    "title_en": "Shipping limits in December",
    "body_zh": "12 月 12 日起 48 小时内发货",
    "body_en": "Ship within 48 hours from 12 December.",
    "effective_on": "2026-12-12",
}
RULES = {**NOTICE, "kind": "rules", "pack": "advertising", "effective_on": "2090-01-01"}


class Person:
    """Somebody signed in."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client, self._headers = client, bearer(token)

    async def __call__(self, method: str, path: str, **json: Any) -> Any:
        answer = await self._client.request(method, f"/v1{path}", json=json or None, headers=self._headers)
        return answer.json() if answer.content else answer.status_code


@pytest.fixture
async def desk(client: httpx.AsyncClient, runtime: Runtime) -> Person:
    return Person(client, await reviewer_session(runtime))


@pytest.fixture
async def staff(client: httpx.AsyncClient, runtime: Runtime) -> Person:
    return Person(client, await staff_session(runtime, (await a_shop(runtime.db)).shop))


@pytest.mark.feature("S-932")
async def test_what_must_be_acknowledged_waits_for_each_person_until_they_have(desk: Person, staff: Person):
    plain = await desk("POST", "/announcements", request_id="a", **NOTICE)
    must = await desk("POST", "/announcements", request_id="b", **NOTICE, must_acknowledge=True)
    assert [one["announcement_id"] for one in await staff("GET", "/announcements/pending")] == [must["announcement_id"]]
    path = f"/announcements/{must['announcement_id']}/acknowledge"
    assert await staff("POST", path) == 204
    assert await staff("POST", path) == 204  # a second time changes nothing
    assert await staff("GET", "/announcements/pending") == []
    assert len(await desk("GET", "/announcements/pending")) == 1  # the others have theirs still to read
    listed = (await staff("GET", "/announcements"))["items"]
    assert [(one["announcement_id"], one["read"], one["readers"]) for one in listed] == [
        (must["announcement_id"], True, 1),
        (plain["announcement_id"], False, 0),
    ]
    assert (await staff("POST", "/announcements/7/acknowledge"))["code"] == "announcements.missing"


@pytest.mark.feature("S-932")
async def test_a_rule_packs_versions_are_numbered_and_bind_from_their_day(desk: Person, staff: Person):
    one = await desk("POST", "/announcements", request_id="a", **RULES)
    two = await desk("POST", "/announcements", request_id="b", **{**RULES, "effective_on": "2091-01-01"})
    other = await desk("POST", "/announcements", request_id="c", **{**RULES, "pack": "prices"})
    assert [made["version"] for made in (one, two, other)] == [1, 2, 1]

    async def bound(day: str) -> list[tuple[str, int]]:
        return [(it["pack"], it["version"]) for it in await staff("GET", f"/announcements/rules?on={day}")]

    assert await bound("2089-12-31") == []
    assert await bound("2090-01-01") == [("advertising", 1), ("prices", 1)]
    assert await bound("2090-12-31") == [("advertising", 1), ("prices", 1)]
    assert await bound("2091-01-01") == [("advertising", 2), ("prices", 1)]
    versions = (await staff("GET", "/announcements?pack=advertising"))["items"]
    assert [it["version"] for it in versions] == [2, 1]
    assert await staff("GET", "/announcements/rules") == []


async def test_versions_published_at_once_have_different_numbers(desk: Person):
    made = await asyncio.gather(*(desk("POST", "/announcements", request_id=f"r{at}", **RULES) for at in range(4)))
    assert sorted(one["version"] for one in made) == [1, 2, 3, 4]
    again = await desk("POST", "/announcements", request_id="r0", **RULES)
    assert again["announcement_id"] == made[0]["announcement_id"]


@pytest.mark.parametrize(
    "changes",
    [
        {"title_zh": " "},
        {"pack": "Ads!"},
        {"pack": ""},
        {"effective_on": "2020-01-01"},
        {"kind": "notice"},
        {"body_en": "x" * 10_001},
    ],
)
async def test_an_announcement_that_is_not_complete_is_refused(desk: Person, changes: dict[str, Any]):
    assert "code" in await desk("POST", "/announcements", request_id="a", **{**RULES, **changes})
    assert (await desk("GET", "/announcements"))["items"] == []


async def test_only_the_platform_publishes(staff: Person, client: httpx.AsyncClient):
    assert (await staff("POST", "/announcements", request_id="a", **NOTICE))["status"] == 403
    assert (await client.get("/v1/announcements")).status_code == 401


WRITES: dict[Role, tuple[str, str, dict[str, Any]]] = {
    Role.OWNER: ("POST", "/shops/{shop}/people/invites", {"request_id": "i", "role": "goods", "note": "新同事"}),
    Role.ADMIN: ("POST", "/shops/{shop}/people/invites", {"request_id": "i", "role": "goods", "note": "新同事"}),
    Role.OPERATOR: ("DELETE", "/shops/{shop}/goods/7", {}),
    Role.GOODS: ("DELETE", "/shops/{shop}/goods/7", {}),
    Role.CONTENT: ("DELETE", "/shops/{shop}/rooms/7", {}),
    Role.ANCHOR: ("POST", "/shops/{shop}/rooms/7/start", {}),
    Role.SERVICE: ("POST", "/shops/{shop}/rooms/7/start", {}),
    Role.ANALYST: ("POST", "/shops/{shop}/rooms/7/start", {}),
    Role.LEGAL: ("POST", "/shops/{shop}/rooms/7/start", {}),
    Role.DEVELOPER: ("PUT", "/shops/{shop}/developer/addresses", {"addresses": []}),
}


def test_every_role_has_a_write_to_try() -> None:
    assert WRITES.keys() == set(Role)


@pytest.mark.parametrize("role", WRITES)
@pytest.mark.feature("S-932")
async def test_nobody_changes_anything_over_the_api_until_they_have_acknowledged(
    client: httpx.AsyncClient, runtime: Runtime, desk: Person, role: Role
):
    shop = (await a_shop(runtime.db)).shop
    person = Person(client, await staff_session(runtime, shop, role))
    method, path, body = WRITES[role]
    before = await person(method, path.format(shop=shop), **body)
    must = (await desk("POST", "/announcements", request_id="a", **NOTICE, must_acknowledge=True))["announcement_id"]
    refused = await person(method, path.format(shop=shop), **body)
    assert (refused["status"], refused["code"]) == (409, "announcements.unread")
    assert refused["context"]["announcement_ids"] == [must]
    # What is only looked at, one's own session, and acknowledging itself go on.
    assert "code" not in await person("GET", "/session")
    assert [one["announcement_id"] for one in await person("GET", "/announcements/pending")] == [must]
    assert await person("POST", f"/announcements/{must}/acknowledge") == 204
    after = await person(method, path.format(shop=shop), **body)
    code = [one if isinstance(one, int) else one.get("code") for one in (before, after)]
    assert code[0] == code[1]


async def test_it_holds_for_the_platforms_people_too_and_not_for_the_shops_software(
    client: httpx.AsyncClient, runtime: Runtime, desk: Person
):
    made = await a_shop(runtime.db)
    wire = await Wire(client, runtime, made).sign_in()
    must = await desk("POST", "/announcements", request_id="a", **NOTICE, must_acknowledge=True)
    refused = await desk("POST", "/announcements", request_id="b", **NOTICE)
    assert refused["code"] == "announcements.unread"
    assert (await wire.add())["errcode"] == 0
    await desk("POST", f"/announcements/{must['announcement_id']}/acknowledge")
    assert "announcement_id" in await desk("POST", "/announcements", request_id="b", **NOTICE)
