"""What the trail asks for."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class SealDue(Event, frozen=True):
    """Rows wait for their seal."""

    name: ClassVar[str] = "trail.seal_due"
