"""The books of money: they balance, they are compared with the provider's, and late refunds are flagged."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from liveshelf.adapters.payments import simulator_faults
from liveshelf.adapters.payments.merchants import simulated_number
from liveshelf.adapters.payments.simulator_faults import Faults
from liveshelf.billing import queries as billing
from liveshelf.billing import service as billing_service
from liveshelf.billing.errors import BillUnreadable, DayUnknown, DifferenceUnknown, ReasonNeeded
from liveshelf.billing.types import DifferenceKind, LineKind
from liveshelf.flows import reconcile
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import OrderId, ShopId
from liveshelf.kernel.time import begins, china_day
from liveshelf.payments import ledger, refunds
from liveshelf.payments.types import Account, RefundReason, RefundState
from liveshelf.platform.clock import wall_now
from liveshelf.platform.db import Database
from liveshelf.platform.runtime import Runtime
from tests.make.paying import Till, till_of, work_off
from tests.make.selling import PRICE_FEN, addressed, bought, fire, guest, something, wish
from tests.make.shops import a_shop

FEE = 77  # 6 per mille of the price


@pytest.fixture
async def shop(db: Database) -> ShopId:
    return (await a_shop(db)).shop


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return till_of(runtime)


async def paid(db: Database, shop: ShopId, till: Till, *, press: bool = True) -> OrderId:
    sold = await something(db, shop, on_hand=1)
    placed = await addressed(db, shop, await bought(db, shop, wish(await guest(db, shop), sold.sku_id)))
    started = await till.start(shop, placed, request_id=f"p{placed.order_id}")
    if press:
        await till.press(started)
    return placed.order_id


async def owe(db: Database, shop: ShopId, order_id: OrderId, amount: int, key: str = "a") -> None:
    async def work(tx):
        await refunds.owe(tx, order_id, amount_fen=Fen(amount), reason=RefundReason.AFTERSALE, key=key)

    await db.write(SYSTEM, shop, work)


async def balances(db: Database, shop: ShopId) -> dict[Account, int]:
    async with db.read(shop) as tx:
        assert await ledger.differences(tx) == []
        found = await ledger.balances(tx)
    assert sum(found.values()) == 0
    return {account: fen for account, fen in found.items() if fen}


async def next_day(till: Till, hours: float = 26) -> date:
    """A day later, when its bill is out; returns the day."""
    async with till.runtime.db.read() as tx:
        day = china_day(tx.now)
    offset = begins(day) + timedelta(hours=24 + 10, seconds=1) - wall_now()
    till.runtime.clock.set_offset(max(offset, timedelta(hours=hours)))
    return day


async def compared(db: Database, shop: ShopId, till: Till) -> None:
    assert await fire(db, "billing.bill") == 1
    await work_off(till.runtime)


async def test_every_movement_is_booked_and_the_accounts_are_nothing_together(db, shop, till):
    first, _ = await paid(db, shop, till), await paid(db, shop, till)
    assert await balances(db, shop) == {Account.PROVIDER: 2 * PRICE_FEN, Account.SALES: -2 * PRICE_FEN}
    await owe(db, shop, first, 800)
    assert (await balances(db, shop))[Account.OWED] == -800
    await fire(db, "payments.refund")
    await work_off(till.runtime)
    await db.write(SYSTEM, shop, lambda tx: ledger.payout(tx, "2026-11", amount_fen=Fen(5_000)))
    assert not await db.write(SYSTEM, shop, lambda tx: ledger.payout(tx, "2026-11", amount_fen=Fen(5_000)))
    with pytest.raises(ledger.PayoutKnown):
        await db.write(SYSTEM, shop, lambda tx: ledger.payout(tx, "2026-11", amount_fen=Fen(1)))
    assert await balances(db, shop) == {
        Account.PROVIDER: 2 * PRICE_FEN - 800 - 5_000,
        Account.SALES: -2 * PRICE_FEN,
        Account.RETURNS: 800,
        Account.BANK: 5_000,
    }
    async with db.read(shop) as tx:
        page = await ledger.entries(tx, limit=2)
        assert page.items[0].key == "payout:2026-11"
        assert page.next is not None


async def test_the_auditor_sees_what_was_changed_behind_its_back(db, shop, till, admin_dsn):
    await paid(db, shop, till)
    async with db.engine.begin() as conn:
        await conn.execute(text("UPDATE payments SET amount_fen = amount_fen + 1"))
    async with db.read(shop) as tx:
        (one,) = await ledger.differences(tx)
    assert (one.booked_fen, one.should_fen) == (PRICE_FEN, PRICE_FEN + 1)
    with pytest.raises(Exception, match="permission denied"):
        async with db.engine.begin() as conn:
            await conn.execute(text("UPDATE payment_ledger SET amount_fen = 1"))


async def test_a_days_bill_agrees_and_its_fees_are_booked_once(db, shop, till):
    order_id = await paid(db, shop, till)
    await owe(db, shop, order_id, 800)
    await fire(db, "payments.refund")
    await work_off(till.runtime)
    assert await fire(db, "billing.bill") == 0
    day = await next_day(till)
    await compared(db, shop, till)
    async with db.read(shop) as tx:
        days = (await billing.days(tx)).items
        assert (await billing.differences(tx)).items == []
    done = days[-1]
    assert (done.day, done.done, done.payments, done.paid_fen, done.refunds) == (day, True, 1, PRICE_FEN, 1)
    assert (done.refunded_fen, done.fee_fen, done.open_differences) == (800, FEE - 5, 0)
    assert [one.done for one in days[:-1]] == [False]  # the next day is expected
    await reconcile.compare(till.runtime, shop, simulated_number(shop), day=day, actor=SYSTEM)
    assert (await balances(db, shop))[Account.FEES] == FEE - 5


async def spoil(db: Database) -> list[int]:
    """Change the provider's books: another amount, a payment less, and one that we never made."""
    other, gone = (
        "UPDATE simulator_payments SET amount_fen = 9900 WHERE payment_id = :one",
        "UPDATE simulator_payments SET paid_at = NULL, state = 'closed' WHERE payment_id = :one",
    )
    strange = """
        INSERT INTO simulator_payments (shop_id, payment_id, amount_fen, description, scene, payer, notify_url, state,
            expires_at, paid_at, refunded_fen)
        SELECT shop_id, 4711000, 100, 'x', 'h5', '', '', 'paid', expires_at, paid_at, 0
        FROM simulator_payments WHERE payment_id = :one
    """
    async with db.engine.begin() as conn:
        ids = (await conn.execute(text("SELECT payment_id FROM payments ORDER BY payment_id"))).scalars().all()
        await conn.execute(text(other), {"one": ids[0]})
        await conn.execute(text(strange), {"one": ids[0]})
        await conn.execute(text(gone), {"one": ids[1]})
    return list(ids)


