"""Values of the checklists capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

EVERY = 0  # the template that every broadcast needs, whatever it sells


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to check, of a template. `category` is a top category, or `EVERY`."""

    item_id: int
    category: int
    text: str


@dataclass(frozen=True, slots=True)
class Signed:
    """An item as it stands for one room."""

    item: Item
    signed_by: str | None
    signed_at: datetime | None
