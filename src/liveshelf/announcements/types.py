"""Values of the announcements capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class AnnouncementKind(StrEnum):
    """What is announced."""

    NOTICE = "notice"
    RULES = "rules"  # a version of a rule pack


@dataclass(frozen=True, slots=True)
class Draft:
    """Something to announce. `pack` names the rule pack, for rules alone; `must_acknowledge` people can't go on
    without.
    """

    kind: AnnouncementKind
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    effective_on: date
    pack: str = ""
    must_acknowledge: bool = False


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something that was announced. `version` numbers the versions of a pack from 1; a notice has 1."""

    announcement_id: int
    draft: Draft
    version: int
    published_by: str
    published_at: datetime
