"""The developer's desk over the native API, and what it does to calls on the wire beside it."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.goods.types import AuditState
from liveshelf.platform.clock import wall_now
from liveshelf.platform.runtime import Runtime
from liveshelf.shops import queries
from liveshelf.shops.desk import WireDesk
from tests.make.accounts import bearer, staff_session
from tests.make.shops import a_shop
from tests.make.wire import ADD, DELETE, GET_KEY, LIST, SET_KEY, SUBMIT, UPDATE, WITHDRAW, Wire


class Desk:
    """Both doors of one shop: its developer's session, and its software."""

    def __init__(self, client: httpx.AsyncClient, runtime: Runtime, wire: Wire, session: str) -> None:
        self.client, self.runtime, self.wire, self.session = client, runtime, wire, session
        self.path = f"/v1/shops/{wire.made.shop}/developer"

    async def call(self, method: str, path: str = "", **how: Any) -> httpx.Response:
        return await self.client.request(method, self.path + path, headers=bearer(self.session), **how)

    async def fault(self, **fields: Any) -> str:
        answer = await self.call("POST", "/faults", json=fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["fault_id"])


@pytest.fixture
async def desk(runtime: Runtime, client: httpx.AsyncClient) -> Desk:
    made = await a_shop(runtime.db)
    wire = await Wire(client, runtime, made).sign_in()
    return Desk(client, runtime, wire, await staff_session(runtime, made.shop, Role.DEVELOPER))


async def test_it_shows_what_software_needs_and_never_the_secret(desk: Desk):
    told = (await desk.call("GET")).json()
    assert told["appid"] == desk.wire.made.appid
    assert desk.wire.made.secret.endswith(told["secret_hint"])
    assert desk.wire.made.secret not in json.dumps(told)
    assert {"key": "submissions", "limit": 500, "used": 0} in told["quotas"]
    assert {"key": "token", "limit": 2000, "used": 1} in told["quotas"]
    assert told["sandbox"] is True


async def test_a_new_secret_ends_the_old_one_and_its_tokens_at_once(desk: Desk):
    assert (await desk.wire.get(LIST, {"status": 2}))["errcode"] == 0
    fresh = (await desk.call("POST", "/secret")).json()
    assert (await desk.wire.get(LIST, {"status": 2}))["errcode"] == 40001
    query = {"grant_type": "client_credential", "appid": fresh["appid"]}
    old = await desk.wire.get("/cgi-bin/token", {**query, "secret": desk.wire.made.secret}, token=None)
    assert old["errcode"] == 40125
    new = await desk.wire.get("/cgi-bin/token", {**query, "secret": fresh["secret"]}, token=None)
    assert (await desk.wire.get(LIST, {"status": 2}, token=new["access_token"]))["errcode"] == 0


@pytest.mark.feature("A-213")
@pytest.mark.feature("A-911")
async def test_an_uploaded_app_json_decides_which_pages_exist(desk: Desk):
    app_json = {"pages": ["pages/index", "/pages/goods/detail"], "subPackages": [{"root": "more", "pages": ["a"]}]}
    sent = await desk.call("PUT", "/pages", files={"file": ("app.json", json.dumps(app_json))})
    assert sent.json() == {"pages": ["pages/index", "pages/goods/detail", "more/a"]}
    for url, errcode in (("pages/goods/detail?id=1", 0), ("more/a", 0), ("pages/none?id=1", 300007)):
        assert (await desk.wire.add(url=url))["errcode"] == errcode
    assert (await desk.call("PUT", "/pages", json={"pages": []})).json() == {"pages": []}
    assert (await desk.wire.add(url="pages/none?id=1"))["errcode"] == 0


@pytest.mark.parametrize(
    "how",
    [
        {"files": {"file": ("app.json", "{")}},
        {"files": {"file": ("app.json", '{"pages": "x"}')}},
        {"files": {"file": ("app.json", '{"pages": ["../../etc"]}')}},
        {"files": {"file": ("app.json", '{"pages": ' + "[" * 100_000)}},
        {"files": {"other": ("app.json", "{}")}},
        {"json": {"pages": ["<script>"]}},
        {"json": {"pages": [str(number) for number in range(2000)]}},
        {"content": b"nonsense"},
    ],
)
async def test_what_is_no_page_list_is_refused(desk: Desk, how: dict[str, Any]):
    assert (await desk.call("PUT", "/pages", **how)).status_code == 422


