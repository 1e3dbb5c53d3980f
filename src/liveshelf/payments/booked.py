"""Payments and refunds as a provider's bill is compared with them: by the numbers that the provider knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import INT63_MAX
from liveshelf.payments import _ledger_sql as _sql
from liveshelf.payments.rules import refund_named, refund_number
from liveshelf.payments.types import Booked, PaymentState, RefundState
from liveshelf.platform.db import ReadTx

PAYMENT, REFUND = "payment", "refund"
_Key = tuple[str, str]


async def between(
    tx: ReadTx, merchant: str, *, paid: Sequence[datetime], sent: Sequence[datetime]
) -> dict[_Key, Booked]:
    """What was paid to a merchant and what it sent back, each between two instants, by kind and number."""
    bought = await tx.all(_sql.PAID_BETWEEN, whose=merchant, since=paid[0], until=paid[1])
    back = await tx.all(_sql.REFUNDS_BETWEEN, whose=merchant, since=sent[0], until=sent[1])
    return _by_number([*map(_payment, bought), *map(_refund, back)])


async def named(tx: ReadTx, what: str, numbers: Iterable[str]) -> dict[_Key, Booked]:
    """The payments or refunds of these numbers; what is none of ours is absent."""
    numbers = set(numbers)
    if what == PAYMENT:
        ids = {int(text) for text in numbers if text.isascii() and text.isdigit() and len(text) < 20}  # noqa: PLR2004 - digits of a 63-bit number
        ids = {number for number in ids if number <= INT63_MAX}
        rows = await tx.all(_sql.PAYMENTS_BY_IDS, ids=sorted(ids)) if ids else []
        found = map(_payment, rows)
    else:
        refunds = {one[0] for text in numbers if (one := refund_named(text)) and one[0] <= INT63_MAX}
        rows = await tx.all(_sql.REFUNDS_BY_IDS, ids=sorted(refunds)) if refunds else []
        found = map(_refund, rows)
    return _by_number([one for one in found if one.number in numbers])


def _by_number(many: Iterable[Booked]) -> dict[_Key, Booked]:
    return {(one.what, one.number): one for one in many}


def _payment(row: Row[Any]) -> Booked:
    return Booked(PAYMENT, str(row.payment_id), Fen(row.amount_fen), row.state == PaymentState.PAID)


def _refund(row: Row[Any]) -> Booked:
    number = refund_number(row.refund_id, row.round)
    return Booked(REFUND, number, Fen(row.amount_fen), row.state != RefundState.OWED)
