"""Values of the reviews capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liveshelf.kernel.ids import AuditId, GoodsId, ShopId
from liveshelf.kernel.states import Transitions


class CaseState(StrEnum):
    """The life of one submission."""

    MACHINE = "machine"  # waits for the machine stage
    WAITING = "waiting"  # passed by the machine, waits for a person
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


CASE = Transitions(
    name="review case",
    initial={CaseState.MACHINE},
    edges={
        CaseState.MACHINE: {CaseState.WAITING, CaseState.APPROVED, CaseState.REJECTED, CaseState.WITHDRAWN},
        CaseState.WAITING: {CaseState.APPROVED, CaseState.REJECTED, CaseState.WITHDRAWN},
        CaseState.APPROVED: {CaseState.WAITING},  # a development verdict made void
        CaseState.REJECTED: set(),
        CaseState.WITHDRAWN: set(),
    },
)


class Stage(StrEnum):
    """Who looks: the machine first, then a person."""

    MACHINE = "machine"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class CardSeen:
    """A card as a verdict is about it."""

    goods_id: int
    name: str
    cover_media_id: str
    price_type: int
    price_fen: int
    price2_fen: int | None
    url: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the machine objected to, as it was written down then."""

    rule: str
    field: str
    text: str
    start: int
    end: int
    severity: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Case:
    """One submission under review. `previous` is the card as it was approved before, if it ever was."""

    shop: ShopId
    audit_id: AuditId
    goods_id: GoodsId
    state: CaseState
    submitted: CardSeen
    previous: CardSeen | None
    submitted_at: datetime
    waiting_since: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a stage said about a case. `development` marks a machine's pass that counts for both stages while that
    mode is on.
    """

    stage: Stage
    passed: bool
    findings: tuple[Finding, ...] = ()
    reasons: tuple[str, ...] = ()
    note: str = ""
    development: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """A verdict with who gave it when."""

    audit_id: AuditId
    verdict: Verdict
    actor: str
    at: datetime
