"""Refusals on the wire: one table from our errors to WeChat's numbers and texts.

Texts that are known from the field are sent word for word (some SDK users match them); the others say in English what
is wrong. A test proves that every error of the product is either here or named in `NEVER` as one that can't cross this
facade.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from liveshelf.kernel.errors import DomainError, Invalid

SYSTEM_ERROR = -1
OK = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal as the wire says it. `more` stands beside the code (a goodsId, a code picture)."""

    errcode: int
    text: str
    more: Mapping[str, object] = field(default_factory=dict)


class ParameterWrong(Invalid):
    """A parameter is missing or of the wrong kind; the detail is the wire's text and names it."""

    code = "wire.parameter_wrong"
    title = "A parameter is missing or wrong."


class BodyUnreadable(Invalid):
    """The body is no JSON object and no form."""

    code = "wire.body_unreadable"
    title = "The body can't be read."


class BodyTooLarge(Invalid):
    """The body is larger than any call needs."""

    code = "wire.body_too_large"
    status = 413
    title = "The body is too large."


class MediaAbsent(Invalid):
    """The upload has no file part."""

    code = "wire.media_absent"
    title = "The upload carries no media."


class MediaKindRefused(Invalid):
    """The media type is not one that this server keeps."""

    code = "wire.media_kind_refused"
    title = "Only images and thumbs can be uploaded."


class AppidAbsent(Invalid):
    """The call needs an appid."""

    code = "wire.appid_absent"
    title = "The appid is missing."


class SecretAbsent(Invalid):
    """The call needs a secret."""

    code = "wire.secret_absent"
    title = "The secret is missing."


class LoginCodeAbsent(Invalid):
    """The call needs a login code."""

    code = "wire.login_code_absent"
    title = "The login code is missing."


class GrantTypeWrong(Invalid):
    """The grant type is not the one of this call."""

    code = "wire.grant_type_wrong"
    title = "The grant type is wrong."


class PathUnknown(Invalid):
    """A quota was asked for a path that is no call."""

    code = "wire.path_unknown"
    title = "There is no such path."


