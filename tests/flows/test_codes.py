"""Redeem codes: one a piece at the moment of payment, exactly once, sealed at rest."""

from __future__ import annotations

import asyncio

import pytest

from liveshelf.adapters.payments.port import Receipt
from liveshelf.batches import service as batches
from liveshelf.batches.types import RowState
from liveshelf.flows import codes, pay
from liveshelf.fulfilment import codes as pool
from liveshelf.goods.types import DeliveryKind
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import ShopId
from liveshelf.orders import abnormal
from liveshelf.orders.abnormal import AbnormalState
from liveshelf.orders.abnormal_kinds import AbnormalKind
from liveshelf.orders.types import OrderState
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from liveshelf.stock import service as stock
from tests.make.goods import STAFF
from tests.make.order_work import sent_file, worked
from tests.make.paying import Till, till_of
from tests.make.selling import Sold, bought, guest, level, order, something, wish
from tests.make.shops import a_shop


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return till_of(runtime)


@pytest.fixture
async def virtual(db: Database, shop: ShopId) -> Sold:
    return await something(db, shop, on_hand=0, delivery=DeliveryKind.VIRTUAL)


async def put_in(runtime: Runtime, shop: ShopId, sold: Sold, *texts: str) -> list[RowState]:
    rows = "".join(f"{sold.sku_id},{text}\n" for text in texts)
    number = await sent_file(runtime, shop, f"SKU 编号,兑换码\n{rows}".encode(), kind=codes.KIND)
    await worked(runtime, shop, number)
    await runtime.db.write(STAFF, shop, lambda tx: batches.start(tx, number))
    _, results = await worked(runtime, shop, number)
    return [row.state for row in results]


async def texts_of(runtime: Runtime, shop: ShopId, order_id) -> list[str]:
    async with runtime.db.read(shop) as tx:
        return [runtime.keys.decrypt(pool.PURPOSE, one.cipher) for one in await pool.of_order(tx, order_id)]


async def test_codes_are_stock_sealed_and_the_same_code_is_one(db, shop, runtime, virtual):
    assert await put_in(runtime, shop, virtual, "AAA-1", "AAA-2") == [RowState.DONE, RowState.DONE]
    assert await put_in(runtime, shop, virtual, "AAA-2", "AAA-3") == [RowState.UNCHANGED, RowState.DONE]
    assert (await level(db, shop, virtual.sku_id)).on_hand == 3
    async with db.engine.connect() as conn:
        ciphers = (await conn.exec_driver_sql("SELECT cipher FROM redeem_codes")).scalars().all()
    assert not any(b"AAA" in bytes(one) for one in ciphers)
    shipped = await something(db, shop)
    assert await put_in(runtime, shop, shipped, "BBB-1") == [RowState.FAILED]


async def test_a_payment_gives_one_code_a_piece_once_however_often_it_is_told(db, shop, runtime, till, virtual):
    await put_in(runtime, shop, virtual, *(f"C-{n}" for n in range(5)))
    placed = await bought(db, shop, wish(await guest(db, shop), virtual.sku_id, 2))
    started = await till.start(shop, placed)
    receipt = Receipt(started.payment_id, placed.total_fen, "SIM", till.runtime.clock.now())
    told = (db.write(SYSTEM, shop, lambda tx: pay.settle(tx, receipt)) for _ in range(5))
    await asyncio.gather(*told)
    assert await texts_of(runtime, shop, placed.order_id) == ["C-0", "C-1"]
    assert (await order(db, shop, placed.order_id)).state is OrderState.TO_RECEIVE


async def test_many_payments_at_once_never_share_a_code(db, shop, runtime, till, virtual):
    await put_in(runtime, shop, virtual, *(f"C-{n}" for n in range(12)))
    placed = [await bought(db, shop, wish(await guest(db, shop), virtual.sku_id, 2)) for _ in range(6)]
    starts = [await till.start(shop, one, request_id=f"p{one.order_id}") for one in placed]
    now = till.runtime.clock.now()
    receipts = [Receipt(s.payment_id, one.total_fen, "SIM", now) for s, one in zip(starts, placed, strict=True)]
    await asyncio.gather(*(db.write(SYSTEM, shop, lambda tx, r=r: pay.settle(tx, r)) for r in receipts))
    given = [text for one in placed for text in await texts_of(runtime, shop, one.order_id)]
    assert sorted(given) == sorted(f"C-{n}" for n in range(12))


async def test_where_codes_run_out_the_order_is_abnormal_until_there_are_more(db, shop, runtime, till, virtual):
    await put_in(runtime, shop, virtual, "C-0")
    # Counted up by hand: more pieces than codes.
    await db.write(STAFF, shop, lambda tx: stock.adjust(tx, virtual.sku_id, 1, "by mistake"))
    placed = await bought(db, shop, wish(await guest(db, shop), virtual.sku_id, 2))
    await till.press(await till.start(shop, placed))
    assert await texts_of(runtime, shop, placed.order_id) == ["C-0"]
    assert (await order(db, shop, placed.order_id)).state is OrderState.PARTLY_SHIPPED
    async with db.read(shop) as tx:
        (case,) = (await abnormal.cases_of(tx, [placed.order_id]))[placed.order_id]
    assert (case.kind, case.state) == (AbnormalKind.CODES_MISSING, AbnormalState.OPEN)
    assert await db.write(STAFF, shop, lambda tx: codes.give_again(tx, placed.order_id)) is False
    await put_in(runtime, shop, virtual, "C-1")
    assert await db.write(STAFF, shop, lambda tx: codes.give_again(tx, placed.order_id)) is True
    assert await texts_of(runtime, shop, placed.order_id) == ["C-0", "C-1"]
    assert (await order(db, shop, placed.order_id)).state is OrderState.TO_RECEIVE
    async with db.read(shop) as tx:
        (case,) = (await abnormal.cases_of(tx, [placed.order_id]))[placed.order_id]
    assert case.state is AbnormalState.SETTLED
