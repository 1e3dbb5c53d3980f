"""Values of the goods capability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from liveshelf.kernel.fen import Fen
from liveshelf.kernel.ids import AuditId, GoodsId, MediaId, ProductId, SkuId
from liveshelf.kernel.states import Transitions


class AuditState(StrEnum):
    """Where a live goods stands with its audit. The wire's numbers 0–3 are a projection in the facade."""

    UNAUDITED = "unaudited"
    IN_AUDIT = "in_audit"
    APPROVED = "approved"
    REJECTED = "rejected"


# `approved → in_audit` is the void of a verdict that development mode gave: such goods wait for a person again.
AUDIT = Transitions(
    name="live goods audit",
    initial={AuditState.IN_AUDIT, AuditState.UNAUDITED},
    edges={
        AuditState.UNAUDITED: {AuditState.IN_AUDIT},
        AuditState.IN_AUDIT: {AuditState.UNAUDITED, AuditState.APPROVED, AuditState.REJECTED},
        AuditState.APPROVED: {AuditState.IN_AUDIT},
        AuditState.REJECTED: {AuditState.IN_AUDIT},
    },
)


class PriceType(IntEnum):
    """How the two prices read: one price; from–to; original and present price."""

    FIXED = 1
    RANGE = 2
    DISCOUNT = 3


class Origin(StrEnum):
    """Where a live goods was made. Only API goods can be operated over the wire (A-103)."""

    API = "api"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class PriceTag:
    """The prices on a card, in fen. `price2_fen` is there exactly for ranges (upper end) and discounts (present
    price).
    """

    price_type: PriceType
    price_fen: Fen
    price2_fen: Fen | None

    @property
    def present_fen(self) -> Fen:
        """What a buyer pays at least: the price, the range's lower end, or the present price."""
        if self.price_type is PriceType.DISCOUNT and self.price2_fen is not None:
            return self.price2_fen
        return self.price_fen


@dataclass(frozen=True, slots=True)
class CardDraft:
    """A card to be added. `cover_media_id` may name temporary media; `product_id` only when the product is there
    already.
    """

    name: str
    cover_media_id: str
    price_type: int
    price_fen: int
    price2_fen: int | None
    url: str
    third_party_appid: str = ""
    goods_key: tuple[str, ...] | None = None
    product_id: ProductId | None = None
    is_ad: bool = False


@dataclass(frozen=True, slots=True)
class CardChanges:
    """Changes of a card; `None` keeps what is there. `cover` may be a media id, or the address that we gave out for
    it.
    """

    name: str | None = None
    cover: str | None = None
    price_type: int | None = None
    price_fen: int | None = None
    price2_fen: int | None = None
    url: str | None = None
    third_party_appid: str | None = None
    goods_key: tuple[str, ...] | None = None
    is_ad: bool | None = None


@dataclass(frozen=True, slots=True)
class LiveGoods:
    """A card in the live goods library. `audit_id` names its latest submission; `audit_state` says how that stands.

    It may be sold until `valid_until`, if that is told; since `expired_at` it is not, because that was over.
    `is_ad` shows the word 广告 (advertisement) beside it.
    """

    goods_id: GoodsId
    product_id: ProductId
    origin: Origin
    name: str
    cover_media_id: MediaId
    price_type: PriceType
    price_fen: Fen
    price2_fen: Fen | None
    url: str
    third_party_appid: str
    goods_key: tuple[str, ...] | None
    audit_state: AuditState
    audit_id: AuditId | None
    state_entered_at: datetime
    created_at: datetime
    valid_until: datetime | None
    expired_at: datetime | None
    is_ad: bool

    @property
    def tag(self) -> PriceTag:
        """The prices as one value."""
        return PriceTag(self.price_type, self.price_fen, self.price2_fen)


@dataclass(frozen=True, slots=True)
class Listed:
    """A goods that was added and submitted."""

    goods_id: GoodsId
    audit_id: AuditId


@dataclass(frozen=True, slots=True)
class Library:
    """The library's version, and how many goods stand in each state. Every change has its own version."""

    version: int
    counts: Mapping[AuditState, int]


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a goods' history. `became` is an audit state, or `deleted`."""

    was: str | None
    became: str
    audit_id: AuditId | None
    actor: str
    note: str
    at: datetime


class DeliveryKind(StrEnum):
    """How a product reaches the buyer: in a parcel, or without one, so that no address is needed."""

    SHIPPED = "shipped"
    VIRTUAL = "virtual"


@dataclass(frozen=True, slots=True)
class Spec:
    """One choice: 颜色 = 红."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Sku:
    """One thing that can be bought, at one price."""

    sku_id: SkuId
    product_id: ProductId
    specs: tuple[Spec, ...]
    price_fen: Fen
    list_price_fen: Fen | None


@dataclass(frozen=True, slots=True)
class Product:
    """What is sold, without its SKUs (`queries.skus`). `version` grows with every change."""

    product_id: ProductId
    title: str
    description: str
    pictures: tuple[MediaId, ...]
    tags: tuple[str, ...]
    delivery: DeliveryKind
    version: int
    created_at: datetime
    updated_at: datetime
    category: int | None = None


@dataclass(frozen=True, slots=True)
class SkuDraft:
    """A SKU to be made (`sku_id` is `None`) or changed. `stock` is the opening stock of a new one."""

    specs: tuple[Spec, ...]
    price_fen: int
    list_price_fen: int | None = None
    sku_id: SkuId | None = None
    stock: int = 0


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product with its whole matrix."""

    title: str
    description: str
    pictures: tuple[str, ...]
    tags: tuple[str, ...]
    skus: tuple[SkuDraft, ...]
    delivery: DeliveryKind = DeliveryKind.SHIPPED
    category: int | None = None


@dataclass(frozen=True, slots=True)
class CardContent:
    """What a card says besides its prices."""

    name: str
    cover_media_id: MediaId
    url: str
    third_party_appid: str
    goods_key: tuple[str, ...] | None
    is_ad: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """A change of something other than prices that waits for its review, of the card, the product or both; or was
    `rejected` and is kept for the merchant to correct.
    """

    goods_id: GoodsId
    audit_id: AuditId
    rejected: bool
    card: CardContent | None
    product: ProductDraft | None
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """What an order line is made from: a SKU with its product, and the product's card when that is approved."""

    sku_id: SkuId
    product_id: ProductId
    goods_id: GoodsId | None
    title: str
    specs: tuple[Spec, ...]
    picture_media_id: MediaId
    price_fen: Fen
    delivery: DeliveryKind