async def test_each_kind_of_difference_is_found_once_and_closed_with_a_reason(db, shop, till):
    for _ in range(2):
        await paid(db, shop, till)
    till.wire.up = False
    await paid(db, shop, till)  # we never heard of this one
    ids = await spoil(db)
    day = await next_day(till)
    merchant = simulated_number(shop)
    await fire(db, "billing.bill")
    await work_off(till.runtime)
    async with db.read(shop) as tx:
        found = {one.kind: one for one in (await billing.differences(tx)).items}
    assert set(found) == set(DifferenceKind)
    assert (found[DifferenceKind.AMOUNT].ours_fen, found[DifferenceKind.AMOUNT].theirs_fen) == (PRICE_FEN, 9_900)
    assert found[DifferenceKind.OURS_ONLY].number == str(ids[1])
    assert (found[DifferenceKind.THEIRS_ONLY].number, found[DifferenceKind.THEIRS_ONLY].what) == (
        "4711000",
        LineKind.PAYMENT,
    )
    # What the bill knew as paid and we did not was asked about, and solved itself.
    heard = found[DifferenceKind.STATE]
    assert (heard.number, heard.closed_by) == (str(ids[2]), str(SYSTEM))
    await reconcile.compare(till.runtime, shop, merchant, day=day, actor=SYSTEM)
    async with db.read(shop) as tx:
        assert len((await billing.differences(tx)).items) == 4
        assert len((await billing.differences(tx, closed=False)).items) == 3
    one = found[DifferenceKind.AMOUNT].difference_id
    for reason in ("", "  ", "x" * 201, "a\x00b"):
        with pytest.raises(ReasonNeeded):
            await db.write(SYSTEM, shop, lambda tx, reason=reason: billing_service.close(tx, one, reason=reason))
    closed = await db.write(SYSTEM, shop, lambda tx: billing_service.close(tx, one, reason="店员抹零"))
    again = await db.write(SYSTEM, shop, lambda tx: billing_service.close(tx, one, reason="二次"))
    assert closed == again
    neighbour = (await a_shop(db, "邻居")).shop
    with pytest.raises(DifferenceUnknown):
        await db.write(SYSTEM, neighbour, lambda tx: billing_service.close(tx, one, reason="x"))


