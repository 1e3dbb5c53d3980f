"""Words as they are compiled, and what of a text stands for one: every question is of a base and where it stood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise, product
from typing import Final, NamedTuple

from liveshelf.compliance import characters
from liveshelf.compliance.types import WordClass

SOUNDS_FROM: Final = 3  # characters of a word of which one may be replaced by any that sounds alike
_SPELLED_MIN = 6  # letters of a word that is spelled as a whole: `dama` and `diyi` are names, too
_FORMS_MAX = 200  # of one word: more than any has
_TITLE_MAX = 20  # characters; what is longer is running text
_SENTENCE = re.compile(r"[，。！？；：、,!?;:\n…]")
_UNIT = re.compile("(?<=[0-9])(?:ml|kg|cm|mm|[lgmwvx])")  # 5kg before a syllable


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a class; or, without `owner`, one that makes words of class `allows` harmless, or two characters that
    are one (`split`), or one without which pattern number `gate` need not be tried.
    """

    folded: str
    owner: WordClass | None = field(default=None, repr=False)
    allows: str = ""
    split: str = ""
    gate: int = -1


class Hit(NamedTuple):
    """A word found: where in the base, whether only by its sound, and whether in Latin letters."""

    word: Word
    start: int
    end: int
    by_sound: bool
    spelled: bool = False


@dataclass(frozen=True, slots=True)
class Spelled:
    """The sounds of a text whose Latin letters were read as pinyin, and of each sound where it stood in the base."""

    sounds: str
    spans: tuple[tuple[int, int], ...]


def forms(words: tuple[Word, ...]) -> dict[str, tuple[bool, tuple[Word, ...]]]:
    """The words by each form in which they stand there for certain: as they are, or with characters that are known to
    be written for others, of which one at least is right. With each whether it matters by itself.
    """
    found: dict[str, dict[Word, None]] = {}
    for word in words:
        found.setdefault(word.folded, {})[word] = None
        if word.split or word.gate >= 0:
            continue
        twins = [(char, *characters.twins().get(char, ())) for char in word.folded]
        for form in islice(product(*twins), _FORMS_MAX):
            if any(one == char for one, char in zip(form, word.folded, strict=True)):
                found.setdefault("".join(form), {})[word] = None
    return {form: (not all(word.allows for word in ones), tuple(ones)) for form, ones in found.items()}


def is_long(word: Word) -> bool:
    """Whether a word may be known by its sound: a sound alone makes nothing harmless, and letters have none."""
    return word.owner is not None and len(word.folded) >= SOUNDS_FROM and not any(map(str.isascii, word.folded))


def sounds_like(there: str, word: str) -> bool:
    """Whether what sounds like the word has at least half of its characters."""
    return sum(one != char for one, char in zip(there, word, strict=True)) * 2 <= len(word)


def has_more(hits: list[Hit]) -> bool:
    """Whether a pattern is to be tried, or characters to be joined."""
    return any(hit.word.gate >= 0 or hit.word.split for hit in hits)


def standing(hits: list[Hit], places: Sequence[int]) -> list[Hit]:
    """The hits that no longer word of their class makes harmless. Such a word is written as words are: "本色情怀" is
    one, the end and the beginning of "绘本 色情" are none.
    """
    safe = [
        (word.allows, start, end)
        for word, start, end, _, _ in hits
        if word.allows and places[end - 1] - places[start] < end - start
    ]
    standing = []
    for hit in hits:
        word, start, end, _, _ = hit
        if word.owner is None:
            continue
        for allows, first, last in safe:
            if first <= start and end <= last and allows == word.owner.class_id:
                break
        else:
            standing.append(hit)
    return standing


def spelled(base: str) -> Spelled | None:
    """The text with its runs of Latin letters read as pinyin, None when there is none that can be."""
    sounds: list[str] = []
    spans: list[tuple[int, int]] = []
    at, any_spelled = 0, False
    for begins, end in characters.runs(base):
        start = begins
        if (unit := _UNIT.match(base, begins)) is not None:
            start = unit.end()
        syllables = characters.spelled(base[start:end])
        if syllables is None:
            continue
        any_spelled = True
        sounds.append(characters.sound(base[at:start]))
        spans.extend((n, n + 1) for n in range(at, start))
        for sign, size in syllables:
            # An abbreviation stays letters, each with its own place.
            sounds.append(sign)
            spans.extend(
                ((start, start + size),) if len(sign) == 1 else ((start + n, start + n + 1) for n in range(size))
            )
            start += size
        at = end
    if not any_spelled:
        return None
    sounds.append(characters.sound(base[at:]))
    spans.extend((n, n + 1) for n in range(at, len(base)))
    return Spelled("".join(sounds), tuple(spans))


def is_spelled(base: str, spans: tuple[tuple[int, int], ...], word: str) -> bool:
    """Whether the word stands there, in letters where a span is longer than one character, and else as it is."""
    chinese = [base[start:end] == char for (start, end), char in zip(spans, word, strict=True) if end - start == 1]
    if not all(chinese):
        return False
    return bool(chinese) or sum(end - start for start, end in spans) >= _SPELLED_MIN


def cuts_a_run(base: str, places: Sequence[int], start: int, end: int) -> bool:
    """Whether a Latin word or a number goes on right beside, in the text as it was written: "vx" is a word in "加vx",
    not in "devxtra", and "0元购" is none in "100元购".
    """
    return (start > 0 and _goes_on(base, places, start - 1)) or (end < len(base) and _goes_on(base, places, end - 1))


def ends_inside(text: str, places: Sequence[int], hit: Hit) -> bool:
    """Whether a sentence of running text ends inside: then its end and the next one's beginning are no word. In a title
    marks are set to hide it, and so they are when they stand between all its characters.
    """
    if len(text) <= _TITLE_MAX:
        return False
    at = places[hit.start : hit.end]
    marked = sum(bool(_SENTENCE.search(text, one + 1, another)) for one, another in pairwise(at))
    return marked > 0 and (marked < len(at) - 1 or len(at) == 2)  # noqa: PLR2004 - two have one gap


def _goes_on(base: str, places: Sequence[int], at: int) -> bool:
    one, next_one = base[at], base[at + 1]
    apart = places[at + 1] - places[at]
    if _latin(one) and _latin(next_one):
        return apart <= 1
    return one.isdigit() and next_one.isdigit() and apart <= 2  # noqa: PLR2004 - a decimal point may stand between


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()
