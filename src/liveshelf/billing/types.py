"""Values of the billing capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from liveshelf.kernel.fen import Fen


class LineKind(StrEnum):
    """What a line of a bill is about."""

    PAYMENT = "payment"
    REFUND = "refund"
    FUNDS = "funds"  # no line: what moved on the account in all


COMPARED = (LineKind.PAYMENT, LineKind.REFUND)  # one by one, by their numbers


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a bill. `number` is ours: of the payment, or of the refund. `settled` says whether it is done.
    `moved_fen` is what it moved on the account where that is another amount, since the provider's own coupons paid.
    """

    kind: LineKind
    number: str
    amount_fen: Fen
    fee_fen: int
    settled: bool
    moved_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """A day's bill. The fee of the whole is the sum of the lines'."""

    lines: tuple[BillLine, ...] = ()

    @property
    def fee_fen(self) -> int:
        """What the provider keeps of the day; less than nothing when refunds gave back more."""
        return sum(line.fee_fen for line in self.lines)

    @property
    def net_fen(self) -> int:
        """What all of it moves on the merchant's account: payments less refunds less fees."""
        moved = [
            (1 if line.kind is LineKind.PAYMENT else -1)
            * (line.amount_fen if line.moved_fen is None else line.moved_fen)
            for line in self.lines
        ]
        return sum(moved) - self.fee_fen


@dataclass(frozen=True, slots=True)
class Funds:
    """A day's fund-flow bill: what came onto the merchant's account and what left it. `paid_out_fen` is what of it went
    to the bank; the rest is trade. `balance_fen` is what was there at the end, unknown of a day on which nothing moved.
    """

    in_fen: int = 0
    out_fen: int = 0
    paid_out_fen: int = 0
    balance_fen: int | None = None

    @property
    def trade_fen(self) -> int:
        """What trade moved: all that came less all that left, without what went to the bank."""
        return self.in_fen - self.out_fen + self.paid_out_fen


class DifferenceKind(StrEnum):
    """How the two sides differ."""

    OURS_ONLY = "ours_only"
    THEIRS_ONLY = "theirs_only"
    AMOUNT = "amount"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that the bill and our books tell differently. Closed by a person with a reason, or by a later bill."""

    difference_id: int
    day: date
    merchant: str
    kind: DifferenceKind
    what: LineKind
    number: str
    ours_fen: int | None
    theirs_fen: int | None
    found_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a merchant: waiting for its bill, or compared."""

    merchant: str
    day: date
    done: bool
    due_at: datetime
    done_at: datetime | None
    problem: str
    payments: int
    paid_fen: Fen
    refunds: int
    refunded_fen: Fen
    fee_fen: int
    open_differences: int
    funds: Funds | None = None
