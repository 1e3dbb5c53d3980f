"""Text as people and WeChat count it."""

from __future__ import annotations

import unicodedata

_LATIN1_MAX = "\xff"


def units(text: str) -> int:
    """Length in WeChat's units: a Chinese (wide) character is 2, any other 1.

    Combining marks, variation selectors and joiners belong to the character before them and count nothing, so
    an accented letter is 1 and a family emoji is 2 for each face in it.
    """
    total = 0
    for char in text:
        if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
            continue
        width = unicodedata.east_asian_width(char)
        # "Ambiguous" covers the quotes and dashes of Chinese text, but also é and ±: those stay 1.
        total += 2 if width in {"W", "F"} or (width == "A" and char > _LATIN1_MAX) else 1
    return total


def cut_units(text: str, limit: int) -> str:
    """The longest beginning of `text` within `limit` units."""
    total = 0
    for at, char in enumerate(text):
        total += units(char)
        if total > limit:
            return text[:at]
    return text


def is_plain(text: str) -> bool:
    """Whether the text is free of control characters, lone surrogates and private-use code points."""
    if text.isascii():
        return text.isprintable()  # of ASCII, all but the control characters are
    return not any(unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"} for char in text)


def fold(text: str) -> str:
    """The form in which words are compared: NFKC, lower case, no white space."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def mask(text: str, *, shown: int = 2) -> str:
    """Keep the first and last `shown` characters; what is short disappears entirely."""
    if len(text) <= shown * 2:
        return "*" * len(text)
    return text[:shown] + "*" * (len(text) - shown * 2) + text[-shown:]
