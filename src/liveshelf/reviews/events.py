"""What happens to review cases."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class CaseSubmitted(Event, frozen=True):
    """Something waits for its review: first for the machine, where it can look."""

    name: ClassVar[str] = "reviews.case_submitted"
    audit_id: int
    kind: str
    subject: str


class CaseOverdue(Event, frozen=True):
    """The machine stage has not come to a case in time: its job was lost, so it is asked for again."""

    name: ClassVar[str] = "reviews.case_overdue"
    audit_id: int


class CaseDecided(Event, frozen=True):
    """A case was approved or rejected. Its subject followed in the same transaction; this tells those who only hear."""

    name: ClassVar[str] = "reviews.case_decided"
    audit_id: int
    kind: str
    subject: str
    title: str
    passed: bool
    reasons: list[str]
    note: str


class CaseAppealed(Event, frozen=True):
    """A shop has appealed against a rejection: the case waits for others."""

    name: ClassVar[str] = "reviews.case_appealed"
    audit_id: int
    kind: str
    subject: str
