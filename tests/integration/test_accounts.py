"""Signing in, roles, and what the shell refuses for everybody."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from liveshelf.accounts import queries, service
from liveshelf.accounts.errors import UsernameTaken
from liveshelf.accounts.passwords import hash_password, password_matches
from liveshelf.accounts.types import ROLE_PERMISSIONS, Permission, Role
from liveshelf.entry import http
from liveshelf.entry.http import HttpApp
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.platform import ratelimit
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.shops import credentials
from liveshelf.shops import service as shops
from tests.make.accounts import PASSWORD, account, bearer, reviewer_session, staff_session


async def new_shop(runtime: Runtime, name: str = "阿清茶器") -> ShopId:
    made = await runtime.db.write(SYSTEM, PLATFORM, lambda tx: shops.create_shop(tx, name, sandbox=True))
    await runtime.db.write(SYSTEM, made.shop_id, credentials.make_credential)
    return made.shop_id


async def with_password(runtime: Runtime, username: str) -> None:
    password_hash = await hash_password(PASSWORD)

    async def work(tx: Tx) -> None:
        await service.create_account(
            tx, username=username, display_name=username, password=PASSWORD, password_hash=password_hash
        )

    await runtime.db.write(SYSTEM, PLATFORM, work)


async def test_a_person_signs_in_with_a_cookie_that_scripts_can_not_read_and_out_again(runtime, client):
    await with_password(runtime, "aqing")
    answer = await client.post("/v1/session", json={"username": "aqing", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert (await client.get("/v1/session")).json()["username"] == "aqing"
    assert (await client.delete("/v1/session")).status_code == 204
    refused = await client.get("/v1/session")
    assert refused.status_code == 401
    assert refused.json()["code"] == "accounts.not_signed_in"


@pytest.mark.parametrize(("username", "password"), [("aqing", "wrong password!"), ("nobody", PASSWORD)])
async def test_a_failed_sign_in_does_not_tell_what_was_wrong(runtime, client, username, password):
    await with_password(runtime, "aqing")
    answer = await client.post("/v1/session", json={"username": username, "password": password})
    assert (answer.status_code, answer.json()["code"]) == (401, "accounts.sign_in_refused")


async def test_guessing_is_slowed_down(client):
    codes = [
        (await client.post("/v1/session", json={"username": "guessed", "password": "x"})).status_code for _ in range(12)
    ]
    assert codes[0] == 401
    assert codes[-1] == 429


async def test_an_address_that_may_try_no_more_locks_nobody_out(http_app, monkeypatch):
    # On a slow machine the stranger would earn new tries on the way, and use up those of the name with them.
    now = ratelimit.seconds()
    monkeypatch.setattr(ratelimit, "seconds", lambda: now)

    def at(address: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=http_app, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")

    async with at("203.0.113.66") as stranger, at("198.51.100.66") as owner:
        names = [f"nobody-{number}" for number in range(31)] + ["locked-out"] * 12
        tries = [await stranger.post("/v1/session", json={"username": name, "password": "x"}) for name in names]
        assert tries[-1].status_code == 429
        mine = await owner.post("/v1/session", json={"username": "locked-out", "password": "x"})
        assert mine.status_code == 401


async def test_a_stored_password_is_not_the_password():
    stored = await hash_password(PASSWORD)
    assert PASSWORD not in stored
    assert stored.startswith("$argon2id$")
    assert await password_matches(stored, PASSWORD)
    assert not await password_matches(None, PASSWORD)


async def test_each_role_may_do_what_it_is_for_and_strangers_see_no_shop(runtime, client):
    shop, other = await new_shop(runtime), await new_shop(runtime, "另一家")
    for role in Role:
        token = await staff_session(runtime, shop, role)
        answer = await client.get(f"/v1/shops/{shop}/developer", headers=bearer(token))
        allowed = Permission.DEVELOPER_READ in ROLE_PERMISSIONS[role]
        assert (answer.status_code == 200) == allowed, (role, answer.text)
        if not allowed:
            assert answer.json()["code"] == "accounts.not_permitted"
        stranger = await client.get(f"/v1/shops/{other}/developer", headers=bearer(token))
        assert (stranger.status_code, stranger.json()["code"]) == (404, "accounts.shop_unknown")


async def test_a_reviewer_has_no_shop_and_staff_has_no_review_desk(runtime, client):
    shop = await new_shop(runtime)
    owner, reviewer = await staff_session(runtime, shop), await reviewer_session(runtime)
    assert (await client.get("/v1/reviews", headers=bearer(reviewer))).status_code == 200
    assert (await client.get("/v1/reviews", headers=bearer(owner))).status_code == 403
    assert (await client.get(f"/v1/shops/{shop}/goods", headers=bearer(reviewer))).status_code == 404


async def test_a_page_of_another_site_can_not_act_for_the_person(client):
    body = {"username": "a", "password": "b"}
    foreign = await client.post("/v1/session", json=body, headers={"origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "request.foreign_origin")
    own = await client.post("/v1/session", json=body, headers={"origin": "http://127.0.0.1:8000"})
    assert own.status_code == 401
    for odd in ("http://[", "null", "http://127.0.0.1:8000.evil.example"):
        refused = await client.post("/v1/session", json=body, headers={"origin": odd})
        assert refused.status_code == 403, odd


async def test_the_figures_are_for_this_machine_alone(client):
    assert (await client.get("/metrics")).status_code == 200
    assert (await client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"})).status_code == 403


async def test_the_address_is_the_one_that_the_nearest_proxy_saw(runtime):
    app = HttpApp(replace(runtime, settings=replace(runtime.settings, trusted_proxies="10.0.0.1")))

    def seen(peer: str, *lines: str) -> str:
        headers = [(b"x-forwarded-for", line.encode()) for line in lines]
        return app._address({"client": (peer, 1), "headers": headers})

    assert seen("10.0.0.1", "6.6.6.6, 203.0.113.9") == "203.0.113.9"
    assert seen("10.0.0.1", "6.6.6.6", "203.0.113.9") == "203.0.113.9"
    assert seen("198.51.100.7", "203.0.113.9") == "198.51.100.7"


async def test_a_body_that_never_ends_is_not_waited_for(http_app, monkeypatch):
    monkeypatch.setattr(http, "BODY_S", 0.05)
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/session",
        "raw_path": b"/v1/session",
        "query_string": b"",
        "root_path": "",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"127.0.0.1:8000"), (b"content-type", b"application/json")],
    }
    sent = []

    async def drip():
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message):
        sent.append(message)

    async with asyncio.timeout(5):
        await http_app(scope, drip, send)
    assert sent[0]["status"] >= 400


async def test_signing_in_once_more_ends_the_session_before(runtime, client):
    await with_password(runtime, "aqing")
    body = {"username": "aqing", "password": PASSWORD}
    token = (await client.post("/v1/session", json=body)).cookies["liveshelf_session"]
    second = await client.post("/v1/session", json=body)
    assert second.cookies["liveshelf_session"] != token
    assert (await client.get("/v1/session")).status_code == 200
    assert (await client.get("/v1/session", headers=bearer(token))).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b"[" * 100_000, 400),
        (b'{"username": 5, "password": null}', 422),
        (b'{"username": "a", "password": "b", "role": "owner"}', 422),
        (b'{"username": "' + b"a" * 70 + b'", "password": "b"}', 422),
        (b'{"username": "' + b"a" * 2_000_000 + b'"}', 413),
    ],
)
async def test_a_body_that_can_not_be_right_gets_a_clear_problem(client, body, status):
    answer = await client.post("/v1/session", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["instance"]


async def test_pages_and_answers_carry_their_guards(client: httpx.AsyncClient):
    answer = await client.get("/v1/system")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_two_accounts_can_not_share_a_name(runtime):
    await account(runtime, "aqing")
    with pytest.raises(UsernameTaken):
        await account(runtime, "aqing")


async def test_who_acted_as_staff_and_as_reviewer_has_a_name_in_both(runtime):
    account_id = await account(runtime, "both")
    staff, reviewer = f"staff:{account_id}", f"reviewer:{account_id}"
    async with runtime.db.read() as tx:
        names = await queries.names(tx, [staff, reviewer, "staff:999", "system:liveshelf"])
    assert names == {staff: "both", reviewer: "both"}
