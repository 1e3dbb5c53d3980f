"""What has happened to rehearsals."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class RehearsalAsked(Event, frozen=True):
    """A rehearsal waits to be played."""

    name: ClassVar[str] = "rehearsal.asked"
    rehearsal_id: int
