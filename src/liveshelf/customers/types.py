"""Values of the customers capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import AddressId, CustomerId, ShopId

_KIND = ActorKind.CUSTOMER.value


class CustomerKind(StrEnum):
    """A guest is known by a cookie alone; a member has a phone and a password."""

    GUEST = "guest"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who buys in one shop. `openid` is how software outside knows them."""

    customer_id: CustomerId
    openid: str
    kind: CustomerKind
    name: str
    demo: bool


@dataclass(frozen=True, slots=True)
class SealedPhone:
    """A phone number as it is kept: encrypted to be shown, and keyed hashes of all of it and of its last four digits
    to be found by.
    """

    cipher: bytes
    hash: bytes
    tail: bytes


@dataclass(frozen=True, slots=True)
class Division:
    """A district (区县) with what it lies in. `code` has six digits (GB/T 2260)."""

    code: str
    province: str
    city: str
    district: str


@dataclass(frozen=True, slots=True)
class AddressDraft:
    """An address as a buyer gives it: the district by its code, the rest as text."""

    name: str
    phone: str
    code: str
    street: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where something goes, and to whom. The names of the place are kept as they were: divisions change."""

    name: str
    phone: str
    code: str
    province: str
    city: str
    district: str
    street: str


@dataclass(frozen=True, slots=True)
class SealedAddress:
    """An address on its way into a book: encrypted, and a keyed hash of its phone's last four digits to be found by."""

    cipher: bytes
    tail: bytes


@dataclass(frozen=True, slots=True)
class KeptAddress:
    """An address of a customer's book, as it is kept: `postal.open_address` reads it."""

    address_id: AddressId
    customer_id: CustomerId
    sealed: bytes
    is_default: bool


@dataclass(frozen=True, slots=True)
class LoginCode:
    """A code for `jscode2session`, shown once. `expires_at` is wall time."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Buyer:
    """The customer behind a request: hold one and the cookie was checked."""

    shop: ShopId
    customer_id: CustomerId
    name: str
    kind: CustomerKind

    @property
    def actor(self) -> Actor:
        """The buyer as a doer."""
        return customer_actor(self.customer_id)


def customer_actor(customer_id: CustomerId) -> Actor:
    """A customer as a doer."""
    return Actor(ActorKind.CUSTOMER, str(customer_id))


def written(customer_id: CustomerId) -> str:
    """A customer as a doer, as rows have it."""
    return f"{_KIND}:{customer_id}"