async def test_quotas_are_settings_and_refuse_at_once(desk: Desk):
    assert (await desk.wire.get(GET_KEY))["errcode"] == 0
    changed = (await desk.call("PUT", "/quotas", json={"limits": {"goods.getkey": 2}})).json()
    assert {"key": "goods.getkey", "limit": 2, "used": 1} in changed
    assert [(await desk.wire.get(GET_KEY))["errcode"] for _ in range(2)] == [0, 45009]
    asked = await desk.wire.post("/cgi-bin/openapi/quota/get", {"cgi_path": GET_KEY})
    assert asked["quota"] == {"daily_limit": 2, "used": 2, "remain": 0}
    assert (await desk.call("PUT", "/quotas", json={"limits": {"goods.getkey": None}})).status_code == 200
    assert (await desk.wire.get(GET_KEY))["errcode"] == 0
    assert (await desk.call("PUT", "/quotas", json={"limits": {"nonsense": 1}})).status_code == 422


@pytest.mark.feature("A-901", half=True)
@pytest.mark.feature("A-912")
@pytest.mark.feature("A-917")
@pytest.mark.parametrize("errcode", [-1, 300001, 300008, 300013, 45009, 48001, 40001])
async def test_any_code_can_be_asked_for_and_then_no_work_is_done(desk: Desk, errcode: int):
    goods_id, _ = await desk.wire.in_state(AuditState.UNAUDITED)
    api, path, body = (
        ("goods.audit", SUBMIT, {"goodsId": goods_id})
        if errcode == 300013
        else ("goods.add", ADD, {"goodsInfo": await desk.wire.info()})
    )
    await desk.fault(api=api, kind="errcode", errcode=errcode, remaining=2)
    assert [await desk.wire.code(path, body) for _ in range(2)] == [errcode] * 2
    assert (await desk.wire.get(LIST, {"status": 0}))["total"] == 1
    assert (await desk.wire.get(LIST, {"status": 1}))["total"] == 0
    assert await desk.wire.code(path, body) == 0


@pytest.mark.feature("A-920")
async def test_300021_keeps_the_goods_unaudited_and_it_can_be_submitted_later(desk: Desk):
    await desk.fault(api="goods.add", kind="errcode", errcode=300021, remaining=1)
    answer = await desk.wire.add()
    assert answer["errcode"] == 300021
    goods_id = answer["goodsId"]
    assert await desk.wire.status(goods_id) == 0
    assert await desk.wire.code(WITHDRAW, {"goodsId": goods_id, "auditId": 1}) == 300017
    assert await desk.wire.code(UPDATE, {"goodsInfo": {"goodsId": goods_id, "name": "新的名字"}}) == 0
    assert await desk.wire.code(SUBMIT, {"goodsId": goods_id}) == 0
    assert await desk.wire.status(goods_id) == 1
    used = {one["key"]: one["used"] for one in (await desk.call("GET")).json()["quotas"]}
    assert used["submissions"] == 1


async def test_a_delay_delays_and_a_time_ends_it(desk: Desk):
    until = (wall_now() + timedelta(seconds=1.6)).isoformat()
    await desk.fault(api="goods.getkey", kind="delay", delay_ms=1_200, until=until)
    began = time.monotonic()
    assert (await desk.wire.get(GET_KEY))["errcode"] == 0
    assert time.monotonic() - began >= 1.2
    await asyncio.sleep(0.5)
    began = time.monotonic()
    assert (await desk.wire.get(GET_KEY))["errcode"] == 0
    assert time.monotonic() - began < 1.2


async def test_a_fault_on_a_token_call_meets_it_too(desk: Desk):
    await desk.fault(api="token", kind="errcode", errcode=-1, remaining=1)
    query = {"grant_type": "client_credential", "appid": desk.wire.made.appid, "secret": desk.wire.made.secret}
    assert (await desk.wire.get("/cgi-bin/token", query, token=None))["errcode"] == -1
    assert (await desk.wire.get("/cgi-bin/token", query, token=None))["errcode"] == 0


