"""What happens to media."""

from __future__ import annotations

from typing import ClassVar

from liveshelf.platform.events import Event


class MediaExpired(Event, frozen=True):
    """Temporary media is gone; its bytes may now be without an owner."""

    name: ClassVar[str] = "media.expired"
    sha256s: list[str]
