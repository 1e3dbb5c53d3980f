"""The checkout as the tidy tests see it: its files, modules and parsed sources."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
PACKAGE = SRC / "liveshelf"


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the package by its path below src, parsed."""
    return {path.relative_to(SRC).as_posix(): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


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
