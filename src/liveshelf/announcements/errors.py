"""What can go wrong with announcements."""

from __future__ import annotations

from liveshelf.kernel.errors import Invalid, Missing


class AnnouncementInvalid(Invalid):
    """Title, body, pack name or date of an announcement can't be."""

    code = "announcements.invalid"
    title = "The announcement is not complete."


class AnnouncementMissing(Missing):
    """There is no such announcement."""

    code = "announcements.missing"
    title = "There is no such announcement."
