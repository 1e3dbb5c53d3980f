"""The live goods library and a room's shelf from files: rehearsed first, row by row, and safe to come twice."""

from __future__ import annotations

import httpx
import pytest

from liveshelf.accounts.types import Role
from liveshelf.batches import service as batches
from liveshelf.batches.files import write_csv, write_xlsx
from liveshelf.batches.types import RowState
from liveshelf.flows import batch_kinds, binding_file, go_live, library_file
from liveshelf.goods import queries as goods
from liveshelf.goods.types import AuditState
from liveshelf.kernel.ids import GoodsId, RoomId, ShopId
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.rooms import plans, service
from liveshelf.rooms.plans import GoodsPlan
from tests.make.accounts import bearer, staff_session
from tests.make.goods import STAFF, cover, goods_in
from tests.make.order_work import sent_file, worked
from tests.make.rooms import ANCHOR, View, room, view_now
from tests.make.selling import something
from tests.make.shops import a_shop

Outcome = list[tuple[RowState, str]]
BIND_HEAD = ["商品编号", "规格编号", "预计销量", "直播价", "标签价", "快捷栏", "口播稿"]
LIBRARY_HEAD = ["商品编号", "商品名称", "价格", "库存", "图片编号", "直播名称"]


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


async def done(runtime: Runtime, shop: ShopId, content: bytes, kind: str, **options: str) -> tuple[Outcome, Outcome]:
    """Each row's outcome in the rehearsal, and when it was done."""
    number = await sent_file(runtime, shop, content, kind, **options)
    _, first = await worked(runtime, shop, number)
    await runtime.db.write(STAFF, shop, lambda tx: batches.start(tx, number))
    _, then = await worked(runtime, shop, number)
    return [(row.state, row.code) for row in first], [(row.state, row.code) for row in then]


def ids(seen: View) -> list[int]:
    return [item["goods_id"] for item in seen["shelf"]]


@pytest.mark.feature("L-301")
@pytest.mark.feature("L-304")
async def test_goods_are_bound_in_the_files_order_with_their_plans_and_the_same_file_may_come_twice(
    runtime: Runtime, db: Database, shop: ShopId
):
    a, b, c = [await something(db, shop, name=f"青瓷茶盏{n}") for n in range(3)]
    waiting = await goods_in(db, shop, AuditState.IN_AUDIT)
    room_id = await room(db, shop)
    await db.write(ANCHOR, shop, lambda tx: service.put_on_shelf(tx, room_id, [c.goods_id]))
    rows: list[list[object]] = [
        [b.goods_id, "", 100, "128", "", "", ""],
        ["", a.sku_id, "", "", "99.5", "是", "手工拉坯"],
        [waiting.goods_id, "", "", "", "", "", ""],
        ["99", "", "", "", "", "", ""],
        ["", "", "5", "", "", "", ""],
        [c.goods_id, "", "", "1e9", "", "", ""],
        [b.goods_id, "", 1, "", "", "", ""],
        [c.goods_id, "", "", "", "", "", ""],
    ]
    content = write_xlsx(BIND_HEAD, [[str(cell) for cell in row] for row in rows])
    wanted: Outcome = [
        (RowState.DONE, ""),
        (RowState.DONE, ""),
        (RowState.FAILED, "rooms.goods_not_approved"),
        (RowState.FAILED, "rooms.goods_unknown"),
        (RowState.FAILED, "batches.cell_missing"),
        (RowState.FAILED, "rooms.plan_invalid"),
        (RowState.FAILED, "batches.row_repeated"),
        (RowState.UNCHANGED, ""),
    ]
    number = await sent_file(runtime, shop, content, binding_file.KIND, room_id=str(room_id))
    _, rehearsed = await worked(runtime, shop, number)
    assert [(row.state, row.code) for row in rehearsed] == wanted
    assert ids(await view_now(db, shop, room_id)) == [c.goods_id]  # a rehearsal binds nothing
    first, then = await done(runtime, shop, content, binding_file.KIND, room_id=str(room_id))
    assert first == then == wanted
    seen = await view_now(db, shop, room_id)
    assert ids(seen) == [c.goods_id, b.goods_id, a.goods_id]
    assert seen["quick_goods_ids"] == [a.goods_id]
    async with db.read(shop) as tx:
        assert await plans.plans(tx, room_id) == {
            b.goods_id: GoodsPlan(100, 12_800),
            a.goods_id: GoodsPlan(None, None, 9_950, "手工拉坯"),
        }
    _, again = await done(runtime, shop, content, binding_file.KIND, room_id=str(room_id))
    assert again[:2] == [(RowState.UNCHANGED, "")] * 2
    assert await view_now(db, shop, room_id) == seen


