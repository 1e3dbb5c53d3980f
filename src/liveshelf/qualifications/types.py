"""Values of the qualifications capability."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
