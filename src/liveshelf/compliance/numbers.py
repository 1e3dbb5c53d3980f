"""Phone numbers, however their digits are written and spaced."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from liveshelf.compliance import characters
from liveshelf.compliance.types import Finding, Severity, WordClass

CLASS: Final = "contact"  # whose reason a number gives
_RULE: Final = "contact.phone"

_CHINESE: Final = dict(
    zip("零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖幺洞拐勾", "00123456789123456789" + "1079", strict=True)
)
_LETTERS: Final = {"o": "0", "l": "1", "i": "1"}
_DIGITS: Final = str.maketrans(_CHINESE | _LETTERS)
_LIKE: Final = f"[0-9oli{''.join(_CHINESE)}]"
_CANDIDATE: Final = re.compile(
    f"(?<![0-9])(?:86)?[1liI一壹幺][3-9三四五六七八九叁肆伍陆柒捌玖拐勾]{_LIKE}{{9}}(?![0-9])"
)
LIKE: Final = re.compile(f"{_LIKE}{{9}}")  # what every number has
_MOBILE: Final = re.compile(r"(?:86)?1[3-9]\d{9}")
_DIGITS_MIN: Final = 4  # of eleven that are digits of some script: "一" and "o" alone are words
_GROUPS_MAX: Final = 6  # numbers that are further apart are a list of sizes


def phones(text: str, base: str, owner: WordClass, *, field: str) -> list[Finding]:
    """The mobile numbers in a text; `base` is the text folded."""
    found: list[Finding] = []
    places: Sequence[int] = ()
    for match in _CANDIDATE.finditer(base):
        written = match.group()
        if not _MOBILE.fullmatch(written.translate(_DIGITS)):
            continue
        if sum(char.isdigit() or char in _CHINESE for char in written) < _DIGITS_MIN:
            continue
        places = places or characters.base_places(text)
        at = places[match.start() : match.end()]
        if _is_list(at):
            continue
        start, end = at[0], at[-1] + 1
        found.append(
            Finding(
                _RULE,
                field,
                text[start:end],
                start,
                end,
                Severity.REFUSE,
                owner.reason,
                "不得包含电话号码",
                "No phone numbers.",
                owner.family,
            )
        )
    return found


def _is_list(places: Sequence[int]) -> bool:
    """Whether the digits are several numbers beside each other, as sizes are: groups of two or three, many of them."""
    groups = 1 + sum(after - before > 1 for before, after in pairwise(places))
    return _GROUPS_MAX < groups < len(places) - 2
