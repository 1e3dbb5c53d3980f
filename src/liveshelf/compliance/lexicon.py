"""The lexicon, compiled: every word of every class in one automaton over sounds.

A text is read once, however many words there are, and however they are disguised: what the automaton reports is looked
at again in the characters themselves. A word counts when it stands there as it is; when syllables of it are spelled in
Latin letters; when a character of it stands there as two; or when characters that sound alike stand for some of it, of
which the last is only shown to a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from ahocorasick_rs import AhoCorasick, MatchKind

from liveshelf.compliance import characters, matching, numbers, packaged
from liveshelf.compliance.matching import Hit, Word
from liveshelf.compliance.types import Finding, Pattern, Severity, View, WordClass

BUYER_FIELDS: Final = frozenset({"comment", "review"})  # what buyers write

DIGITS: Final = "#digits"  # the gate of patterns that need many digits
_LETTERS = re.compile("[a-z]{2}|[a-z][0-9]")  # of one letter nothing can be read
_SIGNAL = re.compile(f"{_LETTERS.pattern}|{numbers.LIKE.pattern}").search
_LEET = re.compile("[a-z][0-9]+[a-z]")
_LEET_TOKEN = re.compile(r"(?<![a-z0-9])[a-z0-9]*[a-z][0-9]+[a-z][a-z0-9]*(?![a-z0-9])")
_LEET_LETTERS = str.maketrans("0134578", "oieastb")


class Lexicon:
    """Classes of words, compiled. `more` is looked through as well: a shop's own words beside the platform's."""

    def __init__(self, version: str, classes: tuple[WordClass, ...], *, more: Lexicon | None = None) -> None:
        self.version: str = version if more is None else f"{more.version}+{version}"
        self.classes = classes
        self._more = more
        self._patterns = [(one, pattern, re.compile(pattern.regex)) for one in classes for pattern in one.patterns]
        by_sound: dict[str, dict[Word, None]] = {}
        for word in self._all_words():
            by_sound.setdefault(characters.sound(word.folded), {})[word] = None
        # By number of the automaton's pattern: the words that sound so, in each form in which they are certain, and
        # those that are long enough to be known by their sound.
        self._words = [tuple(words) for words in by_sound.values()]
        self._forms = [matching.forms(words) for words in self._words]
        self._long = [tuple(word for word in words if matching.is_long(word)) for words in self._words]
        self._find = AhoCorasick(list(by_sound), matchkind=MatchKind.Standard).find_matches_as_indexes
        patterns = list(enumerate(pattern for _, pattern, _ in self._patterns))
        self._by_digits = {number for number, pattern in patterns if DIGITS in pattern.gates}
        self._by_sign = [(number, pattern.signs) for number, pattern in patterns if pattern.signs]
        self._signs = _one_of("".join(pattern.signs for _, pattern in patterns))
        self._latin = {word.folded: word for words in self._words for word in words if word.folded.isascii()}
        self._contact = next((one for one in classes if one.class_id == numbers.CLASS), None)

    def findings(self, text: str, *, field: str) -> list[Finding]:
        """Every objection to the text, by position, at most one a rule and place."""
        base = characters.base(text)
        raw = self._find(characters.sound(base), True)
        hits = self._hits(base, raw) if raw else []
        found = _told(text, base, hits, field) if hits else []
        if _SIGNAL(base) or self._signs(text) or matching.has_more(hits):
            found += self._beyond_words(text, base, hits, field=field)
        if self._more is not None:
            found += self._more.findings(text, field=field)
        return _without_repetition(found) if len(found) > 1 else found

    def _all_words(self) -> Iterator[Word]:
        for one in self.classes:
            for word in one.words:
                yield Word(characters.base(word), owner=one)
            for word in one.allowed:
                yield Word(characters.base(word), allows=one.class_id)
        for parts, whole in characters.splits().items():
            yield Word(parts, split=whole)
        for number, (_, pattern, _) in enumerate(self._patterns):
            for gate in pattern.gates:
                if gate != DIGITS:
                    yield Word(characters.base(gate), gate=number)

    def _beyond_words(self, text: str, base: str, hits: list[Hit], *, field: str) -> list[Finding]:
        """What stands there in two parts, in letters, in digits, or as a pattern."""
        found: list[Finding] = []
        if splits := [hit for hit in hits if hit.word.split]:
            found.extend(self._joined(text, base, splits, field))
        gates = {hit.word.gate for hit in hits if hit.word.gate >= 0}
        if _LETTERS.search(base) is not None:
            found.extend(self._by_letters(text, base, field))
        if self._contact is not None and numbers.LIKE.search(base) is not None:
            found.extend(numbers.phones(text, base, self._contact, field=field))
            gates |= self._by_digits
        if self._signs(text):
            gates.update(number for number, signs in self._by_sign if any(sign in text for sign in signs))
        if gates:
            found.extend(self._by_patterns(text, base, gates, field))
        return found

    def _hits(self, base: str, raw: list[tuple[int, int, int]]) -> list[Hit]:
        """What of the automaton's report stands there; nothing when all of it only makes harmless."""
        hits: list[Hit] = []
        any_matters = False
        for number, start, end in raw:
            if (form := self._forms[number].get(base[start:end])) is not None:
                matters, words = form
                any_matters |= matters
                hits += [Hit(word, start, end, False) for word in words]
            elif long := self._long[number]:
                there = base[start:end]
                for word in long:
                    if matching.sounds_like(there, word.folded):
                        any_matters = True
                        hits.append(Hit(word, start, end, True))
        return hits if any_matters else []

    def _by_letters(self, text: str, base: str, field: str) -> list[Finding]:
        """What only texts with Latin letters or digits can have."""
        found = []
        if (spelled := matching.spelled(base)) is not None:
            hits = list(self._hits_spelled(text, base, spelled))
            found.extend(_told(text, base, hits, field))
        if _LEET.search(base) is not None:
            found.extend(self._leet(text, field))
        return found

    def _leet(self, text: str, field: str) -> Iterator[Finding]:
        """Latin words with digits for letters: wh4tsapp."""
        plain = characters.plain(text)
        for match in _LEET_TOKEN.finditer(plain):
            word = self._latin.get(match.group().translate(_LEET_LETTERS))
            if word is not None and word.owner is not None and _severity(word.owner, field) is not None:
                places = characters.plain_places(text)
                span = places[match.start()], places[match.end() - 1] + 1
                yield told(text, word.owner, span, rule=word.owner.class_id, field=field)

    def _by_patterns(self, text: str, base: str, gates: set[int], field: str) -> list[Finding]:
        plain = characters.plain(text)
        found: list[Finding] = []
        for number in sorted(gates):
            owner, pattern, regex = self._patterns[number]
            for match in regex.finditer(plain if pattern.view is View.PLAIN else base):
                found.extend(_matched(text, owner, pattern, match.span(), field=field))
        return found

    def _hits_spelled(self, text: str, base: str, spelled: matching.Spelled) -> Iterator[Hit]:
        """Words of which at least one syllable stands there in letters, and the others as they are."""
        places: Sequence[int] = ()
        for number, first, last in self._find(spelled.sounds, True):
            spans = spelled.spans[first:last]
            start, end = spans[0][0], spans[-1][1]
            if end - start == last - first:
                continue
            for word in self._words[number]:
                if word.owner is None or not matching.is_spelled(base, spans, word.folded):
                    continue
                places = places or characters.base_places(text)
                if len(word.folded) >= matching.SOUNDS_FROM or not matching.cuts_a_run(base, places, start, end):
                    yield Hit(word, start, end, by_sound=False, spelled=True)

    def _joined(self, text: str, base: str, splits: list[Hit], field: str) -> list[Finding]:
        """What the text says when characters that are written as two are read as one."""
        joined, where, at = "", [], 0
        for hit in splits:
            if hit.start < at:
                continue
            joined += base[at : hit.start] + hit.word.split
            where += [(n, n + 1) for n in range(at, hit.start)]
            where += [(hit.start, hit.end)] * len(hit.word.split)
            at = hit.end
        joined += base[at:]
        where += [(n, n + 1) for n in range(at, len(base))]
        hits = [
            Hit(hit.word, where[hit.start][0], where[hit.end - 1][1], hit.by_sound)
            for hit in self._hits(joined, self._find(characters.sound(joined), True))
            if not hit.word.split
        ]
        return _told(text, base, hits, field)


