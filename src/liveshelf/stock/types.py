"""Values of the stock capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liveshelf.kernel.ids import OrderId, SkuId
from liveshelf.kernel.states import Transitions


class HoldState(StrEnum):
    """The life of a hold: made once, resolved once."""

    HELD = "held"
    COMMITTED = "committed"
    RELEASED = "released"
    EXPIRED = "expired"


HOLD = Transitions(
    name="stock hold",
    initial={HoldState.HELD},
    edges={
        HoldState.HELD: {HoldState.COMMITTED, HoldState.RELEASED, HoldState.EXPIRED},
        HoldState.COMMITTED: set(),
        HoldState.RELEASED: set(),
        HoldState.EXPIRED: set(),
    },
)


class Pool(StrEnum):
    """What stock is set apart for. The house sells from the general pool; the others are filled by later work."""

    GENERAL = "general"


class MoveKind(StrEnum):
    """Why a counter changed. A move carries the signed change of each counter."""

    SET = "set"  # on hand
    ADJUST = "adjust"  # on hand
    HOLD = "hold"  # held
    COMMIT = "commit"  # on hand and held
    RELEASE = "release"  # held
    EXPIRE = "expire"  # held


@dataclass(frozen=True, slots=True)
class Level:
    """The counters of one SKU in one pool. `version` grows with every change."""

    on_hand: int
    held: int
    sold: int
    version: int

    @property
    def available(self) -> int:
        """What a buyer can still take."""
        return self.on_hand - self.held


@dataclass(frozen=True, slots=True)
class Want:
    """What one order wants to hold: every SKU at most once. `actor` is written into the moves."""

    order_id: OrderId
    lines: tuple[tuple[SkuId, int], ...]
    actor: str


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why a hold was not made: the first SKU that there is not enough of, and how much there was at that moment."""

    sku_id: SkuId
    available: int


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the ledger, with the counters as they stood after it."""

    move_id: int
    kind: MoveKind
    on_hand_change: int
    held_change: int
    on_hand_after: int
    held_after: int
    order_id: OrderId | None
    reason: str
    actor: str
    at: datetime

    @property
    def quantity(self) -> int:
        """The signed change that the kind is about: of what is held for holds and their undoing, else of what is on
        hand.
        """
        return self.held_change if self.kind in _ABOUT_HELD else self.on_hand_change


_ABOUT_HELD = frozenset({MoveKind.HOLD, MoveKind.RELEASE, MoveKind.EXPIRE})


@dataclass(frozen=True, slots=True)
class Difference:
    """A SKU whose counters and ledger do not agree: (on hand, held, sold) as counted and as summed."""

    sku_id: SkuId
    counted: tuple[int, int, int]
    summed: tuple[int, int, int]
