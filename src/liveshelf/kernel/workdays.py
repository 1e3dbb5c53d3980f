"""Working days: weekdays that are no holiday, and weekends that are made up for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from liveshelf.kernel.time import begins, china_day

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A calendar. `off` are holidays, `on` are weekend days on which people work, `years` are those it was told about.

    In a year that it was not told about, weekends are off and nothing else is.
    """

    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether banks work on this day."""
        return day in self.on or (day.weekday() < _SATURDAY and day not in self.off)

    def knows(self, day: date) -> bool:
        """Whether the holidays of the day's year are known."""
        return day.year in self.years

    def after(self, day: date, count: int) -> date:
        """The working day that is `count` (at least 1) working days after a day."""
        while count:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day

    def due_at(self, instant: datetime, count: int) -> datetime:
        """The end of the working day that is `count` working days after an instant's day in China."""
        return begins(self.after(china_day(instant), count) + timedelta(days=1))
