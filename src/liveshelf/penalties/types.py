"""Values of the penalties capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liveshelf.kernel.ids import AuditId, RoomId, ShopId
from liveshelf.kernel.states import Transitions


class Level(StrEnum):
    """How grave a violation is."""

    MINOR = "minor"  # a warning, to be acknowledged
    GENERAL = "general"  # traffic is limited for a week
    SEVERE = "severe"  # live commerce is forbidden until a reversal


class PenaltyState(StrEnum):
    """Whether a penalty has its consequence."""

    IN_FORCE = "in_force"
    ENDED = "ended"  # its time is over, or the warning was acknowledged
    REVERSED = "reversed"


PENALTY = Transitions(
    name="penalty",
    initial={PenaltyState.IN_FORCE},
    edges={
        PenaltyState.IN_FORCE: {PenaltyState.ENDED, PenaltyState.REVERSED},
        PenaltyState.ENDED: {PenaltyState.REVERSED},  # it counts no more for the repeat policy
        PenaltyState.REVERSED: set(),
    },
)


class AppealState(StrEnum):
    """How an appeal against a penalty stands."""

    NONE = "none"
    OPEN = "open"
    UPHELD = "upheld"  # the penalty stays
    GRANTED = "granted"  # the penalty is reversed


APPEAL = Transitions(
    name="penalty appeal",
    initial={AppealState.NONE},
    edges={
        AppealState.NONE: {AppealState.OPEN},
        AppealState.OPEN: {AppealState.UPHELD, AppealState.GRANTED},
        AppealState.UPHELD: set(),
        AppealState.GRANTED: set(),
    },
)


@dataclass(frozen=True, slots=True)
class Violation:
    """What is to be penalised, with its evidence: `what` in the reviewer's words, `quote` as it was said or written,
    `video_s` seconds into the room's broadcast.
    """

    rule: str
    what: str
    happened_at: datetime
    quote: str = ""
    room_id: RoomId | None = None
    video_s: int | None = None


@dataclass(frozen=True, slots=True)
class Penalty:
    """A penalty of a shop. `raised_from` is the rule's own level where repetition has raised it."""

    shop: ShopId
    penalty_id: int
    level: Level
    raised_from: Level | None
    violation: Violation
    state: PenaltyState
    imposed_by: str
    imposed_at: datetime
    ends_at: datetime | None
    ended_at: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    appeal_state: AppealState
    appeal: str | None
    appealed_at: datetime | None
    appeal_audit_id: AuditId | None
    reversed_by: str | None
    reversed_at: datetime | None
    reversal_reason: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in force against a shop now."""

    banned: bool
    limited_until: datetime | None
    warnings_open: int
    warnings: int

    @property
    def public(self) -> bool:
        """Whether the shop stands in public listings."""
        return not self.banned and self.limited_until is None