def _one_of(signs: str) -> Callable[[str], object]:
    """Whether a text has one of the signs. Asked of every text, so each is looked for by itself, which is quicker than
    a regular expression.
    """
    if len(signs) == 3:  # noqa: PLR2004 - the packaged lexicon's number
        first, second, third = tuple(signs)
        return lambda text: first in text or second in text or third in text
    return lambda text: any(sign in text for sign in signs)


def _told(text: str, base: str, hits: list[Hit], field: str) -> list[Finding]:
    """Findings of the hits that stand."""
    places = characters.base_places(text)
    found = []
    for hit in matching.standing(hits, places):
        owner = hit.word.owner
        if owner is None or (not hit.spelled and matching.cuts_a_run(base, places, hit.start, hit.end)):
            continue
        if _severity(owner, field) is not None and not matching.ends_inside(text, places, hit):
            span = places[hit.start], places[hit.end - 1] + 1
            found.append(told(text, owner, span, rule=owner.class_id, field=field, by_sound=hit.by_sound))
    return found


def told(
    text: str, owner: WordClass, span: tuple[int, int], *, rule: str, field: str, by_sound: bool = False
) -> Finding:
    """A finding of a class. What only sounds alike never refuses."""
    start, end = span
    severity = Severity.NOTE if by_sound else _severity(owner, field) or Severity.NOTE
    return Finding(rule, field, text[start:end], start, end, severity, owner.reason, owner.zh, owner.en, owner.family)


def _matched(text: str, owner: WordClass, pattern: Pattern, span: tuple[int, int], *, field: str) -> Iterator[Finding]:
    if _severity(owner, field) is None or span[0] == span[1]:
        return
    places = (characters.plain_places if pattern.view is View.PLAIN else characters.base_places)(text)
    where = places[span[0]], places[span[1] - 1] + 1
    yield told(text, owner, where, rule=f"{owner.class_id}.{pattern.pattern_id}", field=field)


def _severity(owner: WordClass, field: str) -> Severity | None:
    return owner.buyers if field in BUYER_FIELDS else owner.severity


def _without_repetition(found: list[Finding]) -> list[Finding]:
    """By position, the longest first; what another one of the family says of a longer place, or more surely of a part,
    is left out.
    """
    certain = [one for one in found if one.severity is Severity.REFUSE]
    kept: list[Finding] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if one.severity is Severity.NOTE and any(_overlap(other, one) for other in certain):
            continue
        if not any(_overlap(other, one) and other.end >= one.end for other in kept if other.severity is one.severity):
            kept.append(one)
    return kept


def _overlap(other: Finding, one: Finding) -> bool:
    return other.family == one.family and other.start < one.end and one.start < other.end


@lru_cache(maxsize=1)
def of_package() -> Lexicon:
    """The lexicon that comes with liveshelf."""
    return Lexicon(packaged.version(), packaged.classes())