ERRORS: Mapping[str, tuple[int, str]] = {
    # The envelope itself.
    "wire.parameter_wrong": (200002, "{detail}"),
    "wire.body_unreadable": (47001, "data format error"),
    "request.unstorable": (200002, "a parameter holds a value that can not be stored"),
    "wire.body_too_large": (47001, "data format error: the body is too large"),
    "wire.media_absent": (41005, "media data missing"),
    "wire.media_kind_refused": (40004, "invalid media type"),
    "wire.appid_absent": (41002, "appid missing"),
    "wire.secret_absent": (41004, "appsecret missing"),
    "wire.login_code_absent": (41008, "missing code"),
    "wire.grant_type_wrong": (40002, "invalid grant_type"),
    "wire.path_unknown": (76021, "cgi_path not found, please check"),
    # Who asks.
    "shops.credential_unknown": (40013, "invalid appid"),
    "shops.secret_wrong": (40125, "invalid appsecret"),
    "shops.address_not_allowed": (40164, "invalid ip {address}, not in whitelist"),
    "shops.token_absent": (41001, "access_token missing"),
    "shops.token_malformed": (40014, "invalid access_token"),
    "shops.token_unknown": (40001, "invalid credential, access_token is invalid or not latest"),
    "shops.token_expired": (42001, "access_token expired"),
    "shops.refreshes_exhausted": (45009, "reach max api daily quota limit"),
    "shops.quota_exhausted": (45009, "reach max api daily quota limit"),
    "shops.clears_exhausted": (48006, "forbid to clear quota because of reaching the limit"),
    "shops.submissions_exhausted": (300012, "no audit submissions left today"),
    "shops.blocked": (300001, "creating and updating goods and rooms is forbidden"),
    "shops.not_open": (300001, "creating and updating goods and rooms is forbidden: the shop is not open"),
    "shops.widget_key_invalid": (200002, "goodsKey must be Array<string>"),
    # What the shop may do.
    "qualifications.live_permission_missing": (48001, "api unauthorized"),
    "qualifications.papers_missing": (300013, "submitting for audit failed: papers of the goods are missing"),
    "qualifications.api_not_allowed": (48001, "api unauthorized"),
    "qualifications.right_missing": (300001, "creating and updating goods and rooms is forbidden for this subject"),
    "qualifications.outside_reach": (48001, "api unauthorized"),
    "qualifications.categories_unmatched": (48001, "api unauthorized"),
    # Goods.
    "goods.name_length": (300002, "the length of the name is out of rule"),
    "goods.price_invalid": (300003, "the price is not acceptable"),
    "goods.price_type_invalid": (200002, "priceType must be 1, 2 or 3"),
    "goods.url_invalid": (200002, "url is invalid: a page path whose parameter values are encoded"),
    "goods.field_invalid": (200002, "{field} is invalid"),
    "goods.page_unknown": (300007, "the path of the url is not in the online version of the Mini Program"),
    "goods.cover_unavailable": (300006, "uploading the picture failed: the media_id is unknown or has expired"),
    "goods.cover_too_large": (300018, "the picture is larger than 300 x 300"),
    "goods.missing": (1003, "goodsId does not exist"),
    "goods.audit_state_refuses": (300010, "the audit status does not fit"),
    "goods.delete_in_audit": (300014, "goods in audit can not be deleted"),
    "goods.withdraw_refused": (300009, "goods audit rest fail"),
    "goods.not_submitted": (300017, "the goods was not submitted for audit"),
    "goods.not_from_api": (300011, "goods not created through the api can not be operated through it"),
    "compliance.name_illegal": (300004, "the name has illegal content"),
    "compliance.picture_illegal": (300005, "the picture has illegal content"),
    # Rooms and what is in them.
    "rooms.missing": (300022, "the room does not exist"),
    "rooms.state_refuses": (300023, "the current room status does not allow this operation"),
    "video.broadcast_over": (300023, "the current room status does not allow this operation"),
    "rooms.not_approved": (300023, "the current room status does not allow this operation"),
    "rooms.name_invalid": (300002, "the length of the name is out of rule"),
    "rooms.name_refused": (300028, "the room name is not acceptable"),
    "rooms.text_not_plain": (300040, "the name has special characters"),
    "rooms.anchor_name_invalid": (300034, "the length of the anchor name is out of rule"),
    "rooms.anchor_name_refused": (300029, "the anchor name is not acceptable"),
    "rooms.anchor_wechat_invalid": (300030, "the anchor's WeChat id is not acceptable"),
    "rooms.sub_anchor_wechat_invalid": (300039, "the sub-anchor's WeChat id is not acceptable"),
    "rooms.creator_wechat_invalid": (300041, "the creator's WeChat id is not acceptable"),
    "rooms.times_invalid": (200002, "parameter startTime or endTime is invalid"),
    "rooms.cover_refused": (300031, "the cover is not acceptable: unknown, expired or too large"),
    "rooms.share_refused": (300032, "the share picture is not acceptable: unknown, expired or too large"),
    "rooms.feeds_refused": (300037, "the feed picture is not acceptable: unknown, expired or too large"),
    "rooms.goods_unknown": (300024, "the goods does not exist"),
    "rooms.goods_not_approved": (300025, "the goods is not approved"),
    "goods.expired": (300027, "importing failed: the validity of the goods is over"),
    "rooms.full": (300026, "the room has as many goods as it may"),
    "rooms.push_running": (300047, "another goods is being pushed"),
    "rooms.goods_being_pushed": (300049, "goods can not be taken off the shelf while being pushed"),
    "rooms.sort_empty": (300050, "the goods list is empty"),
    "rooms.goods_off_sale": (300052, "goods off the shelf can not be pushed"),
    "rooms.link_too_long": (1001, "illegal request argument"),
    "rooms.goods_not_in_room": (300053, "the goods is not in this room"),
    "rooms.anchor_unverified": (300036, "the anchor has not passed the real-name check"),
    "rooms.contact_missing": (300038, "no customer service is configured"),
    "rooms.nickname_invalid": (200002, "nickname is invalid"),
    # People of rooms.
    "rooms.assistant_taken": (600001, "the user is an assistant already"),
    "rooms.assistant_missing": (600002, "the user was not found"),
    "rooms.assistants_full": (200002, "a room has at most 10 assistants"),
    "rooms.sub_anchor_refused": (500001, "the sub-anchor is not acceptable"),
    "rooms.sub_anchor_unverified": (500002, "the sub-anchor has not passed the real-name check"),
    "rooms.sub_anchor_set": (500003, "the room has a sub-anchor already"),
    "rooms.sub_anchor_same": (500004, "this is the sub-anchor already"),
    "rooms.sub_anchor_is_anchor": (500005, "the sub-anchor is the anchor"),
    "rooms.wechat_id_invalid": (400001, "the WeChat id is not acceptable"),
    "rooms.identity_unverified": (400002, "the user has not passed the real-name check"),
    "rooms.roles_full": (400003, "as many users have this role as may have it"),
    "rooms.role_taken": (400004, "the user has this role already"),
    "rooms.role_busy": (400005, "the anchor still has a room that is not over"),
    "rooms.role_missing": (2003, "the user does not have this role"),
    # Followers.
    "rooms.notice_readers_invalid": (200002, "user_openid must have 1 to 2000 entries"),
    "rooms.notice_of_another": (9410005, "another room was pushed today"),
    "rooms.notice_not_live": (9410006, "the room is not live"),
    "penalties.limited": (48001, "api unauthorized: the traffic is limited"),
    # Media and login.
    "media.missing": (40007, "invalid media_id"),
    "media.too_large": (40009, "invalid image size"),
    "media.too_many_pixels": (40009, "invalid image size"),
    "media.type_refused": (40005, "invalid file type"),
    "media.broken": (40005, "invalid file type"),
    "customers.code_invalid": (40029, "invalid code"),
    "customers.code_used": (40163, "code been used"),
}

