"""Commands: expect a day's bill, compare it, close what differs. The bill is fetched by `flows.reconcile`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from liveshelf.billing import _sql, queries
from liveshelf.billing.errors import DayUnknown, DifferenceUnknown, ReasonNeeded
from liveshelf.billing.events import BillCompared
from liveshelf.billing.rules import bill_out_at
from liveshelf.billing.types import COMPARED, Bill, BillLine, Difference, DifferenceKind, Funds, LineKind
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import new_number
from liveshelf.kernel.text import is_plain
from liveshelf.kernel.time import begins, china_day
from liveshelf.payments import booked, ledger
from liveshelf.payments.types import Booked
from liveshelf.platform.db import Tx

T = TypeVar("T")

SLACK = timedelta(minutes=10)  # a refund taken on so near to midnight may stand in the next day's bill
OPEN_MAX = 1000  # open differences that are looked at again with each bill
REASON_MAX = 200
_CHUNK = 1000
_LATER = "a later bill and our books agree"


async def expect(tx: Tx, merchant: str) -> None:
    """Money may move under this merchant today: its bill is fetched once it is out."""
    await _expect(tx, merchant, china_day(tx.now))


async def take(tx: Tx, merchant: str, day: date, bill: Bill, *, funds: Funds) -> list[Difference]:
    """Take in a day's bills: keep the lines, compare them with our books and what they move with what the account's own
    bill says, book the fees, and expect the next day.

    Whatever was found before is found once. Returns the open differences that were looked at. Raises `DayUnknown`.
    """
    row = await tx.one(_sql.DAY, whose=merchant, on=day)
    if row is None:
        raise DayUnknown
    await _keep(tx, merchant, day, bill.lines)
    begin, end = begins(day), begins(day + timedelta(days=1))
    ours = await booked.between(tx, merchant, paid=(begin, end), sent=(begin - SLACK, end - SLACK))
    found = await _compare(tx, _Day(merchant, day), bill, ours)
    found += await _compare_funds(tx, _Day(merchant, day), bill, funds)
    if row.done_at is None:
        ledger.fees(tx, merchant, day, fee_fen=bill.fee_fen)
        await _expect(tx, merchant, day + timedelta(days=1))
    sold = [line for line in bill.lines if line.kind is LineKind.PAYMENT]
    returned = [line for line in bill.lines if line.kind is LineKind.REFUND]
    await tx.execute(
        _sql.DONE,
        whose=merchant,
        on=day,
        moment=tx.now,
        sold=len(sold),
        sold_fen=sum(line.amount_fen for line in sold),
        returned=len(returned),
        returned_fen=sum(line.amount_fen for line in returned),
        kept_fen=bill.fee_fen,
        came=funds.in_fen,
        left=funds.out_fen,
        to_bank=funds.paid_out_fen,
        there=funds.balance_fen,
    )
    tx.emit(BillCompared(merchant=merchant, day=day.isoformat(), found=found), stream=f"bill:{day.isoformat()}")
    return await look_again(tx)


async def _compare_funds(tx: Tx, at: _Day, bill: Bill, funds: Funds) -> int:
    """What the trade bill moves beside what the account's own bill says that trade moved: one difference a day."""
    number = f"{at.merchant} {at.day.isoformat()}"
    if bill.net_fen == funds.trade_fen:
        await tx.execute(
            _sql.CLOSE_NAMED, which=LineKind.FUNDS, name=number, moment=tx.now, who=str(SYSTEM), why=_LATER
        )
        return 0
    made = await tx.scalar(
        _sql.FOUND.values(
            shop_id=tx.shop,
            difference_id=new_number(),
            merchant=at.merchant,
            day=at.day,
            kind=DifferenceKind.AMOUNT,
            what=LineKind.FUNDS,
            number=number,
            ours_fen=bill.net_fen,
            theirs_fen=funds.trade_fen,
            found_at=tx.now,
            reason="",
        )
    )
    return int(made is not None)


async def look_again(tx: Tx) -> list[Difference]:
    """Close the open differences that have solved themselves; those that stay."""
    still = []
    for one in [queries.as_difference(row) for row in await tx.all(_sql.OPEN, most=OPEN_MAX)]:
        if one.what is LineKind.FUNDS:  # only the day's bills, fetched again, can say otherwise
            still.append(one)
            continue
        line = (await _lines(tx, one.what, [one.number])).get(one.number)
        ours = (await booked.named(tx, one.what.value, [one.number])).get((one.what.value, one.number))
        if line is not None and ours is not None and _differ(line, ours) is None:
            await tx.execute(_sql.CLOSE, difference=one.difference_id, moment=tx.now, who=str(SYSTEM), why=_LATER)
        else:
            still.append(one)
    return still


