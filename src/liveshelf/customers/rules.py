"""Pure decisions about customers: what a phone, a password and a name may be, and how an openid is made."""

from __future__ import annotations

import re
import secrets
from typing import Protocol

from liveshelf.customers.errors import CustomerInvalid
from liveshelf.customers.types import SealedPhone
from liveshelf.kernel.text import is_plain

PASSWORD_MIN, PASSWORD_MAX = 8, 128  # the upper bound keeps hashing bounded
NAME_MAX = 20
NAME_ERASED = "已注销"
_PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)  # a mobile number of mainland China
_OPENID_TAIL = 27  # WeChat's openids have 28 characters and begin with "o"
_CODE_BYTES = 24  # 32 characters of base64


class Sealer(Protocol):
    """The part of the installation's keys that a phone number needs."""

    def mac(self, purpose: str, message: bytes) -> bytes:
        """A keyed hash."""
        ...

    def encrypt(self, purpose: str, plain: str) -> bytes:
        """An authenticated cipher text."""
        ...


def seal_phone(keys: Sealer, phone: str) -> SealedPhone:
    """A phone number as it is kept. Spaces, hyphens and +86 are forgiven. Raises `CustomerInvalid`."""
    bare = re.sub(r"[\s-]", "", phone).removeprefix("+86")
    if _PHONE.fullmatch(bare) is None:
        raise CustomerInvalid(field="phone")
    return SealedPhone(keys.encrypt("customer-phone", bare), keys.mac("customer-phone-hash", bare.encode()))


def check_password(password: str) -> None:
    """Raises `CustomerInvalid` unless the password has a sensible length."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise CustomerInvalid(field="password")


def clean_name(name: str) -> str:
    """The name without white space around it. Raises `CustomerInvalid`."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_MAX or not is_plain(name):
        raise CustomerInvalid(field="name")
    return name


def guest_name(customer_id: int) -> str:
    """What a guest is called until they say otherwise."""
    return f"游客{customer_id}"


def new_openid() -> str:
    """A random openid in WeChat's shape."""
    return "o" + secrets.token_urlsafe(_OPENID_TAIL)[:_OPENID_TAIL]


def new_code() -> str:
    """A random login code of 32 characters."""
    return secrets.token_urlsafe(_CODE_BYTES)
