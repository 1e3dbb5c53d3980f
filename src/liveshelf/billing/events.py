"""What has happened to bills, and what is due."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class BillDue(Event, frozen=True):
    """A day's bill is to be fetched and compared (again)."""

    name: ClassVar[str] = "bill.due"
    merchant: str
    day: str


class BillCompared(Event, frozen=True):
    """A day was compared. `found` is how many new differences it brought."""

    name: ClassVar[str] = "bill.compared"
    merchant: str
    day: str
    found: int
