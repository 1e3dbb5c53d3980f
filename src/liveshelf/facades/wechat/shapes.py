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
_TAGS = {Origin.API.value: TAG_API, Origin.CONSOLE.value: TAG_CONSOLE}
_STATUSES = {state.value: number for state, number in AUDIT_STATUS.items()}


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
    goods_id, origin, name, cover, price_type, price_fen, price2_fen, url, third_party, *_ = row
    return ListedGoods(
        goods_id,
        public_url + media_path(cover),
        name,
        yuan(price_fen),
        yuan(price2_fen or 0),
        url,
        price_type,
        _TAGS[origin],
        third_party,
    )


def stored(row: hot.Row, public_url: str) -> StoredGoods:
    """A row of the library as getgoodswarehouse writes it."""
    goods_id, origin, name, cover, price_type, price_fen, price2_fen, url, third_party, audit_state, *_ = row
    return StoredGoods(
        goods_id,
        name,
        public_url + media_path(cover),
        url,
        price_type,
        price_type,
        yuan(price_fen),
        yuan(price2_fen or 0),
        _STATUSES[audit_state],
        _TAGS[origin],
        third_party,
    )
