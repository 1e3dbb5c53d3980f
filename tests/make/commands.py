"""Which commands of rooms tell pages something, read from their source: so that none is forgotten."""

from __future__ import annotations

import ast
from pathlib import Path

import liveshelf.rooms


def telling_commands() -> set[str]:
    """The public functions of rooms from which a page may be told something, read from their source."""
    calls: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for file in Path(liveshelf.rooms.__file__).parent.glob("*.py"):
        tree, known = ast.parse(file.read_text()), {}
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("liveshelf.rooms"):
                home = str(node.module).rpartition(".")[2]
                known.update({one.asname or one.name: (home, one.name) for one in node.names})
        for node in tree.body:
            if isinstance(node, ast.AsyncFunctionDef):
                calls[file.stem, node.name] = _named_in(node, file.stem, known)
    telling = {("_line", "tell")}
    while more := {one for one, named in calls.items() if named & telling} - telling:
        telling |= more
    return {".".join(one) for one in telling if not (one[0] + one[1]).startswith("_") and not one[1].startswith("_")}


def _named_in(function: ast.AST, home: str, known: dict[str, tuple[str, str]]) -> set[tuple[str, str]]:
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
            found.add((known[node.value.id][1], node.attr))
        elif isinstance(node, ast.Name):
            found.add(known.get(node.id, (home, node.id)))
    return found
