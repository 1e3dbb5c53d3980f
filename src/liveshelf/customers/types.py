"""Values of the customers capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liveshelf.kernel.actors import Actor, ActorKind
from liveshelf.kernel.ids import CustomerId, ShopId


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
    """A phone number as it is kept: encrypted to be shown, and a keyed hash to be found by."""

    cipher: bytes
    hash: bytes


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
