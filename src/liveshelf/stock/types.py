"""Values of the stock capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import CustomerId, OrderId, ProductId, SkuId
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
    """The counters of one SKU in one pool, and what bounds their selling. `version` grows with every change.

    `sold` is less what came back. `safety` is kept for promises that were made, `low_at` is when staff should look.
    `short` is how many of the promised pieces are gone, as another system or a count says: until their orders are
    closed, `on_hand` + `short` = `held`, and `on_hand` may even be negative when paid pieces are gone as well.
    """

    on_hand: int
    held: int
    sold: int
    version: int
    safety: int = 0
    low_at: int = -1
    low: bool = False  # staff were told, and nothing has arrived since
    short: int = 0
    limited: bool = False  # some purchase limit names this SKU

    @property
    def unheld(self) -> int:
        """What no order holds."""
        return max(0, self.on_hand - self.held)

    @property
    def available(self) -> int:
        """What a buyer can still take."""
        return max(0, self.on_hand - self.held - self.safety)


class Show(StrEnum):
    """Which SKUs a list shows."""

    ALL = "all"
    LOW = "low"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class OwnBounds:
    """What a SKU has of its own; `None` follows the shop."""

    safety: int | None
    low_at: int | None


@dataclass(frozen=True, slots=True)
class Want:
    """What one order wants to hold: every SKU at most once, all from one pool. `actor` is written into the moves.

    `buyer` is whom limits count; without one there are none. `promised` says that the order was placed before and may
    reach into the safety stock.
    """

    order_id: OrderId
    lines: tuple[tuple[SkuId, int], ...]
    actor: str
    pool: Pool = Pool.GENERAL
    buyer: CustomerId | None = None
    promised: bool = False

    @property
    def places(self) -> list[Place]:
        """The counters it needs."""
        return [(sku_id, self.pool) for sku_id, _ in self.lines]


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a hold lasts: `base` in quiet times, down to `floor` when almost all that is left is held unpaid. Of
    a SKU that is hot a buyer may have `unpaid_max` unpaid orders at the same time, where that is set.
    """

    base: timedelta = timedelta(minutes=15)
    floor: timedelta = timedelta(minutes=3)
    unpaid_max: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The hold was made, and for how long."""

    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why a hold was not made: the first SKU that there is not enough of, and how much there was at that moment."""

    sku_id: SkuId
    available: int


@dataclass(frozen=True, slots=True)
class OverLimit:
    """Why a hold was not made: a buyer may buy `most` of this, and `left` of them still."""

    sku_id: SkuId
    most: int
    left: int


@dataclass(frozen=True, slots=True)
class TooManyUnpaid:
    """Why a hold was not made: the SKU is hot, and this buyer has that many unpaid orders of it already."""

    sku_id: SkuId
    most: int


Refusal: TypeAlias = Shortage | OverLimit | TooManyUnpaid


@dataclass(frozen=True, slots=True)
class Limit:
    """A buyer may buy `most` of these SKUs together: one SKU, or all of a product."""

    limit_id: int
    most: int
    sku_ids: frozenset[SkuId]
    product_id: ProductId | None


@dataclass(frozen=True, slots=True)
class Purchase:
    """Pieces of a SKU in an order that is not closed."""

    buyer: CustomerId
    order_id: OrderId
    sku_id: SkuId
    quantity: int
    unpaid: bool


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


class Cause(StrEnum):
    """How an order came to lose what it was promised."""

    CUT = "cut"  # a count, a file or another system says that there are fewer
    LATE_PAYMENT = "late_payment"  # it was paid after its hold had run out, and nothing was left


@dataclass(frozen=True, slots=True)
class Lost:
    """An order that lost what it was promised. `refund_fen` is 0 when nobody had paid."""

    order_id: OrderId
    sku_id: SkuId
    pool: Pool
    cause: Cause
    quantity: int
    refund_fen: Fen
    detected_at: datetime
    closed_at: datetime


class ChangeKind(StrEnum):
    """What another system says: how many there are, or how many more or fewer."""

    SET = "set"
    ADJUST = "adjust"


class OrderedBy(StrEnum):
    """What a source orders its changes by. One source stays with one."""

    SEQUENCE = "sequence"
    TIME = "time"


class ChangeOutcome(StrEnum):
    """What became of it."""

    APPLIED = "applied"
    OUTDATED = "outdated"  # older than the newest count of its source that was followed
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Change:
    """What another system says of one SKU. `position` is its sequence, or its time in microseconds since 1970."""

    reference: str
    sku_id: SkuId
    kind: ChangeKind
    quantity: int
    ordered_by: OrderedBy
    position: int
    pool: Pool = Pool.GENERAL


@dataclass(frozen=True, slots=True)
class KeptChange:
    """A change as it is recorded, with the counters after it. `repeated` says that it was heard before."""

    change_id: int
    source: str
    change: Change
    outcome: ChangeOutcome
    code: str | None
    on_hand: int | None
    short: int | None
    actor: str
    at: datetime
    repeated: bool = False


class AuditKind(StrEnum):
    """How far back an audit reads."""

    RECENT = "recent"  # what was summed up before, and the moves since
    FULL = "full"  # every move and every open hold


@dataclass(frozen=True, slots=True)
class Audit:
    """What the auditor found, and when. `moves` are those it summed up."""

    audit_id: int
    kind: AuditKind
    began_at: datetime
    ended_at: datetime
    skus: int
    moves: int
    differences: tuple[Difference, ...]


class StocktakeState(StrEnum):
    """The life of a stocktake."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


STOCKTAKE = Transitions(
    name="stocktake",
    initial={StocktakeState.OPEN},
    edges={
        StocktakeState.OPEN: {StocktakeState.CLOSED, StocktakeState.CANCELLED},
        StocktakeState.CLOSED: set(),
        StocktakeState.CANCELLED: set(),
    },
)


@dataclass(frozen=True, slots=True)
class Stocktake:
    """A count of what lies on a shelf, with how many of its lines were counted and how many of those differ."""

    stocktake_id: int
    title: str
    pool: Pool
    state: StocktakeState
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str | None
    reason: str | None
    lines: int
    counted: int
    different: int


class Lines(StrEnum):
    """Which lines of a stocktake are shown."""

    ALL = "all"
    OPEN = "open"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class CountLine:
    """One SKU of a stocktake. `on_hand` is what the books said at the moment of counting."""

    sku_id: SkuId
    on_hand: int | None
    counted: int | None
    counted_at: datetime | None
    counted_by: str | None

    @property
    def difference(self) -> int | None:
        """How many more were found than the books said, or fewer."""
        return None if self.counted is None or self.on_hand is None else self.counted - self.on_hand
