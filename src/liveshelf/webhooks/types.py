"""Values of the webhooks capability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

KEPT = timedelta(days=7)  # deliveries with their tries, in wall time, as logged calls
TRIES = 3  # of the main address in one run, as WeChat does
TRY_S = 5.0  # for one try, as WeChat waits
ANSWER_MAX = 64 << 10  # bytes of a receiver's answer; "success" has seven
LEASE = timedelta(minutes=1)  # longer than a run: three tries, and the backup's
# Pauses after a run in which nobody took the message. When all are over, staff are told and may send it by hand.
PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
)


class MessageMode(StrEnum):
    """How a message is written: as it is, sealed, or both."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SAFE = "safe"


class MessageForm(StrEnum):
    """The language of a message."""

    XML = "xml"
    JSON = "json"


class DeliveryState(StrEnum):
    """Whether a message was taken."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class TryOutcome(StrEnum):
    """How a try ended."""

    TAKEN = "taken"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"  # by us: the address is inside a network
    STATUS = "status"  # not 200
    ANSWER = "answer"  # 200, but neither "success" nor empty
    NO_ENDPOINT = "no_endpoint"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What signs and seals messages. The key is empty in plain mode."""

    token: str
    aes_key: str


@dataclass(frozen=True, slots=True)
class EndpointDraft:
    """Where to tell, and how. `None` keeps the token or key that is there."""

    url: str
    backup_url: str
    mode: MessageMode
    form: MessageForm
    token: str | None
    aes_key: str | None
    enabled: bool


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a shop's server listens."""

    url: str
    backup_url: str
    mode: MessageMode
    form: MessageForm
    sealed: bytes
    token_hint: str
    key_hint: str
    enabled: bool
    verified_at: datetime
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the shop is to its server: appid and original id (gh_…)."""

    appid: str
    original_id: str


@dataclass(frozen=True, slots=True)
class Message:
    """Something to be told once. `fields` stand in the element `wrapper`; `key` is the same when it is told again."""

    key: str
    event: str
    wrapper: str
    openid: str
    at: datetime
    fields: Mapping[str, int | str]
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way, or that was told."""

    delivery_id: int
    event: str
    message: Mapping[str, Any]
    state: DeliveryState
    runs: int
    send_at: datetime | None
    made_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Try:
    """One call of a receiver."""

    at: datetime
    backup: bool
    outcome: TryOutcome
    status: int | None
    ms: int
    excerpt: str
    by_hand: bool = False
