"""Values of the trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: who did what to what. `detail` is `None` once erased; `seal_no` is `None` until the sealer has come
    by.
    """

    trail_id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object] | None
    trace: str
    seal_no: int | None


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that is not as it was sealed."""

    seal_no: int
    what: str

    def __str__(self) -> str:
        return f"seal {self.seal_no}: {self.what}"
