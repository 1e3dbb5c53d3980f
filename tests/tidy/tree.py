"""The checkout as the tidy tests see it: its files, modules and parsed sources."""

from __future__ import annotations

import ast
import gc
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
PACKAGE = SRC / "liveshelf"


def places() -> list[str]:
    """Every module of the package by its path below src."""
    return sorted(path.relative_to(SRC).as_posix() for path in PACKAGE.rglob("*.py"))


@cache
def sources() -> dict[str, ast.Module]:
    """Each of them parsed: for tests, not for what only names them, since it takes seconds."""
    gc.disable()  # what it would find runs in the parser's stack, which counts its depth (a fault of Python 3.11)
    try:
        return {place: ast.parse((SRC / place).read_text()) for place in places()}
    finally:
        gc.enable()


def module_name(place: str) -> str:
    """The dotted name of a path below src."""
    return place.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


@cache
def tracked() -> list[Path]:
    """The files that git knows, which still exist."""
    said = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    names = said.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def capabilities() -> list[Path]:
    """The folders of the nouns: those with tables of their own, and what a linter's layers call capabilities."""
    apart = {"kernel", "platform", "adapters", "flows", "facades", "entry"}
    return [path for path in sorted(PACKAGE.iterdir()) if (path / "__init__.py").exists() and path.name not in apart]
