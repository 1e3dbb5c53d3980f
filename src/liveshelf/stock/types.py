"""Values of the stock capability."""

from __future__ import annotations

from enum import StrEnum

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
