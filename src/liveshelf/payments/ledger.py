"""The money ledger: double entry, append-only, written in the transaction of what it tells.

Each entry moves one amount from one account to another, so the books always balance, to the fen. Its key says what it
is about and is unique: nothing is booked twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.errors import Conflict
from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import OrderId, new_number
from liveshelf.kernel.paging import Page, below, clamp_limit, page_of
from liveshelf.payments import _ledger_sql as _sql
from liveshelf.payments._tables import payment_ledger
from liveshelf.payments.types import Account, BookDifference, EntryKind, LedgerEntry, Payment, Refund
from liveshelf.platform.db import ReadTx, Tx

DIFFERENCES_MAX = 100  # more are not told one by one

_ACCOUNTS = {  # debit, credit
    EntryKind.PAID: (Account.PROVIDER, Account.SALES),
    EntryKind.REFUND_OWED: (Account.RETURNS, Account.OWED),
    EntryKind.REFUND_SETTLED: (Account.OWED, Account.PROVIDER),
    EntryKind.FEE: (Account.FEES, Account.PROVIDER),
    EntryKind.FEE_BACK: (Account.PROVIDER, Account.FEES),
    EntryKind.PAYOUT: (Account.BANK, Account.PROVIDER),
}


class PayoutKnown(Conflict):
    """A payout with this reference was recorded before, with another amount."""

    code = "payments.payout_known"
    title = "This payout was recorded before."


def paid(tx: Tx, payment: Payment) -> None:
    """The provider holds a buyer's money for us."""
    _book(tx, EntryKind.PAID, f"paid:{payment.payment_id}", payment.amount_fen, order_id=payment.order_id)


def refund_owed(tx: Tx, refund: Refund) -> None:
    """Money must go back."""
    _book(tx, EntryKind.REFUND_OWED, f"owed:{refund.refund_id}", refund.amount_fen, order_id=refund.order_id)


def refund_settled(tx: Tx, refund: Refund) -> None:
    """Money is back."""
    _book(tx, EntryKind.REFUND_SETTLED, f"settled:{refund.refund_id}", refund.amount_fen, order_id=refund.order_id)


def fees(tx: Tx, merchant: str, day: date, *, fee_fen: int) -> None:
    """What the provider kept of a day, by its bill; less than nothing when refunds gave back more than sales cost."""
    if fee_fen:
        kind = EntryKind.FEE if fee_fen > 0 else EntryKind.FEE_BACK
        _book(tx, kind, f"fee:{merchant}:{day.isoformat()}", Fen(abs(fee_fen)))


async def payout(tx: Tx, reference: str, *, amount_fen: Fen) -> bool:
    """The provider has paid out to the bank. False when that was recorded. Raises `PayoutKnown`."""
    key = f"payout:{reference}"
    before = await tx.one(_sql.BY_KEY, name=key)
    if before is None:
        _book(tx, EntryKind.PAYOUT, key, amount_fen)
        return True
    if before.amount_fen != amount_fen:
        raise PayoutKnown(field="reference")
    return False


async def balances(tx: ReadTx) -> dict[Account, int]:
    """What stands on each account: debits less credits. Their sum is nothing."""
    found = {row.account: int(row.fen) for row in await tx.all(_sql.BALANCES)}
    return {account: found.get(account.value, 0) for account in Account}


async def entries(tx: ReadTx, *, cursor: str | None = None, limit: int | None = None) -> Page[LedgerEntry]:
    """The ledger, newest first."""
    most = clamp_limit(limit)
    rows = await tx.all(_sql.PAGE, before=below(cursor), most=most + 1)
    return page_of([_entry(row) for row in rows], most, lambda one: (one.entry_id,))


async def refunders(tx: ReadTx, refund_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Who owed each refund, and who settled it, as actors; empty where that did not happen (yet)."""
    ids = sorted(set(refund_ids))
    names = [f"{what}:{one}" for one in ids for what in ("owed", "settled")]
    who = {row.key: row.actor for row in await tx.all(_sql.ACTORS, names=names)} if ids else {}
    return {one: (who.get(f"owed:{one}", ""), who.get(f"settled:{one}", "")) for one in ids}


async def differences(tx: ReadTx) -> list[BookDifference]:
    """Where the ledger and the payments and refunds do not agree; empty when all is well."""
    wrong = [
        BookDifference(row.key, int(row.booked), int(row.should))
        for row in await tx.all(_sql.DIFFERENCES, most=DIFFERENCES_MAX)
    ]
    sums = [
        BookDifference(f"refunded:{row.payment_id}", int(row.booked), int(row.should))
        for row in await tx.all(_sql.REFUND_SUMS, most=DIFFERENCES_MAX)
    ]
    total = sum((await balances(tx)).values())
    return [*wrong, *sums, *([BookDifference("all accounts", total, 0)] if total else [])]


def _book(tx: Tx, kind: EntryKind, key: str, amount_fen: Fen, *, order_id: OrderId | None = None) -> None:
    debit, credit = _ACCOUNTS[kind]
    tx.append(
        payment_ledger,
        entry_id=new_number(),
        key=key,
        kind=kind.value,
        debit=debit.value,
        credit=credit.value,
        amount_fen=amount_fen,
        order_id=order_id,
        actor=str(tx.actor),
        at=tx.now,
    )


def _entry(row: Row[Any]) -> LedgerEntry:
    return LedgerEntry(
        row.entry_id,
        row.key,
        EntryKind(row.kind),
        Account(row.debit),
        Account(row.credit),
        Fen(row.amount_fen),
        None if row.order_id is None else OrderId(row.order_id),
        row.actor,
        row.at,
    )
