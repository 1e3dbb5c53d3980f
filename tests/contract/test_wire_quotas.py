"""Quotas of the nine goods calls, as callers meet them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from liveshelf.goods.types import AuditState
from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.platform.db import Database, connect
from liveshelf.shops import queries, service
from liveshelf.shops.types import QUOTAS
from tests.make.wire import ADD, DELETE, GET_KEY, LIST, SET_KEY, STORED, SUBMIT, UPDATE, WITHDRAW, Wire

NOBODY = 999_999
LIMITED = [
    ("goods.resetaudit", "POST", WITHDRAW, {"goodsId": NOBODY, "auditId": 1}, 500),
    ("goods.delete", "POST", DELETE, {"goodsId": NOBODY}, 1_000),
    ("goods.update", "POST", UPDATE, {"goodsInfo": {"goodsId": NOBODY, "price": 1}}, 1_000),
    ("goods.getgoodswarehouse", "POST", STORED, {"goods_ids": [NOBODY]}, 1_000),
    ("goods.getapproved", "GET", LIST, {"status": 2}, 10_000),
    ("goods.setkey", "POST", SET_KEY, {"goodsKey": ["a"]}, 500),
    ("goods.getkey", "GET", GET_KEY, {}, 500),
]


async def used(wire: Wire) -> dict[str, int]:
    async with wire.runtime.db.read(wire.made.shop) as tx:
        return {state.key: state.used for state in await queries.quotas(tx)}


async def spend_submissions(wire: Wire, many: int) -> None:
    db: Database = wire.runtime.db
    assert await db.write(wire_actor(wire), wire.made.shop, lambda tx: service.take_quota(tx, "submissions", many))


def wire_actor(wire: Wire):
    return Actor(ActorKind.CREDENTIAL, wire.made.appid)


@pytest.mark.feature("A-302")
@pytest.mark.feature("A-502")
@pytest.mark.feature("A-602")
@pytest.mark.feature("A-702")
@pytest.mark.feature("A-802")
@pytest.mark.parametrize(("name", "method", "path", "what", "per_day"), LIMITED, ids=[one[0] for one in LIMITED])
async def test_every_call_has_its_own_quota_and_the_one_after_is_refused(
    wire: Wire, limit, name: str, method: str, path: str, what: dict[str, Any], per_day: int
):
    assert QUOTAS[name] == per_day
    await limit(**{name.replace(".", "__"): 4})

    async def code() -> int:
        answer = await (wire.get(path, what) if method == "GET" else wire.post(path, what))
        return int(answer["errcode"])

    codes = [await code() for _ in range(6)]
    assert 45009 not in codes[:4]
    assert codes[4:] == [45009, 45009]
    assert wire.last is not None
    assert wire.last.json()["errmsg"].startswith("reach max api daily quota limit")
    spent = {key: many for key, many in (await used(wire)).items() if many and key != "token"}
    assert spent == {name: 4}


@pytest.mark.feature("A-202")
@pytest.mark.feature("A-916")
async def test_the_501st_submission_is_refused_and_nothing_of_it_is_stored(wire: Wire):
    await spend_submissions(wire, 499)
    assert (await wire.add())["errcode"] == 0
    answer = await wire.add()
    assert answer["errcode"] == 300012
    assert (await wire.get(LIST, {"status": 1}))["total"] == 1
    assert (await used(wire))["submissions"] == 500


@pytest.mark.feature("A-202")
@pytest.mark.feature("A-109")
async def test_fifty_at_once_get_exactly_what_is_left(wire: Wire):
    await spend_submissions(wire, 477)
    info = await wire.info()
    codes = await asyncio.gather(*(wire.code(ADD, {"goodsInfo": info}) for _ in range(50)))
    assert sorted(codes) == [0] * 23 + [300012] * 27
    assert (await wire.get(LIST, {"status": 1}))["total"] == 23


@pytest.mark.feature("A-303")
async def test_a_withdrawal_gives_nothing_back(wire: Wire):
    added = await wire.add()
    before = (await used(wire))["submissions"]
    assert await wire.code(WITHDRAW, {"goodsId": added["goodsId"], "auditId": added["auditId"]}) == 0
    assert (await used(wire))["submissions"] == before == 1


@pytest.mark.feature("A-403")
async def test_adding_and_resubmitting_share_one_pool(wire: Wire):
    goods_id, _ = await wire.in_state(AuditState.UNAUDITED)
    other, _ = await wire.in_state(AuditState.UNAUDITED)
    await spend_submissions(wire, 498)
    assert (await wire.add())["errcode"] == 0
    assert await wire.code(SUBMIT, {"goodsId": goods_id}) == 0
    assert (await wire.add())["errcode"] == 300012
    assert await wire.code(SUBMIT, {"goodsId": other}) == 300012
    assert await wire.status(other) == 0


async def test_a_submission_that_did_not_happen_is_not_counted(wire: Wire):
    for changes in ({"name": "瓷" * 15}, {"price": "x"}, {"coverImgUrl": "none"}, {"url": ""}):
        assert (await wire.add(**changes))["errcode"] != 0
    goods_id, _ = await wire.in_state(AuditState.IN_AUDIT)
    assert await wire.code(SUBMIT, {"goodsId": goods_id}) == 300010
    assert (await used(wire))["submissions"] == 0


async def test_submissions_of_the_console_are_not_counted(wire: Wire):
    await wire.in_state(AuditState.IN_AUDIT)
    assert (await used(wire))["submissions"] == 0


@pytest.mark.feature("A-102", half=True)
async def test_a_thousand_goods_are_submitted_over_two_days(wire: Wire, clock, admin_dsn: str):
    """The server's half of bulk work: the day's pool ends, the next day's is whole."""
    info = await wire.info()
    await spend_submissions(wire, 490)
    accepted = 0
    for _ in range(15):
        accepted += await wire.code(ADD, {"goodsInfo": info}) == 0
    assert accepted == 10
    admin = connect(admin_dsn, clock)
    await admin.advance_clock(timedelta(days=1))
    await admin.dispose()
    assert await wire.code(ADD, {"goodsInfo": info}) == 0
    assert (await used(wire))["submissions"] == 1


@pytest.mark.feature("A-104", half=True)
async def test_lost_ids_are_found_again_by_listing(wire: Wire):
    """The server's half of losing ids: everything added is in the lists, with what tells it apart."""
    names = [f"茶盏 {number}" for number in range(3)]
    added = {name: (await wire.add(name=name))["goodsId"] for name in names}
    listed = {one["name"]: one["goodsId"] for one in (await wire.get(LIST, {"status": 1}))["goods"]}
    assert listed == added