async def note_trouble(tx: Tx, merchant: str, day: date, *, problem: str) -> None:
    """The bill could not be fetched or read this time; it is tried again."""
    await tx.execute(_sql.TROUBLE, whose=merchant, on=day, trouble=problem)


async def close(tx: Tx, difference_id: int, *, reason: str) -> Difference:
    """Somebody explains a difference; one that was closed stays as it was.

    Raises `DifferenceUnknown`, `ReasonNeeded`.
    """
    reason = reason.strip()
    if not (1 <= len(reason) <= REASON_MAX and is_plain(reason)):
        raise ReasonNeeded(field="reason")
    row = await tx.one(_sql.CLOSE, difference=difference_id, moment=tx.now, who=str(tx.actor), why=reason)
    row = row or await tx.one(_sql.BY_ID, difference=difference_id)
    if row is None:
        raise DifferenceUnknown
    return queries.as_difference(row)


@dataclass(frozen=True, slots=True)
class _Day:
    merchant: str
    day: date


async def _compare(tx: Tx, at: _Day, bill: Bill, ours: Mapping[tuple[str, str], Booked]) -> int:
    known = dict(ours)
    for kind in COMPARED:
        for some in _chunks([line.number for line in bill.lines if line.kind is kind]):
            known |= await booked.named(tx, kind.value, some)
    found = 0
    for line in bill.lines:
        mine = known.get((line.kind.value, line.number))
        if (differs := _differ(line, mine)) is not None:
            found += await _found(tx, at, differs, line=line, ours=mine)
    for kind in COMPARED:
        mine_of_kind = {number: one for (what, number), one in ours.items() if what == kind.value}
        for some in _chunks(sorted(mine_of_kind)):
            theirs = await _lines(tx, kind, some)
            for number in some:
                if number not in theirs:
                    found += await _found(tx, at, DifferenceKind.OURS_ONLY, ours=mine_of_kind[number])
    return found


def _differ(line: BillLine, ours: Booked | None) -> DifferenceKind | None:
    if ours is None:
        return DifferenceKind.THEIRS_ONLY
    if ours.amount_fen != line.amount_fen:
        return DifferenceKind.AMOUNT
    # A refund that is under way here and done there is only not heard of yet.
    return None if ours.moved else DifferenceKind.STATE


async def _found(
    tx: Tx, at: _Day, kind: DifferenceKind, *, line: BillLine | None = None, ours: Booked | None = None
) -> int:
    what, number = (line.kind.value, line.number) if line else (ours.what, ours.number) if ours else ("", "")
    made = await tx.scalar(
        _sql.FOUND.values(
            shop_id=tx.shop,
            difference_id=new_number(),
            merchant=at.merchant,
            day=at.day,
            kind=kind.value,
            what=what,
            number=number,
            ours_fen=ours.amount_fen if ours else None,
            theirs_fen=line.amount_fen if line else None,
            found_at=tx.now,
            reason="",
        )
    )
    return int(made is not None)


async def _keep(tx: Tx, merchant: str, day: date, lines: Sequence[BillLine]) -> None:
    rows = {
        (line.kind, line.number): {
            "shop_id": tx.shop,
            "what": line.kind.value,
            "number": line.number,
            "merchant": merchant,
            "day": day,
            "amount_fen": line.amount_fen,
            "fee_fen": line.fee_fen,
            "settled": line.settled,
        }
        for line in lines
    }
    for some in _chunks(list(rows.values())):
        await tx.conn.execute(_sql.KEEP_LINES, some)


async def _lines(tx: Tx, kind: LineKind, numbers: Sequence[str]) -> dict[str, BillLine]:
    rows = await tx.all(_sql.LINES_BY_NUMBERS, which=kind.value, numbers=list(numbers)) if numbers else []
    return {row.number: BillLine(kind, row.number, row.amount_fen, row.fee_fen, row.settled) for row in rows}


async def _expect(tx: Tx, merchant: str, day: date) -> None:
    await tx.execute(
        _sql.EXPECT.values(
            shop_id=tx.shop,
            merchant=merchant,
            day=day,
            due_at=bill_out_at(day),
            problem="",
            payments=0,
            paid_fen=0,
            refunds=0,
            refunded_fen=0,
            fee_fen=0,
        )
    )


def _chunks(many: Sequence[T]) -> Iterable[Sequence[T]]:
    return (many[at : at + _CHUNK] for at in range(0, len(many), _CHUNK))
