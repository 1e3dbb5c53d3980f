"""What comes with liveshelf: the lexicon's classes and the flagged pictures, as files in the package.

`data/lexicon/` has a file a class. A file that is wrong stops the process that reads it, with the file's name.
"""

from __future__ import annotations

import json
import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import Any, Final

from liveshelf.compliance.types import Pattern, Severity, View, WordClass

_ABOUT: Final = "version.toml"
_TEXTS: Final = ("zh_name", "en_name", "zh", "en", "source", "reason")
_KEYS: Final = frozenset({*_TEXTS, "severity", "buyers", "words", "phrases", "joined", "allowed", "patterns", "family"})
_NOBODY: Final = "none"


class LexiconBrokenError(ValueError):
    """A file of the packaged lexicon can't be used; the message names it."""


@lru_cache(maxsize=1)
def version() -> str:
    """The packaged lexicon's version: a date and the number within it."""
    return str(_toml(_ABOUT)["version"])


@lru_cache(maxsize=1)
def classes() -> tuple[WordClass, ...]:
    """The packaged classes, in the order of their names. Raises `LexiconBrokenError`."""
    names = sorted(place.name for place in _folder().iterdir() if place.name.endswith(".toml"))
    return tuple(_class(name.removesuffix(".toml"), _toml(name)) for name in names if name != _ABOUT)


@lru_cache(maxsize=1)
def flagged_fingerprints() -> tuple[int, ...]:
    """Fingerprints of pictures that may not be used."""
    stored = json.loads((files("liveshelf.compliance") / "data" / "flagged_pictures.json").read_text("utf-8"))
    return tuple(int(one["fingerprint"], 16) for one in stored["pictures"])


def _class(class_id: str, stored: dict[str, Any]) -> WordClass:
    try:
        words = _words(stored)
        if wrong := [*(set(stored) - _KEYS), *(key for key in _TEXTS if not str(stored[key]).strip())]:
            raise _broken(class_id, f"unknown or empty {wrong}")
        if not words:
            raise _broken(class_id, "no words")
        return WordClass(
            class_id=class_id,
            family=stored.get("family", class_id),
            severity=Severity(stored["severity"]),
            buyers=None if stored["buyers"] == _NOBODY else Severity(stored["buyers"]),
            words=tuple(dict.fromkeys(words)),
            allowed=tuple(dict.fromkeys(stored["allowed"].split())),
            patterns=tuple(_pattern(class_id, one) for one in stored.get("patterns", ())),
            **{key: stored[key] for key in _TEXTS},
        )
    except LexiconBrokenError:
        raise
    except (KeyError, ValueError, AttributeError, re.error) as error:
        raise _broken(class_id, repr(error)) from error


def _words(stored: dict[str, Any]) -> list[str]:
    """The words, the phrases, which have spaces, and everything that the joined lists make of each other."""
    words = [*stored["words"].split(), *stored.get("phrases", ())]
    for firsts, seconds in stored.get("joined", ()):
        words.extend(first + second for first, second in product(firsts.split(), seconds.split()))
    return words


def _pattern(class_id: str, stored: dict[str, str]) -> Pattern:
    re.compile(stored["pattern"])
    gates, signs = tuple(stored.get("gates", "").split()), stored.get("signs", "")
    if not gates and not signs:
        raise _broken(class_id, f"pattern {stored['id']} has no gates")
    return Pattern(stored["id"], View(stored["view"]), stored["pattern"], gates, signs)


def _broken(class_id: str, why: str) -> LexiconBrokenError:
    return LexiconBrokenError(f"compliance/data/lexicon/{class_id}.toml: {why}")


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((_folder() / name).read_text("utf-8"))


def _folder() -> Any:  # noqa: ANN401 - importlib's Traversable has moved between versions
    return files("liveshelf.compliance") / "data" / "lexicon"
