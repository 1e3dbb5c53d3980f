"""The one clock. Business time is wall time plus an offset that only a movable clock has.

Deadlines follow business time. Sessions, one-time codes, rate limits, signatures' freshness and job retries keep wall
time, so a moved clock signs nobody out.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def wall_now() -> datetime:
    """Wall time in UTC."""
    return datetime.now(UTC)


class Clock:
    """Business time of this process. With a movable clock, each transaction refreshes the offset it read."""

    def __init__(self, *, movable: bool = False) -> None:
        self.movable = movable
        self._offset = timedelta()

    def set_offset(self, offset: timedelta) -> None:
        """Adopt the offset row. Forward only: an older offset read late is ignored."""
        self._offset = max(self._offset, offset)

    def now(self) -> datetime:
        """Business time in UTC."""
        return wall_now() + self._offset
