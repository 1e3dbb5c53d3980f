"""Values of the stock capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

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
    """What stock is set apart for. Orders are sold from the general pool unless they say otherwise."""

    GENERAL = "general"
    ACTIVITY = "activity"  # a campaign's own pieces
    STORE = "store"  # what lies in the shops on the street
    PRESALE = "presale"  # promised before it is there


Place: TypeAlias = tuple[SkuId, Pool]  # where counters stand


class MoveKind(StrEnum):
    """Why a counter changed. A move carries the signed change of each counter."""

    SET = "set"  # on hand
    ADJUST = "adjust"  # on hand
    HOLD = "hold"  # held
    COMMIT = "commit"  # on hand and held
    RELEASE = "release"  # held
    EXPIRE = "expire"  # held
    RETURN = "return"  # on hand: what was sold came back
    TRANSFER = "transfer"  # on hand, from one pool to another: two moves


@dataclass(frozen=True, slots=True)
class Level:
    """The counters of one SKU in one pool. `sold` is less what came back. `version` grows with every change."""

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
    """What one order wants to hold: every SKU at most once, all from one pool. `actor` is written into the moves."""

    order_id: OrderId
    lines: tuple[tuple[SkuId, int], ...]
    actor: str
    pool: Pool = Pool.GENERAL

    @property
    def places(self) -> list[Place]:
        """The counters it needs."""
        return [(sku_id, self.pool) for sku_id, _ in self.lines]


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why a hold was not made: the first SKU that there is not enough of, and how much there was at that moment."""

    sku_id: SkuId
    available: int


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the ledger, with the counters as they stood after it."""

    move_id: int
    pool: Pool
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
    """A SKU and pool whose counters and ledger do not agree: (on hand, held, sold) as counted and as summed."""

    sku_id: SkuId
    pool: Pool
    counted: tuple[int, int, int]
    summed: tuple[int, int, int]
