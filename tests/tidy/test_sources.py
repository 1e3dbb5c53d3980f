"""What a linter can't say of the sources: sizes, names, promises, and that nothing happens while a module is loaded."""

from __future__ import annotations

import ast
import re

import pytest

from tests.tidy.tree import PACKAGE, ROOT, capabilities, module_name, places, sources

FILE_MAX = 400  # lines; longer files are two things
FUNCTION_MAX = 60
LOCKS = 0x6C73  # what the first key of every advisory lock of ours begins with
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "managers", "manager", "misc", "base"}
# Calls that reach outside. At module level they would run whenever somebody imports.
OUTSIDE = {"open", "run", "Popen", "urlopen", "connect", "read_text", "read_bytes", "write_text", "mkdir", "getenv"}
# Modules that nobody imports because the outside begins there.
BEGINNINGS = {
    "liveshelf.entry.cli",  # the command
    "liveshelf.entry.rehearsal.__main__",  # a worker's player
    "liveshelf.entry.process",  # python -m, one process of the product
    "liveshelf.adapters.reading.child",  # python -m, started by `process`
    "liveshelf.entry.prepare",  # python -m, run by serve
}
# Loaded by name: commands by the command line, processes by `process`, private parts by the registry, routes by their
# facade.
BY_NAME = re.compile(
    r"liveshelf\.(entry\.commands\.\w+|entry\.(http|gateway|worker|ingest)|facades\.native\.\w+|(\w+\.)+(_tables|_jobs))"
)


def test_a_file_is_one_thing() -> None:
    lines = {place: len((ROOT / "src" / place).read_text().splitlines()) for place in places()}
    assert {place: many for place, many in lines.items() if many > FILE_MAX} == {}


def test_a_function_fits_a_screen() -> None:
    long = [
        f"{place}::{node.name} {(node.end_lineno or 0) - node.lineno + 1}"
        for place, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_MAX
    ]
    assert long == []


def test_names_say_what_is_inside() -> None:
    empty = [place for place in places() if EMPTY_NAMES & set(module_name(place).split("."))]
    assert empty == []


def test_advisory_locks_of_two_rooms_are_two_locks() -> None:
    keys = [
        f"{node.value:#x}"
        for tree in sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value >> 8 == LOCKS
    ]
    assert sorted(keys) == sorted(set(keys))
    assert len(keys) > 1


@pytest.mark.parametrize("folder", capabilities(), ids=lambda folder: folder.name)
def test_a_capability_says_what_it_promises_and_its_words(folder) -> None:
    said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    assert "Promise" in said
    assert "Words" in said or re.search(r"[\u4e00-\u9fff]", said), (
        "the words of the glossary, with the Chinese beside them"
    )


def test_a_package_exports_nothing_from_its_init() -> None:
    # A folder's door is its modules; a re-export makes two names for one thing. Ports are the one exception.
    busy = [
        place
        for place, tree in sources().items()
        if place.endswith("__init__.py") and place.count("/") == 2 and len(tree.body) > 1 and "/adapters/" not in place
        if any(isinstance(node, ast.ImportFrom) and (node.module or "").startswith("liveshelf") for node in tree.body)
    ]
    assert busy == []


def test_nothing_reaches_outside_while_a_module_is_loaded() -> None:
    found = []
    for place, tree in sources().items():
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.If):
                continue
            for node in ast.walk(statement):
                if isinstance(node, ast.Lambda):
                    break
                if isinstance(node, ast.Call):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                    if name in OUTSIDE:
                        found.append(f"{place}:{node.lineno} {name}")
    assert found == []


def test_every_module_is_used() -> None:
    known = {module_name(place) for place in places()}
    used = set(BEGINNINGS)
    for tree in sources().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                used |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                used |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    packages = {name for name in known if any(other.startswith(f"{name}.") for other in known)}
    idle = sorted(name for name in known - used - packages if not BY_NAME.fullmatch(name))
    assert idle == []


def test_only_the_bus_notifies() -> None:
    # A NOTIFY inside a business transaction makes all commits wait for each other (decision 0004).
    loud = [
        place
        for place, tree in sources().items()
        if not place.endswith("platform/fanout.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"\bpg_notify\b|\bNOTIFY\s+\w", node.value)
    ]
    assert loud == []


def test_sql_takes_its_instant_from_the_transaction() -> None:
    # One clock: `now()` in SQL would ignore a moved clock and differ from what Python stored.
    own_time = re.compile(
        r"\b(now|clock_timestamp|transaction_timestamp)\s*\(\s*\)|\bcurrent_timestamp\b|\blocaltime", re.IGNORECASE
    )
    found = []
    for place, tree in sources().items():
        docstrings = {_docstring(node) for node in ast.walk(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                if re.search(r"\b(select|insert|update|delete)\b", node.value, re.IGNORECASE) and own_time.search(
                    node.value
                ):
                    found.append(f"{place}:{node.lineno}")
            elif (
                isinstance(node, ast.Attribute)
                and node.attr in {"now", "current_timestamp", "clock_timestamp"}
                and isinstance(node.value, ast.Name)
                and node.value.id == "func"
            ):
                found.append(f"{place}:{node.lineno}")
    assert found == []


def _docstring(node: ast.AST) -> int | None:
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            return id(first.value)
    return None


def test_the_package_is_where_it_is_looked_for() -> None:
    assert (PACKAGE / "__init__.py").exists()
    assert len(sources()) > 100
