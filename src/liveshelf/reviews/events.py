"""What happens to review cases."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class CaseOverdue(Event, frozen=True):
    """The machine stage has not come to a case in time: its job was lost, so it is asked for again."""

    name: ClassVar[str] = "reviews.case_overdue"
    audit_id: int
