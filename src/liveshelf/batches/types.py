"""Values of the batches capability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from liveshelf.kernel.states import Transitions


class BatchState(StrEnum):
    """The life of a batch. A rehearsed one waits for a person to start it; an export begins at work."""

    REHEARSING = "rehearsing"
    REHEARSED = "rehearsed"
    WORKING = "working"
    FINISHED = "finished"
    STOPPED = "stopped"


BATCH = Transitions(
    name="batch",
    initial={BatchState.REHEARSING, BatchState.WORKING},
    edges={
        BatchState.REHEARSING: {BatchState.REHEARSED, BatchState.STOPPED},
        BatchState.REHEARSED: {BatchState.WORKING, BatchState.STOPPED},
        BatchState.WORKING: {BatchState.FINISHED, BatchState.STOPPED},
        BatchState.FINISHED: set(),
        BatchState.STOPPED: set(),
    },
)
OPEN = frozenset({BatchState.REHEARSING, BatchState.WORKING})


class RowState(StrEnum):
    """What became of a row. `unchanged` says that what it asks for was so already."""

    WAITING = "waiting"
    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a kind's file. `titles` are the headings it is known by: the Chinese one, the English one, others."""

    key: str
    titles: tuple[str, ...]
    example: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class Batch:
    """A file's work as it stands. `made_by` is an actor. An export counts the rows it has written."""

    batch_id: int
    kind: str
    state: BatchState
    file_name: str
    options: Mapping[str, str]
    rows: int
    counts: Mapping[RowState, int]
    made_by: str
    created_at: datetime
    finished_at: datetime | None
    has_file: bool

    @property
    def worked(self) -> int:
        """How many rows have a result."""
        return sum(count for state, count in self.counts.items() if state is not RowState.WAITING)


@dataclass(frozen=True, slots=True)
class RowResult:
    """A row and what became of it. `code` names the refusal; `detail` is its sentence."""

    row_no: int
    cells: Mapping[str, str]
    state: RowState
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it was read: the headings as they stood, and rows of text. Row numbers count as a spreadsheet does."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
