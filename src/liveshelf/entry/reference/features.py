"""The list of features with what closes each: found in the tests' markers without running them."""

from __future__ import annotations

import ast
import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from liveshelf.entry.reference.tables import page, table

DONE, HALF, OPEN = "done", "half", "not done"


@dataclass(frozen=True, slots=True)
class Feature:
    """One row of the list."""

    id: str
    owner: str
    area: str
    rule: str
    check: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A test that names a feature. `half` says that it closes only a part of it."""

    feature: str
    test: str
    half: bool


def read_features(path: Path) -> list[Feature]:
    """The rows of the list."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Feature(row["id"], row["owner"], row["area"], row["rule"], row["check"]) for row in csv.DictReader(file)
        ]


def marks(tests: Path) -> list[Mark]:
    """Every `mark.feature("A-202")` below a folder, with the test or the table that it stands at."""
    found = []
    for path in sorted(tests.rglob("*.py")):
        place = path.relative_to(tests.parent).as_posix()
        found += list(_marks_of(ast.parse(path.read_text(encoding="utf-8")), place))
    return found


def features_page(features: Path, tests: Path) -> str:
    """Counts by owner, then every row with its tests."""
    rows = read_features(features)
    by_feature: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks(tests):
        by_feature[mark.feature].append(mark)
    states = {row.id: _state(by_feature[row.id]) for row in rows}
    owners = sorted({row.owner for row in rows})
    counts = {owner: Counter(states[row.id] for row in rows if row.owner == owner) for owner in owners}
    total = Counter(states.values())
    counted = [
        (owner, *(counts[owner][state] for state in (DONE, HALF, OPEN)), counts[owner].total()) for owner in owners
    ]
    summary = (
        f"**{total[DONE]} done, {total[HALF]} half, {total[OPEN]} not done, of {len(rows)}.** A feature is done when a "
        "passing test names it, half when the tests that name it close only a part. The owner is the piece of work "
        "that closes it."
    )
    parts = [summary, table(("owner", DONE, HALF, OPEN, "of"), counted)]
    for owner in owners:
        mine = [row for row in rows if row.owner == owner]
        parts += [
            f"## {owner}",
            table(
                ("id", "rule", "state", "tests"),
                [(row.id, row.rule, states[row.id], _tests(by_feature[row.id])) for row in mine],
            ),
        ]
    return page("Features", *parts)


def _state(of: list[Mark]) -> str:
    if any(not mark.half for mark in of):
        return DONE
    return HALF if of else OPEN


def _tests(of: list[Mark]) -> str:
    return "<br>".join(dict.fromkeys(f"`{mark.test}`" for mark in of))


def _marks_of(tree: ast.Module, place: str) -> Iterator[Mark]:
    for node in tree.body:
        yield from _marks_in(node, place)


def _marks_in(node: ast.AST, place: str) -> Iterator[Mark]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        place = f"{place}::{node.name}"
    elif isinstance(node, ast.Assign) and "::" not in place and isinstance(node.targets[0], ast.Name):
        place = f"{place}::{node.targets[0].id}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "feature":
        half = any(word.arg == "half" and getattr(word.value, "value", False) is True for word in node.keywords)
        for argument in node.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield Mark(argument.value, place, half)
    for child in ast.iter_child_nodes(node):
        yield from _marks_in(child, place)
