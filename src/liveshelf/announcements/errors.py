"""What can go wrong with announcements."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Invalid, Missing


class AnnouncementInvalid(Invalid):
    """Title, body, pack name or date of an announcement can't be."""

    code = "announcements.invalid"
    title = "The announcement is not complete."


class AnnouncementMissing(Missing):
    """There is no such announcement."""

    code = "announcements.missing"
    title = "There is no such announcement."


class AcknowledgeFirst(Conflict):
    """Somebody wants to change something and has not acknowledged what was announced. `announcement_ids` name it."""

    code = "announcements.unread"
    title = "Read and acknowledge what was announced first."
