"""What can go wrong with timelines."""

from __future__ import annotations

from liveshelf.kernel.errors import Missing


class TimelineMissing(Missing):
    """The room has no timeline: it was never on air, or there is no such room."""

    code = "timeline.missing"
    title = "There is no record of such a broadcast."
