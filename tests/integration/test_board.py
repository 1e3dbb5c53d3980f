"""The board of clocks: all that runs, the next one first, however much there is."""

from __future__ import annotations

import csv
import io
import time
from datetime import datetime, timedelta

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from liveshelf.accounts.types import Role
from liveshelf.entry import registry
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.kernel.paging import CursorInvalid
from liveshelf.platform import limits
from liveshelf.platform.board import COUNT_MAX, Board, ClockUnknown, Running
from liveshelf.platform.clock import Clock
from liveshelf.platform.db import Database
from liveshelf.platform.rounds import Rounds, trouble
from liveshelf.platform.timers import sweep
from tests.make.accounts import bearer, staff_session
from tests.make.rooms import room
from tests.make.selling import Sold, bought, guest, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
async def sold(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop)


@pytest.fixture
def board() -> Board:
    return Board(registry.timers())


def go(clock: Clock, to: datetime) -> None:
    clock.set_offset(to - Clock().now())


async def rows(db: Database, shop: ShopId, board: Board, **asked) -> list[Running]:
    """Every row of the board, page by page."""
    found: list[Running] = []
    cursor = None
    async with db.read(shop) as tx:
        while True:
            page = await board.page(tx, cursor=cursor, **asked)
            found += page.items
            cursor = page.next
            if cursor is None:
                return found


async def test_every_clock_of_the_product_can_be_listed_and_counted(db, shop, board):
    async with db.read(shop) as tx:
        kinds = await board.kinds(tx)
        for kind in kinds:
            assert (await board.page(tx, clock=kind.timer.name)).items == []
            assert (kind.running, kind.paused, kind.next_due_at) == (0, 0, None)
    assert {"orders.unpaid", "rooms.due", "payments.ask"} <= {kind.timer.name for kind in kinds}


async def test_the_next_to_run_out_stands_first_and_pages_neither_repeat_nor_miss(db, shop, sold, board):
    placed = [await bought(db, shop, wish(await guest(db, shop), sold.sku_id)) for _ in range(5)]
    async with db.engine.begin() as conn:  # three of them due at one instant
        await conn.execute(
            text("UPDATE orders SET expires_at = :at WHERE order_id = ANY(:ids)"),
            {"at": placed[4].expires_at, "ids": [one.order_id for one in placed[1:4]]},
        )
    whole = await rows(db, shop, board, clock="orders.unpaid")
    paged = await rows(db, shop, board, clock="orders.unpaid", limit=1)
    assert [one.subject for one in paged] == [one.subject for one in whole]
    assert sorted(one.subject for one in whole) == sorted(f"order:{one.order_id}" for one in placed)
    assert [one.due_at for one in whole] == sorted(one.due_at for one in whole)
    assert len({one.subject for one in whole}) == 5


async def test_a_shop_sees_only_its_own(db, shop, sold, board):
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    other = (await a_shop(db, "邻居")).shop
    assert await rows(db, other, board, clock="orders.unpaid") == []


async def test_filters_and_what_can_not_be_asked_for(db, shop, sold, board):
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    assert {one.clock for one in await rows(db, shop, board, actor="buyer")} == {"orders.unpaid"}
    assert await rows(db, shop, board, actor="staff", clock="orders.unpaid") == []
    assert await rows(db, shop, board, paused=True) == []
    async with db.read(shop) as tx:
        with pytest.raises(ClockUnknown):
            await board.page(tx, clock="orders.never")
        for cursor in ("x", "W10", "WyJhIiwxLDJd"):
            with pytest.raises(CursorInvalid):
                await board.page(tx, cursor=cursor)


async def test_with_a_moved_clock_the_board_empties_in_order(db, clock, shop, sold, board):
    await room(db, shop)
    await room(db, shop, ends_at=clock.now() + timedelta(hours=2))
    for _ in range(2):
        await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    clock.set_offset(timedelta(minutes=7))
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    fired: list[Running] = []
    while waiting := await rows(db, shop, board):
        first = waiting[0]
        go(clock, first.due_at - timedelta(seconds=2))
        for timer in registry.timers():
            await sweep(db, timer)
        assert await rows(db, shop, board) == waiting  # two seconds before, nothing has moved
        go(clock, first.due_at + timedelta(seconds=1))
        for timer in registry.timers():
            await sweep(db, timer)
        gone = waiting[: len(waiting) - len(await rows(db, shop, board))]
        assert first in gone
        assert all(one.due_at <= first.due_at + timedelta(seconds=1) for one in gone)
        fired += gone
    assert [one.clock for one in fired] == ["orders.unpaid"] * 3 + ["rooms.due"] * 2 + ["media.expire"]
    assert [one.due_at for one in fired] == sorted(one.due_at for one in fired)


