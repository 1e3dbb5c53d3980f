"""Values of the messages capability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(days=90)
UNREAD_SHOWN = 100  # a badge says "99+" from here on; counting further would cost and tell nothing
READ_AT_ONCE = 100  # notices marked as read by one request: one page

Fact = int | str | None


@dataclass(frozen=True, slots=True)
class NewNotice:
    """Something to tell one reader. `key` is the same when it is told again: then nothing new is told."""

    reader: str
    kind: str
    subject: str
    facts: Mapping[str, Fact]
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What a reader was told. `facts` are ids and amounts, for the words of its kind."""

    notice_id: int
    kind: str
    subject: str
    facts: Mapping[str, Fact]
    created_at: datetime
    read_at: datetime | None
