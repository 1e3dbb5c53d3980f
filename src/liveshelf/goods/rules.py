"""Field rules of cards, shared by adding and updating, console and wire; and what each audit state allows.

Source: the wire contract, sections 3, 12 and 13. All amounts are fen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from liveshelf.goods.errors import FieldInvalid, NameLength, PageUnknown, PriceInvalid, PriceTypeInvalid, UrlInvalid
from liveshelf.goods.types import AuditState, CardChanges, LiveGoods, PriceTag, PriceType, Sku
from liveshelf.kernel.fen import MAX_FEN, Fen, parse_yuan
from liveshelf.kernel.ids import ProductId
from liveshelf.kernel.text import is_plain, units

Verb = Literal["edit", "edit_price", "submit", "withdraw", "delete"]

NAME_UNITS: Final = 28  # 14 Chinese characters
URL_MAX: Final = 1024  # above any page path in use; WeChat names no limit
APPID_MAX: Final = 64
GOODS_KEYS_MAX: Final = 20
PROPOSED_PAGE: Final = "pages/goods/detail"

_PATH = re.compile(r"(?:[\w.-]+/)*[\w.-]+")
# What stays of a parameter value once an address inside it is encoded: no second "?", "#", no scheme, no white space,
# no loose percent sign. Chinese may stand as it is: some callers send it so.
_VALUE = re.compile(r"(?:[^\s?#&<>\"\\^`{|}%\x00-\x1f\x7f]|%[0-9A-Fa-f]{2})*")
_KEY = re.compile(r"(?:[^\s?#&=<>\"\\^`{|}%/\x00-\x1f\x7f]|%[0-9A-Fa-f]{2})+")


def check_name(name: str) -> str:
    """The name as given. Raises `NameLength`."""
    if not name.strip() or not is_plain(name) or units(name) > NAME_UNITS:
        raise NameLength(field="name", units=units(name), units_max=NAME_UNITS)
    return name


def read_price(text: str, *, field: str = "price") -> Fen:
    """Yuan as text, at most two decimals, above zero. Raises `PriceInvalid`."""
    try:
        fen = parse_yuan(text)
    except ValueError as error:
        raise PriceInvalid(field=field) from error
    if fen <= 0:
        raise PriceInvalid(field=field)
    return fen


def check_price_type(price_type: int) -> PriceType:
    """One of the three types. Raises `PriceTypeInvalid`."""
    try:
        return PriceType(price_type)
    except ValueError as error:
        raise PriceTypeInvalid(field="price_type") from error


def check_prices(price_type: int, price_fen: int | None, price2_fen: int | None) -> PriceTag:
    """Price type and prices together, as one tag. A second price beside a fixed price is ignored: SDKs send one.

    A range runs upwards, a discount downwards; equal is allowed in both. Raises `PriceTypeInvalid`, `PriceInvalid`.
    """
    kind = check_price_type(price_type)
    price = _amount(price_fen, "price_fen")
    if kind is PriceType.FIXED:
        return PriceTag(kind, price, None)
    price2 = _amount(price2_fen, "price2_fen")
    if price2 < price if kind is PriceType.RANGE else price2 > price:
        raise PriceInvalid(field="price2_fen", price_fen=price, price2_fen=price2)
    return PriceTag(kind, price, price2)


def check_url(url: str) -> str:
    """A page path without scheme and leading slash, with a well-formed query. Raises `UrlInvalid`."""
    path, mark, query = url.partition("?")
    well_formed = len(url) <= URL_MAX and is_plain(url) and _PATH.fullmatch(path) is not None
    if not well_formed or (mark and not all(_pair(pair) for pair in query.split("&"))):
        raise UrlInvalid(field="url")
    return url


def check_page(url: str, pages: Sequence[str]) -> None:
    """The path is one of the Mini Program's pages; an empty list allows any page. Raises `PageUnknown`."""
    path = url.partition("?")[0]
    if pages and path.removesuffix(".html") not in pages:
        raise PageUnknown(field="url", page=path)


def check_third_party(appid: str) -> str:
    """The appid of another Mini Program, or empty. Raises `FieldInvalid`."""
    if len(appid) > APPID_MAX or not appid.isascii() or not (appid == "" or appid.isalnum()):
        raise FieldInvalid(field="third_party_appid")
    return appid


def check_goods_key(names: Sequence[str] | None) -> tuple[str, ...] | None:
    """Names of path parameters. Raises `FieldInvalid`."""
    if names is None:
        return None
    if len(names) > GOODS_KEYS_MAX or not all(0 < len(name) <= APPID_MAX and is_plain(name) for name in names):
        raise FieldInvalid(field="goods_key")
    return tuple(names)


def merged_prices(goods: LiveGoods, changes: CardChanges) -> PriceTag:
    """The tag after the changes: what is not named stays, and the whole must be valid (A-608)."""
    return check_prices(
        goods.price_type if changes.price_type is None else changes.price_type,
        goods.price_fen if changes.price_fen is None else changes.price_fen,
        goods.price2_fen if changes.price2_fen is None else changes.price2_fen,
    )


def may(state: AuditState) -> tuple[Verb, ...]:
    """What the console may do with a goods in this state."""
    return _MAY[state]


def proposed_tag(skus: Sequence[Sku]) -> PriceTag:
    """The tag that a product's SKUs suggest: a discount or one price when all cost the same, else a range."""
    prices = sorted({sku.price_fen for sku in skus})
    if len(prices) > 1:
        return PriceTag(PriceType.RANGE, prices[0], prices[-1])
    lists = {sku.list_price_fen for sku in skus}
    before = next(iter(lists)) if len(lists) == 1 else None
    if before is not None and before > prices[0]:
        return PriceTag(PriceType.DISCOUNT, before, prices[0])
    return PriceTag(PriceType.FIXED, prices[0], None)


def proposed_url(product_id: ProductId, pages: Sequence[str]) -> str:
    """A link to the product: on the usual goods page, or on the shop's page that looks most like one."""
    page = PROPOSED_PAGE
    if pages and page not in pages:
        page = next((one for one in pages if "goods" in one or "product" in one or "detail" in one), pages[0])
    return f"{page}?id={product_id}"


_MAY: Final[dict[AuditState, tuple[Verb, ...]]] = {
    AuditState.UNAUDITED: ("edit", "submit", "delete"),
    AuditState.IN_AUDIT: ("withdraw",),
    AuditState.APPROVED: ("edit", "edit_price", "delete"),
    AuditState.REJECTED: ("edit", "submit", "delete"),
}


def _amount(fen: int | None, field: str) -> Fen:
    if fen is None or not 0 < fen <= MAX_FEN:
        raise PriceInvalid(field=field)
    return Fen(fen)


def _pair(pair: str) -> bool:
    key, _, value = pair.partition("=")
    return _KEY.fullmatch(key) is not None and _VALUE.fullmatch(value) is not None and "://" not in value
