"""Money for staff: what the accounts hold, every movement, refunds, and the provider's bills beside our books."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import PathParameter, QueryParameter

from liveshelf.accounts import queries as accounts
from liveshelf.accounts.types import Operator, Permission
from liveshelf.billing import queries as billing
from liveshelf.billing import service as billing_service
from liveshelf.billing.types import Day, Difference, DifferenceKind, LineKind
from liveshelf.facades.native.shell import Cursor, Limit, LongId, Plain, RequestId, instant, once, staff
from liveshelf.flows import reconcile
from liveshelf.kernel.fen import MAX_FEN, Fen
from liveshelf.payments import ledger, queries
from liveshelf.payments.types import Account, EntryKind, LedgerEntry, Refund, RefundReason, RefundState
from liveshelf.platform.db import Tx
from liveshelf.platform.runtime import Runtime
from liveshelf.trail import service as trail

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
DayPath = Annotated[date, PathParameter()]
MerchantPath = Annotated[str, PathParameter(max_length=32)]


class BalanceView(msgspec.Struct, frozen=True):
    """What stands on an account: more was moved to it than from it, or less."""

    account: Account
    fen: int


class Balances(msgspec.Struct, frozen=True):
    """Every account. Together they are nothing. `may` names what the asker may do with money."""

    accounts: list[BalanceView]
    may: list[str]


class EntryView(msgspec.Struct, frozen=True):
    """One movement, from the credit account to the debit account."""

    entry_id: str
    key: str
    kind: EntryKind
    debit: Account
    credit: Account
    amount_fen: int
    order_id: str | None
    at: str


class EntryPage(msgspec.Struct, frozen=True):
    """A page of the ledger."""

    items: list[EntryView]
    next: str | None


class RefundView(msgspec.Struct, frozen=True):
    """A refund. `late` was not sent in time, `overdue` did not arrive in time; `problem` is the provider's word."""

    refund_id: str
    number: str
    order_id: str
    amount_fen: int
    reason: RefundReason
    state: RefundState
    owed_at: str
    sent_at: str | None
    settled_at: str | None
    arrive_from_on: str | None
    arrive_by_on: str | None
    late: bool
    overdue: bool
    problem: str


class RefundPage(msgspec.Struct, frozen=True):
    """A page of refunds."""

    items: list[RefundView]
    next: str | None


class FundsView(msgspec.Struct, frozen=True):
    """What moved on the merchant's account at the provider; `paid_out_fen` of it went to the bank."""

    in_fen: int
    out_fen: int
    paid_out_fen: int
    balance_fen: int | None


class DayView(msgspec.Struct, frozen=True):
    """A day of a merchant beside its bills; `funds` is absent until the fund-flow bill was read."""

    merchant: str
    day: str
    done: bool
    due_at: str
    done_at: str | None
    problem: str
    payments: int
    paid_fen: int
    refunds: int
    refunded_fen: int
    fee_fen: int
    open_differences: int
    funds: FundsView | None


class DayPage(msgspec.Struct, frozen=True):
    """A page of days."""

    items: list[DayView]
    next: str | None


class BillDifferenceView(msgspec.Struct, frozen=True):
    """What the bill and our books tell differently. `closed_by` is a person's name, or `system`."""

    difference_id: str
    merchant: str
    day: str
    kind: DifferenceKind
    what: LineKind
    number: str
    ours_fen: int | None
    theirs_fen: int | None
    found_at: str
    closed_at: str | None
    closed_by: str | None
    reason: str


class DifferencePage(msgspec.Struct, frozen=True):
    """A page of differences."""

    items: list[BillDifferenceView]
    next: str | None


class CloseDifference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it is no difference any more."""

    request_id: RequestId
    reason: Text


class RecordPayout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the provider has paid out to the bank, under the provider's reference of it."""

    request_id: RequestId
    reference: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    amount_fen: Annotated[int, msgspec.Meta(ge=1, le=MAX_FEN)]


@get("/shops/{shop_id:int}/money/balances", dependencies=staff("money.read"), tags=["money"])
async def money_balances(operator: Operator, runtime: Runtime) -> Balances:
    """What the accounts hold."""
    async with runtime.db.read(operator.shop) as tx:
        found = await ledger.balances(tx)
    may = ["write"] if Permission.MONEY_WRITE in operator.permissions else []
    return Balances([BalanceView(account, fen) for account, fen in found.items()], may)


@get("/shops/{shop_id:int}/money/entries", dependencies=staff("money.read"), tags=["money"])
async def money_entries(operator: Operator, runtime: Runtime, cursor: Cursor = None, limit: Limit = None) -> EntryPage:
    """Every movement, newest first."""
    async with runtime.db.read(operator.shop) as tx:
        page = (await ledger.entries(tx, cursor=cursor, limit=limit)).map(_entry)
    return EntryPage(list(page.items), page.next)


@get("/shops/{shop_id:int}/money/refunds", dependencies=staff("money.read"), tags=["money"])
async def money_refunds(
    operator: Operator,
    runtime: Runtime,
    *,
    standing: Annotated[RefundState | None, QueryParameter(name="state")] = None,
    trouble: Annotated[bool, QueryParameter()] = False,
    cursor: Cursor = None,
    limit: Limit = None,
) -> RefundPage:
    """Refunds, newest first; with `trouble` only those that were late, are overdue or have a problem."""
    async with runtime.db.read(operator.shop) as tx:
        page = await queries.refunds_page(tx, state=standing, trouble=trouble, cursor=cursor, limit=limit)
    return RefundPage([_refund(one) for one in page.items], page.next)


