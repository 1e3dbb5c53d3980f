"""The calendar of working days in China, as data: years of ours, and a file of the operator's that adds or corrects
years (`working-days.json` in the data folder, in the form of `data/working_days.json`).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path

import msgspec

from liveshelf.kernel.workdays import WorkingDays
from liveshelf.platform.log import logger

OWN_FILE = "working-days.json"
_log = logger("calendar")


class Year(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One year as it is announced: days off, and weekend days that are worked."""

    off: list[date]
    on: list[date]


def working_days(data_dir: Path) -> WorkingDays:
    """The calendar, with the operator's years in place of ours. A file that can't be read is logged and left out."""
    path = data_dir / OWN_FILE
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError:
        return _read(path, 0)


def warn_of_unknown(days: WorkingDays, day: date) -> None:
    """Say so when a window was reckoned without the holidays of its year."""
    if not days.knows(day):
        _log.warning("holidays_unknown", year=day.year, file=OWN_FILE)


@lru_cache(maxsize=8)
def _read(path: Path, changed: int) -> WorkingDays:
    shipped = resources.files("liveshelf.platform") / "data" / "working_days.json"
    years = msgspec.json.decode(shipped.read_bytes(), type=dict[str, Year])
    if changed:
        try:
            years |= msgspec.json.decode(path.read_bytes(), type=dict[str, Year])
        except (OSError, msgspec.MsgspecError) as error:
            _log.error("calendar_unreadable", file=str(path), error=repr(error))
    return WorkingDays(
        frozenset(day for year in years.values() for day in year.off),
        frozenset(day for year in years.values() for day in year.on),
        frozenset(int(name) for name in years if name.isdigit()),
    )
