"""What the timeline asks for."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class TimelineDue(Event, frozen=True):
    """Broadcasts of the shop have to be written down."""

    name: ClassVar[str] = "timeline.due"
