"""Employees whom the shop's WeCom knows: what they may do, and how it ends."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from liveshelf.accounts import service as accounts
from liveshelf.accounts.types import PlatformRole
from liveshelf.entry import registry
from liveshelf.flows import employment
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM
from liveshelf.platform.runtime import Runtime
from liveshelf.platform.timers import sweep
from liveshelf.qualifications.rights import RIGHTS, Action, Mode, Right
from liveshelf.qualifications.types import PaperKind, Subject
from tests.integration.test_opening import advance, approve, room
from tests.make.accounts import account, bearer, platform_session
from tests.make.papers import Merchant, identity, merchant, new
from tests.make.shops import a_shop
from tests.make.wecom import Office

TEA = 1304


class Bound:
    """A shop of an enterprise, its WeCom, and one of its employees with an account."""

    def __init__(self, shop: Merchant, office: Office, token: str) -> None:
        self.shop, self.office = shop, office
        self.token = bearer(token)
        self.own = Merchant(shop.client, shop.shop, owner=token, steward="-")

    async def bind(self) -> Any:
        """The shop binds its enterprise."""
        corp = self.office.corp
        return await self.shop.ok("PUT", "/wecom", {**new(), "corp_id": corp.corp_id, "secret": corp.secret})

    async def listed(self) -> dict[str, Any]:
        """Who is on the list, by userid."""
        return {one["userid"]: one for one in (await self.shop.ok("GET", "/employees"))["items"]}

    async def match(self, userid: str = "lisi", username: str = "li-si") -> httpx.Response:
        """The shop says which account an employee has."""
        which = (await self.listed())[userid]["employee_id"]
        return await self.shop.call("PUT", f"/employees/{which}/account", {**new(), "username": username})

    async def named(self, name: str = "李四", number: str = "") -> httpx.Response:
        """The employee says who they are."""
        said = {**new(), "shop_id": self.shop.shop, "name": name, "number": number or identity(4)}
        return await self.shop.client.post("/v1/employments/real-name", headers=self.token, json=said)

    async def whole(self) -> None:
        """Everything that an employee needs."""
        await self.bind()
        assert (await self.match()).status_code == 200
        assert (await self.named()).status_code == 200

    async def library(self) -> tuple[int, str]:
        """What the employee gets who asks for the library: status and code."""
        answer = await self.own.call("GET", "/goods")
        return answer.status_code, "" if answer.status_code == 200 else answer.json()["code"]


@pytest.fixture
async def bound(client: httpx.AsyncClient, runtime: Runtime) -> Bound:
    office = Office(runtime)
    await office.has(lisi="李四", zhangsan="张三")
    shop = await merchant(client, runtime)
    await shop.opened(Subject.ENTERPRISE)
    who = await account(runtime, "li-si")
    token = await runtime.db.write(SYSTEM, PLATFORM, lambda tx: accounts.start_session(tx, who))
    return Bound(shop, office, token)


@pytest.mark.feature("L-111")
async def test_the_library_opens_to_an_employee_once_everything_is_passed(bound: Bound) -> None:
    assert await bound.library() == (404, "accounts.shop_unknown")
    await bound.bind()
    assert await bound.library() == (404, "accounts.shop_unknown")
    await bound.match()
    assert await bound.library() == (403, "qualifications.employee_unnamed")
    [mine] = (await bound.shop.client.get("/v1/employments", headers=bound.token)).json()
    assert (mine["shop_id"], mine["named"], mine["lapsed"]) == (bound.shop.shop, False, "")
    assert (await bound.shop.client.get("/v1/session", headers=bound.token)).json()["shops"] == []
    await bound.named()
    assert await bound.library() == (200, "")
    [shown] = (await bound.shop.client.get("/v1/session", headers=bound.token)).json()["shops"]
    assert (shown["shop_id"], "goods.read" in shown["permissions"], "orders.read" in shown["permissions"]) == (
        bound.shop.shop,
        True,
        False,
    )
    await bound.shop.ok("DELETE", "/wecom")
    assert await bound.library() == (403, "qualifications.enterprise_unbound")
    assert (await bound.shop.refused("DELETE", "/wecom"))[1] == "qualifications.enterprise_unbound"


@pytest.mark.feature("L-111")
async def test_an_employee_reads_the_library_and_puts_its_goods_into_rooms(bound: Bound, runtime: Runtime) -> None:
    await bound.whole()
    await bound.shop.counts(PaperKind.BRAND_AUTHORISATION)
    await bound.shop.ok("PUT", "/live-permission", {**new(), "mode": "wecom"})
    await bound.shop.ok("POST", "/applications/live/submit", new())
    await bound.shop.decide("applications/live")
    made = (await bound.own.product(category=TEA)).json()
    listed = (await bound.own.call("POST", "/goods", {**new(), "product_id": made["product_id"]})).json()
    await approve(runtime, bound.shop, listed["goods_id"])
    assert [one["goods_id"] for one in (await bound.own.ok("GET", "/goods"))["items"]] == [listed["goods_id"]]
    on_air = await room(bound.own)
    assert on_air.status_code == 201, on_air.text
    shelf = f"/rooms/{on_air.json()['room_id']}/shelf"
    put = await bound.own.call("POST", shelf, {"goods_ids": [listed["goods_id"]]})
    assert put.status_code < 300, put.text
    # Nothing else of the shop is theirs.
    for path in ("/orders", "/money/refunds", "/qualifications", "/wecom", "/employees", "/people"):
        assert (await bound.own.refused("GET", path))[:2] == (403, "accounts.not_permitted"), path
    # Once unbound, the shop's permission to broadcast through it lapses as well.
    await bound.shop.ok("DELETE", "/wecom")
    assert (await bound.shop.ok("GET", "/qualifications"))["live_missing"] == "wecom_gone"


@pytest.mark.feature("L-111")
@pytest.mark.parametrize("leaves", ["from the list", "disabled", "unmatched"])
async def test_who_leaves_loses_everything_at_once(bound: Bound, runtime: Runtime, leaves: str) -> None:
    await bound.whole()
    if leaves == "unmatched":
        which = (await bound.listed())["lisi"]["employee_id"]
        await bound.shop.call("DELETE", f"/employees/{which}/account")
    else:
        if leaves == "disabled":
            await bound.office.has(zhangsan="张三", lisi=("李四", 2))
        else:
            await bound.office.has(zhangsan="张三")
        await bound.shop.ok("POST", "/wecom/read", new())
    began = time.monotonic()
    assert await bound.library() == (401, "accounts.not_signed_in")  # their sessions have ended
    who = (await bound.shop.client.get("/v1/employments", headers=bound.token)).status_code
    assert who == 401
    assert time.monotonic() - began < 1
    # Signed in again they are a stranger; and back on the list, one whom nobody knows yet.
    await bound.office.has(zhangsan="张三", lisi="李四")
    await bound.shop.ok("POST", "/wecom/read", new())
    assert (await bound.listed())["lisi"]["account"] is None


@pytest.mark.feature("L-111")
async def test_a_leavers_last_write_is_over_before_they_are_gone(bound: Bound, runtime: Runtime) -> None:
    await bound.whole()
    picture = (await bound.own.product(category=TEA)).json()["pictures"][0]["media_id"]
    body = {"title": "茶盏", "pictures": [picture], "category": TEA, "skus": [{"specs": [], "price_fen": 100}]}
    await bound.office.has(zhangsan="张三")
    made = [bound.own.call("POST", "/products", {**new(), **body}) for _ in range(4)]
    read, *answers = await asyncio.gather(bound.shop.call("POST", "/wecom/read", new()), *made)
    assert read.status_code == 200
    assert {one.status_code for one in answers} <= {201, 401, 404}
    assert (await bound.own.call("POST", "/products", {**new(), **body})).status_code == 401


@pytest.mark.feature("L-111")
async def test_the_list_is_read_every_minute_and_an_old_one_counts_as_none(
    bound: Bound, runtime: Runtime, admin_dsn: str
) -> None:
    await bound.whole()
    timer = next(one for one in registry.timers() if one.name == "qualifications.enterprise_list")
    await advance(admin_dsn, timedelta(seconds=55))
    assert await sweep(runtime.db, timer) == 0
    await advance(admin_dsn, timedelta(seconds=6))
    assert await sweep(runtime.db, timer) == 1
    await bound.office.has(zhangsan="张三", wangwu="王五")
    await employment.read_list(runtime, bound.shop.shop)
    assert set(await bound.listed()) == {"zhangsan", "wangwu"}
    assert await bound.library() == (401, "accounts.not_signed_in")


@pytest.mark.feature("L-111")
async def test_without_an_answer_the_list_counts_for_an_hour_and_after_a_no_not_at_all(
    bound: Bound, runtime: Runtime, admin_dsn: str
) -> None:
    await bound.whole()
    bound.office.simulator.down = True
    await employment.read_list(runtime, bound.shop.shop)
    assert (await bound.shop.refused("POST", "/wecom/read", new()))[1] == "wecom.unavailable"
    await advance(admin_dsn, timedelta(minutes=59, seconds=50))
    assert (await bound.library())[0] == 200
    await advance(admin_dsn, timedelta(seconds=11))
    assert await bound.library() == (403, "qualifications.enterprise_unbound")
    assert (await bound.shop.ok("GET", "/wecom"))["enterprise"]["lapsed"] == "unread"
    bound.office.simulator.down = False
    await employment.read_list(runtime, bound.shop.shop)
    assert (await bound.library())[0] == 200
    # The enterprise has taken the secret back.
    bound.office.simulator.refuses = 40001
    await employment.read_list(runtime, bound.shop.shop)
    assert await bound.library() == (403, "qualifications.enterprise_unbound")
    assert (await bound.shop.ok("GET", "/wecom"))["enterprise"]["refused"] == "40001"
    bound.office.simulator.refuses = 0
    await employment.read_list(runtime, bound.shop.shop)
    assert (await bound.library())[0] == 200


@pytest.mark.feature("L-111")
async def test_the_real_name_check_wants_the_lists_name_and_a_number_of_ones_own(
    bound: Bound, runtime: Runtime
) -> None:
    stranger = await bound.named()
    assert (stranger.status_code, stranger.json()["code"]) == (404, "accounts.shop_unknown")
    await bound.bind()
    await bound.match()
    for name, number, code in (
        ("李斯", identity(4), "qualifications.real_name_mismatch"),
        ("李四", "330106199001010000", "qualifications.paper_number_invalid"),
        ("李四", "1", "qualifications.paper_number_invalid"),
    ):
        refused = await bound.named(name, number)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert await bound.library() == (403, "qualifications.employee_unnamed")
    assert (await bound.named()).status_code == 200
    other = await account(runtime, "zhang-san")
    token = bearer(await runtime.db.write(SYSTEM, PLATFORM, lambda tx: accounts.start_session(tx, other)))
    assert (await bound.match("zhangsan", "zhang-san")).status_code == 200
    taken = await bound.shop.client.post(
        "/v1/employments/real-name",
        headers=token,
        json={**new(), "shop_id": bound.shop.shop, "name": "张三", "number": identity(4)},
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "qualifications.employee_taken")
    # Another name on the list is another person until they say so.
    await bound.office.has(lisi="李四光", zhangsan="张三")
    await bound.shop.ok("POST", "/wecom/read", new())
    assert await bound.library() == (403, "qualifications.employee_unnamed")


async def test_an_account_is_one_employees_and_nobodys_who_works_in_the_shop(bound: Bound) -> None:
    await bound.bind()
    assert (await bound.match()).status_code == 200
    assert (await bound.match()).status_code == 200
    assert (await bound.match("zhangsan")).json()["code"] == "qualifications.employee_taken"
    for username in ("nobody", f"owner-of-{bound.shop.shop}"):
        assert (await bound.match("zhangsan", username)).json()["code"] == "qualifications.employee_invalid"
    gone = await bound.shop.call("PUT", "/employees/77/account", {**new(), "username": "li-si"})
    assert (gone.status_code, gone.json()["code"]) == (404, "qualifications.employee_unknown")
    assert [one["userid"] for one in (await bound.shop.ok("GET", "/employees?matched=true"))["items"]] == ["lisi"]
    first = await bound.shop.ok("GET", "/employees?limit=1")
    assert len(first["items"]) == 1
    assert len((await bound.shop.ok("GET", f"/employees?limit=1&cursor={first['next']}"))["items"]) == 1


async def test_what_can_not_be_bound_is_refused_and_changes_nothing(bound: Bound, runtime: Runtime) -> None:
    corp = bound.office.corp
    for changes, status, code in (
        ({"corp_id": "1234567"}, 422, "qualifications.enterprise_invalid"),
        ({"secret": "short"}, 422, "qualifications.enterprise_invalid"),
        ({"secret": "x" * 43}, 409, "wecom.refused"),
        ({"corp_id": "wwother"}, 409, "wecom.refused"),
    ):
        body = {**new(), "corp_id": corp.corp_id, "secret": corp.secret, **changes}
        assert (await bound.shop.refused("PUT", "/wecom", body))[:2] == (status, code), changes
    assert (await bound.shop.ok("GET", "/wecom"))["enterprise"] is None
    assert (await bound.shop.refused("POST", "/wecom/read", new()))[1] == "qualifications.enterprise_unbound"
    await bound.shop.ok("PUT", "/live-permission", {**new(), "mode": "wecom"})
    early = await bound.shop.refused("POST", "/applications/live/submit", new())
    assert (early[0], early[1]) == (422, "qualifications.application_invalid")


async def test_another_enterprise_takes_the_place_of_the_first_with_its_own_people(
    bound: Bound, runtime: Runtime
) -> None:
    await bound.whole()
    other = Office(runtime, "wwsim8")
    await other.has(lisi="李四")
    body = {**new(), "corp_id": other.corp.corp_id, "secret": other.corp.secret}
    shown = await bound.shop.ok("PUT", "/wecom", body)
    assert (shown["enterprise"]["corp_id"], shown["enterprise"]["lapsed"]) == ("wwsim8", "")
    assert await bound.library() == (401, "accounts.not_signed_in")
    [only] = (await bound.listed()).values()
    assert only["account"] is None


async def test_secrets_and_names_lie_sealed_and_stay_out_of_the_record(bound: Bound, admin_dsn: str) -> None:
    await bound.whole()
    actions = (await bound.shop.ok("GET", "/trail"))["items"]
    assert {"enterprise.bind", "employees.match", "employees.real_name"} <= {one["action"] for one in actions}
    kept = await stored(admin_dsn)
    for secret in (bound.office.corp.secret, "李四", "lisi", identity(4)):
        assert secret not in f"{actions} {kept}"


async def stored(admin_dsn: str) -> str:
    """Every row about enterprises and employees, as text."""
    admin = await asyncpg.connect(admin_dsn)
    tables = ("qualification_enterprises", "qualification_employees", "events")
    rows = [await admin.fetch(f"SELECT t::text, encode(t::text::bytea, 'escape') FROM {name} t") for name in tables]
    await admin.close()
    return str(rows)


@pytest.mark.feature("L-108")
@pytest.mark.feature("L-111")
@pytest.mark.parametrize("subject", Subject)
async def test_what_an_employee_may_do_is_what_the_table_says(
    client: httpx.AsyncClient, runtime: Runtime, subject: Subject
) -> None:
    office = Office(runtime)
    await office.has(lisi="李四")
    shop = await merchant(client, runtime, steward=await platform_session(runtime, PlatformRole.STEWARD))
    await shop.opened(subject)
    who = await account(runtime, "li-si")
    token = await runtime.db.write(SYSTEM, PLATFORM, lambda tx: accounts.start_session(tx, who))
    theirs = Bound(shop, office, token)
    if RIGHTS[subject, Mode.WECOM, Action.USE_LIBRARY] is Right.NO:
        body = {**new(), "corp_id": office.corp.corp_id, "secret": office.corp.secret}
        assert (await shop.refused("PUT", "/wecom", body))[1] == "qualifications.right_missing"
        assert await theirs.library() == (404, "accounts.shop_unknown")
        return
    await theirs.whole()
    cases = {Action.LIST_ORDINARY: TEA, Action.LIST_CROSS_BORDER: 2105, Action.LIST_VIRTUAL: 2204}
    for action, category in cases.items():
        answer = await theirs.own.product(category=category)
        assert (answer.status_code == 201) is (RIGHTS[subject, Mode.WECOM, action] is not Right.NO), answer.text
    assert RIGHTS[subject, Mode.WECOM, Action.API] is Right.NO
    assert (await theirs.own.refused("GET", "/developer"))[1] == "accounts.not_permitted"


async def test_another_shops_employee_is_unknown(bound: Bound, runtime: Runtime) -> None:
    await bound.bind()
    which = (await bound.listed())["lisi"]["employee_id"]
    other = (await a_shop(runtime.db)).shop
    answer = await bound.shop.client.put(
        f"/v1/shops/{other}/employees/{which}/account", headers=bound.shop.owner, json={**new(), "username": "li-si"}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "accounts.shop_unknown")
