"""getapproved and getgoodswarehouse: shapes, pages, freshness."""

from __future__ import annotations

import asyncio
import random

import pytest
from sqlalchemy import text

from liveshelf.facades.wechat.library import LibraryReader
from liveshelf.goods import hot
from liveshelf.goods.types import AuditState, Origin
from tests.make.goods import MACHINE_PASS, PASS
from tests.make.wire import DELETE, LIST, STATUS, STORED, UPDATE, Wire

ITEM = {"goodsId", "coverImgUrl", "name", "price", "price2", "url", "priceType", "thirdPartyTag", "thirdPartyAppid"}


@pytest.mark.feature("A-701")
@pytest.mark.feature("A-703")
@pytest.mark.feature("A-704")
@pytest.mark.feature("A-705")
@pytest.mark.feature("A-706")
async def test_stored_goods_have_the_contracts_shape_in_every_state(wire: Wire):
    for state, status in STATUS.items():
        goods_id, _ = await wire.in_state(state, price_type=3, price_fen=12_800, price2_fen=9_950)
        answer = await wire.post(STORED, {"goods_ids": [goods_id]})
        (goods,) = answer.pop("goods")
        assert answer == {"errcode": 0, "errmsg": "ok", "total": 1}
        cover = goods.pop("cover_img_url")
        assert cover.startswith(f"{wire.runtime.settings.public_url}/media/")
        assert goods == {
            "goods_id": goods_id,
            "name": "青瓷茶盏",
            "url": "pages/goods/detail?id=1001",
            "price_type": 3,
            "priceType": 3,
            "price": 128,
            "price2": 99.5,
            "audit_status": status,
            "third_party_tag": 2,
            "thirdPartyAppid": "",
        }


@pytest.mark.feature("A-701")
async def test_at_most_twenty_come_back_in_the_order_asked_and_unknown_ids_are_left_out(wire: Wire, stranger: Wire):
    mine = [(await wire.in_state(AuditState.IN_AUDIT))[0] for _ in range(22)]
    theirs, _ = await stranger.in_state(AuditState.APPROVED)
    asked = [mine[3], theirs, 999_999, mine[0], mine[3]]
    assert [one["goods_id"] for one in await wire.stored(*asked)] == ([mine[3], mine[0]])
    random.Random(1).shuffle(mine)
    assert [one["goods_id"] for one in await wire.stored(*mine)] == mine[:20]
    answer = await wire.post(STORED, {"goods_ids": [str(mine[0]), mine[1]]})
    assert [one["goods_id"] for one in answer["goods"]] == mine[:2]
    assert answer["total"] == 2


@pytest.mark.parametrize("ids", [[], None, "1", 5, ["x"], [-1], [[1]], [1.5], {"a": 1}])
async def test_what_is_no_list_of_ids_is_refused_with_the_arrays_present(wire: Wire, ids):
    answer = await wire.post(STORED, {"goods_ids": ids})
    assert answer["errcode"] == 200002
    assert answer["goods"] == []
    assert answer["total"] == 0


async def test_the_other_path_of_the_status_call_works_too(wire: Wire):
    goods_id, _ = await wire.in_state(AuditState.APPROVED)
    answer = await wire.post("/wxaapi/broadcast/getgoodswarehouse", {"goods_ids": [goods_id]})
    assert answer["goods"][0]["goods_id"] == goods_id


@pytest.mark.feature("A-801")
@pytest.mark.feature("A-805")
@pytest.mark.feature("A-806")
async def test_lists_have_the_contracts_shape_and_filter_exactly(wire: Wire):
    made = {state: (await wire.in_state(state))[0] for state in AuditState}
    console, _ = await wire.in_state(AuditState.APPROVED, origin=Origin.CONSOLE)
    for state, status in STATUS.items():
        answer = await wire.get(LIST, {"status": status, "offset": 0, "limit": 1})
        assert set(answer) == {"errcode", "errmsg", "total", "goods"}
        assert answer["total"] == (2 if state is AuditState.APPROVED else 1)
        (goods,) = answer["goods"]
        assert set(goods) == ITEM
        assert goods["goodsId"] == made[state]
        assert goods["thirdPartyTag"] == 2
    second = await wire.get(LIST, {"status": 2, "offset": 1})
    assert [(one["goodsId"], one["thirdPartyTag"]) for one in second["goods"]] == [(console, 0)]
    assert second["total"] == 2


@pytest.mark.feature("A-803")
@pytest.mark.feature("A-804")
@pytest.mark.feature("A-805")
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"status": ""},
        {"status": 4},
        {"status": -1},
        {"status": "approved"},
        {"status": 2, "offset": -1},
        {"status": 2, "offset": "x"},
        {"status": 2, "limit": 0},
        {"status": 2, "limit": "ten"},
        {"status": 2, "limit": -5},
        {"status": 2, "offset": 10**30},
    ],
)
async def test_wrong_queries_are_refused_with_the_arrays_present(wire: Wire, query):
    answer = await wire.get(LIST, query)
    assert answer["errcode"] == 200002
    assert answer["goods"] == []
    assert answer["total"] == 0


