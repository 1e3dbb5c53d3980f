"""What has happened to batches."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class BatchDue(Event, frozen=True):
    """A batch has work waiting."""

    name: ClassVar[str] = "batch.due"
    batch_id: int


class BatchFinished(Event, frozen=True):
    """Every row of a batch has its result."""

    name: ClassVar[str] = "batch.finished"
    batch_id: int
    kind: str
    failed: int
    made_by: str
