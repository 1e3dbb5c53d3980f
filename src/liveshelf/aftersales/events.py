"""What has happened to after-sale cases."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class CaseOpened(Event, frozen=True):
    """A buyer has applied."""

    name: ClassVar[str] = "aftersale.opened"
    case_id: int
    order_id: int
    customer_id: int
    kind: str
    amount_fen: int


class CaseMoved(Event, frozen=True):
    """A case has moved. `said` names the step of its log, `by` the side that took it."""

    name: ClassVar[str] = "aftersale.moved"
    case_id: int
    order_id: int
    customer_id: int
    state: str
    said: str
    by: str
    amount_fen: int


class CaseSpoken(Event, frozen=True):
    """Somebody wrote into a case, or made or declined an offer, without moving it."""

    name: ClassVar[str] = "aftersale.spoken"
    case_id: int
    order_id: int
    customer_id: int
    said: str
    by: str


class CaseLimitMissed(Event, frozen=True):
    """The shop has missed a limit of a case: its answer, a promise, or the replacement. `clock` says which."""

    name: ClassVar[str] = "aftersale.limit_missed"
    case_id: int
    order_id: int
    customer_id: int
    clock: str


class ArbiterCalled(Event, frozen=True):
    """A buyer has asked the platform to decide."""

    name: ClassVar[str] = "aftersale.arbiter_called"
    case_id: int
    order_id: int
    customer_id: int