@pytest.mark.feature("A-803")
@pytest.mark.feature("A-804")
async def test_offset_limit_and_their_defaults(wire: Wire):
    await many(wire, 130)
    for query, count in (
        ({}, 30),
        ({"limit": 7}, 7),
        ({"limit": 100}, 100),
        ({"limit": 101}, 100),
        ({"count": 9}, 9),
        ({"offset": 120}, 10),
        ({"offset": 130}, 0),
        ({"offset": 9_000_000_000_000_000_000}, 0),
    ):
        answer = await wire.get(LIST, {"status": 2, **query})
        assert (answer["total"], len(answer["goods"])) == (130, count), query
    posted = await wire.post(LIST, {"status": 2, "limit": 3})
    assert len(posted["goods"]) == 3
    assert len((await wire.post(LIST, query={"status": 2}, content=b""))["goods"]) == 30


@pytest.mark.feature("A-807")
async def test_pages_repeat_nothing_while_goods_come_in(wire: Wire):
    first = [(await wire.in_state(AuditState.APPROVED))[0] for _ in range(6)]
    seen: list[int] = []
    late: list[int] = []
    while page := (await wire.get(LIST, {"status": 2, "offset": len(seen), "limit": 2}))["goods"]:
        seen += [one["goodsId"] for one in page]
        if len(late) < 3:
            # An older goods enters the state last, and so it comes last.
            late.append((await wire.in_state(AuditState.APPROVED))[0])
    assert seen == first + late


@pytest.mark.feature("A-807")
async def test_the_time_of_entering_decides_the_order_and_not_the_id(wire: Wire):
    (early, early_audit), (late, late_audit) = [await wire.in_state(AuditState.IN_AUDIT) for _ in range(2)]
    for audit_id in (late_audit, early_audit):
        for verdict in (MACHINE_PASS, PASS):
            await wire.decide(audit_id, verdict)
    assert [one["goodsId"] for one in (await wire.get(LIST, {"status": 2}))["goods"]] == [late, early]


async def test_an_answer_is_never_older_than_its_request(wire: Wire):
    """A writer changes the price again and again; a reader that asks after a change was answered always sees it."""
    goods_id, _ = await wire.in_state(AuditState.APPROVED)
    prices: list[int] = [128]

    async def writer() -> None:
        for price in range(200, 240):
            assert await wire.code(UPDATE, {"goodsInfo": {"goodsId": goods_id, "price": price}}) == 0
            prices.append(price)

    async def reader() -> None:
        while not task.done():
            least = prices[-1]
            assert (await wire.stored(goods_id))[0]["price"] >= least
            least = prices[-1]
            (listed,) = (await wire.get(LIST, {"status": 2}))["goods"]
            assert listed["price"] >= least

    task = asyncio.create_task(writer())
    await asyncio.gather(task, *(reader() for _ in range(6)))


async def test_deep_pages_are_right_from_remembered_places_also_after_goods_left(wire: Wire, monkeypatch):
    monkeypatch.setattr(hot, "STEP", 10)
    monkeypatch.setattr(hot, "_PLACES", hot._PLACES.replace("% 1000 = 0", "% 10 = 0"))
    ids = await many(wire, 95)
    reader = wire.runtime.need(LibraryReader)

    async def check() -> None:
        for offset in (0, 9, 10, 11, 37, 80, 90, 94, 95, 200):
            answer = await wire.get(LIST, {"status": 2, "offset": offset, "limit": 4})
            assert [one["goodsId"] for one in answer["goods"]] == ids[offset : offset + 4], offset
            assert answer["total"] == len(ids)

    await check()
    assert reader._reader(wire.made.shop)._places[AuditState.APPROVED].keys
    for gone in (ids[3], ids[50], ids[-1]):
        assert await wire.code(DELETE, {"goodsId": gone}) == 0
        ids.remove(gone)
        await check()
    for _ in range(3):
        ids.append((await wire.in_state(AuditState.APPROVED))[0])
    await check()


async def many(wire: Wire, count: int) -> list[int]:
    """Many approved goods at once: copies of one."""
    goods_id, _ = await wire.in_state(AuditState.APPROVED)
    async with wire.runtime.db.engine.begin() as conn:
        columns = """origin, name, cover_media_id, price_type, price_fen, price2_fen, url, third_party_appid, goods_key,
            audit_state, audit_id, is_ad"""
        statements = (
            f"""INSERT INTO live_goods
                (shop_id, goods_id, product_id, {columns}, state_entered_at, created_at, updated_at)
            SELECT shop_id, goods_id + n, product_id, {columns}, state_entered_at + n * interval '1 ms',
                created_at, updated_at
            FROM live_goods, generate_series(1, :count - 1) n WHERE shop_id = :shop AND goods_id = :goods""",
            """UPDATE libraries SET version = version + 1, approved = :count, entered_at = entered_at + interval '1 day'
            WHERE shop_id = :shop""",
            "UPDATE counters SET value = value + :count WHERE shop_id = :shop AND kind = 'goods'",
        )
        for statement in statements:
            names = {"count": count, "shop": wire.made.shop, "goods": goods_id}
            await conn.execute(text(statement), {key: names[key] for key in names if f":{key}" in statement})
    return [goods_id + n for n in range(count)]
