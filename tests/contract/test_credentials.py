"""What a shop's software signs in with: for whom it is made, another secret beside the old one, and from where."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import PlatformRole, Role
from liveshelf.entry.http import HttpApp
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications.types import Subject
from liveshelf.shops import credentials, service
from tests.make.accounts import bearer, platform_session, staff_session
from tests.make.papers import merchant
from tests.make.shops import MadeShop, a_shop

TOKEN = "/cgi-bin/token"
STABLE = "/cgi-bin/stable_token"


@pytest.fixture
async def made(db: Database) -> MadeShop:
    return await a_shop(db)


@pytest.fixture
async def developer(runtime: Runtime, made: MadeShop) -> dict[str, str]:
    return bearer(await staff_session(runtime, made.shop, Role.DEVELOPER))


def at(app: Any, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


async def signs_in(software: httpx.AsyncClient, appid: str, secret: str, path: str = TOKEN, **more: Any) -> Any:
    """The answer to software that signs in. It must come with HTTP 200."""
    fields = {"grant_type": "client_credential", "appid": appid, "secret": secret}
    if path == STABLE:
        answer = await software.post(path, json=fields, **more)
    else:
        answer = await software.get(path, params=fields, **more)
    assert answer.status_code == 200
    return answer.json()


async def code_of_a_call(software: httpx.AsyncClient, token: str) -> int:
    path, body = "/wxa/business/getliveinfo", {"start": 0, "limit": 1}
    return int((await software.post(path, params={"access_token": token}, json=body)).json()["errcode"])


async def test_a_new_secret_lives_beside_the_old_one_for_as_long_as_was_asked(
    client, http_app, made, developer, monkeypatch
):
    path = f"/v1/shops/{made.shop}/developer"
    began = wall_now()
    token = (await signs_in(client, made.appid, made.secret))["access_token"]
    fresh = (await client.post(f"{path}/secret", headers=developer, json={"overlap_hours": 24})).json()["secret"]
    assert await code_of_a_call(client, token) == 9410000  # no rooms: nothing leaked, so what was out stays good
    for secret in (made.secret, fresh):
        assert "access_token" in await signs_in(client, made.appid, secret)
    shown = (await client.get(path, headers=developer)).json()
    assert shown["previous_until"] is not None
    for late, code in ((timedelta(hours=24, seconds=-5), 0), (timedelta(hours=24, seconds=5), 40125)):
        monkeypatch.setattr(credentials, "wall_now", lambda late=late: began + late)
        answer = await signs_in(client, made.appid, made.secret)
        assert answer.get("errcode") == code, late
        assert "access_token" in await signs_in(client, made.appid, fresh)


async def test_without_an_overlap_the_old_secret_and_every_token_end_at_once(client, made, developer):
    path = f"/v1/shops/{made.shop}/developer"
    token = (await signs_in(client, made.appid, made.secret))["access_token"]
    fresh = (await client.post(f"{path}/secret", headers=developer)).json()["secret"]
    assert (await signs_in(client, made.appid, made.secret))["errcode"] == 40125
    listed = await client.post(
        "/wxa/business/getliveinfo", params={"access_token": token}, json={"start": 0, "limit": 1}
    )
    assert listed.json()["errcode"] == 40001
    assert "access_token" in await signs_in(client, made.appid, fresh)


async def test_an_overlap_is_ended_early_and_has_a_bound(client, made, developer):
    path = f"/v1/shops/{made.shop}/developer"
    for hours in (-1, 73, "x", 10**30, None, True, 1.5, "1.5", "73", [1]):
        answer = await client.post(f"{path}/secret", headers=developer, json={"overlap_hours": hours})
        assert answer.status_code == 422, hours
    await client.post(f"{path}/secret", headers=developer, json={"overlap_hours": 72})
    assert "access_token" in await signs_in(client, made.appid, made.secret)
    ended = await client.post(f"{path}/secret/end-previous", headers=developer, json={"request_id": "e"})
    assert ended.json()["previous_until"] is None
    assert (await signs_in(client, made.appid, made.secret))["errcode"] == 40125


@pytest.mark.parametrize("path", [TOKEN, STABLE])
async def test_software_signs_in_only_from_where_it_may(http_app, client, made, developer, path):
    base = f"/v1/shops/{made.shop}/developer"
    wanted = ["203.0.113.7", " 198.51.100.0/24 ", "2001:db8::/32", "203.0.113.7/32"]
    kept = await client.put(f"{base}/addresses", headers=developer, json={"addresses": wanted})
    assert kept.json()["addresses"] == ["203.0.113.7/32", "198.51.100.0/24", "2001:db8::/32"]
    for address, allowed in (
        ("203.0.113.7", True),
        ("::ffff:203.0.113.7", True),
        ("198.51.100.200", True),
        ("2001:db8:1::9", True),
        ("203.0.113.8", False),
        ("2001:db9::1", False),
        ("testclient", False),
    ):
        async with at(http_app, address) as software:
            answer = await signs_in(software, made.appid, made.secret, path)
            assert ("access_token" in answer) == allowed, address
            if not allowed:
                assert answer["errcode"] == 40164
                assert answer["errmsg"].startswith(f"invalid ip {address}, not in whitelist rid: ")
            # A wrong secret is told first, so the list says nothing to strangers.
            assert (await signs_in(software, made.appid, "x" * 32, path))["errcode"] == 40125
    open_again = await client.put(f"{base}/addresses", headers=developer, json={"addresses": []})
    assert open_again.json()["addresses"] == []
    async with at(http_app, "203.0.113.8") as software:
        assert "access_token" in await signs_in(software, made.appid, made.secret, path)


async def test_behind_a_trusted_proxy_the_address_is_the_one_that_it_names(runtime, http_app, client, made, developer):
    await client.put(
        f"/v1/shops/{made.shop}/developer/addresses", headers=developer, json={"addresses": ["203.0.113.7"]}
    )
    settings = replace(runtime.settings, trusted_proxies="10.0.0.1")
    behind = HttpApp(replace(runtime, settings=settings))
    for peer, told, allowed in (
        ("10.0.0.1", "203.0.113.7", True),
        ("10.0.0.1", "203.0.113.7, 198.51.100.1", False),
        ("198.51.100.1", "203.0.113.7", False),  # no proxy of ours: its word is nobody's
    ):
        async with at(behind, peer) as software:
            answer = await signs_in(software, made.appid, made.secret, headers={"x-forwarded-for": told})
            assert ("access_token" in answer) == allowed, (peer, told)


async def test_a_list_that_can_not_be_read_changes_nothing(client, made, developer):
    base = f"/v1/shops/{made.shop}/developer"
    for at_, wrong in ((1, ["10.0.0.1", "10.0.0.256"]), (0, ["0x7f.1"]), (0, ["10.0.0.0/33"]), (0, [""]), (0, ["票"])):
        answer = await client.put(f"{base}/addresses", headers=developer, json={"addresses": wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "shops.addresses_invalid"), wrong
        assert answer.json()["errors"][0]["field"] == f"addresses.{at_}"
    many = [f"10.0.{number}.1" for number in range(51)]
    assert (await client.put(f"{base}/addresses", headers=developer, json={"addresses": many})).status_code == 422
    assert (await client.get(base, headers=developer)).json()["addresses"] == []


async def test_when_and_from_where_it_was_last_used_is_shown_masked(http_app, client, made, developer):
    base = f"/v1/shops/{made.shop}/developer"
    assert (await client.get(base, headers=developer)).json()["used_at"] is None
    async with at(http_app, "203.0.113.77") as software:
        await signs_in(software, made.appid, made.secret)
    shown = (await client.get(base, headers=developer)).json()
    assert (shown["used_at"] is not None, shown["used_from"]) == (True, "203.0.113.*")


@pytest.mark.feature("S-111", half=True)
async def test_only_an_enterprises_software_may_call(runtime: Runtime, client: httpx.AsyncClient, db: Database) -> None:
    steward = await platform_session(runtime, PlatformRole.STEWARD)
    for subject in (Subject.PERSON, Subject.SOLE_TRADER, Subject.ENTERPRISE):
        shop = await merchant(client, runtime, steward=steward)
        early = await shop.call("POST", "/developer/secret")
        assert early.json()["code"] == "shops.not_open"
        await shop.opened(subject)
        made = await shop.call("POST", "/developer/secret")
        if subject is not Subject.ENTERPRISE:
            assert (made.status_code, made.json()["code"]) == (403, "qualifications.right_missing")
            # One that was there before the subject was known opens nothing either.
            kept, secret = await db.write(SYSTEM, shop.shop, credentials.make_credential)
            assert (await signs_in(client, kept.appid, secret))["errcode"] == 48001
            continue
        assert made.status_code == 201, made.text
        assert "access_token" in await signs_in(client, made.json()["appid"], made.json()["secret"])


async def test_a_shop_without_a_credential_says_so(runtime, db, client):
    shop: ShopId = (await db.write(SYSTEM, PLATFORM, lambda tx: service.create_shop(tx, "新店", sandbox=True))).shop_id
    owner = bearer(await staff_session(runtime, shop))
    shown = (await client.get(f"/v1/shops/{shop}/developer", headers=owner)).json()
    assert (shown["appid"], shown["may"]) == ("", ["make"])
    writes = [
        await client.put(f"/v1/shops/{shop}/developer/addresses", json={"addresses": []}, headers=owner),
        await client.post(f"/v1/shops/{shop}/developer/secret/end-previous", json={"request_id": "a"}, headers=owner),
    ]
    assert [(one.status_code, one.json()["code"]) for one in writes] == [(404, "shops.credential_missing")] * 2