@get("/shops/{shop_id:int}/money/days", dependencies=staff("money.read"), tags=["money"])
async def money_days(operator: Operator, runtime: Runtime, cursor: Cursor = None, limit: Limit = None) -> DayPage:
    """Days and their bills, newest first."""
    async with runtime.db.read(operator.shop) as tx:
        page = await billing.days(tx, cursor=cursor, limit=limit)
    return DayPage([_day(one) for one in page.items], page.next)


@post(
    "/shops/{shop_id:int}/money/days/{merchant:str}/{day:date}/compare",
    status_code=204,
    dependencies=staff("money.write"),
    tags=["money"],
)
async def compare_day(
    merchant: MerchantPath,
    day: DayPath,
    *,
    data: Plain,  # noqa: ARG001 - comparing twice is comparing, so the id has nothing to guard
    operator: Operator,
    runtime: Runtime,
) -> None:
    """Fetch a day's bill (again) and compare it now."""
    await reconcile.compare(runtime, operator.shop, merchant, day=day, actor=operator.actor)


@get("/shops/{shop_id:int}/money/differences", dependencies=staff("money.read"), tags=["money"])
async def money_differences(
    operator: Operator,
    runtime: Runtime,
    *,
    closed: Annotated[bool | None, QueryParameter()] = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> DifferencePage:
    """Differences, newest first: all, the open or the closed ones."""
    async with runtime.db.read(operator.shop) as tx:
        page = await billing.differences(tx, closed=closed, cursor=cursor, limit=limit)
        names = await accounts.names(tx, [one.closed_by for one in page.items if one.closed_by])
    return DifferencePage([_difference(one, names) for one in page.items], page.next)


@post(
    "/shops/{shop_id:int}/money/differences/{difference_id:int}/close",
    status_code=200,
    dependencies=staff("money.write"),
    tags=["money"],
)
async def close_difference(
    difference_id: LongId, data: CloseDifference, operator: Operator, runtime: Runtime
) -> BillDifferenceView:
    """Explain a difference: it is closed with the reason."""

    async def work(tx: Tx) -> BillDifferenceView:
        closed = await billing_service.close(tx, difference_id, reason=data.reason)
        trail.record(tx, "billing.close_difference", f"difference:{difference_id}", reason=closed.reason)
        return _difference(closed, await accounts.names(tx, [closed.closed_by or ""]))

    asked = once(
        "billing.close_difference", data.request_id, {"id": difference_id, "reason": data.reason}, BillDifferenceView
    )
    return await runtime.db.write(operator.actor, operator.shop, work, once=asked)


@post("/shops/{shop_id:int}/money/payouts", status_code=204, dependencies=staff("money.write"), tags=["money"])
async def record_payout(data: RecordPayout, operator: Operator, runtime: Runtime) -> None:
    """Record what the provider has paid out to the bank. The same reference is recorded once."""

    async def work(tx: Tx) -> None:
        if await ledger.payout(tx, data.reference, amount_fen=Fen(data.amount_fen)):
            trail.record(tx, "payments.payout", f"payout:{data.reference}", amount_fen=data.amount_fen)

    await runtime.db.write(operator.actor, operator.shop, work)


def _entry(entry: LedgerEntry) -> EntryView:
    return EntryView(
        str(entry.entry_id),
        entry.key,
        entry.kind,
        entry.debit,
        entry.credit,
        entry.amount_fen,
        None if entry.order_id is None else str(entry.order_id),
        instant(entry.at),
    )


def _refund(refund: Refund) -> RefundView:
    return RefundView(
        str(refund.refund_id),
        refund.number,
        str(refund.order_id),
        refund.amount_fen,
        refund.reason,
        refund.state,
        instant(refund.owed_at),
        instant(refund.sent_at),
        instant(refund.settled_at),
        _day_text(refund.arrive_from_on),
        _day_text(refund.arrive_by_on),
        refund.late_at is not None,
        refund.overdue_at is not None,
        refund.problem,
    )


def _day(day: Day) -> DayView:
    return DayView(
        day.merchant,
        day.day.isoformat(),
        day.done,
        instant(day.due_at),
        instant(day.done_at),
        day.problem,
        day.payments,
        day.paid_fen,
        day.refunds,
        day.refunded_fen,
        day.fee_fen,
        day.open_differences,
        None
        if day.funds is None
        else FundsView(day.funds.in_fen, day.funds.out_fen, day.funds.paid_out_fen, day.funds.balance_fen),
    )


def _difference(one: Difference, names: dict[str, str]) -> BillDifferenceView:
    by = None if one.closed_by is None else names.get(one.closed_by, one.closed_by.partition(":")[0])
    return BillDifferenceView(
        str(one.difference_id),
        one.merchant,
        one.day.isoformat(),
        one.kind,
        one.what,
        one.number,
        one.ours_fen,
        one.theirs_fen,
        instant(one.found_at),
        instant(one.closed_at),
        by,
        one.reason,
    )


def _day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


ROUTES = [
    money_balances,
    money_entries,
    money_refunds,
    money_days,
    compare_day,
    money_differences,
    close_difference,
    record_payout,
]
