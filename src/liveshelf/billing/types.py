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


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a bill. `number` is ours: of the payment, or of the refund. `settled` says whether it is done."""

    kind: LineKind
    number: str
    amount_fen: Fen
    fee_fen: int
    settled: bool


@dataclass(frozen=True, slots=True)
class Bill:
    """A day's bill. The fee of the whole is the sum of the lines'."""

    lines: tuple[BillLine, ...] = ()

    @property
    def fee_fen(self) -> int:
        """What the provider keeps of the day; less than nothing when refunds gave back more."""
        return sum(line.fee_fen for line in self.lines)


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
