"""Values of the qualifications capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from liveshelf.kernel.ids import AuditId, ShopId
from liveshelf.kernel.states import Transitions

FLAG_BEFORE = timedelta(days=30)  # how long before its end a paper is flagged


class GoodsKind(StrEnum):
    """What kind of thing is sold, as far as papers and rights go."""

    ORDINARY = "ordinary"
    CROSS_BORDER = "cross_border"
    VIRTUAL = "virtual"


class Subject(StrEnum):
    """Who a shop belongs to before the law."""

    PERSON = "person"
    SOLE_TRADER = "sole_trader"
    ENTERPRISE = "enterprise"


class PaperKind(StrEnum):
    """Every kind of paper that something asks for. What they are called stands in `papers.CATALOGUE`."""

    IDENTITY_CARD = "identity_card"
    BANK_CARD = "bank_card"
    BUSINESS_LICENCE = "business_licence"
    CORPORATE_ACCOUNT = "corporate_account"
    ACCOUNT_PERMIT = "account_permit"
    BRAND_AUTHORISATION = "brand_authorisation"
    CUSTOMS_FILING = "customs_filing"
    CIQ_CERTIFICATE = "ciq_certificate"
    ICP_LICENCE = "icp_licence"
    SERVICE_AGREEMENT = "service_agreement"
    ANIMAL_QUARANTINE = "animal_quarantine"
    CCC_CERTIFICATE = "ccc_certificate"
    COSMETICS_FILING = "cosmetics_filing"
    DEVICE_FILING = "device_filing"
    DEVICE_LICENCE = "device_licence"
    DISINFECTANT_LICENCE = "disinfectant_licence"
    FEED_LICENCE = "feed_licence"
    FERTILISER_REGISTRATION = "fertiliser_registration"
    FOOD_LICENCE = "food_licence"
    FORMULA_REGISTRATION = "formula_registration"
    GAME_APPROVAL = "game_approval"
    HEALTH_FOOD_REGISTRATION = "health_food_registration"
    JEWELLERY_CERTIFICATE = "jewellery_certificate"
    LIQUOR_LICENCE = "liquor_licence"
    MEDICAL_PRACTICE_LICENCE = "medical_practice_licence"
    NETWORK_LICENCE = "network_licence"
    PESTICIDE_LICENCE = "pesticide_licence"
    PUBLICATION_LICENCE = "publication_licence"
    SEED_LICENCE = "seed_licence"
    TRAVEL_LICENCE = "travel_licence"
    VETERINARY_LICENCE = "veterinary_licence"


@dataclass(frozen=True, slots=True)
class Window:
    """How long an audit takes, in working days: `least` is told to the merchant and is never a wait; past `most` it
    is late.
    """

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Category:
    """A sub-category. `papers` are asked for on top of those of its kind."""

    code: int
    root: int
    zh: str
    en: str
    kind: GoodsKind
    papers: tuple[PaperKind, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Root:
    """A top category with its sub-categories."""

    code: int
    zh: str
    en: str
    kind: GoodsKind
    children: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What a title says about its category: whether the chosen one fits, and what would fit better, the best first."""

    fits: bool
    better: tuple[int, ...]


class ApplicationKind(StrEnum):
    """What a shop may apply for."""

    OPENING = "opening"
    LIVE = "live"


class ApplicationState(StrEnum):
    """The life of an application."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


APPLICATION = Transitions(
    name="application",
    initial={ApplicationState.DRAFT},
    edges={
        ApplicationState.DRAFT: {ApplicationState.SUBMITTED},
        ApplicationState.SUBMITTED: {ApplicationState.APPROVED, ApplicationState.REJECTED},
        ApplicationState.REJECTED: {ApplicationState.SUBMITTED},
        ApplicationState.APPROVED: set(),
    },
)


class PaperState(StrEnum):
    """The life of a paper. That it has expired is a matter of the day, not of its state."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    REPLACED = "replaced"  # by a newer one, before it was decided


PAPER = Transitions(
    name="paper",
    initial={PaperState.WAITING},
    edges={
        PaperState.WAITING: {PaperState.APPROVED, PaperState.REJECTED, PaperState.REPLACED},
        PaperState.APPROVED: set(),
        PaperState.REJECTED: {PaperState.WAITING},  # an appeal
        PaperState.REPLACED: set(),
    },
)


@dataclass(frozen=True, slots=True)
class Application:
    """What a shop applies for. `mode` and `categories` are a live application's. The holder's name is sealed;
    `audit_id` is the case of what was submitted.
    """

    shop: ShopId
    kind: ApplicationKind
    state: ApplicationState
    subject: Subject | None
    mode: str
    categories: tuple[int, ...]
    sealed: bytes
    submissions: int
    submitted_at: datetime | None
    audit_id: AuditId | None
    expected_on: date | None
    decided_at: datetime | None
    decided_by: str
    reasons: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """One move of an application."""

    was: str
    became: str
    actor: str
    reasons: tuple[str, ...]
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of a shop. Its number and its file lie sealed; `number_tail` is what lists show of the number. `audit_id`
    is the case that judges it.
    """

    shop: ShopId
    paper_id: int
    kind: PaperKind
    state: PaperState
    number_tail: str
    number_mac: bytes
    valid_until: date | None
    content_type: str
    size: int
    pages: int
    submitted_at: datetime
    submitted_by: str
    audit_id: AuditId | None
    expected_on: date
    decided_at: datetime | None
    decided_by: str
    reasons: tuple[str, ...]
    note: str
    expires_at: datetime | None
    file_sha256: str
    sealed: bytes

    def valid(self, now: datetime) -> bool:
        """Whether it counts: approved, and not expired."""
        return self.state is PaperState.APPROVED and (self.expires_at is None or now < self.expires_at)

    def expiring(self, now: datetime) -> bool:
        """Whether it counts and will expire soon."""
        return self.valid(now) and self.expires_at is not None and now >= self.expires_at - FLAG_BEFORE

    def expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True, slots=True)
class PaperDraft:
    """What comes with a file."""

    kind: PaperKind
    number: str
    valid_until: date | None
    file_name: str = ""
