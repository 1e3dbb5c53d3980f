"""What has happened to people."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class MemberLeft(Event, frozen=True):
    """Somebody no longer works in the shop. What was open with them is `heir`'s now, or everybody's."""

    name: ClassVar[str] = "accounts.member_left"
    account_id: int
    heir: int | None
