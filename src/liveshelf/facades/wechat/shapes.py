"""Goods as the wire writes them, each call in its own case."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from liveshelf.facades.wechat.envelope import yuan
from liveshelf.goods import hot
from liveshelf.goods.types import AuditState, Origin
from liveshelf.media.types import media_path

AUDIT_STATUS: Mapping[AuditState, int] = {
    AuditState.UNAUDITED: 0,
    AuditState.IN_AUDIT: 1,
    AuditState.APPROVED: 2,
    AuditState.REJECTED: 3,
}
BY_STATUS = {number: state for state, number in AUDIT_STATUS.items()}
TAG_API = 2  # 1 and 2 both mean "added over the API"; the real server's difference between them is unknown
TAG_CONSOLE = 0


class ListedGoods(msgspec.Struct, frozen=True):
    """One goods of getapproved."""

    goodsId: int  # noqa: N815 - the wire's names
    coverImgUrl: str  # noqa: N815
    name: str
    price: msgspec.Raw
    price2: msgspec.Raw
    url: str
    priceType: int  # noqa: N815
    thirdPartyTag: int  # noqa: N815
    thirdPartyAppid: str  # noqa: N815


class StoredGoods(msgspec.Struct, frozen=True):
    """One goods of getgoodswarehouse. The price type goes out under both names that SDKs look for."""

    goods_id: int
    name: str
    cover_img_url: str
    url: str
    price_type: int
    priceType: int  # noqa: N815
    price: msgspec.Raw
    price2: msgspec.Raw
    audit_status: int
    third_party_tag: int
    thirdPartyAppid: str  # noqa: N815


def listed(row: hot.Row, public_url: str) -> ListedGoods:
    """A row of the library as getapproved writes it. A fixed price has a second price of 0."""
    return ListedGoods(
        row["goods_id"],
        public_url + media_path(row["cover_media_id"]),
        row["name"],
        yuan(row["price_fen"]),
        yuan(row["price2_fen"] or 0),
        row["url"],
        row["price_type"],
        tag_of(row["origin"]),
        row["third_party_appid"],
    )


def stored(row: hot.Row, public_url: str) -> StoredGoods:
    """A row of the library as getgoodswarehouse writes it."""
    return StoredGoods(
        row["goods_id"],
        row["name"],
        public_url + media_path(row["cover_media_id"]),
        row["url"],
        row["price_type"],
        row["price_type"],
        yuan(row["price_fen"]),
        yuan(row["price2_fen"] or 0),
        AUDIT_STATUS[AuditState(row["audit_state"])],
        tag_of(row["origin"]),
        row["third_party_appid"],
    )


def tag_of(origin: str) -> int:
    """The third-party tag of goods made there."""
    return TAG_API if origin == Origin.API else TAG_CONSOLE
