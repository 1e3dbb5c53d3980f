"""Pure decisions about bills: reading WeChat Pay's file, and when a day's bill is out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from liveshelf.billing.errors import BillUnreadable
from liveshelf.billing.types import Bill, BillLine, Funds, LineKind
from liveshelf.kernel.fen import MAX_FEN, Fen
from liveshelf.kernel.time import begins, china_day

OUT_AT = timedelta(hours=10)  # of the next day in China: WeChat Pay makes bills from nine o'clock on
_MONEY = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,6}))?")
_NEEDED = ("商户订单号", "交易状态", "货币种类", "订单金额", "商户退款单号", "申请退款金额", "退款状态", "手续费")
_NEEDED_FUNDS = ("业务类型", "收支类型", "收支金额(元)", "账户结余(元)")
_IN, _OUT = "收入", "支出"
_PAID_OUT = "提现"
_SOLD = "SUCCESS"
_RETURNED = "REFUND"


def bill_out_at(day: date) -> datetime:
    """From when on the bill of a day can be fetched."""
    return begins(day + timedelta(days=1)) + OUT_AT


def last_bill_day(now: datetime) -> date:
    """The newest day whose bill is out."""
    today = china_day(now)
    yesterday = today - timedelta(days=1)
    return yesterday if bill_out_at(yesterday) <= now else yesterday - timedelta(days=1)


def parse_bill(file: bytes | None) -> Bill:
    """Read a trade bill: a heading, lines whose values stand behind backticks, a summary. Raises `BillUnreadable`."""
    if file is None:
        return Bill()
    lines = [_line(row, number) for number, row in _rows(file, _NEEDED)]
    return Bill(tuple(line for line in lines if line is not None))


def _rows(file: bytes, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BillUnreadable(reason="encoding") from error
    rows = text.replace("\r\n", "\n").strip("\n").split("\n")
    heading = rows[0].split(",")
    if missing := [name for name in needed if name not in heading]:
        raise BillUnreadable(reason="columns", columns=missing)
    for number, row in enumerate(rows[1:], 2):
        if not row.startswith("`"):
            break  # the summary's own heading
        values = row[1:].split(",`")
        if len(values) != len(heading):
            raise BillUnreadable(reason="values", line=number)
        yield number, dict(zip(heading, values, strict=True))


def parse_funds(file: bytes | None) -> Funds:
    """Read a fund-flow bill (资金账单), in the same form. Raises `BillUnreadable`."""
    if file is None:
        return Funds()
    came, left, paid_out, balance = 0, 0, 0, None
    for number, row in _rows(file, _NEEDED_FUNDS):
        try:
            amount = fen(row["收支金额(元)"])
            balance = fen(row["账户结余(元)"])
        except ValueError as error:
            raise BillUnreadable(reason="amount", line=number) from error
        if row["收支类型"] not in {_IN, _OUT} or amount < 0:
            raise BillUnreadable(reason="direction", line=number)
        if row["收支类型"] == _IN:
            came += amount
        else:
            left += amount
            paid_out += amount if _PAID_OUT in row["业务类型"] else 0
    return Funds(came, left, paid_out, balance)


def fen(text: str) -> int:
    """Yuan with up to six decimals as whole fen, the half away from nothing. Raises `ValueError`."""
    match = _MONEY.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    minus, whole, decimals = match[1], int(match[2]), (match[3] or "").ljust(6, "0")
    exact = whole * 1_000_000 + int(decimals)  # in millionths of a yuan: a fen is ten thousand of them
    amount = (exact + 5_000) // 10_000
    if amount > MAX_FEN:
        raise ValueError(text)
    return -amount if minus else amount


def _line(row: dict[str, str], number: int) -> BillLine | None:
    try:
        if row["货币种类"] != "CNY":
            raise BillUnreadable(reason="currency", line=number)
        fee = fen(row["手续费"])
        if row["交易状态"] == _SOLD:
            amount, moved = Fen(fen(row["订单金额"])), fen(row.get("应结订单金额") or row["订单金额"])
            return BillLine(LineKind.PAYMENT, row["商户订单号"], amount, fee, settled=True, moved_fen=moved)
        if row["交易状态"] == _RETURNED:
            amount, moved = Fen(fen(row["申请退款金额"])), fen(row.get("退款金额") or row["申请退款金额"])
            done = row["退款状态"] == _SOLD
            return BillLine(LineKind.REFUND, row["商户退款单号"], amount, fee, settled=done, moved_fen=moved)
    except ValueError as error:
        raise BillUnreadable(reason="amount", line=number) from error
    return None  # a reversed payment: no money moved
