"""Shipping from a file: rehearsed, then done row by row, each row with its own result."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from liveshelf.accounts.types import Role
from liveshelf.batches import queries as batch_queries
from liveshelf.batches import service as batches
from liveshelf.batches.errors import BatchNotReady, BatchUnknown
from liveshelf.batches.types import BatchState, RowState
from liveshelf.flows import batch_kinds, order_export
from liveshelf.fulfilment import queries as parcels
from liveshelf.kernel.ids import ShopId
from liveshelf.orders import service as orders
from liveshelf.orders.types import Order, OrderState
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database, Tx
from liveshelf.platform.runtime import Runtime
from tests.make.accounts import bearer, staff_session
from tests.make.goods import STAFF
from tests.make.order_work import paid_order, sent_file, worked
from tests.make.paying import Till, till_of
from tests.make.selling import Sold, bought, fire, guest, order, something, wish
from tests.make.shops import a_shop

HEAD = "订单编号,快递公司,运单号\n"
NUMBER = "SF{:013d}"


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return till_of(runtime)


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=99)


def sheet(*rows: tuple[object, ...]) -> bytes:
    return (HEAD + "\n".join(",".join(str(cell) for cell in row) for row in rows)).encode()


def sheet_of(many: Sequence[Order]) -> bytes:
    """All of them with one carrier, each in a parcel of its own."""
    return sheet(*((one.order_id, "顺丰", NUMBER.format(at)) for at, one in enumerate(many)))


async def start(db: Database, shop: ShopId, batch_id: int) -> None:
    await db.write(STAFF, shop, lambda tx: batches.start(tx, batch_id))


async def test_a_file_is_rehearsed_then_shipped(db, shop, runtime, till, sold):
    many = [await paid_order(db, shop, till, sold, 1) for _ in range(3)]
    number = await sent_file(runtime, shop, sheet_of(many))
    rehearsed, rows = await worked(runtime, shop, number)
    assert (rehearsed.state, [row.state for row in rows]) == (BatchState.REHEARSED, [RowState.DONE] * 3)
    assert (await order(db, shop, many[0].order_id)).state is OrderState.TO_SHIP  # nothing was done
    await start(db, shop, number)
    done, rows = await worked(runtime, shop, number)
    assert (done.state, done.worked, done.rows) == (BatchState.FINISHED, 3, 3)
    assert [(await order(db, shop, one.order_id)).state for one in many] == [OrderState.TO_RECEIVE] * 3
    with pytest.raises(BatchNotReady):
        await start(db, shop, number)


async def test_every_bad_row_says_why_and_the_good_ones_are_done(db, shop, runtime, till, sold):
    good, twice, gone = [await paid_order(db, shop, till, sold, 1) for _ in range(3)]
    unpaid = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    other_shop = (await a_shop(db, "别家")).shop
    other = await paid_order(db, other_shop, till, await something(db, other_shop), 1)
    await db.write(STAFF, shop, lambda tx: orders.close_refunded(tx, gone))
    rows = [
        (good.order_id, "顺丰", NUMBER.format(1)),
        (twice.order_id, "ZTO", "730000000001"),
        (twice.order_id, "ZTO", "730000000001"),
        ("2.02E+18", "顺丰", NUMBER.format(2)),
        (other.order_id, "顺丰", NUMBER.format(3)),
        (unpaid.order_id, "顺丰", NUMBER.format(4)),
        (gone.order_id, "顺丰", NUMBER.format(5)),
        (good.order_id, "飞鸽", NUMBER.format(6)),
        (good.order_id, "顺丰", "123"),
        (good.order_id, "顺丰", ""),
        ("abc", "顺丰", NUMBER.format(7)),
        (9 * 10**18, "顺丰", NUMBER.format(8)),
        (good.order_id, "中通", "730000000009"),
    ]
    codes = [
        "",
        "",
        "batches.row_repeated",
        "batches.number_rounded",
        "orders.unknown",
        "orders.not_to_ship",
        "orders.not_to_ship",
        "fulfilment.carrier_unknown",
        "fulfilment.tracking_invalid",
        "batches.cell_missing",
        "orders.unknown",
        "orders.unknown",
        "orders.not_to_ship",
    ]
    number = await sent_file(runtime, shop, sheet(*rows))
    await worked(runtime, shop, number)
    await start(db, shop, number)
    done, results = await worked(runtime, shop, number)
    assert [row.code for row in results] == codes
    assert (done.state, done.counts[RowState.DONE], done.counts[RowState.FAILED]) == (BatchState.FINISHED, 2, 11)
    assert [row.row_no for row in results] == list(range(2, 15))  # as the spreadsheet counts
    assert (await order(db, other_shop, other.order_id)).state is OrderState.TO_SHIP
    # The same file once more finds it done.
    again = await sent_file(runtime, shop, sheet(*rows[:2]))
    await worked(runtime, shop, again)
    await start(db, shop, again)
    _, results = await worked(runtime, shop, again)
    assert [row.state for row in results] == [RowState.UNCHANGED, RowState.UNCHANGED]
    async with db.read(shop) as tx:
        assert len((await parcels.of_orders(tx, [twice.order_id]))[twice.order_id]) == 1


async def test_work_that_was_cut_off_goes_on_where_it_stopped_and_two_workers_share_it(
    db, shop, runtime, till, sold, monkeypatch
):
    many = [await paid_order(db, shop, till, sold, 1) for _ in range(12)]
    number = await sent_file(runtime, shop, sheet_of(many))
    await worked(runtime, shop, number)
    await start(db, shop, number)
    rows_done = 0

    async def dies(tx, row, options):
        nonlocal rows_done
        rows_done += 1
        if rows_done > 4:
            raise RuntimeError
        return await ship.work(tx, row, options)

    ship = batch_kinds.KINDS["orders.ship"]
    with monkeypatch.context() as patch:
        patch.setitem(batch_kinds.KINDS, "orders.ship", type(ship)(**{**kind_facts(ship), "work": dies}))
        with pytest.raises(RuntimeError):
            await batch_kinds.work(runtime, shop, number)
    async with db.read(shop) as tx:
        assert (await batch_queries.batch(tx, number)).worked == 4
    monkeypatch.setattr("liveshelf.platform.timers.wall_now", lambda: wall_now() + timedelta(seconds=61))
    monkeypatch.setattr("liveshelf.batches.service.wall_now", lambda: wall_now() + timedelta(seconds=61))
    assert await fire(db, "batches.wake") == 1
    await asyncio.gather(*(batch_kinds.work(runtime, shop, number) for _ in range(3)))
    done, results = await worked(runtime, shop, number)
    assert (done.state, {row.state for row in results}) == (BatchState.FINISHED, {RowState.DONE})
    async with db.read(shop) as tx:
        sent = await parcels.of_orders(tx, [one.order_id for one in many])
    assert {len(one) for one in sent.values()} == {1}


def kind_facts(kind):
    return {name: getattr(kind, name) for name in ("name", "permission", "columns", "parse", "work", "key")}


async def test_a_stopped_batch_begins_no_further_row(db, shop, runtime, till, sold):
    one = await paid_order(db, shop, till, sold, 1)
    number = await sent_file(runtime, shop, sheet((one.order_id, "顺丰", NUMBER.format(1))))
    await worked(runtime, shop, number)
    await start(db, shop, number)
    await db.write(STAFF, shop, lambda tx: batches.stop(tx, number))
    stopped, _ = await worked(runtime, shop, number)
    assert (stopped.state, stopped.worked) == (BatchState.STOPPED, 0)
    assert (await order(db, shop, one.order_id)).state is OrderState.TO_SHIP


async def test_rows_rest_sealed_and_are_gone_after_a_month(db, shop, runtime, till, sold, clock):
    number = await sent_file(runtime, shop, sheet((123456, "顺丰", "SF7777777777777")))
    async with db.engine.connect() as conn:
        (cells,) = (await conn.exec_driver_sql("SELECT cells FROM batch_rows")).one()
    assert b"SF7777777777777" not in bytes(cells)
    clock.set_offset(timedelta(days=30, seconds=1))
    assert await fire(db, "batches.forget") == 1
    async with db.read(shop) as tx:
        with pytest.raises(BatchUnknown):
            await batch_queries.batch(tx, number)


async def export(tx: Tx, options: dict[str, str]) -> int:
    return await batches.begin_export(tx, order_export.KIND, file_name="a.xlsx", options=options)


async def test_an_export_holds_the_orders_and_masks_their_buyers(db, shop, runtime, till, sold):
    one = await paid_order(db, shop, till, sold, 2)
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    files = {}
    for whole in ("", "1"):
        options = {"language": "zh", "state": "to_ship", "q": "", "whole": whole}
        number = await db.write(STAFF, shop, lambda tx, options=options: export(tx, options))
        await batch_kinds.work(runtime, shop, number)
        async with db.read(shop) as tx:
            assert (await batch_queries.batch(tx, number)).rows == 1
            content = await batch_queries.file(tx, runtime.keys, number)
        files[whole] = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    ((_, *masked), (_, *whole_rows)) = (list(rows) for rows in files.values())
    assert masked[0][0] == str(one.order_id)  # every digit of it
    assert "*" in str(masked[0][5])
    assert str(whole_rows[0][5]).startswith("游客")
    assert masked[0][8:12] == [2, 128, 256, 256]


@pytest.mark.parametrize(("role", "status"), [(Role.OWNER, 201), (Role.SERVICE, 201), (Role.ANCHOR, 403)])
async def test_who_may_ship_may_send_a_file(db, shop, runtime, client, role, status):
    headers = bearer(await staff_session(runtime, shop, role))
    files = {"file": ("a.csv", sheet((1, "顺丰", "SF1234567890123")), "text/csv")}
    answer = await client.post(f"/v1/shops/{shop}/batches/orders.ship", files=files, headers=headers)
    assert answer.status_code == status, answer.text
    if status == 201:
        number = answer.json()["batch_id"]
        await batch_kinds.work(runtime, shop, int(number))
        base = f"/v1/shops/{shop}/batches/{number}"
        assert (await client.get(base, headers=headers)).json()["state"] == "rehearsed"
        rows = (await client.get(f"{base}/rows?state=failed", headers=headers)).json()
        assert [row["code"] for row in rows["items"]] == ["orders.unknown"]
        failed = await client.get(f"{base}/failed", headers=headers)
        assert failed.content[:2] == b"PK"
        stranger = (await a_shop(db, "别家")).shop
        assert (await client.get(f"/v1/shops/{stranger}/batches/{number}", headers=headers)).status_code == 404
        template = await client.get(f"/v1/shops/{shop}/batches/orders.ship/template?lang=en", headers=headers)
        assert template.content[:2] == b"PK"
    for kind in ("orders.steal", "orders.export"):
        answer = await client.post(f"/v1/shops/{shop}/batches/{kind}", files=files, headers=headers)
        assert answer.status_code == 404
