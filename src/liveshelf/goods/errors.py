"""What can go wrong with products and live goods. WeChat's number beside each is the wire facade's to send."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Denied, Invalid, Missing


class NameLength(Invalid):
    """The card's name is empty, too long, or has characters that can't be shown (300002)."""

    code = "goods.name_length"
    title = "The name has 1 to 14 Chinese characters (28 Latin letters)."


class PriceInvalid(Invalid):
    """The prices do not fit each other or the price type, or are no amounts (300003)."""

    code = "goods.price_invalid"
    title = "The price is not acceptable."


class PriceTypeInvalid(Invalid):
    """The price type is not 1, 2 or 3 (200002)."""

    code = "goods.price_type_invalid"
    title = "The price type is 1, 2 or 3."


class UrlInvalid(Invalid):
    """The page path is not well formed; an address inside a parameter must be percent-encoded (200002)."""

    code = "goods.url_invalid"
    title = "The link is a page path such as pages/goods/detail?id=1, with encoded parameter values."


class FieldInvalid(Invalid):
    """A further field of a card or product breaks its limit; `field` names it (200002)."""

    code = "goods.field_invalid"
    title = "This field is not valid."


class PageUnknown(Invalid):
    """The path is not among the pages of the shop's Mini Program (300007)."""

    code = "goods.page_unknown"
    title = "This page is not in the online version of the Mini Program."


class CoverUnavailable(Invalid):
    """The cover's media id is unknown or has expired (300006)."""

    code = "goods.cover_unavailable"
    title = "The cover picture can't be fetched: its media id is unknown or has expired."


class CoverTooLarge(Invalid):
    """The cover has more than 300 × 300 pixels (300018)."""

    code = "goods.cover_too_large"
    title = "The cover has at most 300 × 300 pixels."


class GoodsMissing(Missing):
    """No such live goods in this shop (1003)."""

    code = "goods.missing"
    title = "There is no such goods in the library."


class ProductMissing(Missing):
    """No such product in this shop, or it was deleted."""

    code = "goods.product_missing"
    title = "There is no such product."


class ProductChanged(Conflict):
    """Somebody else changed the product since it was read; `version` is the present one."""

    code = "goods.product_changed"
    title = "Somebody changed this product meanwhile. Look at it again."


class ProductHasCard(Conflict):
    """A product can't be deleted, or get a second card, while it has a card in the library."""

    code = "goods.product_has_card"
    title = "This product has a card in the live goods library."


class ValidityInvalid(Invalid):
    """A validity ends in the past, or more than ten years ahead. `field` is `valid_until`."""

    code = "goods.validity_invalid"
    title = "Goods are valid until a moment that is to come, within ten years."


class GoodsExpired(Conflict):
    """The validity of the goods is over: it is sold no more."""

    code = "goods.expired"
    title = "The validity of these goods is over."


class AuditStateRefuses(Conflict):
    """The goods' audit state does not allow this (300010). `state` is the present one."""

    code = "goods.audit_state_refuses"
    title = "The goods' review state does not allow this."


class DeleteInAudit(Conflict):
    """A goods can't be deleted while it is in audit (300014)."""

    code = "goods.delete_in_audit"
    title = "Goods in review can't be deleted. Withdraw the submission first."


class WithdrawRefused(Conflict):
    """The submission named is not the pending one, or is decided already (300009)."""

    code = "goods.withdraw_refused"
    title = "This submission can't be withdrawn."


class NotSubmitted(Conflict):
    """There is no submission to withdraw: never made, or withdrawn before (300017)."""

    code = "goods.not_submitted"
    title = "This goods is not submitted for review."


class GoodsNotFromApi(Denied):
    """Goods made in the console can't be operated over the wire (300011)."""

    code = "goods.not_from_api"
    title = "This goods was made in the console and can't be operated over the API."


class NoVersionPending(Conflict):
    """No change of these goods waits for its review."""

    code = "goods.no_version_pending"
    title = "No change of these goods waits for review."