async def test_a_bill_that_can_not_be_had_is_tried_again_and_says_why(db, shop, till, monkeypatch):
    await paid(db, shop, till)
    day = await next_day(till)
    merchant = simulated_number(shop)
    with pytest.raises(DayUnknown):
        await reconcile.compare(till.runtime, shop, merchant, day=day + timedelta(days=2), actor=SYSTEM)
    with pytest.raises(DayUnknown):
        await reconcile.compare(till.runtime, shop, merchant, day=day - timedelta(days=9), actor=SYSTEM)
    await simulator_faults.switch(till.runtime, Faults(down=True))
    await compared(db, shop, till)
    async with db.read(shop) as tx:
        assert (await billing.days(tx)).items[0].problem == "payments.provider_unavailable"
    await simulator_faults.switch(till.runtime, Faults())

    async def nonsense(*_args):
        return b"no bill"

    with monkeypatch.context() as patch:
        patch.setattr(till.provider, "trade_bill", nonsense)
        with pytest.raises(BillUnreadable):
            await reconcile.compare(till.runtime, shop, merchant, day=day, actor=SYSTEM)
    till.runtime.clock.set_offset(till.runtime.clock.now() - wall_now() + timedelta(minutes=11))
    await compared(db, shop, till)
    async with db.read(shop) as tx:
        assert [(one.done, one.problem) for one in (await billing.days(tx)).items] == [(False, ""), (True, "")]


@pytest.mark.feature("S-318")
async def test_the_window_is_told_and_the_fourth_day_flags_what_has_not_arrived(db, shop, till):
    order_id = await paid(db, shop, till)
    await simulator_faults.switch(till.runtime, Faults(refund_delay_s=3600))
    await owe(db, shop, order_id, 800)
    await fire(db, "payments.refund")
    await work_off(till.runtime)
    (sent,) = await till.refunds(shop, order_id)
    assert sent.state is RefundState.SENT
    assert sent.arrive_from_on is not None
    assert sent.arrive_by_on is not None
    assert china_day(wall_now()) < sent.arrive_from_on < sent.arrive_by_on
    fourth = begins(sent.arrive_by_on + timedelta(days=1))
    till.runtime.clock.set_offset(fourth - timedelta(seconds=5) - wall_now())
    assert await fire(db, "payments.refund_arrival") == 0
    till.runtime.clock.set_offset(fourth + timedelta(seconds=1) - wall_now())
    assert await fire(db, "payments.refund_arrival") == 1
    assert await fire(db, "payments.refund_arrival") == 0
    (late,) = await till.refunds(shop, order_id)
    assert late.overdue_at is not None
    await balances(db, shop)


async def test_what_moved_on_the_account_is_what_the_trade_bill_says(db, shop, till, monkeypatch):
    order_id = await paid(db, shop, till)
    await owe(db, shop, order_id, 800)
    await fire(db, "payments.refund")
    await work_off(till.runtime)
    day = await next_day(till)
    real = till.provider.fund_bill

    async def short(merchant: str, on: date) -> bytes | None:
        file = await real(merchant, on)
        return None if file is None else file.replace(b"`8.00,", b"`7.00,")

    with monkeypatch.context() as patch:
        patch.setattr(till.provider, "fund_bill", short)
        await compared(db, shop, till)
    async with db.read(shop) as tx:
        (one,) = (await billing.differences(tx)).items
    assert (one.what, one.kind, one.day) == (LineKind.FUNDS, DifferenceKind.AMOUNT, day)
    assert (one.ours_fen, one.theirs_fen) == (PRICE_FEN - 800 - FEE + 5, PRICE_FEN - 700 - FEE + 5)
    await reconcile.compare(till.runtime, shop, simulated_number(shop), day=day, actor=SYSTEM)
    async with db.read(shop) as tx:
        assert (await billing.differences(tx, closed=False)).items == []
        done = (await billing.days(tx)).items[-1]
    assert done.funds is not None
    assert (done.funds.in_fen, done.funds.out_fen) == (PRICE_FEN + 5, 800 + FEE)
    assert done.funds.balance_fen == done.funds.trade_fen == PRICE_FEN - 800 - FEE + 5
    assert done.funds.paid_out_fen == 0


@pytest.mark.parametrize("spoilt", [b"nothing", "收支类型".encode(), b"`1,`2"])
async def test_a_fund_bill_that_can_not_be_read_is_no_bill(db, shop, till, monkeypatch, spoilt):
    await paid(db, shop, till)
    day = await next_day(till)

    async def other(*_: object) -> bytes:
        return spoilt

    monkeypatch.setattr(till.provider, "fund_bill", other)
    with pytest.raises(BillUnreadable):
        await reconcile.compare(till.runtime, shop, simulated_number(shop), day=day, actor=SYSTEM)
    async with db.read(shop) as tx:
        assert not any(one.done for one in (await billing.days(tx)).items)  # all of it or nothing
