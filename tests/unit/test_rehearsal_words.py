"""Whatever a rehearsal can say has its words in both languages, and they ask for no fact that it does not bring."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest

from liveshelf.rehearsals.types import Area, Code, EndedBy, Failure, Outcome, Reason, Step
from tests.tidy.tree import ROOT

FACTS = re.compile(r'^    (\w+) = "\w+"  # (.+)$', re.MULTILINE)
JUDGED = (Outcome.GO, Outcome.NO_GO)


def facts() -> dict[str, set[str]]:
    """The facts of each check, as they are laid down beside it."""
    source = (ROOT / "src/liveshelf/rehearsals/types.py").read_text()
    told = source.split("class Code(StrEnum):")[1].split("class Reason(StrEnum):")[0]
    return {name.lower(): set(re.findall(r"[a-z0-9_]+", text)) for name, text in FACTS.findall(told)}


def said(words: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for code in Code:
        for outcome in JUDGED:
            yield code.value, words["said"][code.value][outcome.value]
        yield code.value, words["todo"][code.value]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_that_can_be_said_has_words(language: str):
    words = json.loads((ROOT / f"web/console/src/features/rehearsals/text.{language}.json").read_text())
    kinds: dict[str, type[StrEnum]] = {
        "area": Area,
        "code": Code,
        "outcome": Outcome,
        "step": Step,
        "failure": Failure,
        "reason": Reason,
        "ended_by": EndedBy,
        "said": Code,
        "todo": Code,
    }
    for name, kind in kinds.items():
        assert set(words[name]) == {one.value for one in kind}, name
    known = facts()
    assert set(known) == {code.value for code in Code}
    for code, text in said(words):
        assert set(re.findall(r"\{(\w+)\}", text)) <= known[code], f"{code}: {text}"