@pytest.mark.feature("L-302")
async def test_goods_that_are_added_while_live_do_not_disturb_the_prepared_order(
    runtime: Runtime, db: Database, shop: ShopId
):
    a, b, c = [(await something(db, shop, name=f"青瓷茶盏{n}")).goods_id for n in range(3)]
    room_id = await room(db, shop)
    await db.write(ANCHOR, shop, lambda tx: service.put_on_shelf(tx, room_id, [a, b]))
    await db.write(ANCHOR, shop, lambda tx: service.sort(tx, room_id, [b, a]))
    await db.write(ANCHOR, shop, lambda tx: go_live.start(tx, room_id))
    _, [outcome] = await done(
        runtime, shop, write_csv(BIND_HEAD, [[c, "", "", "", "", "", ""]]), binding_file.KIND, room_id=str(room_id)
    )
    assert outcome == (RowState.DONE, "")
    seen = await view_now(db, shop, room_id)
    assert [(item["goods_id"], item["number"]) for item in seen["shelf"]] == [(b, 1), (a, 2), (c, 3)]


@pytest.mark.feature("L-304")
async def test_the_library_is_filled_from_a_file_of_a_thousand_rows_without_doubles(
    runtime: Runtime, db: Database, shop: ShopId
):
    there = await something(db, shop, name="青瓷茶盏")
    picture = await cover(db, shop)
    rows = [
        [str(there.product_id), "", "", "", "", ""],
        ["", "白瓷茶壶", "268", "30", picture, "白瓷壶"],
        ["", "白瓷茶杯", "", "30", picture, ""],
        ["", "白瓷茶盘", "68", "30", "no-such-picture", ""],
        ["", "白瓷茶盘二", "68", "-1", picture, ""],
        ["", "白瓷茶盘三", "68.123", "1", picture, ""],
        ["", "", "", "", "", ""],
        ["", "白瓷茶壶", "300", "1", picture, ""],
        *([str(90_000 + n), "", "", "", "", ""] for n in range(993)),
    ]
    rows[6][2] = "1"  # an empty line would not count as a row
    content = write_xlsx(LIBRARY_HEAD, rows)
    wanted: Outcome = [
        (RowState.UNCHANGED, ""),
        (RowState.DONE, ""),
        (RowState.FAILED, "batches.cell_missing"),
        (RowState.FAILED, "goods.field_invalid"),
        (RowState.FAILED, "goods.field_invalid"),
        (RowState.FAILED, "goods.price_invalid"),
        (RowState.FAILED, "batches.cell_missing"),
        (RowState.FAILED, "batches.row_repeated"),
    ]
    number = await sent_file(runtime, shop, content, library_file.KIND)
    batch, rehearsed = await worked(runtime, shop, number)
    assert (batch.rows, batch.worked, batch.counts[RowState.FAILED]) == (1_001, 1_001, 999)
    assert [(row.state, row.code) for row in rehearsed[:8]] == wanted
    assert {row.code for row in rehearsed[8:]} == {"goods.product_missing"}
    async with db.read(shop) as tx:
        assert len(await goods.newest_products(tx, state=None, text="", before=None, limit=10)) == 1
    await db.write(STAFF, shop, lambda tx: batches.start(tx, number))
    _, rows_done = await worked(runtime, shop, number)
    assert [(row.state, row.code) for row in rows_done[:8]] == wanted
    async with db.read(shop) as tx:
        (made, *_) = await goods.newest_goods(tx, state=AuditState.IN_AUDIT, text="", before=None, limit=10)
    assert (made.name, made.price_fen) == ("白瓷壶", 26_800)
    short = write_xlsx(LIBRARY_HEAD, rows[:2])
    _, again = await done(runtime, shop, short, library_file.KIND)
    assert again == [(RowState.UNCHANGED, "")] * 2
    async with db.read(shop) as tx:
        assert len(await goods.newest_products(tx, state=None, text="", before=None, limit=10)) == 2


async def test_a_file_for_a_room_is_sent_to_that_room(client: httpx.AsyncClient, runtime: Runtime, shop: ShopId):
    room_id = await room(runtime.db, shop)
    sold = await something(runtime.db, shop)
    owner = bearer(await staff_session(runtime, shop))
    support = bearer(await staff_session(runtime, shop, Role.SERVICE))
    file = {"file": ("货架.csv", write_csv(["商品编号"], [[sold.goods_id]]))}
    base = f"/v1/shops/{shop}"

    async def send(path: str, who: dict[str, str]) -> tuple[int, dict[str, str]]:
        answer = await client.post(f"{base}{path}", files=file, headers=who)
        return answer.status_code, answer.json()

    assert (await send(f"/rooms/{room_id}/shelf/file", support))[0] == 403
    assert (await send("/rooms/999/shelf/file", owner))[0] == 404
    assert (await send("/batches/rooms.bind", owner))[0] == 404
    status, batch = await send(f"/rooms/{room_id}/shelf/file", owner)
    assert (status, batch["kind"], batch["file_name"]) == (201, "rooms.bind", "货架.csv")
    await batch_kinds.work(runtime, shop, int(batch["batch_id"]))
    await client.post(f"{base}/batches/{batch['batch_id']}/start", json={"request_id": "s"}, headers=owner)
    await batch_kinds.work(runtime, shop, int(batch["batch_id"]))
    assert ids(await view_now(runtime.db, shop, RoomId(room_id))) == [GoodsId(sold.goods_id)]
    answer = await client.get(f"{base}/batches/rooms.bind/template", headers=owner)
    assert answer.status_code == 200
