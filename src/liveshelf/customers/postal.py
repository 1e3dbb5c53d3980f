"""Pure decisions about addresses: what one may be, how it is sealed, and how it looks to those who need not know it."""

from __future__ import annotations

import re
from typing import Protocol

import msgspec

from liveshelf.customers.divisions import DIRECT, divisions
from liveshelf.customers.errors import AddressInvalid
from liveshelf.customers.rules import Hasher, tail_hash
from liveshelf.customers.types import Address, AddressDraft, SealedAddress
from liveshelf.kernel.text import is_plain

NAME_MAX = 25
STREET_MIN, STREET_MAX = 2, 120
PHONE_MAX = 32  # as typed; what is kept is shorter
PURPOSE = "customer-address"

# An extension is what privacy numbers have.
_MOBILE = re.compile(r"(1[3-9]\d)-?(\d{4})-?(\d{4})(-\d{1,6})?", re.ASCII)
_LANDLINE = re.compile(r"0\d{2,3}-?[2-8]\d{6,7}(?:-\d{1,6})?", re.ASCII)


class Sealer(Protocol):
    """The part of the installation's keys that keeps an address."""

    def encrypt(self, purpose: str, plain: str) -> bytes:
        """An authenticated cipher text."""
        ...


class Keeper(Sealer, Hasher, Protocol):
    """The part of the installation's keys that keeps an address in a book."""


class Opener(Protocol):
    """The part of the installation's keys that reads an address."""

    def decrypt(self, purpose: str, sealed: bytes) -> str:
        """What was encrypted."""
        ...


def check_address(draft: AddressDraft) -> Address:
    """The address as it is kept. Spaces and +86 around a phone are forgiven. Raises `AddressInvalid`."""
    name, street = draft.name.strip(), " ".join(draft.street.split())
    if not 1 <= len(name) <= NAME_MAX or not is_plain(name):
        raise AddressInvalid(f"A name has 1 to {NAME_MAX} characters.", field="name")
    phone = clean_phone(draft.phone)
    if phone is None:
        raise AddressInvalid("This is no phone number.", field="phone")
    place = divisions().districts.get(draft.code)
    if place is None:
        raise AddressInvalid("Choose province, city and district.", field="code")
    if not STREET_MIN <= len(street) <= STREET_MAX or not is_plain(street):
        raise AddressInvalid(f"A street has {STREET_MIN} to {STREET_MAX} characters.", field="street")
    return Address(name, phone, place.code, place.province, place.city, place.district, street)


def clean_phone(text: str) -> str | None:
    """The phone number in a text that is nothing else, or `None`: a mobile or a landline of mainland China."""
    bare = re.sub(r"[\s()\uff08\uff09]", "", text).removeprefix("+86")
    if mobile := _MOBILE.fullmatch(bare):
        return "".join(mobile.groups(default=""))
    return bare if _LANDLINE.fullmatch(bare) else None


def place_text(address: Address) -> str:
    """Province, city and district as people write them: no name twice, no group that is no place."""
    parts = [address.province]
    if address.city != address.province and not address.city.endswith(DIRECT):
        parts.append(address.city)
    if address.district != parts[-1]:
        parts.append(address.district)
    return "".join(parts)


def seal_address(keys: Sealer, address: Address) -> bytes:
    """The address as it is stored."""
    return keys.encrypt(PURPOSE, msgspec.json.encode(address).decode())


def keep_address(keys: Keeper, address: Address) -> SealedAddress:
    """The address as a book keeps it."""
    return SealedAddress(seal_address(keys, address), tail_hash(keys, address.phone))


def open_address(keys: Opener, sealed: bytes) -> Address:
    """The address of its stored form. Raises `SealBrokenError` when that was changed."""
    return msgspec.json.decode(keys.decrypt(PURPOSE, sealed), type=Address)


def masked(address: Address) -> Address:
    """The address for who need not know it: 张*, 138****8000, and the street left out."""
    return Address(
        mask_name(address.name),
        mask_phone(address.phone),
        address.code,
        address.province,
        address.city,
        address.district,
        "***",
    )


def mask_name(name: str) -> str:
    """The first character, and a star for each further one, at most three."""
    return name[:1] + "*" * min(max(len(name) - 1, 1), 3)


def mask_phone(phone: str) -> str:
    """The first three and the last four digits."""
    return f"{phone[:3]}****{phone[-4:]}"
