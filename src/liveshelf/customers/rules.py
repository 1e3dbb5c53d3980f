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
PURPOSE_PHONE = "customer-phone"
NAME_ERASED = "已注销"
TAIL_DIGITS = 4
_PHONE = re.compile(r"1[3-9]\d{9}", re.ASCII)  # a mobile number of mainland China
_NUMBER = re.compile(r"1\d{10}|0\d{2,3}-?[2-8]\d{6,7}", re.ASCII)  # of one that was checked: all but its extension
_OPENID_TAIL = 27  # WeChat's openids have 28 characters and begin with "o"
_CODE_BYTES = 24  # 32 characters of base64


class Hasher(Protocol):
    """The part of the installation's keys that makes a number findable."""

    def mac(self, purpose: str, message: bytes) -> bytes:
        """A keyed hash."""
        ...


class Sealer(Hasher, Protocol):
    """The part of the installation's keys that a phone number needs."""

    def encrypt(self, purpose: str, plain: str) -> bytes:
        """An authenticated cipher text."""
        ...


def seal_phone(keys: Sealer, phone: str) -> SealedPhone:
    """A phone number as it is kept. Spaces, hyphens and +86 are forgiven. Raises `CustomerInvalid`."""
    bare = re.sub(r"[\s-]", "", phone).removeprefix("+86")
    if _PHONE.fullmatch(bare) is None:
        raise CustomerInvalid(field="phone")
    cipher, whole = keys.encrypt(PURPOSE_PHONE, bare), keys.mac("customer-phone-hash", bare.encode())
    return SealedPhone(cipher, whole, tail_hash(keys, bare))


def plain_number(phone: str) -> str:
    """The digits of a number that was checked, without its extension: 0755-26001234-8 is 075526001234."""
    found = _NUMBER.match(phone)
    return (found[0] if found else phone).replace("-", "")


def tail_hash(keys: Hasher, phone: str) -> bytes:
    """What is kept of a number's last four digits (手机尾号). Whoever has the key can try all ten thousand; whoever
    has only the database learns nothing.
    """
    return keys.mac("customer-phone-tail", plain_number(phone)[-TAIL_DIGITS:].encode())


def is_tail(text: str) -> bool:
    """Whether the text is what a buyer gives as the end of their number."""
    return len(text) == TAIL_DIGITS and text.isascii() and text.isdigit()


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
