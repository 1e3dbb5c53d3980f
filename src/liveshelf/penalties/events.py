"""What happens to penalties."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class PenaltyImposed(Event, frozen=True):
    """A shop broke a rule, and this follows."""

    name: ClassVar[str] = "penalties.imposed"
    penalty_id: int
    level: str
    rule: str


class PenaltyEnded(Event, frozen=True):
    """A penalty's time is over."""

    name: ClassVar[str] = "penalties.ended"
    penalty_id: int
    level: str
    rule: str


class PenaltyReversed(Event, frozen=True):
    """A penalty was taken back by authority, or by an appeal."""

    name: ClassVar[str] = "penalties.reversed"
    penalty_id: int
    level: str
    rule: str


class PenaltyUpheld(Event, frozen=True):
    """An appeal against a penalty was refused."""

    name: ClassVar[str] = "penalties.upheld"
    penalty_id: int
    level: str
    rule: str