async def test_faults_are_listed_and_taken_off(desk: Desk):
    fault_id = await desk.fault(api="*", kind="errcode", errcode=-1, remaining=5)
    assert [one["fault_id"] for one in (await desk.call("GET", "/faults")).json()] == [fault_id]
    assert (await desk.wire.get(GET_KEY))["errcode"] == -1
    assert (await desk.call("DELETE", f"/faults/{fault_id}")).status_code == 204
    assert (await desk.call("DELETE", f"/faults/{fault_id}")).status_code == 404
    assert (await desk.wire.get(GET_KEY))["errcode"] == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"api": "goods.add", "kind": "errcode", "remaining": 1},
        {"api": "goods.add", "kind": "errcode", "errcode": 0, "remaining": 1},
        {"api": "goods.add", "kind": "delay", "remaining": 1},
        {"api": "goods.add", "kind": "lost"},
        {"api": "goods.add", "kind": "lost", "remaining": 1, "until": "2030-01-01T00:00:00Z"},
        {"api": "goods.add", "kind": "lost", "remaining": 1, "errcode": 5},
    ],
)
async def test_faults_whose_parts_do_not_fit_are_refused(desk: Desk, fields: dict[str, Any]):
    assert (await desk.call("POST", "/faults", json=fields)).status_code == 422


@pytest.mark.feature("A-105")
async def test_calls_are_found_by_rid_with_every_secret_masked(desk: Desk):
    await desk.wire.post(SET_KEY, {"goodsKey": ["productId"], "password": "hunter2"})
    refused = await desk.wire.post(DELETE, {"goodsId": 999})
    rid = refused["errmsg"].rsplit("rid: ", 1)[1]
    await desk.wire.post(ADD, content=b'{"secret": "' + desk.wire.made.secret.encode() + b'", broken')
    stable = {"grant_type": "client_credential", "appid": desk.wire.made.appid, "secret": desk.wire.made.secret}
    issued = await desk.wire.post("/cgi-bin/stable_token", stable, token=None)
    await desk.runtime.need(WireDesk).calls.flush()
    (found,) = (await desk.call("GET", "/calls", params={"rid": rid})).json()["items"]
    assert (found["api"], found["errcode"], found["method"], found["path"]) == ("goods.delete", 1003, "POST", DELETE)
    assert '"goodsId":999' in found["request"]
    assert rid in found["response"]
    logged = (await desk.call("GET", "/calls")).text
    for secret in (desk.wire.token, desk.wire.made.secret, issued["access_token"], "hunter2"):
        assert secret not in logged
    assert "productId" in logged


async def test_a_reset_brings_the_shop_back_and_asks_for_its_name(desk: Desk, runtime: Runtime):
    await desk.wire.add()
    assert (await desk.call("POST", "/reset", json={"confirm": "别的名字"})).status_code == 422
    assert (await desk.call("POST", "/reset", json={"confirm": "山间茶铺"})).status_code == 204
    assert (await desk.wire.get(LIST, {"status": 1}))["total"] == 0
    added = await desk.wire.add()
    assert added["goodsId"] == 1001
    assert (await desk.wire.get(LIST, {"status": 1}))["goods"][0]["goodsId"] == 1001
    async with runtime.db.read(desk.wire.made.shop) as tx:
        assert (await queries.shop(tx)).name == "山间茶铺"


async def test_only_developers_and_owners_touch_the_desk(desk: Desk):
    for role, status in ((Role.OPERATOR, 403), (Role.SERVICE, 403), (Role.OWNER, 200)):
        session = await staff_session(desk.runtime, desk.wire.made.shop, role)
        assert (await desk.client.get(desk.path, headers=bearer(session))).status_code == status
    other = await a_shop(desk.runtime.db, "别家")
    path = f"/v1/shops/{other.shop}/developer"
    assert (await desk.client.get(path, headers=bearer(desk.session))).status_code == 404
