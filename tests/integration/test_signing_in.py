"""Signing in, tried by somebody who should not get in: guesses, stolen tokens, old codes, links, cookies."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from liveshelf.accounts import queries, service, signing_in, totp
from liveshelf.accounts.passwords import hash_password
from liveshelf.accounts.rules import device_of, masked_address
from liveshelf.accounts.types import PlatformRole, Role
from liveshelf.entry.commands import account as account_command
from liveshelf.entry.http import HttpApp
from liveshelf.facades.native import entering
from liveshelf.facades.native.shell import SESSION_COOKIE
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, AccountId
from liveshelf.platform import ratelimit
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from tests.make.accounts import PASSWORD, account, bearer, staff_session
from tests.make.shops import a_shop

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"


@pytest.fixture(autouse=True)
def fresh_limits(monkeypatch):
    """Limits of this test's own, at a clock that stands still: what counts is the tries, not how fast they come."""
    now = ratelimit.seconds()
    monkeypatch.setattr(ratelimit, "seconds", lambda: now)
    for name in ("_BY_NAME", "_BY_ADDRESS", "_BY_DEVICE", "_LINKS"):
        old = getattr(entering, name)
        monkeypatch.setattr(entering, name, ratelimit.RateLimit(per_s=old._per_s, burst=old._burst))


@pytest.fixture
async def aqing(runtime: Runtime) -> AccountId:
    return await person(runtime, "aqing")


async def person(runtime: Runtime, username: str, **more: Any) -> AccountId:
    """Somebody who signs in with `PASSWORD`."""
    stored = await hash_password(PASSWORD)

    async def work(tx: Tx) -> AccountId:
        return await service.create_account(
            tx, username=username, display_name=username, password=PASSWORD, password_hash=stored, **more
        )

    return await runtime.db.write(SYSTEM, PLATFORM, work)


def at(app: HttpApp, address: str = "203.0.113.20") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers={"user-agent": FIREFOX})


async def enter(browser: httpx.AsyncClient, name: str = "aqing", password: str = PASSWORD, **more: str) -> str:
    """Sign in; what came of it."""
    answer = await browser.post("/v1/session", json={"username": name, "password": password, **more})
    return "in" if answer.status_code == 200 else str(answer.json()["code"])


async def turned_on(browser: httpx.AsyncClient) -> tuple[str, list[str]]:
    """Turn the second factor on; the secret and the recovery codes."""
    prepared = (await browser.post("/v1/session/second-factor", json={"request_id": "s"})).json()
    code = totp.code_at(prepared["secret"], totp.step_of(wall_now()))
    done = await browser.post("/v1/session/second-factor/confirm", json={"code": code})
    assert done.status_code == 200, done.text
    return prepared["secret"], done.json()["codes"]


