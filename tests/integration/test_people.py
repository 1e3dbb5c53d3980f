"""The people of a shop: how they come, what they may do, what they see, and how they go."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from liveshelf.accounts import people, presence, queries, service
from liveshelf.accounts.errors import MemberUnknown
from liveshelf.accounts.events import MemberLeft
from liveshelf.accounts.rules import may_manage
from liveshelf.accounts.types import ROLE_PERMISSIONS, Permission, PlatformRole, Role
from liveshelf.entry.http import HttpApp
from liveshelf.flows import casework, hand_over
from liveshelf.flows.reactions import REACTIONS
from liveshelf.goods.types import AuditState
from liveshelf.kernel.actors import SYSTEM, Actor, ActorKind
from liveshelf.kernel.ids import PLATFORM, AccountId, AuditId, ShopId
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.events import Defer
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.signing import digest
from liveshelf.reviews import queries as review_queries
from liveshelf.reviews import service as reviews
from liveshelf.trail import queries as trail
from tests.make.accounts import PASSWORD, account, bearer, staff_session
from tests.make.gateways import eventually, served
from tests.make.goods import MACHINE_PASS, goods_in
from tests.make.rooms import live_room
from tests.make.shops import a_shop

P = Permission


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def owner(runtime: Runtime, shop: ShopId) -> dict[str, str]:
    return bearer(await staff_session(runtime, shop))


async def members(client: httpx.AsyncClient, shop: ShopId, who: dict[str, str]) -> dict[str, Any]:
    answer = await client.get(f"/v1/shops/{shop}/people", headers=who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def invited(client: httpx.AsyncClient, shop: ShopId, who: dict[str, str], role: str = "goods") -> str:
    """The token of a new invitation."""
    body = {"request_id": "i", "role": role, "note": "新同事"}
    answer = await client.post(f"/v1/shops/{shop}/people/invites", headers=who, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"]).partition("#")[2]


def new_account(token: str, name: str = "xiaomi") -> dict[str, str]:
    return {"token": token, "username": name, "display_name": "小米", "password": PASSWORD}


def caller(app: HttpApp, address: str = "203.0.113.8") -> httpx.AsyncClient:
    """Somebody with a browser of their own."""
    transport = httpx.ASGITransport(app=app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


@pytest.mark.feature("S-929")
def test_each_post_has_what_it_needs_and_nothing_that_it_does_not() -> None:
    may = ROLE_PERMISSIONS
    assert {"goods", "content", "service", "analyst", "legal", "admin"} <= set(Role)
    assert P.GOODS_WRITE in may[Role.GOODS]
    assert not may[Role.GOODS] & {P.ORDERS_READ, P.AFTERSALES_READ, P.MONEY_READ, P.ROOMS_LIVE, P.PEOPLE_READ}
    assert P.ROOMS_LIVE in may[Role.CONTENT]
    assert not may[Role.CONTENT] & {P.GOODS_WRITE, P.ORDERS_READ, P.STOCK_WRITE, P.MONEY_READ}
    assert P.AFTERSALES_WRITE in may[Role.SERVICE]
    assert not may[Role.SERVICE] & {P.GOODS_WRITE, P.ROOMS_WRITE, P.MONEY_READ, P.AFTERSALES_SETUP}
    assert not may[Role.ANALYST] & {P.ORDERS_READ, P.AFTERSALES_READ, P.TRAIL_READ}  # where people's names stand
    assert not {one for one in may[Role.ANALYST] if one.value.endswith((".write", ".live"))}
    assert P.PRIVACY_WRITE in may[Role.LEGAL]
    assert not may[Role.LEGAL] & {P.GOODS_WRITE, P.ORDERS_WRITE, P.MONEY_WRITE}
    assert P.MONEY_WRITE not in may[Role.ADMIN]
    for role in Role:
        assert may[role] <= may[Role.OWNER], role
        assert P.PEOPLE_WRITE not in may[role] or role in {Role.OWNER, Role.ADMIN}


def test_nobody_gives_more_than_they_have() -> None:
    assert all(may_manage(Role.OWNER, role) for role in Role)
    assert [role for role in Role if not may_manage(Role.ADMIN, role)] == [Role.OWNER]
    assert not may_manage(Role.OPERATOR, Role.LEGAL)
    assert not any(may_manage(None, role) for role in Role)


async def test_somebody_new_joins_by_a_link_that_works_once(client, http_app, db, shop, owner):
    token = await invited(client, shop, owner)
    waiting = (await members(client, shop, owner))["invites"]
    assert [(one["role"], one["note"]) for one in waiting] == [("goods", "新同事")]
    assert token not in str(waiting)
    async with caller(http_app) as browser:
        seen = await browser.post("/v1/invites/look", json={"token": token})
        assert (seen.json()["shop_name"], seen.json()["role"]) == ("山间茶铺", "goods")
        joined = await browser.post("/v1/invites/join-new", json=new_account(token))
        assert joined.status_code == 200, joined.text
        assert [(one["shop_id"], one["role"]) for one in joined.json()["shops"]] == [(shop, "goods")]
        assert (await browser.get(f"/v1/shops/{shop}/products")).status_code == 200
        assert (await browser.get(f"/v1/shops/{shop}/people")).status_code == 403
        for path, body in (("look", {"token": token}), ("join-new", new_account(token, "another"))):
            again = await browser.post(f"/v1/invites/{path}", json=body)
            assert (again.status_code, again.json()["code"]) == (404, "accounts.invite_unknown")
    now = await members(client, shop, owner)
    assert [one["role"] for one in now["members"]] == ["owner", "goods"]
    assert now["invites"] == []
    async with db.read(shop) as tx:
        told = (await trail.newest(tx, cursor=None, limit=None)).items
        done = [entry.action for entry in told if entry.action.startswith("people.")]
    assert done == ["people.join", "people.invite"]


async def test_of_two_who_use_a_link_at_once_one_joins(client, http_app, db, shop, owner):
    token = await invited(client, shop, owner)
    async with caller(http_app) as one, caller(http_app, "203.0.113.9") as two:
        answers = await asyncio.gather(
            one.post("/v1/invites/join-new", json=new_account(token, "first")),
            two.post("/v1/invites/join-new", json=new_account(token, "second")),
        )
    assert sorted(answer.status_code for answer in answers) == [200, 404]
    async with db.read(shop) as tx:
        assert len(await queries.members(tx)) == 2


async def test_a_link_is_kept_as_a_hash_and_ends_after_a_week(client, http_app, db, shop, owner, monkeypatch):
    token = await invited(client, shop, owner)
    async with db.engine.connect() as conn:
        kept = (await conn.exec_driver_sql("SELECT token_hash, * FROM account_invites")).one()
    assert bytes(kept.token_hash) == digest(token)
    assert token.partition("-")[2] not in str(kept)
    soon, late = wall_now() + people.INVITE_LIFE - timedelta(seconds=2), wall_now() + people.INVITE_LIFE
    async with caller(http_app) as browser:
        for at, status in ((soon, 200), (late, 404)):
            monkeypatch.setattr(people, "wall_now", lambda at=at: at)
            assert (await browser.post("/v1/invites/look", json={"token": token})).status_code == status
        answer = await browser.post("/v1/invites/join-new", json=new_account(token))
        assert (answer.status_code, answer.json()["code"]) == (404, "accounts.invite_unknown")


async def test_a_link_of_one_shop_opens_no_other_and_made_up_ones_open_nothing(client, http_app, db, shop, owner):
    other = (await a_shop(db, "别家")).shop
    token = await invited(client, shop, owner)
    moved = f"{other}-{token.partition('-')[2]}"
    async with caller(http_app) as browser:
        for wrong in (moved, token[:-1], "x", f"{shop}-", "9999999999-" + "a" * 43, "票"):
            answer = await browser.post("/v1/invites/look", json={"token": wrong})
            assert (answer.status_code, answer.json()["code"]) == (404, "accounts.invite_unknown"), wrong


async def test_an_invitation_is_taken_back_and_an_admin_makes_no_owner(client, http_app, runtime, shop, owner):
    token = await invited(client, shop, owner)
    (waiting,) = (await members(client, shop, owner))["invites"]
    url = f"/v1/shops/{shop}/people/invites/{waiting['invite_id']}"
    assert [(await client.delete(url, headers=owner)).status_code for _ in range(2)] == [204, 404]
    async with caller(http_app) as browser:
        assert (await browser.post("/v1/invites/look", json={"token": token})).status_code == 404
    admin = bearer(await staff_session(runtime, shop, Role.ADMIN))
    body = {"request_id": "i", "role": "owner"}
    refused = await client.post(f"/v1/shops/{shop}/people/invites", headers=admin, json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "accounts.role_too_high")
    for role in ("king", "", None):
        bad = await client.post(f"/v1/shops/{shop}/people/invites", headers=owner, json={**body, "role": role})
        assert bad.status_code == 422
    noted = await client.post(f"/v1/shops/{shop}/people/invites", headers=owner, json={**body, "note": "a\u0000b"})
    assert (noted.status_code, noted.json()["code"]) == (422, "accounts.invite_invalid")


async def test_somebody_with_an_account_joins_as_who_they_are_and_the_session_turns(
    client, http_app, runtime, db, shop, owner
):
    other = (await a_shop(db, "别家")).shop
    before = await staff_session(runtime, other, Role.ANCHOR)
    token = await invited(client, shop, owner, "content")
    async with caller(http_app) as browser:
        browser.cookies.set("liveshelf_session", before)
        joined = await browser.post("/v1/invites/join", json={"token": token})
        assert {one["role"] for one in joined.json()["shops"]} == {"anchor", "content"}
        assert (await browser.get("/v1/session")).status_code == 200
    assert (await client.get("/v1/session", headers=bearer(before))).status_code == 401  # it can do more now
    token = await invited(client, shop, owner, "content")
    async with caller(http_app) as browser:
        browser.cookies = joined.cookies
        twice = await browser.post("/v1/invites/join", json={"token": token})
        assert (twice.status_code, twice.json()["code"]) == (409, "accounts.already_member")


async def test_another_role_ends_the_sessions_and_the_last_owner_stays(client, runtime, shop, owner):
    anchor = bearer(await staff_session(runtime, shop, Role.ANCHOR))
    found = {one["role"]: one for one in (await members(client, shop, owner))["members"]}
    base = f"/v1/shops/{shop}/people"
    changed = await client.patch(f"{base}/{found['anchor']['account_id']}", headers=owner, json={"role": "service"})
    assert [one["role"] for one in changed.json()["members"]] == ["owner", "service"]
    assert (await client.get("/v1/session", headers=anchor)).status_code == 401
    mine = f"{base}/{found['owner']['account_id']}"
    assert found["owner"]["may"] == []
    for answer in (
        await client.patch(mine, headers=owner, json={"role": "goods"}),
        await client.post(f"{mine}/remove", headers=owner, json={"request_id": "r"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "accounts.last_owner")
    admin = bearer(await staff_session(runtime, shop, Role.ADMIN))
    higher = await client.post(f"{mine}/remove", headers=admin, json={"request_id": "r"})
    assert (higher.status_code, higher.json()["code"]) == (403, "accounts.role_too_high")


async def test_of_two_owners_who_leave_at_once_one_stays(client, runtime, db, shop, owner):
    second = await account(runtime, "second-owner")
    token = await invited(client, shop, owner, "owner")
    await db.write(SYSTEM, shop, lambda tx: people.join(tx, token, second))
    session = await runtime.db.write(SYSTEM, PLATFORM, lambda tx: service.start_session(tx, second))
    found = [one for one in (await members(client, shop, owner))["members"] if one["role"] == "owner"]
    first = next(one["account_id"] for one in found if one["you"])
    base = f"/v1/shops/{shop}/people"
    answers = await asyncio.gather(
        client.post(f"{base}/{first}/remove", headers=owner, json={"request_id": "a"}),
        client.post(f"{base}/{second}/remove", headers=bearer(session), json={"request_id": "b"}),
    )
    assert sorted(answer.status_code for answer in answers) == [204, 409]


@pytest.mark.feature("S-929")
async def test_whoever_leaves_loses_the_shop_at_once_with_every_open_page(runtime, client, db, shop, owner):
    token = await staff_session(runtime, shop, Role.CONTENT)
    leaver, room_id = bearer(token), await live_room(db, shop)
    (one,) = [one for one in (await members(client, shop, owner))["members"] if one["role"] == "content"]
    ticket = (await client.post(f"/v1/shops/{shop}/rooms/{room_id}/ticket", headers=leaver)).json()["ticket"]
    url = f"/v1/shops/{shop}/people/{one['account_id']}/remove"
    async with served(runtime) as gateway, httpx.AsyncClient() as page:
        async with page.stream("GET", gateway.url(shop, room_id), params={"ticket": ticket}) as stream:
            lines = stream.aiter_lines()
            await anext(lines)
            assert gateway.app._gateway.connections("127.0.0.1") == 1
            left = await client.post(url, headers=owner, json={"request_id": "r", "hand_over_to": None})
            assert left.status_code == 204, left.text
            async with asyncio.timeout(1):
                async for _ in lines:
                    pass
        await eventually(lambda: gateway.app._gateway.connections("127.0.0.1") == 0)
        async with page.stream("GET", gateway.url(shop, room_id), params={"ticket": ticket}) as again:
            assert again.status_code == 403
    assert (await client.get("/v1/session", headers=leaver)).status_code == 401
    assert (await client.post(url, headers=owner, json={"request_id": "r2"})).status_code == 404


async def test_open_work_is_handed_to_somebody_who_works_here(client, runtime, db, shop, owner):
    await staff_session(runtime, shop, Role.SERVICE)
    await staff_session(runtime, shop, Role.GOODS)
    stranger = await account(runtime, "stranger")
    found = {one["role"]: one["account_id"] for one in (await members(client, shop, owner))["members"]}
    url = f"/v1/shops/{shop}/people/{found['service']}/remove"
    for heir in (str(stranger), found["service"], "7"):
        answer = await client.post(url, headers=owner, json={"request_id": "r", "hand_over_to": heir})
        assert (answer.status_code, answer.json()["code"]) == (422, "accounts.heir_invalid")
    done = await client.post(url, headers=owner, json={"request_id": "r", "hand_over_to": found["goods"]})
    assert done.status_code == 204
    async with db.engine.connect() as conn:
        told = (await conn.exec_driver_sql("SELECT body FROM events WHERE name = 'accounts.member_left'")).scalar_one()
    assert told == {"account_id": int(found["service"]), "heir": int(found["goods"])}


async def held_by(runtime: Runtime, shop: ShopId, holder: Actor) -> AuditId:
    """A case that a reviewer works on."""
    listed = await goods_in(runtime.db, shop, AuditState.IN_AUDIT)
    await runtime.db.write(SYSTEM, shop, lambda tx: casework.decide(tx, listed.audit_id, MACHINE_PASS))

    async def take(tx: Tx) -> None:
        await reviews.take(tx, await review_queries.case(tx, listed.audit_id))

    await runtime.db.write(holder, shop, take)
    return listed.audit_id


async def holder_of(runtime: Runtime, audit_id: AuditId) -> str | None:
    async with runtime.db.read() as tx:
        return (await review_queries.case_anywhere(tx, audit_id)).taken_by


@pytest.mark.feature("S-929")
async def test_cases_that_a_member_worked_on_go_back_into_the_queue_when_they_leave(client, runtime, db, shop, owner):
    await staff_session(runtime, shop, Role.SERVICE)
    found = {one["role"]: one["account_id"] for one in (await members(client, shop, owner))["members"]}
    leaver = Actor(ActorKind.REVIEWER, found["service"])
    # Taken before they joined, or by somebody who may judge their own house.
    audit_id = await held_by(runtime, shop, Actor(ActorKind.REVIEWER, "901"))
    elsewhere = await held_by(runtime, (await a_shop(db, "海边咖啡")).shop, leaver)
    async with db.engine.begin() as conn:
        await conn.exec_driver_sql(f"UPDATE review_cases SET taken_by = '{leaver}' WHERE audit_id = {audit_id}")
    url = f"/v1/shops/{shop}/people/{found['service']}/remove"
    assert (await client.post(url, headers=owner, json={"request_id": "r"})).status_code == 204
    async with db.engine.connect() as conn:
        body = (await conn.exec_driver_sql("SELECT body FROM events WHERE name = 'accounts.member_left'")).scalar_one()
    (job,) = REACTIONS[MemberLeft.name]
    assert isinstance(job, Defer)
    for _ in range(2):  # at least once
        await hand_over.member_left(runtime, shop, account_id=body["account_id"])
    assert await holder_of(runtime, audit_id) is None
    assert await holder_of(runtime, elsewhere) == str(leaver)  # they review there still


async def test_whoever_leaves_the_platform_loses_it_at_once_and_every_case_goes_back(client, runtime, db, shop):
    account_id = await account(runtime, "anna", platform_role=PlatformRole.REVIEWER)
    token = await db.write(SYSTEM, PLATFORM, lambda tx: service.start_session(tx, account_id))
    anna = Actor(ActorKind.REVIEWER, str(account_id))
    held = [await held_by(runtime, one, anna) for one in (shop, (await a_shop(db, "海边咖啡")).shop)]
    assert (await client.get("/v1/reviews", headers=bearer(token))).status_code == 200
    assert await hand_over.platform_left(runtime, account_id) == 2
    assert [await holder_of(runtime, one) for one in held] == [None, None]
    assert (await client.get("/v1/reviews", headers=bearer(token))).status_code == 401
    with pytest.raises(MemberUnknown):
        await hand_over.platform_left(runtime, account_id)


@pytest.mark.feature("S-929")
async def test_a_manager_sees_the_shop_as_another_role_and_changes_nothing(client, runtime, shop, owner):
    roles = {one["role"]: one for one in (await client.get(f"/v1/shops/{shop}/people/roles", headers=owner)).json()}
    assert set(roles) == set(Role)
    as_goods = {**owner, "x-liveshelf-preview-role": "goods"}
    session = (await client.get("/v1/session", headers=as_goods)).json()
    assert [(one["role"], one["permissions"]) for one in session["shops"]] == [("goods", roles["goods"]["permissions"])]
    assert (await client.get(f"/v1/shops/{shop}/products", headers=as_goods)).status_code == 200
    assert (await client.get(f"/v1/shops/{shop}/orders", headers=as_goods)).status_code == 403
    wrote = await client.put(
        f"/v1/shops/{shop}/stock/settings", headers=as_goods, json={"request_id": "x", "safety": 1, "low_at": 1}
    )
    assert (wrote.status_code, wrote.json()["code"]) == (403, "accounts.preview_only_looks")
    for role, who in (("king", owner), ("owner", bearer(await staff_session(runtime, shop, Role.ADMIN)))):
        answer = await client.get("/v1/session", headers={**who, "x-liveshelf-preview-role": role})
        assert (answer.status_code, answer.json()["code"]) == (403, "accounts.preview_refused")
    anchor = bearer(await staff_session(runtime, shop, Role.ANCHOR))
    up = await client.get(f"/v1/shops/{shop}/orders", headers={**anchor, "x-liveshelf-preview-role": "operator"})
    assert up.status_code == 403


async def test_an_admin_makes_a_link_for_a_password_but_not_into_other_houses(
    client, http_app, runtime, db, shop, owner
):
    await staff_session(runtime, shop, Role.SERVICE)
    found = {one["role"]: one["account_id"] for one in (await members(client, shop, owner))["members"]}
    url = f"/v1/shops/{shop}/people/{found['service']}/password-link"
    first, second = [
        str((await client.post(url, headers=owner, json={"request_id": "r"})).json()["url"]).partition("#")[2]
        for _ in range(2)
    ]
    async with caller(http_app) as browser:
        body = {"token": second, "password": "a quite new password"}
        short = await browser.post("/v1/password-links/use", json={**body, "password": "short"})
        assert (short.status_code, short.json()["code"]) == (422, "accounts.invalid")
        old = await browser.post("/v1/password-links/use", json={**body, "token": first})
        assert (old.status_code, old.json()["code"]) == (404, "accounts.link_unknown")  # the newer one took its place
        assert [(await browser.post("/v1/password-links/use", json=body)).status_code for _ in range(2)] == [204, 404]
        name = f"service-of-{shop}"
        entered = await browser.post("/v1/session", json={"username": name, "password": "a quite new password"})
        assert entered.status_code == 200
    other = (await a_shop(db, "别家")).shop
    token = await invited(client, shop, owner, "goods")
    elsewhere = await account(runtime, "elsewhere")
    judge = await account(runtime, "judge", platform_role=PlatformRole.REVIEWER)
    await db.write(SYSTEM, shop, lambda tx: people.join(tx, token, elsewhere))
    token = await invited(client, shop, owner, "goods")
    await db.write(SYSTEM, shop, lambda tx: people.join(tx, token, judge))
    await db.write(SYSTEM, other, lambda tx: service.join_shop(tx, AccountId(elsewhere), Role.OWNER))
    for one in (elsewhere, judge):
        path = f"/v1/shops/{shop}/people/{one}/password-link"
        refused = await client.post(path, headers=owner, json={"request_id": "r"})
        assert (refused.status_code, refused.json()["code"]) == (403, "accounts.not_ours_alone")


async def test_void_tickets_are_remembered_no_longer_than_they_live() -> None:
    out = presence.ShutOut(0.05)
    out.add("staff:1")
    assert "staff:1" in out
    assert "staff:2" not in out
    await asyncio.sleep(0.06)
    assert "staff:1" not in out
