"""Values of the compliance capability."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    """How sure a rule is. `refuse` is certain and refuses by itself; `note` is shown to the person who reviews."""

    REFUSE = "refuse"
    NOTE = "note"


class View(StrEnum):
    """What a pattern reads: the text with its marks, or without."""

    PLAIN = "plain"
    BASE = "base"


@dataclass(frozen=True, slots=True)
class Pattern:
    """What no list of words can say, e.g. an address: a regular expression over a view. It is tried only in texts that
    have one of `gates`, which are found with the words, or one of the characters `signs`.
    """

    pattern_id: str
    view: View
    regex: str
    gates: tuple[str, ...]
    signs: str


@dataclass(frozen=True, slots=True)
class WordClass:
    """One kind of objection; classes of one family say the same more or less surely. `allowed` are longer words in
    which a word of the class is harmless. `buyers` is what it means when a buyer says it, None when it is theirs to
    say. `reason` is the review's reason code.
    """

    class_id: str
    family: str
    zh_name: str
    en_name: str
    zh: str
    en: str
    source: str
    severity: Severity
    buyers: Severity | None
    reason: str
    words: tuple[str, ...]
    allowed: tuple[str, ...]
    patterns: tuple[Pattern, ...] = ()


class EntryKind(StrEnum):
    """What a change of the lexicon does."""

    WORD = "word"  # one more word
    ALLOWED = "allowed"  # a longer word that is harmless
    REMOVED = "removed"  # a packaged word that does not count here


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of the packaged lexicon, by the platform or by a shop. What was taken back stays in the history."""

    entry_id: int
    kind: EntryKind
    class_id: str
    word: str
    reason: str
    added_by: str
    added_at: datetime
    added_in: int
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_in: int | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that a rule objects to: characters `start` to `end` of `field`. `reason` is the review's reason code
    for it, `family` the class's, empty for what is no word.
    """

    rule: str
    field: str
    text: str
    start: int
    end: int
    severity: Severity
    reason: str
    zh: str
    en: str
    family: str = ""


def certain(findings: list[Finding]) -> Finding | None:
    """The first finding that refuses by itself."""
    return next((one for one in findings if one.severity is Severity.REFUSE), None)
