"""Characters as the screen compares them, however they are disguised.

A text is folded into its *base* by one pass through a table: full width and decorated forms, case, accents,
traditional forms and look-alikes become the plain character; white space, marks, emoji and what can't be seen
disappear. From the base comes its *sound*: each Chinese character becomes one sign for its syllable without the tone,
and so does a syllable that is written in Latin letters. Both passes run in the interpreter's own loop; where a
character stood in the original is worked out only for texts in which something was found.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

_HIDING: Final = frozenset("PSZCM")  # first letters of the categories that people set between characters
_KEPT: Final = frozenset("%")  # part of words
_REGIONAL_A: Final = 0x1F1E6  # regional indicators: 🇻 🇽
_SQUARED: Final = ((0x1F150, 26), (0x1F170, 26))  # 🅥 🆅, which NFKC leaves alone
_SYLLABLES_FROM: Final = 0xE000  # private use: never part of a text, since C is hidden
_MEMORY: Final = 20_000  # characters a table remembers; who sends more different ones pays for them again

_NUMERALS: Final = "零一二三四五六七八九"  # digits sound like them: 第1
_RUN_MAX: Final = 64  # letters in a row that anybody would read as syllables
_RUN = re.compile("[a-z]+")


class _Table(dict[int, str]):
    """What each character becomes. Worked out when first met."""

    def __init__(self, *, keeps_marks: bool) -> None:
        super().__init__()
        self._keeps_marks = keeps_marks
        self._known = _substitutes()

    def __missing__(self, code: int) -> str:
        if len(self) > _MEMORY:
            self.clear()
        self[code] = became = self._work_out(chr(code))
        return became

    def _work_out(self, char: str) -> str:
        known = self._known
        if (sign := known.get(char)) is not None:
            return sign if self._keeps_marks or sign != "+" else ""
        if (letter := _squared_letter(ord(char))) or (letter := _digit(char)):
            return letter
        out: list[str] = []
        for one in unicodedata.normalize("NFKC", char).lower():
            plain = known.get(one, one)
            if len(plain) == 1 and plain.isalpha() and not plain.isascii():
                plain = known.get(stripped := _unaccented(plain), stripped)
            out.extend(part for part in plain if self._is_kept(part))
        return "".join(out)

    def _is_kept(self, char: str) -> bool:
        kind = unicodedata.category(char)[0]
        if kind not in _HIDING or char in _KEPT:
            return True
        return self._keeps_marks and (kind in "PZ" or char in "+=|~")


class _Sounds(dict[int, str]):
    """The sign of each character's syllable; what has none stays as it is, and is remembered: a translation that
    misses a key costs more than all the rest.
    """

    def __missing__(self, code: int) -> str:
        if len(self) < _MEMORY * 2:
            self[code] = chr(code)
        return chr(code)


def base(text: str) -> str:
    """The text as words are compared with it."""
    return text.translate(_bases())


def plain(text: str) -> str:
    """As `base`, with white space and punctuation: what addresses and numbers are read in."""
    return text.translate(_plains())


def base_places(text: str) -> Sequence[int]:
    """For each character of `base(text)` where it stood in the text."""
    return _places(text, _bases())


def plain_places(text: str) -> Sequence[int]:
    """For each character of `plain(text)` where it stood in the text."""
    return _places(text, _plains())


def sound(folded: str) -> str:
    """The signs of a base's syllables; everything else as it is. As long as the base."""
    return folded.translate(_sounds())


@lru_cache(maxsize=4096)
def spelled(run: str) -> tuple[tuple[str, int], ...] | None:
    """Latin letters as syllables, each as its sign with its number of letters; None when they are not pinyin."""
    if len(run) > _RUN_MAX or not _pinyin().fullmatch(run):
        return None
    signs = _signs()
    out, at = [], 0
    for size in _division(run):
        out.append((signs.get(run[at : at + size], run[at : at + size]), size))
        at += size
    return tuple(out)


def runs(folded: str) -> list[tuple[int, int]]:
    """Where runs of Latin letters stand."""
    return [match.span() for match in _RUN.finditer(folded)]


