"""What has happened at the simulated provider."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class SimulatorNoticeDue(Event, frozen=True):
    """A notification waits to be sent (again)."""

    name: ClassVar[str] = "simulator.notice_due"
    notice_id: int