def test_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B, SHA-1, the last six of eight digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        instant = datetime.fromtimestamp(seconds, UTC)
        assert totp.code_at(secret, totp.step_of(instant)) == code
        assert totp.matching_step(secret, code, instant) == seconds // 30
        assert totp.matching_step(secret, code, instant + timedelta(seconds=61)) is None
        assert totp.matching_step(secret, code, instant - timedelta(seconds=61)) is None


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (FIREFOX, "Firefox · Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit Safari/604.1",
            "Safari · iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge · Windows"),
        ("python-httpx/0.28", "python-httpx"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_device_is_called_as_people_call_it(told: str, shown: str) -> None:
    assert device_of(told) == shown


def test_addresses_are_shown_without_their_last_part() -> None:
    assert masked_address("203.0.113.77") == "203.0.113.*"
    assert masked_address("2001:db8:1:2::77") == "2001:0db8:0001::*"
    assert masked_address("unix") == ""


async def test_guessing_ends_after_ten_tries_wherever_they_come_from(http_app, aqing):
    told = []
    for number in range(12):
        async with at(http_app, f"198.51.100.{number}") as stranger:
            told.append(await enter(stranger, password=f"guess number {number}"))
    assert told == ["accounts.sign_in_refused"] * 10 + ["accounts.sign_in_too_often"] * 2


async def test_whoever_uses_up_a_names_tries_does_not_lock_its_owner_out(http_app, runtime, aqing):
    async with at(http_app) as owner:
        assert await enter(owner) == "in"
        await owner.delete("/v1/session")
        refused = []
        for number in range(12):
            async with at(http_app, f"198.51.100.{number}") as stranger:
                refused.append(await enter(stranger, password="x"))
        assert refused[-1] == "accounts.sign_in_too_often"
        assert await enter(owner) == "in"  # this browser is known
        told = [await enter(owner, password="x") for _ in range(11)]  # and has tries of its own, not endless ones
        assert told[-1] == "accounts.sign_in_too_often"


async def test_a_known_browser_is_known_for_its_name_alone_and_can_not_be_made_up(http_app, runtime, aqing):
    async with at(http_app) as owner:
        await enter(owner)
        cookie = owner.cookies[entering.DEVICE_COOKIE]
    assert entering.known_device(runtime.keys, cookie, "AQING")
    payload, mac = cookie.split(".")
    for wrong in ("", "x", payload, f"{payload}.{mac[:-3]}AAA", f"{payload}x.{mac}", "票.票"):
        assert entering.known_device(runtime.keys, wrong, "aqing") == ""
    assert entering.known_device(runtime.keys, cookie, "somebody-else") == ""


async def test_a_session_that_was_planted_before_signing_in_is_worth_nothing(http_app, aqing):
    async with at(http_app) as victim:
        victim.cookies.set(SESSION_COOKIE, "planted-by-somebody", domain="127.0.0.1")
        assert await enter(victim) == "in"
        assert victim.cookies.get(SESSION_COOKIE, domain="127.0.0.1") != "planted-by-somebody"
    async with at(http_app) as attacker:
        answer = await attacker.get("/v1/session", headers=bearer("planted-by-somebody"))
        assert answer.status_code == 401


async def test_a_tampered_cookie_is_nobodys(http_app, runtime, aqing):
    token = await runtime.db.write(SYSTEM, PLATFORM, lambda tx: service.start_session(tx, aqing))
    async with at(http_app) as browser:
        for wrong in (token[:-1], f"{token}A", token.swapcase(), "", "a" * 5000, "' OR 1=1 --"):
            answer = await browser.get("/v1/session", headers={"cookie": f"{SESSION_COOKIE}={wrong}"})
            assert answer.status_code == 401, wrong


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_no_other_site_acts_with_the_cookie(http_app, aqing, method):
    async with at(http_app) as browser:
        assert await enter(browser) == "in"
        for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
            answer = await browser.request(method, "/v1/session/sessions/7", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "request.foreign_origin")
        assert (await browser.get("/v1/session")).status_code == 200


async def test_the_cookie_goes_over_tls_alone_where_there_is_tls(runtime, aqing):
    secure = replace(runtime, settings=replace(runtime.settings, base_url="https://shop.example"))
    for cookie in entering.cookies_of(secure, "t", "aqing"):
        assert cookie.secure
        assert cookie.httponly
        assert cookie.samesite == "lax"


async def test_sessions_are_seen_and_ended(http_app, runtime, aqing):
    async with at(http_app) as desk, at(http_app, "198.51.100.9") as phone:
        assert await enter(desk) == "in"
        assert await enter(phone) == "in"
        listed = (await desk.get("/v1/session/sessions")).json()
        assert {(one["device"], one["address"]) for one in listed} == {
            ("Firefox · Linux", "203.0.113.*"),
            ("Firefox · Linux", "198.51.100.*"),
        }
        (other,) = [one["session_id"] for one in listed if not one["current"]]
        ended = [(await desk.delete(f"/v1/session/sessions/{other}")).status_code for _ in range(2)]
        assert ended == [204, 404]
        assert (await phone.get("/v1/session")).status_code == 401
        assert (await desk.get("/v1/session")).status_code == 200
        assert await enter(phone) == "in"
        await desk.post("/v1/session/sessions/end-others", json={"request_id": "e"})
        assert (await phone.get("/v1/session")).status_code == 401


async def test_nobody_ends_somebody_elses_session(http_app, runtime, db, aqing):
    theirs = await account(runtime, "other")
    await db.write(SYSTEM, PLATFORM, lambda tx: service.start_session(tx, theirs))
    async with db.read() as tx:
        (session,) = await signing_in.sessions(tx, theirs)
    async with at(http_app) as browser:
        await enter(browser)
        answer = await browser.delete(f"/v1/session/sessions/{session.session_id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "accounts.session_unknown")
    async with db.read() as tx:
        assert len(await signing_in.sessions(tx, theirs)) == 1


async def test_a_session_ends_after_a_working_day_to_the_second(db: Database, runtime, aqing, monkeypatch):
    token = await db.write(SYSTEM, PLATFORM, lambda tx: service.start_session(tx, aqing))
    began = wall_now()
    for late, known in ((timedelta(seconds=-2), True), (timedelta(seconds=2), False)):
        monkeypatch.setattr(queries, "wall_now", lambda late=late: began + service.SESSION_LIFE + late)
        async with db.read() as tx:
            assert (await queries.signed_in(tx, token) is not None) == known


async def test_when_it_was_last_seen_is_kept_now_and_then(http_app, db, aqing, monkeypatch):
    async with at(http_app) as browser:
        await enter(browser)
        before = (await browser.get("/v1/session/sessions")).json()[0]["seen_at"]
        later = wall_now() + timedelta(minutes=6)
        monkeypatch.setattr("liveshelf.facades.native.shell.wall_now", lambda: later)
        monkeypatch.setattr(signing_in, "wall_now", lambda: later)
        await browser.get("/v1/session")
        after = (await browser.get("/v1/session/sessions")).json()[0]["seen_at"]
    assert before < after == later.isoformat().replace("+00:00", "Z")


async def test_another_password_ends_every_other_session_and_turns_this_one(http_app, aqing):
    new = "an even better password"
    async with at(http_app) as desk, at(http_app, "198.51.100.9") as thief:
        await enter(desk)
        await enter(thief)
        before = desk.cookies[SESSION_COOKIE]
        wrong = await desk.post("/v1/session/password", json={"current": "nonsense!", "password": new})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "current")
        short = await desk.post("/v1/session/password", json={"current": PASSWORD, "password": "short"})
        assert (short.status_code, short.json()["code"]) == (422, "accounts.invalid")
        done = await desk.post("/v1/session/password", json={"current": PASSWORD, "password": new})
        assert done.status_code == 204
        assert desk.cookies[SESSION_COOKIE] != before
        assert (await desk.get("/v1/session")).status_code == 200
        assert (await thief.get("/v1/session")).status_code == 401
        assert (await thief.get("/v1/session", headers=bearer(before))).status_code == 401
        assert await enter(thief) == "accounts.sign_in_refused"
        assert await enter(thief, password=new) == "in"


async def test_with_a_second_factor_a_password_alone_opens_nothing(http_app, aqing):
    async with at(http_app) as desk:
        await enter(desk)
        before = desk.cookies[SESSION_COOKIE]
        secret, codes = await turned_on(desk)
        assert desk.cookies[SESSION_COOKIE] != before
        assert len(codes) == totp.RECOVERY_CODES
        assert all(re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", code) for code in codes)
        twice = await desk.post("/v1/session/second-factor", json={"request_id": "s"})
        assert (twice.status_code, twice.json()["code"]) == (409, "accounts.second_factor_on")
    now = totp.step_of(wall_now())
    async with at(http_app) as thief:
        assert await enter(thief, password="wrong too", code="000000") == "accounts.sign_in_refused"
        assert await enter(thief) == "accounts.code_needed"
        assert thief.cookies.get(SESSION_COOKIE) is None
        assert await enter(thief, code=totp.code_at(secret, now - 9)) == "accounts.code_wrong"
        assert await enter(thief, code="abc") == "accounts.code_wrong"


async def test_a_code_opens_once_whoever_saw_it(http_app, runtime, aqing):
    async with at(http_app) as desk:
        await enter(desk)
        secret, _ = await turned_on(desk)
    code = totp.code_at(secret, totp.step_of(wall_now()) + 1)  # the next one, which the clocks' drift allows
    async with at(http_app) as one, at(http_app, "198.51.100.9") as two:
        told = await asyncio.gather(enter(one, code=code), enter(two, code=code))
        assert sorted(told) == ["accounts.code_wrong", "in"]
        assert await enter(one, code=code) == "accounts.code_wrong"
        earlier = totp.code_at(secret, totp.step_of(wall_now()))
        assert await enter(two, code=earlier) == "accounts.code_wrong"  # also one that is older than the last taken


async def test_a_recovery_code_opens_once_and_is_kept_as_a_hash(http_app, runtime, db, aqing):
    async with at(http_app) as desk:
        await enter(desk)
        secret, codes = await turned_on(desk)
        async with db.engine.connect() as conn:
            kept = (await conn.exec_driver_sql("SELECT * FROM account_recovery_codes")).all()
            sealed = (await conn.exec_driver_sql("SELECT totp_sealed FROM accounts")).scalar_one()
        assert len(kept) == len(codes)
        assert not any(code in str(kept) or code.replace("-", "") in str(kept) for code in codes)
        assert secret.encode() not in bytes(sealed)
        assert await enter(desk, code=codes[0].upper().replace("-", " ")) == "in"
        assert await enter(desk, code=codes[0]) == "accounts.code_wrong"
        assert (await desk.get("/v1/session/second-factor")).json() == {"on": True, "codes_left": len(codes) - 1}


async def test_the_second_factor_goes_only_with_password_and_code(http_app, aqing):
    async with at(http_app) as desk:
        await enter(desk)
        _, codes = await turned_on(desk)
        off = "/v1/session/second-factor/off"
        for body, field in (
            ({"password": "wrong password", "code": codes[0]}, "password"),
            ({"password": PASSWORD, "code": "000000"}, "code"),
        ):
            answer = await desk.post(off, json=body)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
        assert (await desk.post(off, json={"password": PASSWORD, "code": codes[0]})).status_code == 204
        assert (await desk.get("/v1/session/second-factor")).json() == {"on": False, "codes_left": 0}
        assert await enter(desk) == "in"


async def test_where_the_house_asks_for_it_the_powerful_do_nothing_without(runtime, http_app, db):
    shop = (await a_shop(db)).shop
    who = {role: bearer(await staff_session(runtime, shop, role)) for role in (Role.OWNER, Role.ADMIN, Role.GOODS)}
    judge = await account(runtime, "judge", platform_role=PlatformRole.REVIEWER)
    judges = bearer(await runtime.db.write(SYSTEM, PLATFORM, lambda tx: service.start_session(tx, judge)))
    strict = HttpApp(replace(runtime, settings=replace(runtime.settings, require_second_factor=True)))
    async with at(strict) as browser:
        for role, status in ((Role.OWNER, 403), (Role.ADMIN, 403), (Role.GOODS, 200)):
            answer = await browser.get(f"/v1/shops/{shop}/products", headers=who[role])
            assert answer.status_code == status, role
        refused = await browser.get("/v1/reviews", headers=judges)
        assert (refused.status_code, refused.json()["code"]) == (403, "accounts.second_factor_needed")
        told = (await browser.get("/v1/session", headers=who[Role.OWNER])).json()
        assert (told["second_factor"], told["second_factor_missing"]) == (False, True)
        prepared = await browser.post("/v1/session/second-factor", headers=who[Role.OWNER], json={"request_id": "s"})
        assert prepared.status_code == 201
        assert prepared.json()["picture"].startswith("data:image/svg+xml")


async def test_a_link_for_a_password_ends_after_a_day(http_app, db, aqing, monkeypatch):
    token = await db.write(SYSTEM, PLATFORM, lambda tx: signing_in.password_link(tx, aqing))
    made = wall_now()
    async with at(http_app) as browser:
        monkeypatch.setattr(signing_in, "wall_now", lambda: made + signing_in.LINK_LIFE + timedelta(seconds=1))
        body = {"token": token, "password": "a quite new password"}
        late = await browser.post("/v1/password-links/use", json=body)
        assert (late.status_code, late.json()["code"]) == (404, "accounts.link_unknown")
        monkeypatch.setattr(signing_in, "wall_now", lambda: made + signing_in.LINK_LIFE - timedelta(seconds=2))
        assert (await browser.post("/v1/password-links/use", json=body)).status_code == 204


async def test_answers_about_names_take_as_long_whether_there_is_one(http_app, aqing, monkeypatch):
    asked: list[str | None] = []

    async def matches(stored: str | None, _: str) -> bool:
        asked.append(stored)
        return False

    monkeypatch.setattr("liveshelf.facades.native.session.password_matches", matches)
    async with at(http_app) as stranger:
        assert {await enter(stranger), await enter(stranger, name="nobody")} == {"accounts.sign_in_refused"}
    assert len(asked) == 2


async def test_the_operator_of_the_machine_helps_out(runtime, http_app, aqing):
    async with at(http_app) as desk:
        await enter(desk)
        await turned_on(desk)
        async with runtime.db.read() as tx:
            found = await service.stored_password(tx, "aqing")
        assert found is not None
        url = await account_command._link(runtime, found[0])
        await account_command._off(runtime, found[0])
        assert (await desk.get("/v1/session")).status_code == 401
        body = {"token": url.partition("#")[2], "password": "a quite new password"}
        assert (await desk.post("/v1/password-links/use", json=body)).status_code == 204
        assert await enter(desk, password="a quite new password") == "in"
