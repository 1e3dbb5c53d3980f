"""Values of the compliance capability."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How sure a rule is. `refuse` is certain and refuses by itself; `note` is shown to the person who reviews."""

    REFUSE = "refuse"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that a rule objects to: characters `start` to `end` of `field`. `reason` is the review's reason code
    for it.
    """

    rule: str
    field: str
    text: str
    start: int
    end: int
    severity: Severity
    reason: str
    zh: str
    en: str


def certain(findings: list[Finding]) -> Finding | None:
    """The first finding that refuses by itself."""
    return next((one for one in findings if one.severity is Severity.REFUSE), None)
