"""Values of the reviews capability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from liveshelf.kernel.ids import AuditId, GoodsId, ShopId
from liveshelf.kernel.states import Transitions

SubjectRef = NewType("SubjectRef", str)
"""What a case is about, as "room:33"; its kind is the part before the colon."""


class ReviewKind(StrEnum):
    """What is looked at."""

    GOODS = "goods"
    SHOP = "shop"
    PAPER = "paper"
    PERMISSION = "permission"
    ROOM = "room"
    COMMENT = "comment"
    REPLAY = "replay"
    FRAME = "frame"
    APPEAL = "appeal"


class CaseState(StrEnum):
    """The life of one submission."""

    MACHINE = "machine"  # waits for the machine stage
    WAITING = "waiting"  # passed by the machine, or not for it to see; waits for a person, or for the second one
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


CASE = Transitions(
    name="review case",
    initial={CaseState.MACHINE, CaseState.WAITING},
    edges={
        CaseState.MACHINE: {CaseState.WAITING, CaseState.APPROVED, CaseState.REJECTED, CaseState.WITHDRAWN},
        CaseState.WAITING: {CaseState.APPROVED, CaseState.REJECTED, CaseState.WITHDRAWN},
        CaseState.APPROVED: {CaseState.WAITING},  # a development verdict made void
        CaseState.REJECTED: {CaseState.WAITING},  # an appeal
        CaseState.WITHDRAWN: set(),
    },
)


@dataclass(frozen=True, slots=True)
class ReviewClock:
    """How long the platform may take for a case, in working days after the day on which it was submitted."""

    working_days: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How a kind of case is looked at: by the machine first or not, by how many persons, and within which time."""

    machine: bool
    persons: int
    clock: ReviewClock


_LOOKED_AT = Plan(machine=True, persons=1, clock=ReviewClock(1))
_READ = Plan(machine=False, persons=2, clock=ReviewClock(3))

PLANS: Mapping[ReviewKind, Plan] = MappingProxyType(
    {
        ReviewKind.GOODS: Plan(machine=True, persons=1, clock=ReviewClock(3)),
        ReviewKind.SHOP: _READ,
        ReviewKind.PAPER: _READ,
        ReviewKind.PERMISSION: _READ,
        ReviewKind.ROOM: _LOOKED_AT,
        ReviewKind.COMMENT: _LOOKED_AT,
        ReviewKind.REPLAY: _LOOKED_AT,
        ReviewKind.FRAME: _LOOKED_AT,
        # Nothing becomes public by it, and the first judges are kept out.
        ReviewKind.APPEAL: Plan(machine=False, persons=1, clock=ReviewClock(5)),
    }
)


# Who may sell: judged by those who decide about shops, not by those who look at what is shown to buyers.
OF_SHOPS = frozenset({ReviewKind.SHOP, ReviewKind.PAPER, ReviewKind.PERMISSION})


class Stage(StrEnum):
    """Who looks: the machine first, then a person."""

    MACHINE = "machine"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Content:
    """What a verdict is about, as it was submitted: texts and facts by the name of their field, pictures by media
    id.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()
    facts: Mapping[str, str | int | None] = field(default_factory=dict)


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
    is_ad: bool = False

    @property
    def content(self) -> Content:
        """The card as the content of a case."""
        prices = {"price_type": self.price_type, "price_fen": self.price_fen, "price2_fen": self.price2_fen}
        return Content(
            {"name": self.name, "url": self.url},
            (self.cover_media_id,),
            {"goods_id": self.goods_id, **prices, "is_ad": int(self.is_ad)},
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """What the machine objected to, as it was written down then; `lexicon` is the version that it was found with."""

    rule: str
    field: str
    text: str
    start: int
    end: int
    severity: str
    zh: str
    en: str
    lexicon: str = ""  # unknown for what was found before versions were kept


@dataclass(frozen=True, slots=True)
class Case:
    """One submission under review. `before` is what was decided about before, if anything ever was, and `follows` its
    case. `first_pass_by` has passed it where two persons must; `taken_by` works on it. `missed` says that its limit
    ran out. `barred` are reviewers whose own doing it is about.
    """

    shop: ShopId
    audit_id: AuditId
    kind: ReviewKind
    subject: SubjectRef
    title: str
    state: CaseState
    content: Content
    before: Content | None
    follows: AuditId | None
    submitted_by: str
    submitted_at: datetime
    waiting_since: datetime | None
    due_at: datetime | None
    missed: bool
    decided_at: datetime | None
    persons: int
    barred: tuple[str, ...]
    first_pass_by: str | None
    taken_by: str | None
    taken_at: datetime | None
    appeal: str | None
    appealed_at: datetime | None

    @property
    def number(self) -> int:
        """The number of the thing that the case is about."""
        return int(self.subject.partition(":")[2])

    @property
    def goods_id(self) -> GoodsId:
        """The goods that the case is about."""
        return GoodsId(self.number)

    @property
    def submitted(self) -> CardSeen:
        """The card as it was submitted: of a case about goods."""
        return _card(self.goods_id, self.content)

    @property
    def previous(self) -> CardSeen | None:
        """The card that was decided about before, if any was."""
        return None if self.before is None else _card(self.goods_id, self.before)


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


def goods_ref(goods_id: int) -> SubjectRef:
    """A goods as the subject of a case."""
    return SubjectRef(f"goods:{goods_id}")


def _card(goods_id: GoodsId, content: Content) -> CardSeen:
    facts = content.facts
    price2 = facts["price2_fen"]
    return CardSeen(
        goods_id,
        content.texts["name"],
        content.pictures[0],
        int(facts["price_type"] or 0),
        int(facts["price_fen"] or 0),
        None if price2 is None else int(price2),
        content.texts["url"],
        bool(facts.get("is_ad")),
    )
