"""What the WeCom adapter promises behind the port. It is run against the simulator, which speaks WeCom's documented
protocol, and against answers as WeCom's documentation prints them; against WeCom itself nothing was run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from liveshelf.adapters.wecom import api
from liveshelf.adapters.wecom.port import Corp, OnList, WecomRefused, WecomUnavailable
from liveshelf.platform.outbound import Answer, Outbound
from liveshelf.platform.runtime import Runtime
from tests.make.wecom import Office

pytestmark = pytest.mark.feature("L-111")
CORP = Corp("ww0123456789abcdef", "s" * 43)


@pytest.fixture
def office(runtime: Runtime) -> Office:
    return Office(runtime)


async def test_the_list_has_everybody_who_works_there_and_nobody_else(office: Office):
    await office.has(zhangsan="张三", lisi="李四", gone=("王五", 5), disabled=("赵六", 2), invited=("钱七", 4))
    assert await office.api.employees(office.corp) == (OnList("lisi", "李四"), OnList("zhangsan", "张三"))
    await office.has()
    assert await office.api.employees(office.corp) == ()


async def test_a_wrong_secret_or_corp_is_refused_with_its_code_and_shows_no_secret(office: Office):
    for corp, code in ((Corp(office.corp.corp_id, "x" * 43), "40001"), (Corp("wwother", "x" * 43), "40013")):
        with pytest.raises(WecomRefused) as refused:
            await office.api.employees(corp)
        assert refused.value.context["reason"] == code
        assert "x" * 43 not in f"{refused.value!r} {refused.value.context} {corp!r}"


async def test_no_answer_is_an_error_and_never_an_empty_list(office: Office):
    await office.has(zhangsan="张三")
    office.simulator.down = True
    with pytest.raises(WecomUnavailable):
        await office.api.employees(office.corp)


async def test_a_token_is_kept_while_it_is_good(office: Office):
    for _ in range(3):
        await office.api.employees(office.corp)
    assert office.simulator.asked.count("gettoken") == 1


class Printed(Outbound):
    """Answers as they are printed in WeCom's documentation, by call; a list of them is given one by one."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        super().__init__()
        self.answers = dict(answers)
        self.asked: list[tuple[str, dict[str, list[str]]]] = []

    async def request(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        most: int | None = None,
    ) -> Answer:
        assert (method, body, headers) == ("GET", b"", None)
        assert most == api.LIST_MAX
        parts = urlsplit(url)
        call = parts.path.removeprefix("/cgi-bin/")
        self.asked.append((call, parse_qs(parts.query)))
        told = self.answers[call]
        told = told.pop(0) if isinstance(told, list) else told
        if isinstance(told, Exception):
            raise told
        return Answer(200, {}, told if isinstance(told, bytes) else json.dumps(told).encode())


TOKEN = {"errcode": 0, "errmsg": "ok", "access_token": "accesstoken000001", "expires_in": 7200}
DEPARTMENTS = {
    "errcode": 0,
    "errmsg": "ok",
    "department": [
        {"id": 2, "name": "广州研发中心", "department_leader": ["zhangsan", "lisi"], "parentid": 1, "order": 10},
        {"id": 3, "name": "邮箱产品部", "department_leader": ["lisi", "wangwu"], "parentid": 2, "order": 40},
        {"id": 9, "name": "直播部", "parentid": 7, "order": 1},
    ],
}


def users(*pairs: tuple[str, int]) -> dict[str, Any]:
    listed = [
        {
            "userid": userid,
            "name": userid.title(),
            "department": [2, 3],
            "order": [1, 2],
            "position": "后台工程师",
            "status": status,
            "extattr": {"attrs": []},
            "main_department": 2,
        }
        for userid, status in pairs
    ]
    return {"errcode": 0, "errmsg": "ok", "userlist": listed}


async def test_the_departments_that_the_application_sees_are_asked_from_above_and_each_person_is_there_once():
    wire = Printed(
        {
            "gettoken": TOKEN,
            "department/list": DEPARTMENTS,
            "user/list": [users(("lisi", 1), ("wangwu", 2)), users(("lisi", 1), ("zhangsan", 1))],
        }
    )
    found = await api.WecomApi(wire).employees(CORP)
    assert [one.userid for one in found] == ["lisi", "zhangsan"]
    asked = [query for call, query in wire.asked if call == "user/list"]
    assert [query["department_id"] for query in asked] == [["2"], ["9"]]
    assert all(query["fetch_child"] == ["1"] and query["access_token"] == ["accesstoken000001"] for query in asked)
    assert wire.asked[0] == ("gettoken", {"corpid": [CORP.corp_id], "corpsecret": [CORP.secret]})


async def test_a_token_that_is_over_is_asked_for_anew_once():
    over = {"errcode": 42001, "errmsg": "access_token expired"}
    wire = Printed({"gettoken": TOKEN, "department/list": [over, DEPARTMENTS], "user/list": users(("lisi", 1))})
    assert [one.userid for one in await api.WecomApi(wire).employees(CORP)] == ["lisi"]
    wire = Printed({"gettoken": TOKEN, "department/list": over})
    with pytest.raises(WecomRefused):
        await api.WecomApi(wire).employees(CORP)
    assert [call for call, _ in wire.asked] == ["gettoken", "department/list"] * 2


@pytest.mark.parametrize(
    "told",
    [
        {"errcode": -1, "errmsg": "system busy"},
        {"errcode": 45009, "errmsg": "api freq out of limit"},
        b"<html>",
        httpx.ConnectError("no"),
        TimeoutError(),
    ],
)
async def test_what_is_not_an_answer_leaves_no_list(told: Any):
    wire = Printed({"gettoken": TOKEN, "department/list": DEPARTMENTS, "user/list": [users(("lisi", 1)), told]})
    with pytest.raises(WecomUnavailable) as gone:
        await api.WecomApi(wire).employees(CORP)
    assert CORP.secret not in repr(gone.value.context)


async def test_more_people_than_a_shop_has_are_refused_whole(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(api, "EMPLOYEES_MAX", 2)
    wire = Printed(
        {
            "gettoken": TOKEN,
            "department/list": DEPARTMENTS,
            "user/list": [users(("a1", 1), ("a2", 1)), users(("a3", 1))],
        }
    )
    with pytest.raises(WecomRefused) as refused:
        await api.WecomApi(wire).employees(CORP)
    assert refused.value.context["reason"] == "too_many_employees"