@lru_cache(maxsize=1)
def twins() -> dict[str, frozenset[str]]:
    """For a character the ones that stand for it by their sound, even in a word of two."""
    alike = {char: frozenset(others) for char, others in _disguises()["twins"].items()}
    digits = zip("0123456789", _NUMERALS, strict=True)
    return alike | {char: frozenset(digit) for digit, char in digits}


@lru_cache(maxsize=1)
def splits() -> dict[str, str]:
    """Characters written as two, by what they are written as."""
    return {base(parts): base(whole) for parts, whole in _disguises()["splits"].items()}


def _places(text: str, table: _Table) -> list[int]:
    became = list(map(table.__getitem__, map(ord, text)))
    places = [position for position, one in enumerate(became) if one]
    if len(places) < sum(map(len, became)):  # some have become more than one
        places = [position for position, one in enumerate(became) for _ in one]
    return places


def _squared_letter(code: int) -> str:
    if 0 <= code - _REGIONAL_A < 26:  # noqa: PLR2004 - letters
        return chr(ord("a") + code - _REGIONAL_A)
    for first, count in _SQUARED:
        if 0 <= code - first < count:
            return chr(ord("a") + code - first)
    return ""


def _digit(char: str) -> str:
    """Digits of every script, and those in circles."""
    value = unicodedata.digit(char, None)
    return "" if value is None else str(value)


def _unaccented(char: str) -> str:
    first = unicodedata.normalize("NFD", char)[0]
    return first if "LATIN" in unicodedata.name(char, "") else char


def _division(run: str) -> list[int]:
    """The lengths of a run's syllables, the longest that leave a rest which can be spelled."""
    whole, sizes, at = _pinyin(), [], 0
    known = _signs()
    while at < len(run):
        size = next(
            size
            for size in range(min(6, len(run) - at), 0, -1)
            if (run[at : at + size] in known or run[at : at + size] in _ABBREVIATED)
            and (at + size == len(run) or whole.fullmatch(run, at + size))
        )
        sizes.append(size)
        at += size
    return sizes


_ABBREVIATED: Final = ("vx", "wx", "qq", "v")  # what stands among syllables: jiavx


@lru_cache(maxsize=1)
def _pinyin() -> re.Pattern[str]:
    known = sorted((*_signs(), *_ABBREVIATED), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(known)})+")


@lru_cache(maxsize=1)
def _bases() -> _Table:
    return _Table(keeps_marks=False)


@lru_cache(maxsize=1)
def _plains() -> _Table:
    return _Table(keeps_marks=True)


@lru_cache(maxsize=1)
def _substitutes() -> dict[str, str]:
    """Traditional forms, look-alikes and signs, each by what it stands for."""
    simple = {line[0]: line[1] for line in _lines("traditional.txt")}
    disguises = _disguises()
    alike = {
        other: char
        for char, others in (*disguises["shapes"].items(), *disguises["letters"].items())
        for other in others
        if other != char
    }
    # Capitals of other scripts are lowered before they are looked up.
    signs: dict[str, str] = disguises["signs"]
    return simple | alike | signs


@lru_cache(maxsize=1)
def _signs() -> dict[str, str]:
    return {syllable: chr(_SYLLABLES_FROM + number) for number, (syllable, _) in enumerate(_spellings())}


@lru_cache(maxsize=1)
def _sounds() -> _Sounds:
    signs = _signs()
    sounds = {ord(char): signs[syllable] for syllable, chars in _spellings() for char in chars}
    return _Sounds(
        sounds | {ord(digit): sounds[ord(char)] for digit, char in zip("0123456789", _NUMERALS, strict=True)}
    )


@lru_cache(maxsize=1)
def _spellings() -> tuple[tuple[str, str], ...]:
    return tuple((syllable, chars) for syllable, chars in (line.split(" ") for line in _lines("pinyin.txt")))


@lru_cache(maxsize=1)
def _disguises() -> Any:  # noqa: ANN401 - plain JSON
    return json.loads((files("liveshelf.compliance") / "data" / "disguises.json").read_text("utf-8"))


def _lines(name: str) -> list[str]:
    return (files("liveshelf.compliance") / "data" / name).read_text("utf-8").splitlines()