async def test_a_clock_with_a_hundred_thousand_running_is_still_a_page(db, admin_dsn, shop, sold, board):
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    async with db.engine.begin() as conn:
        await conn.execute(
            text(
                "INSERT INTO payments (shop_id, payment_id, order_id, provider, merchant, state, amount_fen,"
                " refunded_fen, created_at, expires_at, poll_at) SELECT :shop, n, n, 'simulator', '', 'pending', 1, 0,"
                " now(), now(), now() + n * interval '1 s' FROM generate_series(1, 100000) n"
            ),
            {"shop": shop},
        )
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute("ANALYZE payments")  # as the server does by itself a minute later
    await admin.close()

    async def read() -> float:
        began = time.perf_counter()
        async with db.read(shop) as tx:
            kinds = {kind.timer.name: kind for kind in await board.kinds(tx)}
            page = await board.page(tx, limit=100)
            deep = await board.page(tx, limit=100, cursor=page.next)
        assert kinds["payments.ask"].running == COUNT_MAX
        assert len(page.items) == len(deep.items) == 100
        assert {one.subject for one in page.items}.isdisjoint(one.subject for one in deep.items)
        return time.perf_counter() - began

    times = [await read() for _ in range(5)]
    assert min(times) < 1.0, times  # some 50 ms on a quiet machine


async def test_the_board_over_http(runtime, client: httpx.AsyncClient, db, clock, shop, sold):
    placed = await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    owner = bearer(await staff_session(runtime, shop, Role.OWNER))
    path = f"/v1/shops/{shop}/clocks"
    answer = (await client.get(path, headers=owner, params={"actor": "buyer"})).json()
    (one,) = answer["items"]
    assert (one["clock"], one["subject"], one["actor"]) == ("orders.unpaid", f"order:{placed.order_id}", "buyer")
    assert 15 * 60 - 30 < one["left_s"] <= 15 * 60
    kind = next(one for one in answer["kinds"] if one["clock"] == "orders.unpaid")
    assert (kind["running"], kind["more"], kind["actor"]) == (1, False, "buyer")
    assert kind["escalation"]
    anchor = bearer(await staff_session(runtime, shop, Role.ANCHOR))
    assert (await client.get(path, headers=anchor)).status_code == 403
    assert (await client.get(path, headers=owner, params={"clock": "nope"})).json()["code"] == "clocks.unknown"
    assert (await client.get(path, headers=owner, params={"actor": "nobody"})).status_code in {400, 422}


async def test_missed_limits_are_a_page_and_a_file(runtime, client: httpx.AsyncClient, db, clock, shop):
    due = clock.now() - timedelta(seconds=700)
    facts = [(f"refund:{number}", due) for number in range(130)]
    await db.write(SYSTEM, shop, lambda tx: limits.missed(tx, "payments.refund", facts))
    owner = bearer(await staff_session(runtime, shop, Role.OWNER))
    path = f"/v1/shops/{shop}/clocks/missed"
    page = (await client.get(path, headers=owner, params={"limit": 100})).json()
    assert len(page["items"]) == 100
    assert 700 <= page["items"][0]["late_s"] < 800
    rest = (await client.get(path, headers=owner, params={"cursor": page["next"]})).json()
    assert len(rest["items"]) == 30
    file = await client.get(f"{path}.csv", headers=owner)
    assert file.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert len(lines) == 130
    assert {line["clock"] for line in lines} == {"payments.refund"}
    assert (await client.get(f"{path}.csv")).status_code == 401


async def test_the_doctor_names_clocks_that_do_not_fire_while_a_worker_runs(db, clock, shop, sold):
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    clock.set_offset(timedelta(minutes=15, seconds=30))
    worker = Rounds()
    worker.looked("orders.unpaid", fired=0)
    await worker.write(db)
    looked_at = [one for one in registry.timers() if one.name in {"orders.unpaid", "rooms.due"}]
    assert await trouble(db, looked_at) == []  # due for half a minute
    clock.set_offset(timedelta(minutes=17))
    (late,) = await trouble(db, looked_at)
    assert late.startswith("orders.unpaid")
    assert str(shop) in late
    worker.failed("rooms.due", shop)
    await worker.write(db)
    assert [line.split()[0] for line in await trouble(db, looked_at)] == ["rooms.due", "orders.unpaid"]


async def test_where_no_worker_runs_nobody_is_late(db, clock, shop, sold):
    await bought(db, shop, wish(await guest(db, shop), sold.sku_id))
    clock.set_offset(timedelta(hours=5))
    assert await trouble(db, registry.timers()) == []


async def test_the_figures_of_the_workers_can_be_scraped(client: httpx.AsyncClient, db, shop):
    worker = Rounds()
    worker.looked("orders.unpaid", fired=3)
    worker.failed("orders.unpaid", shop)
    await worker.write(db)
    said = (await client.get("/metrics")).text
    assert 'liveshelf_clock_fired{clock="orders.unpaid"} 3.0' in said
    assert 'liveshelf_clock_failed{clock="orders.unpaid"} 1.0' in said
