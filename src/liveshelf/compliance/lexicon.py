"""The lexicon: packaged words with what they mean, and how they are found in a text.

Texts are compared folded (full width, case, accents of presentation, white space, and marks set between characters to
hide a word), and every hit is told in positions of the text as it was written.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from liveshelf.compliance.types import Finding, Severity

_HIDING = frozenset({"P", "S", "Z", "C", "M"})  # first letters of the categories that people set between characters
_KEPT_MARKS = frozenset("%")  # part of a word in the lexicon


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of objection. `allowed` are longer words in which a word of the rule is harmless."""

    rule: str
    severity: Severity
    reason: str
    zh: str
    en: str
    words: tuple[str, ...]
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and for each of its characters where it stood."""

    text: str
    at: tuple[int, ...]


def fold(text: str) -> Folded:
    """The text as the lexicon compares it: NFKC, lower case, without white space, marks and invisible characters."""
    chars: list[tuple[str, int]] = []
    for position, original in enumerate(text):
        chars.extend(
            (char, position)
            for char in unicodedata.normalize("NFKC", original).lower()
            if char in _KEPT_MARKS or unicodedata.category(char)[0] not in _HIDING
        )
    return Folded("".join(char for char, _ in chars), tuple(position for _, position in chars))


class Lexicon:
    """All rules in one automaton: a text is read once, however many words there are."""

    def __init__(self, version: str, rules: tuple[Rule, ...]) -> None:
        self.version = version
        self._owners: list[Rule | None] = []  # of each pattern; None for a word that allows
        patterns: list[str] = []
        for rule in rules:
            for owner, words in ((rule, rule.words), (None, rule.allowed)):
                patterns.extend(fold(word).text for word in words)
                self._owners.extend([owner] * len(words))
        self._patterns = patterns
        self._automaton = AhoCorasick(patterns, matchkind=MatchKind.Standard)

    def findings(self, text: str, *, field: str) -> list[Finding]:
        """Every objection to the text, by position, at most one a rule and place."""
        folded = fold(text)
        hits = list(self._hits(folded))
        safe = [(start, end) for rule, start, end in hits if rule is None]
        found: dict[tuple[int, int, str], Finding] = {}
        for rule, start, end in sorted(hits, key=lambda hit: (hit[1], -hit[2])):
            if rule is None or any(a <= start and end <= b for a, b in safe):
                continue
            if any(start >= a and end <= b and rule.reason == one.reason for (a, b, _), one in found.items()):
                continue  # part of a longer word that says the same
            first, last = folded.at[start], folded.at[end - 1] + 1
            found[start, end, rule.rule] = Finding(
                rule.rule, field, text[first:last], first, last, rule.severity, rule.reason, rule.zh, rule.en
            )
        return list(found.values())

    def _hits(self, folded: Folded) -> Iterator[tuple[Rule | None, int, int]]:
        for index, start, end in self._automaton.find_matches_as_indexes(folded.text, overlapping=True):
            # "vx" is a word in "加vx", not in "devxtra": Latin words count only whole.
            if not (self._patterns[index].isascii() and _inside_a_word(folded, start, end)):
                yield self._owners[index], start, end


def _inside_a_word(folded: Folded, start: int, end: int) -> bool:
    """Whether a Latin letter stands right beside, in the text as it was written."""
    text, at = folded.text, folded.at
    return (start > 0 and _latin(text[start - 1]) and at[start] - at[start - 1] <= 1) or (
        end < len(text) and _latin(text[end]) and at[end] - at[end - 1] <= 1
    )


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


@lru_cache(maxsize=1)
def packaged() -> Lexicon:
    """The lexicon that comes with liveshelf."""
    stored = _data("lexicon.json")
    rules = tuple(
        Rule(
            one["rule"],
            Severity(one["severity"]),
            one["reason"],
            one["zh"],
            one["en"],
            tuple(one["words"]),
            tuple(one["allowed"]),
        )
        for one in stored["rules"]
    )
    return Lexicon(stored["version"], rules)


@lru_cache(maxsize=1)
def flagged_fingerprints() -> tuple[int, ...]:
    """Fingerprints of pictures that may not be used."""
    return tuple(int(one["fingerprint"], 16) for one in _data("flagged_pictures.json")["pictures"])


def _data(name: str) -> Any:  # noqa: ANN401 - plain JSON
    return json.loads((files("liveshelf.compliance") / "data" / name).read_text("utf-8"))
