"""Values of the pricing capability."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from liveshelf.kernel.fen import Fen


class ItemKind(StrEnum):
    """Why an amount is in a total."""

    GOODS = "goods"  # pieces times price of one line
    AGREED = "agreed"  # what the merchant took off a line, or put on it, before it was paid
    FREIGHT = "freight"  # zero: every parcel goes free of charge (包邮)


class Line(Protocol):
    """What pricing asks of a line: what it costs, and what is to be paid for it since the merchant changed it."""

    @property
    def amount_fen(self) -> Fen: ...  # noqa: D102 - as named
    @property
    def due_fen(self) -> Fen: ...  # noqa: D102 - as named


@dataclass(frozen=True, slots=True)
class Priced:
    """A line that is no order's yet."""

    amount_fen: Fen
    due_fen: Fen


@dataclass(frozen=True, slots=True)
class Item:
    """One amount with its reason. `line_no` counts from 1 and is absent for what concerns the whole order."""

    kind: ItemKind
    amount_fen: int
    line_no: int | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """An itemised amount."""

    items: tuple[Item, ...]

    @property
    def total_fen(self) -> Fen:
        """The sum of the items."""
        return Fen(sum(item.amount_fen for item in self.items))