# What SDKs read beside a code, by its name there: the address of a picture to be scanned for the real-name check.
CODES: Mapping[str, str] = {"rooms.anchor_unverified": "qrcode_url", "rooms.identity_unverified": "codeurl"}

_SYSTEM = (SYSTEM_ERROR, "system error")
_WIRE_NAMES = {"third_party_appid": "thirdPartyAppid", "goods_key": "goodsKey"}
# What only faults answer, beside the texts above.
_FAULT_TEXTS: Mapping[int, str] = {
    **{errcode: text for errcode, text in ERRORS.values() if "{" not in text},
    SYSTEM_ERROR: "system error",
    1001: "illegal request argument",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    48001: "api unauthorized",
    200002: "invalid parameter",
    300008: "adding the goods failed",
    300013: "submitting for audit failed",
    300021: "the goods was added, submitting it for audit failed",
    300044: "there is no explanation video",
    300045: "the explanation video is not generated yet",
    300046: "generating the explanation video failed",
    9410000: "empty room list",
    9410003: "getting the replay failed",
}

# What handlers say themselves, beside the errors above.
SPOKEN = (300021, 300044, 300045, 300046, 9410000, 9410003)


def refusal_of(error: DomainError) -> Refusal:
    """How the wire says an error. One that is in no table is a bug and reads as a system error."""
    errcode, text = ERRORS.get(error.code, _SYSTEM)
    named = str(error.context.get("field", ""))
    address = error.context.get("address", "")
    return Refusal(errcode, text.format(detail=error.detail, field=_WIRE_NAMES.get(named, named), address=address))


def text_of(errcode: int) -> str:
    """The text that goes with a number, for faults."""
    return _FAULT_TEXTS.get(errcode, "system error")
