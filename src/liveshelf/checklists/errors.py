"""What can go wrong with checklists."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Invalid


class ChecklistOpen(Conflict):
    """Items of the room's checklist are not signed, so it does not go on air."""

    code = "checklists.open"
    title = "The checklist before the broadcast is not signed."


class ChecklistInvalid(Invalid):
    """A template has a known category and at most 30 different items of 1 to 100 characters."""

    code = "checklists.invalid"
    title = "A checklist has at most 30 different items of 1 to 100 characters."


class ItemUnknown(Invalid):
    """The room's checklist has no such item: it was taken away or reworded."""

    code = "checklists.item_unknown"
    title = "The checklist has changed; look again."
