"""Working days, bills as WeChat Pay writes them, and the numbers of refunds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveshelf.adapters.payments.simulator_bills import COLUMNS, SUMMARY
from liveshelf.billing.errors import BillUnreadable
from liveshelf.billing.rules import bill_out_at, fen, last_bill_day, parse_bill
from liveshelf.billing.types import LineKind
from liveshelf.kernel.workdays import WorkingDays
from liveshelf.payments.rules import refund_named, refund_number
from liveshelf.platform.calendar import working_days
from liveshelf.platform.db import Database


@pytest.mark.parametrize(
    ("sent", "earliest", "latest"),
    [
        ("2026-11-23", "2026-11-24", "2026-11-26"),  # a Monday
        ("2026-11-26", "2026-11-27", "2026-12-01"),  # a Thursday: over the weekend
        ("2026-11-28", "2026-11-30", "2026-12-02"),  # a Saturday
        ("2026-09-30", "2026-10-08", "2026-10-10"),  # over the National Day; Saturday the 10th is worked
        ("2026-02-13", "2026-02-14", "2026-02-25"),  # the Saturday before the Spring Festival is worked
    ],
)
@pytest.mark.feature("S-318", half=True)
async def test_money_arrives_in_one_to_three_working_days(db: Database, sent: str, earliest: str, latest: str):
    async with db.read() as tx:
        days = await working_days(tx)
    day = date.fromisoformat(sent)
    assert days.knows(day)
    assert (days.after(day, 1).isoformat(), days.after(day, 3).isoformat()) == (earliest, latest)


def test_a_year_that_nobody_told_about_has_weekends_only():
    days = WorkingDays()
    assert not days.knows(date(2031, 10, 1))
    assert days.after(date(2031, 10, 1), 3) == date(2031, 10, 6)


def bill(*rows: str) -> bytes:
    return ("\ufeff" + "\r\n".join([COLUMNS, *rows, SUMMARY, "`2,`128.00"]) + "\r\n").encode()


def row(**changes: str) -> str:
    values = dict.fromkeys(COLUMNS.split(","), "")
    values |= {"商户订单号": "7", "交易状态": "SUCCESS", "货币种类": "CNY", "订单金额": "128.00", "手续费": "0.76800"}
    values |= {"申请退款金额": "0.00", "商品名称": "茶,盏"}
    return ",".join(f"`{value}" for value in {**values, **changes}.values())


def test_a_bill_is_read_with_its_fees_and_refunds():
    back = row(交易状态="REFUND", 商户退款单号="R9", 申请退款金额="28.00", 退款状态="SUCCESS", 手续费="-0.16800")
    read = parse_bill(bill(row(), back, row(交易状态="REVOKED")))
    assert [(line.kind, line.number, line.amount_fen, line.fee_fen) for line in read.lines] == [
        (LineKind.PAYMENT, "7", 12_800, 77),
        (LineKind.REFUND, "R9", 2_800, -17),
    ]
    assert read.fee_fen == 60
    assert parse_bill(None).lines == ()


@pytest.mark.parametrize(
    "file",
    [
        b"\xff\xfe",
        b"",
        b"<html>",
        bill("`1,`2"),
        bill(row(货币种类="USD")),
        bill(row(订单金额="1e308")),
        bill(row(订单金额="-")),
        bill(row(手续费="²")),
        bill(row(订单金额="999999999999.00")),
    ],
)
def test_what_is_no_bill_is_refused_whole(file: bytes):
    with pytest.raises(BillUnreadable):
        parse_bill(file)


@given(st.integers(0, 10**9))
def test_amounts_are_exact(amount: int):
    assert fen(f"{amount // 100}.{amount % 100:02d}") == amount
    assert fen(f"-{amount // 100}.{amount % 100:02d}000") == -amount


def test_a_bill_is_out_at_ten_in_the_morning_in_china():
    assert bill_out_at(date(2026, 11, 26)) == datetime(2026, 11, 27, 2, tzinfo=UTC)
    assert last_bill_day(datetime(2026, 11, 27, 1, 59, 59, tzinfo=UTC)) == date(2026, 11, 25)
    assert last_bill_day(datetime(2026, 11, 27, 2, tzinfo=UTC)) == date(2026, 11, 26)


@given(st.integers(1, 2**63 - 1), st.integers(1, 9999))
def test_a_refunds_number_leads_back_to_it(refund_id: int, round_: int):
    assert refund_named(refund_number(refund_id, round_)) == (refund_id, round_)


@pytest.mark.parametrize("text", ["", "R", "R0", "R1-0", "r1", "R1-", "R1-2-3", "R²", "1", " R1"])
def test_what_is_no_number_of_ours_leads_nowhere(text: str):
    assert refund_named(text) is None
