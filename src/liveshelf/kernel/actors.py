"""Who does something: named in every write, kept in the trail and in events."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """The kinds of doer. Staff and reviewers are people with accounts, agents those of a service
    provider, employees those whom the shop's WeCom knows; a credential is software; a provider is one of payment;
    system is us.
    """

    STAFF = "staff"
    REVIEWER = "reviewer"
    CUSTOMER = "customer"
    CREDENTIAL = "credential"
    PROVIDER = "provider"
    SYSTEM = "system"
    AGENT = "agent"
    EMPLOYEE = "employee"


@dataclass(frozen=True, slots=True)
class Actor:
    """One doer. `id` is the account, customer, appid, provider or process name."""

    kind: ActorKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.id}"


SYSTEM = Actor(ActorKind.SYSTEM, "liveshelf")
